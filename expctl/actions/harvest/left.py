"""What the run left in the work tree: walked once, for all parts of the harvest."""

from __future__ import annotations

import os

from expctl.actions.harvest import overlap
from expctl.actions.probes import attempt
from expctl.capture import outputwalk
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from expctl.actions.harvest.ended import Ended
    from expctl.capture.outputwalk import Walked, Written


class Left(NamedTuple):
    """What lies there.

    Attributes:
        walked: The files that changed since the run began.
        is_foreign: Whether another run may have written a file; None when there was no other.
    """

    walked: Walked
    is_foreign: Callable[[Written], bool] | None

    @property
    def own(self) -> list[Written]:
        """The files that no other run may have written."""
        if self.is_foreign is None:
            return self.walked.files
        return [file for file in self.walked.files if not self.is_foreign(file)]


def look(ended: Ended) -> Left:
    """Walk the work tree, and meet the runs that worked in it meanwhile."""
    top = os.fspath(ended.root)
    walked = attempt(
        ended.notes,
        "outputs",
        lambda: outputwalk.changed_files(top, ended.span),
        outputwalk.Walked([], []),
    )
    seen = ended.hooked.writes if ended.hooked else ()
    return Left(walked, attempt(ended.notes, "other runs", lambda: overlap.judge(ended, seen), None))
