"""What ``expctl plot`` prints: drawings on standard output, remarks on standard error."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from expctl.actions import plotting
from expctl.cli import console
from expctl.core import runid
from expctl.render import curves as lines
from expctl.render import numbers
from expctl.render import scatter as points
from expctl.render.canvas import PROBE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.project import Project

#: Where no width is known, and the most that an eye follows.
_USUAL, _WIDEST = 80, 160
_FEW = 5


def curves(
    project: Project, runs: Sequence[str], metrics: str, *, by: str, smoothing: float, log: bool
) -> None:
    """Draw learning curves."""
    found = plotting.plot_curves(project, runs, metrics, by=by, smoothing=smoothing)
    console.out(lines.page(found.panels, _wide(), by=by, log=log, braille=_braille()))
    if found.others and not metrics:
        console.note(f"Not drawn: {_some(found.others)} (-m names what to draw).")
    if found.notes and metrics:
        console.note(f"{_some(found.notes)}.")


def scatter(project: Project, runs: Sequence[str], *, log: bool, **asked: Any) -> None:
    """Draw runs as points."""
    found = plotting.plot_scatter(project, runs, **asked)
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
    return ", ".join(texts[:_FEW]) + (f" and {rest} more" if rest > 0 else "")
