"""Runs that work in one tree at the same time: which of the files that changed may be another one's."""

from __future__ import annotations

import os

from expctl.adapters import clock
from expctl.store import meetings
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from expctl.actions.harvest.ended import Ended
    from expctl.capture.outputwalk import Written


def judge(ended: Ended, written: Collection[str]) -> Callable[[Written], bool] | None:
    """Meet the other runs, and tell what may be theirs.

    Args:
        ended: The run.
        written: Full paths that its own processes were seen to open for writing.

    Returns:
        Whether a file may be another run's: one that changed while another run lived, was not written by a
        process of ours, and is not beneath a path that our command line names more closely than theirs. None
        when no other run was there.
    """
    live_folder = ended.project.live
    met = meetings.others(ended.run, live_folder)
    if not met:
        return None
    me = meetings.of(ended.run)
    meetings.tell(me._replace(ended_ns=min(clock.wall_ns(), me.ended_ns)), met, live_folder)
    # Links resolved: a temporary folder may be behind one, and the top of the walk is not.
    top = os.path.realpath(ended.root)
    own = {os.path.relpath(os.path.realpath(path), top) for path in written}

    def is_foreign(each: Written) -> bool:
        there = [other for other in met if other.lived_at(each.changed_ns)]
        if not there or each.path in own:
            return False
        theirs = max(_closeness(each.path, other.named) for other in there)
        return _closeness(each.path, me.named) <= theirs

    return is_foreign


def _closeness(path: str, named: Iterable[str]) -> int:
    """The length of the longest of some paths that is the file or a folder above it; -1 if there is none."""
    fitting = (len(each) for each in named if path == each or path.startswith(f"{each}/"))
    return max(fitting, default=-1)
