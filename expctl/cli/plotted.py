"""What ``expctl plot`` prints: drawings on standard output, remarks on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.actions import plotting
from expctl.cli import console
from expctl.core import runid
from expctl.core.text import clean
from expctl.render import curves as lines
from expctl.render import numbers
from expctl.render import scatter as points
from expctl.render.canvas import PROBE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.project import Project

#: Where no width is known, and the most that an eye follows.
_USUAL, _WIDEST = 80, 160
_FEW = 5


class Place(NamedTuple):
    """Where a drawing goes: a file for a browser, replaced if it is no report; the terminal when empty."""

    path: str
    force: bool


class How(NamedTuple):
    """How curves are drawn: which metrics, along what, how smooth, and whether on a logarithmic axis."""

    metrics: str
    by: str
    smoothing: float
    log: bool


def curves(project: Project, runs: Sequence[str], how: How, *, place: Place) -> None:
    """Draw learning curves."""
    found = plotting.plot_curves(project, runs, how.metrics, by=how.by, smoothing=how.smoothing)
    if place.path:
        from expctl.actions import reporting
        from expctl.cli import reported

        view: dict[str, str | float | bool] = {
            "metric": found.panels[0].metric,
            "smooth": how.smoothing,
            "log": how.log,
            "time": how.by == "time",
        }
        page = reporting.gather(project, found.ids, limit=len(found.ids), everything=True)
        reported.write(project, page, place.path, tab="curves", view=view, force=place.force)
        return
    console.out(lines.page(found.panels, _wide(), by=how.by, log=how.log, braille=_braille()))
    if found.passed_over:
        console.note(f"The latest run, {runid.suffix(found.passed_over)}, has no curve.")
    if found.others and not how.metrics:
        console.note(f"Not drawn: {_some(found.others)} (-m names what to draw).")
    if found.notes and how.metrics:
        console.note(f"{_some(found.notes)}.")


def scatter(
    project: Project,
    runs: Sequence[str],
    asked: Mapping[str, Any],
    among: Mapping[str, Any],
    *,
    log: bool,
    place: Place,
) -> None:
    """Draw runs as points: ``asked`` says between what, ``among`` which ones."""
    found = plotting.plot_scatter(project, runs, **asked, **among)
    if place.path:
        from expctl.actions import reporting
        from expctl.cli import reported

        objectives = found.goals or plotting.as_goals(project, found)
        limit = len(runs) if runs else None
        page = reporting.gather(project, runs, limit=limit, curves_of=0, **among)
        page = page._replace(objectives=objectives, selected=())
        reported.write(project, page, place.path, tab="front", force=place.force)
        return
    shown = [
        (" ".join(filter(None, (runid.suffix(one.id), one.name))), one.x, one.y, one.color, one.is_front)
        for one in found.points
    ]
    names = (found.across, found.up, found.color)
    console.out(points.page(shown, names, _wide(), log=log, braille=_braille()))
    parts = []
    if found.goals:
        front = sum(one.is_front for one in found.points)
        goals = " and ".join(f"{goal.column} {goal.direction}" for goal in found.goals)
        parts.append(
            f"{front} of {numbers.count(len(found.points), 'run')} on the front of {goals}, in letters."
        )
    else:
        parts.append(f"{numbers.count(len(found.points), 'run')}.")
    if found.lacking:
        parts.append(f"{numbers.count(found.lacking, 'run')} without finite numbers of both.")
    if found.hidden:
        parts.append(f"{numbers.count(found.hidden, 'run')} of other experiments (--all shows all).")
    console.note(" ".join(parts))


def _wide() -> int:
    wide = console.columns()
    return _USUAL if wide == console.UNLIMITED else min(wide, _WIDEST)


def _braille() -> bool:
    return console.encodes(sys.stdout, PROBE)


def _some(texts: Sequence[str]) -> str:
    rest = len(texts) - _FEW
    return clean(", ".join(texts[:_FEW])) + (f" and {rest} more" if rest > 0 else "")
