"""Verdicts of a selection flow: a table of runs, and how many came to each end of the flow as a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.core.selection import MISSING, PASS, STOP
from expctl.core.text import clean, cut
from expctl.render import grid, numbers, style, tables
from expctl.render.style import Page, Span, data, line, span_width

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.flows import Flow
    from expctl.core.selection import Verdict
    from expctl.render.style import Line

    #: Id, name, verdict, what to do next.
    Judged = tuple[str, str | None, Verdict, str]

_NAMELESS = (Span(style.MISSING, "faint"),)
_SIGNS = {PASS: Span("✓ pass", "best"), STOP: Span("✗ no", "bad"), MISSING: Span("? missing", "warn")}
#: What an id, a verdict and the beginning of a name take beside the reason.
_BESIDE_REASON = 36
#: Words for a table in JSON and for the branches of the tree.
_BRANCHES = {STOP: "no", MISSING: "missing", PASS: "pass"}


def table(judged: Sequence[Judged], columns_wide: int, *, ids: Sequence[str]) -> Page:
    """Draw one line a run: verdict, why, and what to do next."""
    unique = tables.shortest([one[0] for one in judged], ids)
    reasons = [_cell(reason_of(one[2])) for one in judged]
    # The reason is what was asked for: it is cut last.
    is_short = max(map(span_width, reasons), default=0) <= columns_wide - _BESIDE_REASON
    columns = [
        grid.Column(
            head="run", cells=[tables.run_cell(one[0], unique[one[0]]) for one in judged], keep=True, rank=-3
        ),
        grid.Column(head="name", cells=[_name(one[1]) for one in judged], rank=2),
        grid.Column(head="verdict", cells=[(_SIGNS[one[2].outcome],) for one in judged], keep=True, rank=-2),
        grid.Column(head="reason", cells=reasons, keep=is_short, rank=1),
        grid.Column(head="next", cells=[_cell(one[3]) for one in judged], rank=3),
    ]
    filled = [column for column in columns if any(_says(cell) for cell in column.cells)]
    return Page(grid.draw(filled, columns_wide).lines)


def _says(cell: Line) -> bool:
    return cell != _NAMELESS and any(span.text for span in cell)


def reason_of(verdict: Verdict) -> str:
    """Why a run did not pass, in one line; empty for one that did."""
    return "; ".join(reason.text for reason in verdict.reasons)


def tree(flow: Flow, counts: Mapping[tuple[int | None, str], int], total: int, columns_wide: int) -> Page:
    """Draw how many runs came to each end of a flow."""
    width = max(len(str(many)) for many in (*counts.values(), 0))
    lines: list[Line] = [line(data(flow.name, "strong"), f": {numbers.count(total, 'run')}")]
    for at, step in enumerate(flow.steps):
        lines.append(line("├─ ", data(cut(clean(step.require), max(columns_wide - 3, 20)))))
        ends = [(outcome, counts.get((at, outcome), 0)) for outcome in (STOP, MISSING)]
        ends = [end for end in ends if end[1]]
        for place, (outcome, many) in enumerate(ends, 1):
            twig = "│  └─ " if place == len(ends) else "│  ├─ "
            follow = Span(f"  {clean(step.otherwise)}", "faint") if outcome == STOP else Span("")
            lines.append(line(twig, Span(f"{_BRANCHES[outcome]:<9}"), Span(f"{many:>{width}}"), follow))
    passed = counts.get((None, PASS), 0)
    style = "best" if passed else ""
    lines.append(
        line("└─ ", Span(f"{'pass':<12}", style), Span(f"{passed:>{width}}", style), data(f"  {flow.then}"))
    )
    return Page(lines)


def to_json(
    flow: Flow, judged: Sequence[Judged], counts: Mapping[tuple[int | None, str], int], total: int
) -> dict[str, Any]:
    """Verdicts for ``--json``; steps are numbered from 1."""
    return {
        "schema": "expctl/selection/v1",
        "flow": flow.name,
        "runs": [_run_json(flow, one) for one in judged],
        "branches": [
            {
                "step": at + 1,
                "require": step.require,
                "otherwise": step.otherwise,
                "no": counts.get((at, STOP), 0),
                "missing": counts.get((at, MISSING), 0),
            }
            for at, step in enumerate(flow.steps)
        ],
        "then": flow.then,
        "passed": counts.get((None, PASS), 0),
        "total": total,
    }


def _run_json(flow: Flow, one: Judged) -> dict[str, Any]:
    run_id, name, verdict, follow = one
    return {
        "id": run_id,
        "name": name,
        "verdict": _BRANCHES[verdict.outcome],
        "step": None if verdict.step is None else verdict.step + 1,
        "require": None if verdict.step is None else flow.steps[verdict.step].require,
        "reasons": [reason.text for reason in verdict.reasons],
        "columns": [name for reason in verdict.reasons for name in reason.columns],
        "next": follow,
    }


def _name(text: str | None) -> Line:
    return (data(text),) if text else _NAMELESS


def _cell(text: str | None) -> Line:
    return (data(text),) if text else (Span(""),)
