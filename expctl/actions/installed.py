"""Versions of packages by run: no columns of the index, but told by the few package lists that runs share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core import keys
from expctl.errors import ManifestError
from expctl.store import environments

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from expctl.core.keys import Scalar


def versions(experiments: Path, lists: Mapping[int, Scalar], column: str) -> dict[int, Scalar]:
    """The versions of one package, by the numbers of runs.

    Args:
        experiments: The folder that package lists lie under.
        lists: The name of each run's package list.
        column: Such as ``packages.numpy``.

    Returns:
        Without the runs whose package list lacks it, or is not here.
    """
    wanted = ".".join(keys.split(column)[1:])
    known: dict[str, str | None] = {}
    found: dict[int, Scalar] = {}
    for number, name in lists.items():
        if not isinstance(name, str):
            continue
        if name not in known:
            try:
                listed = environments.read(experiments, name)
            except ManifestError:
                listed = ()
            known[name] = next((package.version for package in listed if package.name == wanted), None)
        if known[name] is not None:
            found[number] = known[name]
    return found
