"""Groups of runs: what they share, how many they are, and each metric as mean ± standard deviation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.core import compare
from expctl.core.text import clean
from expctl.render import cells, grid, numbers, tables
from expctl.render import markdown as inert
from expctl.render.style import MISSING, Line, Page, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.groups import Grouping, Spread
    from expctl.core.keys import Scalar

#: Digits of a standard deviation that tell something.
_STD_DIGITS = 2
_ARROWS = {"max": "↑", "min": "↓"}


def table(found: Grouping, columns_wide: int) -> tables.Table:
    """Draw groups.

    Args:
        found: At least one group.
        columns_wide: The width of the terminal.
    """
    labels = compare.short_labels([*found.by, *found.metrics])
    drawn = [_key_column(found, at, labels) for at in range(len(found.by))]
    counts = [len(each.numbers) for each in found.groups]
    drawn.append(
        grid.Column(head="n", cells=[(Span(str(n)),) for n in counts], right=True, keep=True, rank=-1)
    )
    drawn += [_metric_column(found, name, labels[name], rank) for rank, name in enumerate(found.metrics)]
    done = grid.draw(drawn, columns_wide)
    behind = len(found.by) + 1
    hidden = [
        name for at, name in enumerate(found.metrics) if any(drawn[behind + at] is g for g in done.hidden)
    ]
    return tables.Table(Page(done.lines), tuple(hidden))


def _key_column(found: Grouping, at: int, labels: dict[str, str]) -> grid.Column:
    name = found.by[at]
    written = cells.write(name, [each.key[at] for each in found.groups])
    return grid.Column(
        head=clean(labels[name]), cells=written.cells, right=written.right, keep=written.right, rank=-2
    )


def _metric_column(found: Grouping, name: str, label: str, rank: int) -> grid.Column:
    pairs = texts(found, name)
    means, tails = [mean for mean, _ in pairs], [tail for _, tail in pairs]
    widest = max(map(len, tails), default=0)
    best = found.best.get(name, frozenset())
    lines: list[Line] = []
    for at, (mean, tail) in enumerate(zip(means, tails, strict=True)):
        if not mean:
            lines.append((Span(MISSING, "faint"),))
        elif at in best:
            lines.append((Span(mean, "best"), Span("*", "best"), Span(tail.ljust(widest), "faint")))
        else:
            lines.append((Span(mean), Span(" " if best else ""), Span(tail.ljust(widest), "faint")))
    return grid.Column(
        head=clean(label),
        cells=lines,
        group="metrics" if name.startswith("metrics.") else "",
        sign=_ARROWS.get(found.directions.get(name, ""), ""),
        right=True,
        rank=rank,
        keep=True,
    )


def _tail(one: Spread | None, mean: str, members: int) -> str:
    """What stands behind a mean: its spread, and of how many if not of all."""
    if one is None:
        return ""
    some = "" if one.many == members else f" (of {one.many})"
    if one.std is None:
        return some
    decimals = 0 if "e" in mean else len(mean.partition(".")[2])
    text = f"{one.std:.{decimals}f}"
    if "e" in mean or len(text.strip("0.")) < _STD_DIGITS:  # too few digits of it would be left
        text = f"{one.std:.{_STD_DIGITS}g}"
    return f" ± {text}{some}"


def rows(found: Grouping, ids: Sequence[Sequence[str]]) -> tuple[list[str], list[list[Scalar]]]:
    """Header and values for CSV: the keys, n, and of each metric mean, standard deviation, number."""
    header = [*found.by, "n"]
    for name in found.metrics:
        header += [f"{name} mean", f"{name} std", f"{name} n"]
    lines: list[list[Scalar]] = []
    for each in found.groups:
        values: list[Scalar] = [*each.key, len(each.numbers)]
        for name in found.metrics:
            one = each.spreads.get(name)
            values += [None, None, 0] if one is None else [one.mean, one.std, one.many]
        lines.append(values)
    return [*header, "runs"], [[*line, " ".join(some)] for line, some in zip(lines, ids, strict=True)]


def to_json(found: Grouping, ids: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Groups for ``--json``."""
    return {
        "schema": "expctl/groups/v1",
        "by": list(found.by),
        "metrics": [{"name": name, "direction": found.directions.get(name)} for name in found.metrics],
        "groups": [
            {
                "key": dict(zip(found.by, each.key, strict=True)),
                "n": len(each.numbers),
                "metrics": {
                    name: {"mean": one.mean, "std": one.std, "n": one.many, "min": one.low, "max": one.high}
                    for name, one in each.spreads.items()
                    if name in found.metrics
                },
                "runs": list(some),
            }
            for each, some in zip(found.groups, ids, strict=True)
        ],
    }


def markdown(found: Grouping) -> str:
    """Groups for a pull request, the best mean in bold."""
    labels = compare.short_labels([*found.by, *found.metrics])
    header = [*(labels[name] for name in found.by), "n", *(labels[name] for name in found.metrics)]
    columns = [_markdown_column(found, name) for name in found.metrics]
    right = [*[False] * len(found.by), *[True] * (1 + len(found.metrics))]
    lines = []
    for at, each in enumerate(found.groups):
        keys = [inert.cell(value) for value in each.key]
        lines.append([*keys, str(len(each.numbers)), *(column[at] for column in columns)])
    return inert.table([inert.cell(name) for name in header], lines, right=right)


def _markdown_column(found: Grouping, name: str) -> list[str]:
    best = found.best.get(name, ())
    return [
        (f"**{mean}**" if at in best else mean) + tail for at, (mean, tail) in enumerate(texts(found, name))
    ]


def texts(found: Grouping, name: str) -> list[tuple[str, str]]:
    """For each group the mean of a metric, and what stands behind it: `` ± 0.02``."""
    spreads = [each.spreads.get(name) for each in found.groups]
    means = numbers.column([None if one is None else one.mean for one in spreads])
    pairs = zip(spreads, means, found.groups, strict=True)
    return [(mean, _tail(one, mean, len(each.numbers))) for one, mean, each in pairs]
