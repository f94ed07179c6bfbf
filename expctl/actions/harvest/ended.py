"""A run whose child has ended, and whose record is being made."""

from __future__ import annotations

from datetime import UTC, datetime

from expctl.actions import beside
from expctl.adapters import clock
from expctl.core.timespan import Span
from expctl.store.lastsign import last_seen_ns
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from expctl.capture.hooked import Hooked
    from expctl.capture.metrics.gather import Printed
    from expctl.capture.outputwalk import Atlas
    from expctl.project import Project
    from expctl.store.live import LiveRun

_SET_BACK_NS = 10**9
#: What a command flushed last may be stamped a moment after its end.
_SETTLING_NS = 2 * 10**9


class Ended(NamedTuple):
    """What every part of the harvest may ask.

    Attributes:
        project: Where.
        run: What was noted at the start and beside the child.
        outcome: How the child ended.
        sealed: Whether another command than the run's own makes the record.
        secrets: Values that must not stand in the kept output.
        span: When it was at work, on the clock that its last files were written by.
        hooked: What the hook in its Python processes saw; None when there was none.
        notes: What could not be captured; every part adds to it.
        surveyed: Where files lay while it ran; None when nobody looked.
        printed: What was read of a long output while it ran.
    """

    project: Project
    run: LiveRun
    outcome: Mapping[str, Any]
    sealed: bool
    secrets: tuple[str, ...]
    span: Span
    hooked: Hooked | None
    notes: list[str]
    surveyed: Atlas | None = None
    printed: Printed | None = None

    @property
    def state(self) -> dict[str, Any]:
        """What was noted before the child started."""
        return self.run.state

    @property
    def folder(self) -> Path:
        """The live folder."""
        return self.run.folder

    @property
    def root(self) -> Path:
        """Top of the work tree in which the run started."""
        return self.run.root

    @property
    def home(self) -> Path:
        """Top of the work tree that takes the record."""
        home: str = self.state.get("home", "")
        return self.run.root / home

    @property
    def cwd(self) -> Path:
        """Where the child ran."""
        folder: str = self.state["cwd"]
        return self.run.root / folder


def of(project: Project, run: LiveRun, secrets: tuple[str, ...], *, sealed: bool) -> Ended:
    """Gather what is known of a run that has ended."""
    outcome = run.outcome or {"status": "killed", "exit_code": None, "notes": []}
    notes: list[str] = [*run.state["capture_notes"], *outcome["notes"]]
    since_ns = _since(run.state, outcome, notes)
    seen = beside.hooked(run.folder)
    notes += seen.notes if seen else ()
    # What its own expctl finishes has ended just now.
    until_ns = last_seen_ns(run) + _SETTLING_NS if sealed else None
    if until_ns is not None and run.outcome is None:
        until = datetime.fromtimestamp(until_ns / 1e9, UTC).strftime("%H:%M:%S")
        notes.append(f"expctl was killed; what was written after {until} UTC is not recorded")
    return Ended(project, run, outcome, sealed, secrets, Span(since_ns, until_ns), seen, notes)


def _since(state: Mapping[str, Any], outcome: Mapping[str, Any], notes: list[str]) -> int:
    started_ns: int = state["started_ns"]
    lasted_ns = round(outcome.get("duration_s", 0.0) * 1e9)
    back_ns: int = started_ns + lasted_ns - clock.wall_ns()
    if back_ns < _SET_BACK_NS:
        return started_ns
    notes.append(f"the clock was set back by {back_ns / 1e9:.0f} s; older files may be listed as outputs")
    return started_ns - back_ns
