"""One walk over a work tree for files that were written since a moment; bounded, and never through a link."""

from __future__ import annotations

import os

from expctl.adapters import clock
from expctl.capture import atlas
from expctl.core.timespan import Span
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

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


def changed_files(top: str, span: Span, *, under: str = "", surveyed: atlas.Atlas | None = None) -> Walked:
    """All regular files under a work tree, or a folder in it, that changed during a run.

    Args:
        top: Top of the work tree.
        span: When the run was at work.
        under: A folder in it.
        surveyed: Where files lay a while ago, which makes the walk short.
    """
    return _walk(top, span, atlas.PRUNED, under, surveyed=surveyed)


def all_files(top: str) -> Walked:
    """All regular files under a folder that somebody named."""
    return _walk(top, Span(0), frozenset((".git", "__pycache__")))


def changed_ns(facts: os.stat_result) -> int:
    """When a file's content or name last changed."""
    # Unpacking an archive sets the time of modification back; nothing sets the change time.
    return max(facts.st_ctime_ns, facts.st_mtime_ns)


def is_pruned(path: str) -> bool:
    """Whether a path, relative to the top, lies where nobody keeps data or results."""
    return not atlas.PRUNED.isdisjoint(path.split("/"))


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
    surveyed: atlas.Atlas | None = None,
) -> Walked:
    found: list[Written] = []
    notes: list[str] = []
    pending, seen, until = [f"{under}/" if under else ""], 0, clock.monotonic_s() + _MOST_SECONDS
    # Breadth first: when the bound is reached, what lies near the top was seen.
    for inside in pending:
        folder = f"{top}/{inside}"
        listed = atlas.known(surveyed, top, inside) if surveyed is not None else None
        listed = listed or atlas.list_folder(folder, pruned, is_top=not inside)
        pending += [f"{inside}{name}/" for name in listed.folders]
        for name in listed.files:
            facts = atlas.look(folder + name)
            if facts is not None and span.holds(moment_ns := changed_ns(facts)):
                found.append(Written(inside + name, folder + name, facts.st_size, moment_ns))
        seen += listed.entries
        if seen > _MOST_ENTRIES or clock.monotonic_s() > until:
            notes.append(f"outputs: the walk ended after {seen} files; name what lies deeper with --artifact")
            break
    found.sort()
    return Walked(found, notes)
