"""What goes with a metric, as a table: a bar for each parameter, its best value and its worst."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.render import grid, numbers, tables
from expctl.render.style import MISSING, Line, Page, Span, data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.effects import Effect, Level
    from expctl.core.keys import Scalar

#: Eighths of a character.
BLOCKS = " ▏▎▍▌▋▊▉█"
_BAR = 10
_NOTHING = 0.005


def table(
    found: Sequence[Effect],
    metric: str,
    direction: str | None,
    columns_wide: int,
    *,
    ascii_only: bool = False,
) -> Page:
    """Draw effects, at least one.

    Args:
        found: What explains most first.
        metric: The column that they are effects on.
        direction: Which end of the metric is better, if it is known.
        columns_wide: The width of the terminal.
        ascii_only: Draw bars of plain signs.
    """
    first, last = ("best", "worst") if direction else ("highest", "lowest")
    tops = [each.levels[-1 if direction == "min" else 0] for each in found]
    ends = [each.levels[0 if direction == "min" else -1] for each in found]
    names: list[Line] = [(data(tables.called(each.column)),) for each in found]
    shares: list[Line] = [_share(each.share, ascii_only=ascii_only) for each in found]
    drawn = [
        grid.Column(head="parameter", cells=names, group=tables.called(metric), rank=-2),
        grid.Column(head="explains", cells=shares, group=tables.called(metric), keep=True, rank=-1),
        *_ends(first, tops, [_style("good", each, direction) for each in found]),
        *_ends(last, ends, [_style("bad", each, direction) for each in found]),
    ]
    return Page(grid.draw(drawn, columns_wide).lines)


def _share(share: float, *, ascii_only: bool) -> Line:
    eighths = round(share * _BAR * 8)
    bar = "#" * round(share * _BAR) if ascii_only else "█" * (eighths // 8) + BLOCKS[eighths % 8].strip()
    return Span(bar.ljust(_BAR), "note"), Span(f"{100 * share:4.0f} %")


def _style(style: str, one: Effect, direction: str | None) -> str:
    """Where nothing is explained, neither end is better by more than chance."""
    return "faint" if one.share < _NOTHING else style if direction else ""


def _ends(head: str, levels: Sequence[Level], styles: Sequence[str]) -> list[grid.Column]:
    means = numbers.column([level.mean for level in levels])
    return [
        grid.Column(head="value", group=head, cells=[(data(_value(level)),) for level in levels], rank=2),
        grid.Column(
            head="mean",
            group=head,
            cells=[(Span(*pair),) for pair in zip(means, styles, strict=True)],
            right=True,
            keep=True,
            rank=1,
        ),
        grid.Column(
            head="n",
            group=head,
            cells=[(Span(str(level.many), "faint"),) for level in levels],
            right=True,
            keep=True,
            rank=3,
        ),
    ]


def _value(level: Level) -> str:
    if level.low is None:
        return MISSING
    low, high = numbers.exact(level.low), numbers.exact(level.high)
    return low if level.low == level.high else f"{low}…{high}"


def to_json(
    metric: str, direction: str | None, found: Sequence[Effect], *, many: int, lacking: int
) -> dict[str, Any]:
    """Effects for ``--json``."""
    return {
        "schema": "expctl/effects/v1",
        "metric": metric,
        "direction": direction,
        "n": many,
        "lacking": lacking,
        "effects": [
            {
                "column": each.column,
                "share": each.share,
                "levels": [_facts(level) for level in each.levels],
            }
            for each in found
        ],
    }


def _facts(level: Level) -> dict[str, Scalar]:
    return {"low": level.low, "high": level.high, "n": level.many, "mean": level.mean}
