"""One walk over a work tree for files that were written since a moment; bounded, and never through a link."""

from __future__ import annotations

import os
import stat

from expctl.adapters import clock
from expctl.core.timespan import Span
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

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
#: A bound for a tree that nobody meant to be walked: about two seconds of stat calls.
_MOST_ENTRIES = 400_000
_MOST_SECONDS = 10.0
_BOOSTER_SIGNS = {".txt": b"tree\nversion=", ".json": b'{"learner"'}


class Written(NamedTuple):
    """A file that was written.

    Attributes:
        path: Relative to the top with ``/``.
        full: Where it lies.
        bytes: Size.
        changed_ns: When its content or name last changed, nanoseconds since 1970.
    """

    path: str
    full: str
    bytes: int
    changed_ns: int


class Walked(NamedTuple):
    """What a walk found, in the order of their paths, and what it could not see."""

    files: list[Written]
    notes: list[str]


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


#: Folders by path relative to the top, with ``/`` behind; empty for the top.
Atlas = dict[str, Folder]


class Place(NamedTuple):
    """Where a run ran, and what it left there.

    Attributes:
        root: Top of the repository.
        cwd: Where the command ran.
        span: When it was at work; what was written before or after is not this run's.
        written: Files written meanwhile; None to have them looked for.
        tops: Folders, relative to ``root``, whose results are the run's.
    """

    root: Path
    cwd: Path
    span: Span
    written: Sequence[Written] | None = None
    tops: tuple[str, ...] = ()


def changed_files(top: str, span: Span, *, under: str = "", surveyed: Atlas | None = None) -> Walked:
    """All regular files under a work tree, or a folder in it, that changed during a run.

    Args:
        top: Top of the work tree.
        span: When the run was at work.
        under: A folder in it.
        surveyed: Where files lay a while ago, which makes the walk short.
    """
    return _walk(top, span, PRUNED, under, surveyed=surveyed)


def all_files(top: str) -> Walked:
    """All regular files under a folder that somebody named."""
    return _walk(top, Span(0), frozenset((".git", "__pycache__")))


def changed_ns(facts: os.stat_result) -> int:
    """When a file's content or name last changed."""
    # Unpacking an archive sets the time of modification back; nothing sets the change time.
    return max(facts.st_ctime_ns, facts.st_mtime_ns)


def is_pruned(path: str) -> bool:
    """Whether a path, relative to the top, lies where nobody keeps data or results."""
    return not PRUNED.isdisjoint(path.split("/"))


def is_booster(file: Written) -> bool:
    """Whether a text file is a model of LightGBM's or XGBoost's, by how it begins."""
    sign = _BOOSTER_SIGNS.get(os.path.splitext(file.path)[1].lower())
    if sign is None:
        return False
    try:
        with open(file.full, "rb", buffering=0) as opened:
            return opened.read(64).startswith(sign)
    except OSError:
        return False


def _walk(
    top: str,
    span: Span,
    pruned: frozenset[str],
    under: str = "",
    *,
    surveyed: Atlas | None = None,
) -> Walked:
    found: list[Written] = []
    notes: list[str] = []
    pending, seen, until = [f"{under}/" if under else ""], 0, clock.monotonic_s() + _MOST_SECONDS
    # Breadth first: when the bound is reached, what lies near the top was seen.
    for inside in pending:
        folder = f"{top}/{inside}"
        listed = known(surveyed, top, inside) if surveyed else None
        listed = listed or list_folder(folder, pruned, is_top=not inside)
        pending += [f"{inside}{name}/" for name in listed.folders]
        for name in listed.files:
            facts = look(folder + name)
            if facts is not None and span.holds(moment_ns := changed_ns(facts)):
                found.append(Written(inside + name, folder + name, facts.st_size, moment_ns))
        seen += listed.entries
        if seen > _MOST_ENTRIES or clock.monotonic_s() > until:
            notes.append(f"outputs: the walk ended after {seen} files; name what lies deeper with --artifact")
            break
    found.sort()
    return Walked(found, notes)


def known(surveyed: Atlas, top: str, inside: str) -> Folder | None:
    """What a folder still holds; None when it has to be listed."""
    noted = surveyed.get(inside)
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
