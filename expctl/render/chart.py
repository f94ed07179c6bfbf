"""A chart's frame: axes with round values around a canvas, and the legend beneath."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core.text import clean, cut, pad, width
from expctl.render.style import Span, line

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from expctl.core.scale import Scale
    from expctl.render.canvas import Canvas
    from expctl.render.style import Line

#: Styles that tell curves apart where there is colour; letters do everywhere.
STYLES = ("curve1", "curve2", "curve3", "curve4", "curve5", "curve6")
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#: Between two values on the horizontal axis.
_APART = 12
_ROWS_A_TICK = 4
_GUTTER = 12
#: The least width in which a curve still says something.
NARROWEST = 24


class Axis(NamedTuple):
    """One side of a chart: its name, its scale, and how its values are written."""

    name: str
    scale: Scale
    write: Callable[[Sequence[float]], list[str]]


def write_numbers(values: Sequence[float]) -> list[str]:
    """Round values as they stand beside an axis."""
    return [f"{value:.6g}" if abs(value) < 10**6 else f"{value:.3g}" for value in values]


def write_seconds(values: Sequence[float]) -> list[str]:
    """Seconds in the unit that suits the largest."""
    top = max((abs(value) for value in values), default=0)
    size, unit = (1, "s") if top < 600 else (60, "min") if top < 36_000 else (3600, "h")  # noqa: PLR2004
    return [f"{value / size:.4g} {unit}" for value in values]


def gutter(axis: Axis, rows: int) -> int:
    """How wide the numbers beside a vertical axis are."""
    return min(_GUTTER, max(map(len, axis.write(_ticks(axis, rows))), default=1))


def frame(canvas: Canvas, across: Axis, up: Axis, *, margin: int, wide: int) -> list[Line]:
    """Put axes around a canvas.

    Args:
        canvas: What was drawn.
        across: The horizontal axis.
        up: The vertical axis.
        margin: Columns left of the axis, for its numbers.
        wide: The width of all.
    """
    values = _ticks(up, canvas.rows)
    beside = {
        canvas.cell(0, place)[1]: text
        for value, text in zip(values, up.write(values), strict=True)
        if (place := up.scale.place(value)) is not None and 0 <= place <= 1
    }
    lines: list[Line] = [
        line(" " * margin, " ", Span(cut(clean(up.name), max(wide - margin - 1, 1)), "strong"))
    ]
    for at, drawn in enumerate(canvas.lines()):
        text = beside.get(canvas.rows - 1 - at, "")
        lines.append(
            (
                Span(pad(cut(text, margin), margin, right=True), "faint"),
                Span(" ┤" if text else " │", "faint"),
                *drawn,
            )
        )
    return [*lines, *_foot(canvas, across, margin)]


def _ticks(axis: Axis, rows: int) -> list[float]:
    return axis.scale.ticks(max(2, rows // _ROWS_A_TICK + 1))


def _foot(canvas: Canvas, across: Axis, margin: int) -> list[Line]:
    """The horizontal axis and the values beneath it, none over another."""
    values = across.scale.ticks(max(2, canvas.columns // _APART + 1))
    marks = ["─"] * canvas.columns
    texts = [" "] * (canvas.columns + margin + 2)
    end = 0
    for value, text in zip(values, across.write(values), strict=True):
        place = across.scale.place(value)
        if place is None or not 0 <= place <= 1:
            continue
        column = canvas.cell(place, 0)[0]
        start = max(0, min(margin + 2 + column - len(text) // 2, len(texts) - len(text)))
        marks[column] = "┬"
        if start >= end:
            texts[start : start + len(text)] = text
            end = start + len(text) + 1
    name = cut(clean(across.name), canvas.columns)
    under = "".join(texts).rstrip()
    room = canvas.columns + margin + 2
    gap = room - width(under) - width(name)
    lines = [line(" " * margin, Span(" └" + "".join(marks), "faint"))]
    if gap > 0:
        return [*lines, line(Span(under, "faint"), " " * gap, Span(name))]
    return [*lines, line(Span(under, "faint")), line(" " * (room - width(name)), Span(name))]


def legend(entries: Sequence[tuple[str, str, str, str]], wide: int) -> list[Line]:
    """One line for each letter, or several beside each other where they fit.

    Args:
        entries: Sign, its style, label, and a remark such as the last value.
        wide: The width to stay within.
    """
    if not entries:
        return []
    room = max(wide - 8, 8)
    labels = [cut(clean(label), max(8, room - width(remark))) for _, _, label, remark in entries]
    name_wide = max(map(width, labels))
    remark_wide = max(width(remark) for *_, remark in entries)
    each = 4 + name_wide + (2 + remark_wide if remark_wide else 0) + 2
    per_line = max(1, wide // each)
    rows = -(-len(entries) // per_line)
    lines = []
    for row in range(rows):
        spans: list[Span] = []
        for at in range(row, len(entries), rows):
            sign, style, _, remark = entries[at]
            spans += [Span("  "), Span(sign, style), Span(" "), Span(pad(labels[at], name_wide))]
            spans.append(Span(f"  {pad(remark, remark_wide, right=True)}" if remark_wide else "", "faint"))
        lines.append(tuple(spans))
    return lines
