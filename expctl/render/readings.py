"""What was read of a run's output, and by which rules, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core.text import clean
from expctl.render import grid, numbers
from expctl.render.style import Line, Page, Span, data, line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.output.quotes import Known, Quote

_ABSENT: Line = (Span("–", "faint"),)


def table(found: Sequence[Quote], columns_wide: int, *, single: bool) -> Page:
    """Draw readings; ``found`` is at least one.

    Args:
        found: In the order of their lines.
        columns_wide: The width of the terminal.
        single: Whether all are of one metric, so that neither its name nor its points need be said.
    """
    steps = [(data(each.step),) if each.step is not None else _ABSENT for each in found]
    columns = [
        grid.Column(head="metric", cells=[(data(each.metric, "strong"),) for each in found], rank=0),
        grid.Column(
            head="value", cells=[(data(f"{each.value:.10g}"),) for each in found], right=True, keep=True
        ),
        grid.Column(head="step", cells=steps, right=True, keep=True, rank=3),
        grid.Column(
            head="points", cells=[(data(each.points),) for each in found], right=True, keep=True, rank=4
        ),
        grid.Column(head="line", cells=[(data(each.line),) for each in found], right=True, keep=True),
        grid.Column(head="rule", cells=[(data(each.rule),) for each in found], keep=True, rank=2),
    ]
    if any(each.remark for each in found):
        columns.append(
            grid.Column(head="remark", cells=[(data(each.remark, "warn"),) for each in found], rank=5)
        )
    columns.append(
        grid.Column(head="text", cells=[(data(each.text.expandtabs(2), "faint"),) for each in found], rank=1)
    )
    if single:
        columns = [column for column in columns if column.head not in ("metric", "points")]
    return Page(grid.draw(columns, columns_wide).lines)


def rules(found: Sequence[Known]) -> Page:
    """Draw rules: what each reads, and beneath it an example and what that gives."""
    lines: list[Line] = []
    for each in found:
        state = Span("" if each.on else "  (off)", "warn")
        lines.append(line(Span(clean(each.name), "key"), state, Span(f"  {clean(each.what)}")))
        lines += [line("    ", data(row.expandtabs(2), "faint")) for row in each.example.split("\n")]
        if each.gives:
            given = ", ".join(f"{name} {numbers.number(value)}" for name, value in each.gives.items())
            lines.append(line("    → ", Span(clean(given))))
    return Page(lines)
