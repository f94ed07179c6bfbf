"""What the run left in the work tree: walked once, for all parts of the harvest."""

from __future__ import annotations

import os

from expctl.actions.probes import attempt
from expctl.capture import outputwalk
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from expctl.actions.harvest.ended import Ended
    from expctl.capture.outputwalk import Walked, Written
    from expctl.core.multirun import Job

_HYDRA = "/.hydra/hydra.yaml"
#: A job's folder is its own; it is made a moment before the file by which the start of the job is known.
_SLACK_NS = 5_000_000_000


class Left(NamedTuple):
    """What lies there.

    Attributes:
        walked: The files that changed since the run began.
        is_foreign: Whether another run may have written a file; None when there was no other.
        jobs: Of a Hydra multirun; what lies in their folders is not among ``walked``.
    """

    walked: Walked
    is_foreign: Callable[[Written], bool] | None

    jobs: tuple[Job, ...] = ()

    @property
    def tops(self) -> tuple[str, ...]:
        """Folders that Hydra gave the run to write into, relative to the top."""
        return tuple(
            file.path.removesuffix(_HYDRA) for file in self.walked.files if file.path.endswith(_HYDRA)
        )

    @property
    def own(self) -> list[Written]:
        """The files that no other run may have written."""
        if self.is_foreign is None:
            return self.walked.files
        return [file for file in self.walked.files if not self.is_foreign(file)]


def look(ended: Ended) -> Left:
    """Walk the work tree, and meet the runs that worked in it meanwhile; a job has a folder of its own."""
    top, scope = os.fspath(ended.root), ended.state.get("scope", "")
    span = ended.span._replace(since_ns=ended.span.since_ns - _SLACK_NS) if scope else ended.span
    walk = lambda: outputwalk.changed_files(  # noqa: E731
        top, span, under=scope, surveyed=ended.surveyed
    )
    walked = attempt(ended.notes, "outputs", walk, outputwalk.Walked([], []))
    if scope:
        return Left(walked, None)
    is_foreign = attempt(ended.notes, "other runs", lambda: _judge(ended), None)
    if any(file.path.endswith(_HYDRA) for file in walked.files):
        return _parted(ended, Left(walked, is_foreign))
    return Left(walked, is_foreign)


def _judge(ended: Ended) -> Callable[[Written], bool] | None:
    if len(os.listdir(ended.project.live)) < 2 and not os.path.exists(ended.folder / "met.jsonl"):  # noqa: PLR2004
        return None
    from expctl.actions.harvest import overlap  # mostly no other run is there

    return overlap.judge(ended, ended.hooked.writes if ended.hooked else ())


def _parted(ended: Ended, left: Left) -> Left:
    from expctl.actions.harvest import jobs  # only Hydra leaves such

    found = attempt(ended.notes, "jobs", lambda: jobs.find(left.own), [])
    starts = tuple(f"{job.folder}/" for job in found)
    rest = [file for file in left.walked.files if not starts or not file.path.startswith(starts)]
    return left._replace(walked=left.walked._replace(files=rest), jobs=tuple(found))
