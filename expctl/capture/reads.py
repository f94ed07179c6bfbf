"""Which of the files that the command was seen to open are its data.

Not its source, not its packages, not what it wrote itself, and nothing outside of the repository: libraries
open hundreds of files of their own. A folder of which many files were read is one input, and so is whatever
DVC tracks as one.
"""

from __future__ import annotations

import os

from expctl.capture import outputwalk, pointers
from expctl.core import secretfiles
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

#: From so many files of one folder on, the folder is the input.
_MANY = 20
#: More than any table shows.
MOST = 200


def inputs_among(
    reads: Iterable[str], root: str, *, known: Iterable[str], is_other: Callable[[str], bool]
) -> list[str]:
    """Choose the inputs.

    Args:
        reads: Absolute paths that processes of the command opened for reading; one that ends in ``/`` is a
            folder of which many files were.
        root: Top of the work tree.
        known: Full paths of inputs that were noted already; what lies in one of them is a part of it.
        is_other: Whether a file, by its path relative to the top, is source or an output.

    Returns:
        Full paths of files and folders, in the order in which they were first read.
    """
    top, real_top, covered = os.fspath(root), os.path.realpath(root), {*known}
    found: dict[str, None] = {}
    for path in reads:
        full = os.path.normpath(path)
        if full.startswith(real_top + "/"):
            full = top + full[len(real_top) :]
        inside = full[len(top) + 1 :]
        if full in found or not full.startswith(top + "/") or _is_beneath(full, covered, top):
            continue
        is_there = (
            os.path.isdir(full) if path.endswith("/") else os.path.isfile(full) and not is_other(inside)
        )
        if is_there and _may_be_data(inside):
            pointer = pointers.pointer_beside(top, full)
            found[full if pointer is None else pointer.removesuffix(".dvc")] = None
    return _as_folders(list(found), top)


def _may_be_data(path: str) -> bool:
    name = path.rpartition("/")[2]
    return not outputwalk.is_pruned(path) and secretfiles.by_name(name) is None


def _is_beneath(full: str, covered: Collection[str], top: str) -> bool:
    while len(full) > len(top):
        if full in covered:
            return True
        full = os.path.dirname(full)
    return False


def _as_folders(found: list[str], top: str) -> list[str]:
    """Put the folder in the place of its files where there are many of them, and so upwards."""
    while (fewer := _one_up(found, top)) != found:
        found = fewer
    return found


def _one_up(found: list[str], top: str) -> list[str]:
    counts: dict[str, int] = {}
    for full in found:
        folder = os.path.dirname(full)
        counts[folder] = counts.get(folder, 0) + 1
    folders = {folder for folder, count in counts.items() if count >= _MANY and folder != top}
    chosen = {os.path.dirname(full) if os.path.dirname(full) in folders else full: None for full in found}
    return [full for full in chosen if not _is_beneath(os.path.dirname(full), chosen.keys(), top)]
