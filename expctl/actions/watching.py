"""Runs in progress: which there are, and what one of them does right now. Nothing here disturbs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.actions import runs
from expctl.actions.record import Recorded
from expctl.actions.sealing import seal_dead
from expctl.capture.following import FAR_BACK, Follower
from expctl.core import redact
from expctl.core.glimpse import Glimpse
from expctl.errors import RunNotFoundError
from expctl.store import live

if TYPE_CHECKING:
    from expctl.project import Project
    from expctl.store.live import LiveRun

#: For a list of runs their last values are enough.
_LAST_BYTES = 256 << 10


class Watched:
    """One run, looked at again and again."""

    def __init__(self, project: Project, run: LiveRun, *, far_back: int = FAR_BACK) -> None:
        self.id = run.id
        self._run = run
        asked, params = project.config.metrics_from_output, run.state["params"]
        self._follower = Follower(run.folder, far_back=far_back, from_output=asked, params=params)

    def look(self, lines: int = 0) -> Glimpse | None:
        """What it does now.

        Args:
            lines: So many lines of its output at most.

        Returns:
            None once it is over: it ended, or whoever ran it is gone.
        """
        if self._run.is_dead or live.read_json(self._run.folder / "state.json") is None:
            return None
        self._follower.update()
        run, shown = self._run, self._run.manifest()
        child = live.read_json(run.folder / "child.json") or {}
        return Glimpse(
            id=run.id,
            name=shown.name,
            experiment=shown.experiment,
            status=shown.status,
            started_at=shown.started_at,
            elapsed_s=shown.duration_s or 0.0,
            host=str(run.state["place"].get("host", "")),
            pid=child.get("pid") if isinstance(child.get("pid"), int) else None,
            argv=shown.command.argv,
            metrics=self._follower.metrics,
            output=tuple(redact.redact_text(line)[0] for line in self._follower.tail(lines)),
        )


def running(project: Project) -> list[Glimpse]:
    """All runs in progress in this clone, newest first."""
    seal_dead(project)
    looks = [Watched(project, run, far_back=_LAST_BYTES).look() for run in _living(project)]
    return [look for look in looks if look is not None]


def choose(project: Project, reference: str = "") -> Watched | str:
    """Find the run to watch.

    Args:
        project: Where.
        reference: What people call it; "" for the newest that is in progress.

    Returns:
        What to look at; the id of a run that has ended already.

    Raises:
        RunNotFoundError: Nothing matches, or nothing is in progress.
        AmbiguousRunError: The reference could mean two runs.
    """
    if not reference:
        seal_dead(project)
        found = _living(project)
        if not found:
            raise RunNotFoundError(
                "No run is in progress.", hint="Start one with: expctl run -- python train.py"
            )
        return Watched(project, found[0])
    located = runs.find(project, reference)
    run_id = located.manifest.id
    folder = live.read(project.live / run_id) if located.path is None and located.data is None else None
    return run_id if folder is None else Watched(project, folder)


def closing(project: Project, run_id: str) -> Recorded:
    """What became of a run that has ended, as ``expctl run`` says it."""
    located = runs.find(project, run_id)
    return Recorded(0, located.manifest, located.path, None, ())


def as_json(seen: Glimpse) -> dict[str, Any]:
    """A glimpse for ``--json``."""
    metrics = {
        name: {"value": trace.value, "step": trace.step, "min": trace.low, "max": trace.high}
        for name, trace in seen.metrics.items()
    }
    return {**seen._asdict(), "metrics": metrics}


def _living(project: Project) -> list[LiveRun]:
    found = [run for run in live.list_live(project.live) if not run.is_dead]
    return sorted(found, key=lambda run: str(run.state["started_at"]), reverse=True)
