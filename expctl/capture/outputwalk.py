"""One walk over a work tree for files that were written since a moment; bounded, and never through a link."""

from __future__ import annotations

import os

from expctl.adapters import clock
from expctl.core.timespan import Span
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

#: Where nobody keeps results: histories, environments and caches.
_PRUNED = frozenset(
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


def changed_files(top: str, span: Span, *, under: str = "") -> Walked:
    """All regular files under a work tree, or a folder in it, that changed during a run."""
    return _walk(top, span, _PRUNED, under)


def all_files(top: str) -> Walked:
    """All regular files under a folder that somebody named."""
    return _walk(top, Span(0), frozenset((".git", "__pycache__")))


def changed_ns(facts: os.stat_result) -> int:
    """When a file's content or name last changed."""
    # Unpacking an archive sets the time of modification back; nothing sets the change time.
    return max(facts.st_ctime_ns, facts.st_mtime_ns)


def is_pruned(path: str) -> bool:
    """Whether a path, relative to the top, lies where nobody keeps data or results."""
    return not _PRUNED.isdisjoint(path.split("/"))


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


def _walk(top: str, span: Span, pruned: frozenset[str], under: str = "") -> Walked:
    found: list[Written] = []
    notes: list[str] = []
    pending, seen, until = [f"{under}/" if under else ""], 0, clock.monotonic_s() + _MOST_SECONDS
    # Breadth first: when the bound is reached, what lies near the top was seen.
    for inside in pending:
        for entry in _entries(f"{top}/{inside}"):
            seen += 1
            name = f"{inside}{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in pruned and not (pruned is _PRUNED and _is_environment(entry.path)):
                    pending.append(f"{name}/")
            elif entry.is_file(follow_symlinks=False) and not entry.name.endswith(_NOT_RESULTS):
                _note_if_changed(found, entry, name, span)
        if seen > _MOST_ENTRIES or clock.monotonic_s() > until:
            notes.append(f"outputs: the walk ended after {seen} files; name what lies deeper with --artifact")
            break
    found.sort()
    return Walked(found, notes)


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except OSError:
        return


def _note_if_changed(found: list[Written], entry: os.DirEntry[str], name: str, span: Span) -> None:
    try:
        facts = entry.stat(follow_symlinks=False)
    except OSError:
        return
    moment_ns = changed_ns(facts)
    if span.holds(moment_ns):
        found.append(Written(name, entry.path, facts.st_size, moment_ns))


def _is_environment(folder: str) -> bool:
    return any(os.path.exists(f"{folder}/{sign}") for sign in _ENVIRONMENT_SIGNS)
