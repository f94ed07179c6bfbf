"""Runs in progress on a screen: one run with its metrics and the end of its output, or all in a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core import runid
from expctl.core.text import clean, cut, cut_middle, pad, width
from expctl.core.trace import BARS, PLAIN_BARS, sparkline
from expctl.render import grid, numbers
from expctl.render.style import MISSING, Page, Span, data, line, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from expctl.core.glimpse import Glimpse
    from expctl.core.trace import Trace
    from expctl.render.style import Line

#: A name of a metric takes at most this share of the width.
_NAME_SHARE = 3
_LONGEST_SPARK = 60
_LEAST_SPARK = 8
#: Metrics that a line or a row of a table has room for.
_FEW = 4
_SHORT_STEP = 8
#: The share of the screen that metrics take when there are many.
_METRICS_SHARE = 2


def screen(seen: Glimpse, columns: int, rows: int, *, ascii_only: bool = False) -> Page:
    """One run as it is now, in so many columns and rows."""
    head = _head(seen, columns)
    left = max(rows - len(head) - 1, 1)
    many = len(seen.metrics)
    if many and seen.output and many + 1 > left // _METRICS_SHARE:
        many = max(1, left // _METRICS_SHARE - 1)
    lines = [*head, *_metrics(seen.metrics, min(many, left), columns, ascii_only=ascii_only)]
    room = rows - len(lines) - 2
    if seen.output and room > 0:
        rule = "-" if ascii_only else "─"
        lines += [line(Span(cut(f"{rule * 2} output {rule * columns}", columns, mark=""), "faint"))]
        lines += [line(Span(cut(clean(text.expandtabs(4)), columns))) for text in seen.output[-room:]]
    return Page(lines)


def plain(seen: Glimpse, names: Iterable[str]) -> str:
    """One line on some metrics of a run, to be appended to what was said before."""
    shown = list(names)
    parts = [f"{clean(name)} {numbers.number(seen.metrics[name].value)}" for name in shown[:_FEW]]
    steps = {seen.metrics[name].step for name in shown} - {None}
    step = f"step {max(filter(None, steps), default=0)}  " if steps else ""
    more = f"  and {len(shown) - _FEW} more" if len(shown) > _FEW else ""
    return f"{numbers.duration(seen.elapsed_s)}  {step}{'  '.join(parts)}{more}"


def table(found: Sequence[Glimpse], columns: int) -> Page:
    """All runs in progress."""
    drawn = [
        grid.Column(
            head="run", cells=[line(Span(runid.suffix(each.id), "key")) for each in found], keep=True
        ),
        grid.Column(head="name", cells=[line(data(each.name or MISSING)) for each in found], rank=1),
        grid.Column(head="experiment", cells=[line(data(each.experiment)) for each in found], rank=5),
        grid.Column(head="status", cells=[line(status(each.status)) for each in found], rank=2),
        grid.Column(
            head="for",
            cells=[line(numbers.duration(each.elapsed_s)) for each in found],
            right=True,
            keep=True,
        ),
        grid.Column(head="metrics", cells=[line(data(_few(each.metrics))) for each in found], rank=3),
        grid.Column(head="process", cells=[line(data(_process(each))) for each in found], rank=4),
        grid.Column(head="command", cells=[line(data(_command(each))) for each in found], rank=6),
    ]
    return Page(grid.draw(drawn, columns).lines)


def _head(seen: Glimpse, columns: int) -> list[Line]:
    facts = [clean(seen.experiment), f"for {numbers.duration(seen.elapsed_s)}"]
    name = clean(seen.name) if seen.name else ""
    first = [Span(runid.suffix(seen.id), "key"), Span(f" {name}" if name else "", "strong"), Span("  ")]
    room = columns - sum(width(span.text) for span in first) - len(seen.status)
    second = f"{_command(seen)}  ({_process(seen)})" if _process(seen) else _command(seen)
    return [
        (*first, status(seen.status), Span(cut("  " + "  ".join(facts), max(room, 0)))),
        (Span(cut_middle(second, columns), "faint"),),
        (),
    ]


def _metrics(metrics: Mapping[str, Trace], many: int, columns: int, *, ascii_only: bool) -> list[Line]:
    if not metrics:
        return [line(Span("no metrics yet", "faint"))]
    shown = dict(list(metrics.items())[:many])
    names = [cut_middle(clean(name), max(columns // _NAME_SHARE, 8)) for name in shown]
    values = [numbers.number(trace.value) for trace in shown.values()]
    steps = ["" if trace.step is None else str(trace.step) for trace in shown.values()]
    wide = [max(map(width, texts)) for texts in (names, values, steps)]
    head = [pad("metric", wide[0]), pad("value", max(wide[1], 5), right=True)]
    if wide[2]:
        head.append(pad("step", max(wide[2], 4), right=True))
    room = min(columns - width("  ".join(head)) - 2, _LONGEST_SPARK)
    lines = [line(Span("  ".join(head), "faint"))]
    for name, value, step, trace in zip(names, values, steps, shown.values(), strict=True):
        spans = [
            Span(pad(name, max(wide[0], 6))),
            Span("  " + pad(value, max(wide[1], 5), right=True), "strong"),
        ]
        if wide[2]:
            spans.append(Span("  " + pad(step, max(wide[2], 4), right=True), "faint"))
        if room >= _LEAST_SPARK:
            bars = sparkline(trace.past(), room, bars=PLAIN_BARS if ascii_only else BARS)
            spans.append(Span("  " + bars, "curve1"))
        lines.append(tuple(spans))
    if len(metrics) > many:
        lines.append(line(Span(f"and {numbers.count(len(metrics) - many, 'more metric')}", "faint")))
    return lines


def _few(metrics: Mapping[str, Trace]) -> str:
    names = list(metrics)
    shown = [f"{name} {numbers.number(metrics[name].value)}" for name in names[:_FEW]]
    return ", ".join([*shown, *([f"{len(names) - _FEW} more"] if len(names) > _FEW else [])])


def _process(seen: Glimpse) -> str:
    return " on ".join(filter(None, (f"pid {seen.pid}" if seen.pid else "", clean(seen.host))))


def _command(seen: Glimpse) -> str:
    return clean(" ".join(seen.argv))
