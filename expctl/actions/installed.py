"""Versions of packages by run: no columns of the index, but told by the few package lists that runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.adapters import git
from expctl.core import keys, packages, row
from expctl.errors import GitError, ManifestError
from expctl.project import FOLDER
from expctl.store import environments

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.keys import Scalar
    from expctl.core.packages import Package
    from expctl.project import Project


class Installed:
    """What was installed where some runs ran.

    Args:
        project: Where package lists are looked for.
        lists: By the number of a run the name of its package list.
        places: The branch or commit that has a run which the work tree lacks.
    """

    def __init__(self, project: Project, lists: Mapping[int, Scalar], places: Mapping[int, Scalar]) -> None:
        self._of_run = {n: (name, places.get(n)) for n, name in lists.items() if isinstance(name, str)}
        self._read = {
            place: {package.name: package.version for package in read(project, *place)}
            for place in dict.fromkeys(self._of_run.values())
        }

    def column(self, name: str) -> dict[int, Scalar]:
        """The versions of one package by run, such as ``packages.numpy``.

        Without the runs whose package list lacks it, or is not here.
        """
        wanted = ".".join(keys.split(name)[1:])
        versions = {place: known.get(wanted) for place, known in self._read.items()}
        return {n: found for n, place in self._of_run.items() if (found := versions[place]) is not None}

    def columns(self) -> list[str]:
        """Columns of all packages that some run had."""
        names = {name for known in self._read.values() for name in known}
        return [keys.join(row.PACKAGES, name) for name in sorted(names)]


def read(project: Project, name: str, branch: Scalar) -> Sequence[Package]:
    """A package list from the work tree, else from where its run is; empty where it cannot be had."""
    try:
        return get(project, name, branch)
    except (GitError, ManifestError):
        return ()


def get(project: Project, name: str, place: Scalar) -> Sequence[Package]:
    """A package list from the work tree, else from the branch or commit that has its run.

    Raises:
        ManifestError: It is in neither, or cannot be believed.
        GitError: Git cannot tell.
    """
    try:
        return environments.read(project.experiments, name)
    except ManifestError:
        if place is None or not packages.is_name(name):
            raise
    label = f"{place}:{FOLDER}/{name}"
    found = git.read_blobs(project.root, [label], limit=environments.LIMIT)
    if label not in found:
        raise ManifestError(f"{name} is not in {place}.")
    return environments.parse(found[label], name=name)
