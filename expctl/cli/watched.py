"""``expctl watch`` and ``expctl ls --running``: a screen that follows a run, or lines where there is none."""

from __future__ import annotations

import shutil
import sys
import threading
from typing import TYPE_CHECKING

from expctl.actions import watching
from expctl.cli import console, runlines, screen
from expctl.core import trace
from expctl.core.text import clean
from expctl.render import watching as drawing

if TYPE_CHECKING:
    from expctl.actions.watching import Watched
    from expctl.core.glimpse import Glimpse
    from expctl.project import Project

#: More lines than this no screen shows.
_MOST_LINES = 200
#: Of the output, in a picture that is printed once.
_ONCE_LINES = 10
_ONCE_COLUMNS = 120
_ONCE_ROWS = 40


def watch(project: Project, reference: str, *, every_s: float, once: bool, as_json: bool) -> None:
    """Follow a run until it ends.

    Args:
        project: Where.
        reference: What people call it; "" for the newest that is in progress.
        every_s: Seconds between two looks.
        once: Look once.
        as_json: Print a JSON object a look, one a line unless it is the only one.
    """
    found = watching.choose(project, reference)
    if isinstance(found, str):
        _close(project, found, as_json=as_json)
    elif once:
        _once(project, found, as_json=as_json)
    else:
        if as_json or not screen.is_possible():
            _append(found, every_s, as_json=as_json)
        elif not _draw(found, every_s):
            return
        _close(project, found.id, as_json=as_json)


def list_running(project: Project, *, as_json: bool) -> None:
    """List the runs in progress."""
    found = watching.running(project)
    if as_json:
        console.json({"schema": "expctl/running/v1", "runs": [watching.as_json(each) for each in found]})
    elif found:
        console.out(drawing.table(found, console.columns()))
        console.note("Follow one with: expctl watch RUN")
    else:
        console.say("No run is in progress.")


def _once(project: Project, found: Watched, *, as_json: bool) -> None:
    seen = found.look(_ONCE_LINES)
    if seen is None:
        _close(project, found.id, as_json=as_json)
    elif as_json:
        console.json({"schema": "expctl/watch/v1", **watching.as_json(seen)})
    else:
        wide = min(console.columns(), _ONCE_COLUMNS)
        console.out(drawing.screen(seen, wide, _ONCE_ROWS, ascii_only=_is_ascii()))


def _draw(found: Watched, every_s: float) -> bool:
    """Draw until the run ends; False when the person leaves before."""
    with screen.Screen() as shown:
        while (seen := found.look(_MOST_LINES)) is not None:
            size = shutil.get_terminal_size()
            shown.draw(drawing.screen(seen, size.columns, size.lines, ascii_only=_is_ascii()))
            if not shown.wait(every_s):
                return False
    return True


def _append(found: Watched, every_s: float, *, as_json: bool) -> None:
    """Say what is new until the run ends."""
    counts: dict[str, int] = {}
    last = ""
    while (seen := found.look(1)) is not None:
        news = [name for name, one in seen.metrics.items() if counts.get(name) != one.count]
        counts = {name: one.count for name, one in seen.metrics.items()}
        output = seen.output[0] if seen.output else ""
        if as_json and (news or output != last or not last):
            console.json({"schema": "expctl/watch/v1", **watching.as_json(seen)}, indent=None)
        elif news:
            console.out(drawing.plain(seen, news))
        elif output != last and not seen.metrics:
            console.out(_spoken(seen, output))
        last = output
        sys.stdout.flush()
        threading.Event().wait(every_s)


def _spoken(seen: Glimpse, output: str) -> str:
    """A run that logs no metrics is followed by what it prints."""
    return drawing.plain(seen, ()) + output


def _close(project: Project, run_id: str, *, as_json: bool) -> None:
    done = watching.closing(project, run_id)
    if as_json and done.manifest is not None:
        facts = done.manifest
        metrics = {
            name: {"value": metric.value, "step": metric.step} for name, metric in facts.metrics.items()
        }
        console.json(
            {
                "schema": "expctl/watch/v1",
                "id": facts.id,
                "name": facts.name,
                "experiment": facts.experiment,
                "status": facts.status,
                "started_at": facts.started_at,
                "elapsed_s": facts.duration_s,
                "exit_code": facts.command.exit_code,
                "metrics": metrics,
            },
            indent=None,
        )
        return
    for text in runlines.lines_of(done, columns=console.columns()):
        console.out(clean(text))


def _is_ascii() -> bool:
    return not console.encodes(sys.stdout, trace.BARS)
