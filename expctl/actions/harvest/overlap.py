"""Runs that work in one tree at the same time: which of the files that changed may be another one's."""

from __future__ import annotations

import os

from expctl.actions import beside
from expctl.adapters import clock
from expctl.store import meetings
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from expctl.actions.harvest.ended import Ended
    from expctl.capture.outputwalk import Written

#: In a live folder of somebody else's there is not room for any number.
_MOST_FOLDERS = 500


def judge(ended: Ended, written: Collection[str]) -> Callable[[Written], bool] | None:
    """Meet the other runs, and tell what may be theirs.

    Args:
        ended: The run.
        written: Full paths that its own processes were seen to open for writing.

    Returns:
        Whether a file may be another run's. That is none which changed while nobody else lived; none that a
        process of ours was seen to write; none in a folder in which only our processes were seen to write;
        and none beneath a path that our command line names more closely than theirs. None when no other run
        was there.
    """
    live_folder = ended.project.live
    met = [_with_folders(each, ended) for each in meetings.others(ended.run, live_folder)]
    if not met:
        return None
    own = _inside(ended, written)
    me = meetings.of(ended.run)
    me = me._replace(ended_ns=min(clock.wall_ns(), me.ended_ns), wrote=_folders(own))
    meetings.tell(me, met, live_folder)

    def is_foreign(each: Written) -> bool:
        there = [other for other in met if other.lived_at(each.changed_ns)]
        if not there or each.path in own:
            return False
        folder = os.path.dirname(each.path)
        if folder in me.wrote and not any(folder in other.wrote for other in there):
            return False
        theirs = max(_closeness(each.path, other.named) for other in there)
        return _closeness(each.path, me.named) <= theirs

    return is_foreign


def _with_folders(each: meetings.Met, ended: Ended) -> meetings.Met:
    """The same, with what its hook has seen so far; one that ended has told it."""
    seen = beside.hooked(ended.project.live / each.id)
    return each._replace(wrote=_folders(_inside(ended, seen.writes))) if seen else each


def _inside(ended: Ended, paths: Iterable[str]) -> set[str]:
    # Links resolved: a temporary folder may be behind one, and the top of the walk is not.
    top = os.path.realpath(ended.root)
    return {os.path.relpath(os.path.realpath(path), top) for path in paths}


def _folders(paths: Iterable[str]) -> tuple[str, ...]:
    """Folders beneath the top, which everybody uses, that some paths lie in."""
    return tuple(sorted({os.path.dirname(path) for path in paths} - {""})[:_MOST_FOLDERS])


def _closeness(path: str, named: Iterable[str]) -> int:
    """The length of the longest of some paths that is the file or a folder above it; -1 if there is none."""
    fitting = (len(each) for each in named if path == each or path.startswith(f"{each}/"))
    return max(fitting, default=-1)
