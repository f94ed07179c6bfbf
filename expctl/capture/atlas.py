"""Where files lie in a work tree: surveyed beside the command, so that the walk after it is short.

A folder whose change time is what it was holds the names that it held: then only its files are looked at, and
no folder is listed again. Nothing sets the change time of a folder, unlike the time of its modification.
"""

from __future__ import annotations

import os
import stat

from expctl.adapters import clock
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

#: Where nobody keeps results: histories, environments and caches.
PRUNED = frozenset(
    (
        ".git", ".hg", ".svn", ".experiments", ".dvc", ".venv", ".tox", ".nox", ".cache", ".mypy_cache",
        ".ruff_cache", ".pytest_cache", ".ipynb_checkpoints", ".idea", ".vscode", ".eggs", "node_modules",
        "__pycache__", "__pypackages__", "site-packages",
    )
)  # fmt: skip
#: A folder that holds one of these is an environment of Python's or conda's.
_ENVIRONMENT_SIGNS = ("pyvenv.cfg", "conda-meta")
_NOT_RESULTS = (".pyc", ".pyo", ".swp", ".swo", "~", ".lock", ".tmp", ".crdownload")
#: A folder this young may change again within the same tick of a coarse clock (FAT: 2 s).
_YOUNG_NS = 2_000_000_000
#: More are surveyed by no one who waits.
_MOST_FOLDERS = 200_000


class Folder(NamedTuple):
    """What a folder holds that is looked at.

    Attributes:
        folders: Names of folders inside it.
        files: Names of files inside it that may be results.
        entries: Number of all names.
        changed_ns: Its change time before it was listed; -1 when that proves nothing.
    """

    folders: tuple[str, ...]
    files: tuple[str, ...]
    entries: int
    changed_ns: int = -1


Atlas = dict[str, Folder]


def survey(top: str, *, is_dull: Callable[[str], bool], is_over: Callable[[], bool]) -> Atlas | None:
    """List all folders of a work tree.

    Args:
        top: Its top.
        is_dull: Whether a file, by its path relative to the top, is none that any part of a harvest asks for.
        is_over: Whether nobody needs the answer any more.

    Returns:
        Folders by path relative to the top (with ``/`` behind; empty for the top); None if it was stopped.
    """
    atlas: Atlas = {}
    now_ns, device = clock.wall_ns(), 0
    pending = [""]
    for inside in pending:
        if is_over() or len(pending) > _MOST_FOLDERS:
            return None
        try:
            facts = os.stat(f"{top}/{inside}")
        except OSError:
            continue
        device = device or facts.st_dev
        listed = list_folder(f"{top}/{inside}", PRUNED, is_top=not inside)
        kept = tuple(name for name in listed.files if not is_dull(inside + name))
        # Of what is mounted beneath the top it is not known how it keeps time.
        is_sure = facts.st_ctime_ns < now_ns - _YOUNG_NS and facts.st_dev == device
        atlas[inside] = listed._replace(files=kept, changed_ns=facts.st_ctime_ns if is_sure else -1)
        pending += [f"{inside}{name}/" for name in listed.folders]
    return atlas


def known(atlas: Atlas, top: str, inside: str) -> Folder | None:
    """What a folder still holds; None when it has to be listed."""
    noted = atlas.get(inside)
    if noted is None or noted.changed_ns < 0:
        return None
    try:
        return noted if os.stat(f"{top}/{inside}").st_ctime_ns == noted.changed_ns else None
    except OSError:
        return None


def list_folder(folder: str, pruned: Collection[str], *, is_top: bool) -> Folder:
    """List one folder; what cannot be read, and an environment beneath the top, holds nothing."""
    signs = _ENVIRONMENT_SIGNS if pruned is PRUNED and not is_top else ()
    folders, files, entries = list[str](), list[str](), 0
    try:
        with os.scandir(folder) as found:
            for entry in found:
                entries += 1
                name = entry.name
                if name in signs:
                    return Folder((), (), entries)
                if entry.is_dir(follow_symlinks=False):
                    if name not in pruned:
                        folders.append(name)
                elif entry.is_file(follow_symlinks=False) and not name.endswith(_NOT_RESULTS):
                    files.append(name)
    except OSError:
        pass
    return Folder(tuple(folders), tuple(files), entries)


def look(path: str) -> os.stat_result | None:
    """What the file system says of a regular file, if it still is one."""
    try:
        facts = os.lstat(path)
    except OSError:
        return None
    return facts if stat.S_ISREG(facts.st_mode) else None
