"""Runs as points in the terminal: the front in letters, the others as dots or by a third column."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core import compare, keys, scale
from expctl.render import chart, numbers
from expctl.render.canvas import Canvas
from expctl.render.style import Page, Span, data, line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.keys import Scalar
    from expctl.core.scale import Scale
    from expctl.render.style import Line

    #: Label, from left to right, from below to above, third value, whether on the front.
    Point = tuple[str, float, float, Scalar, bool]

_ROWS = 18
#: From low to high; where colours are shown they rise too.
_RAMP = (("1", "curve1"), ("2", "curve5"), ("3", "curve3"), ("4", "curve2"), ("5", "curve6"))
_MOST_KINDS = 6
#: So few runs get a sign that is seen from afar; of more the dots show where they crowd.
_FEW = 100
_MOST_LETTERS = 26


def page(
    points: Sequence[Point], names: tuple[str, str, str | None], wide: int, *, log: bool, braille: bool
) -> Page:
    """Draw runs between two columns.

    Args:
        points: All with finite numbers.
        names: The columns across, up, and the third one.
        wide: The width of the terminal.
        log: Whether both axes are logarithmic.
        braille: Whether the terminal can show braille.
    """
    across = scale.fit((point[1] for point in points), log=log)
    up = scale.fit((point[2] for point in points), log=log)
    if across is None or up is None:
        return Page([line(Span("No value above 0 for a logarithmic axis.", "warn"))])
    short = [keys.plain(name).removeprefix("metrics.") for name in names if name]
    ending = " (log)" if log else ""
    high = chart.Axis(short[1] + ending, up, chart.write_numbers)
    margin = chart.gutter(high, _ROWS)
    canvas = Canvas(max(wide - margin - 2, chart.NARROWEST), _ROWS, braille=braille)
    kinds = _kinds([point[3] for point in points]) if names[2] else {}
    for _, x, y, third, is_front in points:
        left, height = across.place(x), up.place(y)
        if left is None or height is None or is_front:
            continue
        sign = kinds.get(_level(third, kinds)) if kinds else None
        if sign:
            canvas.sign(left, height, *sign)
        elif len(points) <= _FEW:
            canvas.sign(left, height, "•" if braille else "o")
        else:
            canvas.dot(left, height, "faint", ".")
    lettered = _front(canvas, points, across, up)
    right = chart.Axis(short[0] + ending, across, chart.write_numbers)
    lines = chart.frame(canvas, right, high, margin=margin, wide=wide)
    if kinds and names[2]:
        lines += _scale_line(short[2], kinds)
    return Page([*lines, *chart.legend(lettered, wide)])


def _front(
    canvas: Canvas, points: Sequence[Point], across: Scale, up: Scale
) -> list[tuple[str, str, str, str]]:
    """Put a letter for each run of the front, from the left; beyond the alphabet a sign without a name."""
    entries = []
    front = sorted((point for point in points if point[4]), key=lambda point: (point[1], point[2]))
    for at, (label, x, y, _, _) in enumerate(front):
        left, height = across.place(x), up.place(y)
        if left is None or height is None:
            continue
        letter = chart.LETTERS[at] if at < _MOST_LETTERS else "●"
        if canvas.is_free(left, height) or letter != "●":
            canvas.sign(left, height, letter, "best")
        if at < _MOST_LETTERS:
            entries.append((letter, "best", label, f"{numbers.number(x)}, {numbers.number(y)}"))
    return entries


def _kinds(values: Sequence[Scalar]) -> dict[object, tuple[str, str]]:
    """The sign and colour of each kind of third value: five steps of numbers, or a few texts."""
    known = [value for value in values if compare.is_finite(value)]
    if known and len(known) * 2 >= sum(value is not None for value in values):
        ordered = sorted(float(value) for value in known)  # type: ignore[arg-type]  # finite numbers
        ends = [ordered[len(ordered) * (at + 1) // len(_RAMP) - 1] for at in range(len(_RAMP))]
        return dict(zip(dict.fromkeys(ends), _RAMP, strict=False))
    counts: dict[str, int] = {}
    for value in values:
        if value is not None:
            counts[str(value)] = counts.get(str(value), 0) + 1
    texts = sorted(counts, key=lambda text: (-counts[text], text))[:_MOST_KINDS]
    return {text: (str(at + 1), chart.STYLES[at]) for at, text in enumerate(texts)}


def _level(value: Scalar, kinds: dict[object, tuple[str, str]]) -> object:
    """The kind that a value belongs to: the lowest end that is not below a number."""
    if value is None:
        return None
    if compare.is_finite(value) and all(isinstance(end, float) for end in kinds):
        return next((end for end in kinds if isinstance(end, float) and float(value) <= end), None)
    return str(value)


def _scale_line(name: str, kinds: dict[object, tuple[str, str]]) -> list[Line]:
    spans = [data(f"  {name}: ", "faint")]
    for kind, (sign, style) in kinds.items():
        text = f"≤ {numbers.number(kind)}" if isinstance(kind, float) else str(kind)
        spans += [Span(sign, style), data(f" {text}   ")]
    return [tuple(spans)]
