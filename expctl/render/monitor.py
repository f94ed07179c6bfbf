"""Live metrics beside registered ones: a line a limit, what to do beneath, and what was seen before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core.registry import limits
from expctl.core.text import wrap
from expctl.render import grid, numbers
from expctl.render.style import MISSING, Line, Page, Span, data, span_width

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.registry.limits import Check
    from expctl.core.registry.record import Record

STYLES = {limits.OK: "good", limits.WARNING: "warn", limits.DEGRADED: "bad", limits.MISSING: "bad"}
_SIGNS = {limits.WARNING: "! ", limits.DEGRADED: "✗ ", limits.MISSING: "✗ "}
_PER_CENT = 100
_SHORT_DIGEST = 12
#: A reason up to this width is worth more than the columns behind it.
_WIDEST = 30


def report(checks: Sequence[Check], columns_wide: int) -> Page:
    """One line a limit with both values, and beneath why some do not hold and what to do."""
    columns = [
        grid.Column(head="", cells=[(_verdict(one.verdict),) for one in checks], keep=True, rank=-2),
        grid.Column(head="metric", cells=[(data(one.limit.metric),) for one in checks], keep=True, rank=-3),
        grid.Column(head="registered", cells=[_number(one.registered) for one in checks], right=True, rank=2),
        grid.Column(head="observed", cells=[_number(one.observed) for one in checks], right=True, rank=-1),
        grid.Column(head="Δ", cells=[_change(one) for one in checks], right=True, rank=3),
        grid.Column(head="limit", cells=[(Span(one.limit.rule),) for one in checks], keep=True, rank=1),
    ]
    lines = grid.draw(columns, columns_wide).lines
    for one in checks:
        if one.verdict != limits.OK:
            said = wrap(f"{one.why} → {one.limit.otherwise}", columns_wide - 2)
            lines += [
                (Span("  " if at else _SIGNS[one.verdict], STYLES[one.verdict]), data(part))
                for at, part in enumerate(said)
            ]
    return Page(lines)


def kept(done: Sequence[Record], columns_wide: int) -> Page:
    """One line a look that the ledger kept, latest first."""
    seen = [one.observed for one in done if one.observed is not None]
    whys = [_why(one) for one in done]
    columns = [
        grid.Column(
            head="when",
            cells=[(Span(numbers.moment(numbers.time_of(one.at))),) for one in done],
            keep=True,
            rank=-1,
        ),
        grid.Column(head="version", cells=[(data(one.version),) for one in seen], keep=True, rank=-2),
        grid.Column(head="stage", cells=[(data(one.stage),) for one in seen], rank=6),
        grid.Column(head="verdict", cells=[(_verdict(one.verdict),) for one in seen], keep=True, rank=-2),
        grid.Column(head="done", cells=[_done(one) for one in done], rank=1),
        grid.Column(head="who", cells=[(data(one.by.partition(" <")[0]),) for one in done], rank=4),
        grid.Column(head="why", cells=whys, rank=3, keep=max(map(span_width, whys), default=0) <= _WIDEST),
        grid.Column(
            head="file", cells=[(data(one.digest[:_SHORT_DIGEST], "faint"),) for one in seen], rank=5
        ),
    ]
    return Page(grid.draw(columns, columns_wide).lines)


def _verdict(word: str) -> Span:
    return data(word, STYLES.get(word, ""))


def _number(value: float | None) -> Line:
    return (Span(MISSING, "faint"),) if value is None else (Span(numbers.number(value)),)


def _change(one: Check) -> Line:
    if one.change is None or one.registered is None:
        return (Span(MISSING, "faint"),)
    if one.limit.is_share and one.registered:
        return (Span(f"{one.change / abs(one.registered) * _PER_CENT:+.3g} %"),)
    return (Span(f"{one.change:+.3g}"),)


def _done(one: Record) -> Line:
    return (Span(MISSING, "faint"),) if one.event == "observation" else (data(one.event),)


def _why(one: Record) -> Line:
    seen = one.observed.seen if one.observed else ()
    bad = [
        f"{each.metric} {_shown(each.observed)} ({each.rule})" for each in seen if each.verdict != limits.OK
    ]
    return (data("; ".join(bad)),) if bad else (Span(MISSING, "faint"),)


def _shown(value: float | None) -> str:
    return limits.MISSING if value is None else numbers.number(value)
