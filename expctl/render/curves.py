"""Learning curves in the terminal: a panel for each metric, a letter at the end of each curve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from expctl.core import curves, scale
from expctl.render import chart, numbers
from expctl.render.canvas import Canvas
from expctl.render.style import Page, Span, line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.curves import Curve
    from expctl.core.scale import Scale
    from expctl.render.style import Line

#: Lines of one panel, and of each of several.
_TALL, _LOW = 16, 10
#: What stands for the dots of a curve where there is no braille.
_SIGNS = "*+ox#@%&"
#: Points for each dot of the canvas; more cannot be seen.
_FINE = 8


def page(
    panels: Sequence[tuple[str, Sequence[Curve]]], wide: int, *, by: str, log: bool, braille: bool
) -> Page:
    """Draw panels beneath each other.

    Args:
        panels: Metric and curves.
        wide: The width of the terminal.
        by: ``step`` or ``time``.
        log: Whether the vertical axes are logarithmic.
        braille: Whether the terminal can show braille.
    """
    rows = _TALL if len(panels) == 1 else _LOW
    letters = _letters(panels)
    lines: list[Line] = []
    for metric, shown in panels:
        lines += [*_panel(metric, shown, letters, (wide, rows), by=by, log=log, braille=braille), ()]
    return Page(lines[:-1])


def _letters(panels: Sequence[tuple[str, Sequence[Curve]]]) -> dict[str, int]:
    """The place of each label: the same letter and colour in every panel."""
    labels = dict.fromkeys(one.label for _, shown in panels for one in shown)
    return {label: at for at, label in enumerate(labels)}


def _panel(  # noqa: PLR0913  one drawing
    metric: str,
    shown: Sequence[Curve],
    letters: dict[str, int],
    size: tuple[int, int],
    *,
    by: str,
    log: bool,
    braille: bool,
) -> list[Line]:
    wide, rows = size
    thinned = [curves.thin(one, wide * _FINE) for one in shown]
    up = scale.fit((y for one in thinned for y in one.ys), log=log)
    across = scale.fit(x for one in thinned for x in one.xs)
    if up is None or across is None:
        reason = "no value above 0" if log else "no finite value"
        if by == curves.TIME and not any(one.xs for one in shown):
            reason = "only its steps are known; leave out --x time"
        return [line(Span(f"{metric}: {reason}", "warn"))]
    right = chart.Axis(by, across, chart.write_seconds if by == curves.TIME else chart.write_numbers)
    high = chart.Axis(f"{metric} (log)" if log else metric, up, chart.write_numbers)
    margin = chart.gutter(high, rows)
    canvas = Canvas(max(wide - margin - 2, chart.NARROWEST), rows, braille=braille)
    for one in thinned:
        _draw(canvas, one, across, up, letters[one.label])
    for one in thinned:
        _mark(canvas, one, across, up, letters[one.label])
    entries = [
        (_letter(letters[one.label]), _style(letters[one.label]), one.label, _last(one)) for one in shown
    ]
    return [*chart.frame(canvas, right, high, margin=margin, wide=wide), *chart.legend(entries, wide)]


def _draw(canvas: Canvas, one: Curve, across: Scale, up: Scale, at: int) -> None:
    before: tuple[float, float] | None = None
    sign = _SIGNS[at % len(_SIGNS)]
    for x, y in zip(one.xs, one.ys, strict=True):
        left, height = across.place(x), up.place(y)
        if left is None or height is None:
            before = None
            continue
        canvas.line(before or (left, height), (left, height), _style(at), sign)
        before = (left, height)


def _mark(canvas: Canvas, one: Curve, across: Scale, up: Scale, at: int) -> None:
    """Put the letter at the end of a curve, or before it where another letter stands."""
    for x, y in reversed(list(zip(one.xs, one.ys, strict=True))):
        left, height = across.place(x), up.place(y)
        if left is not None and height is not None and canvas.is_free(left, height):
            canvas.sign(left, height, _letter(at), _style(at))
            return


def _letter(at: int) -> str:
    return chart.LETTERS[at % len(chart.LETTERS)]


def _style(at: int) -> str:
    return chart.STYLES[at % len(chart.STYLES)]


def _last(one: Curve) -> str:
    last = next((y for y in reversed(one.ys) if math.isfinite(y)), None)
    return "" if last is None else numbers.number(last)
