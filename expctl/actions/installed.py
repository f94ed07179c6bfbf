"""Versions of packages by run: no columns of the index, but told by the few package lists that runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.adapters import git
from expctl.core import keys, packages
from expctl.errors import GitError, ManifestError
from expctl.project import FOLDER
from expctl.store import environments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.keys import Scalar
    from expctl.core.packages import Package
    from expctl.project import Project


def versions(
    project: Project, lists: Mapping[int, Scalar], column: str, places: Mapping[int, Scalar]
) -> dict[int, Scalar]:
    """The versions of one package, by the numbers of runs.

    Args:
        project: Where package lists are looked for.
        lists: The name of each run's package list.
        column: Such as ``packages.numpy``.
        places: The branch or commit that has a run which the work tree lacks.

    Returns:
        Without the runs whose package list lacks it, or is not here.
    """
    wanted = ".".join(keys.split(column)[1:])
    known: dict[tuple[str, Scalar], str | None] = {}
    found: dict[int, Scalar] = {}
    for number, name in lists.items():
        if not isinstance(name, str):
            continue
        place = name, places.get(number)
        if place not in known:
            listed = read(project, *place)
            known[place] = next((package.version for package in listed if package.name == wanted), None)
        if known[place] is not None:
            found[number] = known[place]
    return found


def read(project: Project, name: str, branch: Scalar) -> Sequence[Package]:
    """A package list from the work tree, else from where its run is; empty where it cannot be had."""
    try:
        return environments.read(project.experiments, name)
    except ManifestError:
        pass
    if branch is None or not packages.is_name(name):
        return ()
    try:
        place = f"{branch}:{FOLDER}/{name}"
        data = git.read_blobs(project.root, [place], limit=environments.LIMIT).get(place, b"")
        return environments.parse(data, name=name)
    except (GitError, ManifestError):
        return ()
