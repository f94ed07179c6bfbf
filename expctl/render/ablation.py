"""What putting causes back one at a time did to the metrics: before it is run, and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.core.text import clean, wrap
from expctl.render import grid, numbers
from expctl.render.style import MISSING, Line, Page, Span, data, line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.causes.ablation import Row, Table
    from expctl.core.causes.cause import Explanation

_WIDEST = 110


def intent(
    labels: Sequence[str], times: int, seconds: float | None, left: Sequence[str], columns_wide: int
) -> Page:
    """Draw what would be run.

    Args:
        labels: What is tried, in order.
        times: How many runs that is.
        seconds: How long they will take; None where nobody knows.
        left: What cannot be put back, and why.
        columns_wide: The width of the terminal.
    """
    how_long = "" if seconds is None else f", about {numbers.duration(seconds)} in all"
    lines: list[Line] = [
        line(Span(f"{numbers.count(times, 'run')} of the first run's command{how_long}:", "strong"))
    ]
    lines += [line(f"  {number}. ", data(label)) for number, label in enumerate(labels, 1)]
    return Page([*lines, *_faint([f"Not put back: {each}." for each in left], columns_wide)])


def page(found: Sequence[Table], *, failed: Sequence[str], left: Sequence[str], columns_wide: int) -> Page:
    """Draw what was found."""
    lines: list[Line] = []
    for table in found:
        lines += [*_table(table, columns_wide), *_faint(table.remarks, columns_wide), ()]
    if not found:
        lines += [line("No metric that moved could be measured."), ()]
    lines += _faint([f"Did not come to its end: {each}." for each in failed], columns_wide)
    lines += _faint([f"Not put back: {each}." for each in left], columns_wide)
    while lines and not lines[-1]:
        lines.pop()
    return Page(lines)


def to_json(
    explanation: Explanation,
    found: Sequence[Table],
    runs: Mapping[str, Sequence[str]],
    *,
    failed: Sequence[str],
    left: Sequence[str],
) -> dict[str, Any]:
    """What was found, for ``--json``."""
    return {
        "schema": "expctl/ablation/v1",
        "before": explanation.pair.before.id,
        "after": explanation.pair.after.id,
        "metrics": [
            {
                **table._asdict(),
                "rows": [row._asdict() for row in table.rows],
                "together": table.together._asdict() if table.together else None,
            }
            for table in found
        ],
        "runs": dict(runs),
        "failed": list(failed),
        "left": list(left),
    }


def _table(table: Table, columns_wide: int) -> list[Line]:
    rows = [*table.rows, *([table.together] if table.together else [])]
    labels = [
        "first run, as recorded",
        "first run, run again",
        *(row.label for row in rows),
        "second run, as recorded",
    ]
    values = [table.recorded, table.again, *(row.value for row in rows), table.target]
    effects = ["", "", *map(_effect, rows), ""]
    remarks = ["", "", *("within the noise" if row.is_noise and row.effect else "" for row in rows), ""]
    faint = [True, True, *(False for _ in rows), True]
    columns = [
        grid.Column(
            head="put back",
            cells=[(data(label, "faint" if dim else ""),) for label, dim in zip(labels, faint, strict=True)],
            rank=-4,
        ),
        grid.Column(
            head=clean(table.metric),
            cells=[(Span(text or MISSING),) for text in numbers.column(values)],
            right=True,
            keep=True,
            rank=-3,
        ),
        grid.Column(head="effect", cells=[(Span(text),) for text in effects], right=True, keep=True, rank=-2),
        grid.Column(head="", cells=[(Span(text, "faint"),) for text in remarks], rank=1),
    ]
    return list(grid.draw(columns if any(remarks) else columns[:-1], min(columns_wide, _WIDEST)).lines)


def _effect(row: Row) -> str:
    if row.effect is None:
        return "failed"
    return "none" if not row.effect else f"{row.effect:+.4g}"


def _faint(texts: Sequence[str], columns_wide: int) -> list[Line]:
    return [
        line(Span(row, "faint")) for text in texts for row in wrap(clean(text), min(columns_wide, _WIDEST))
    ]
