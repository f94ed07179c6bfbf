"""How the runs ended, and what the record of one may not say of its source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core.causes.cause import CERTAIN, POSSIBLE, Cause, Pair
from expctl.core.manifest import FROM_STDIN, LATE_EDITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from expctl.core.manifest import Manifest

_WHICH = ("first", "second")


def of_ending(pair: Pair) -> Iterator[Cause]:
    """A run that did not come to its end, and source that was edited before it was imported."""
    for which, run in zip(_WHICH, pair, strict=True):
        if run.status != "completed" and pair.before.status != pair.after.status:
            code = run.command.exit_code
            why = "its metrics are those until then" + (f"; exit code {code}" if code else "")
            yield Cause("ending", run.id, CERTAIN, f"The {which} run is {run.status}", why, weight=0)
        for note in _late_edits(run):
            sentence = f"Source of the {which} run was edited before it was imported"
            yield Cause("code", "late edits", CERTAIN, sentence, note.removeprefix(LATE_EDITS), weight=9)


def of_length(pair: Pair) -> Iterator[Cause]:
    """Metrics of which one run logged more points: it trained for longer, or was stopped earlier."""
    old, new = (run.metrics for run in pair)
    longer = [
        name
        for name in old
        if name in new
        and old[name].points != new[name].points
        and max(old[name].points, new[name].points) > 1
    ]
    if longer:
        name = longer[0]
        points = f"{old[name].points} and {new[name].points} points of {name}"
        sentence = "One run logged more steps than the other"
        yield Cause("length", name, POSSIBLE, sentence, f"{points}; more a result than a cause", weight=70)


def unseen(pair: Pair) -> Iterator[str]:
    """What the records do not hold, so that it cannot be compared."""
    for which, run in zip(_WHICH, pair, strict=True):
        code, environment = run.code, run.environment
        if code is None or code.tree is None:
            yield f"the source of the {which} run"
        if run.capture and FROM_STDIN in run.capture.notes:
            yield f"{FROM_STDIN} by the {which} run"
        if environment is None:
            yield f"the environment of the {which} run"
        elif environment.packages is None:
            yield f"the packages of the {which} run"
        elif environment.imported is None:
            yield f"which packages the {which} run imported"
        if code is not None and code.imported is None:
            yield f"which files the {which} run imported and opened"
        for item in code.left_out if code else ():
            if item.why.startswith("imported"):
                yield f"{item.path} of the {which} run ({item.why})"


def _late_edits(run: Manifest) -> list[str]:
    return [note for note in run.capture.notes if note.startswith(LATE_EDITS)] if run.capture else []
