"""Tables of runs: the list, and the comparison with the best of each metric marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core import keys, runid, sparks
from expctl.core import row as rows_of
from expctl.core.text import clean
from expctl.render import cells, choice, grid, numbers
from expctl.render.style import MISSING, Line, Page, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from expctl.core.compare import Column, Comparison
    from expctl.core.keys import Scalar
    from expctl.core.row import Row

#: Characters of an id's suffix; the fewest that stand out.
_SUFFIX, _LEAST = 6, 3
_ARROWS = {"max": "↑", "min": "↓"}
#: Heads that people read more easily than the names of the columns.
_HEADS = {rows_of.BRANCH: "on branch", "started_at": "started", "duration_s": "time", "exit_code": "exit"}
#: From here on there is room for the year.
_WIDE = 100
#: What a list shows of each run; metrics and the command fill the rest of the width.
_LISTED = ("name", rows_of.BRANCH, "experiment", "status", "started_at", "duration_s")
_LISTED_METRICS = 4
#: Columns that say the same are named up to so many.
_FEW_TWINS = 4


class Table(NamedTuple):
    """A drawn table, and the names of the columns that found no place in the width."""

    page: Page
    hidden: tuple[str, ...]


def comparison(
    found: Comparison, columns_wide: int, *, ids: Iterable[str] = (), arrange: bool = True
) -> Table:
    """Draw runs side by side.

    Args:
        found: What to draw.
        columns_wide: The width of the terminal.
        ids: All ids that a short one must be told from; those of the table when empty.
        arrange: Bring the columns of one group together; otherwise they stay as they were asked for.
    """
    found = choice.arranged(found) if arrange else found
    shown = found.columns
    ranks = choice.ranks(found)
    drawn = [_run_column(found.rows, ids)]
    if found.objectives:
        drawn.append(_front_column(found))
    drawn += [_compared(found, column, ranks[column.name], columns_wide) for column in shown]
    return _table(drawn, columns_wide, [column.name for column in shown])


def runs(rows: Sequence[Row], columns_wide: int, *, ids: Iterable[str] = ()) -> Table:
    """Draw a list of runs: who, how it ended, when, how long, and its main metrics.

    Args:
        rows: The runs, in the order to show.
        columns_wide: The width of the terminal.
        ids: All ids that a short one must be told from; those of the table when empty.
    """
    names = [name for name in _LISTED if _is_worth(name, rows)]
    metrics = _common_metrics(rows)
    drawn = [_run_column(rows, ids)]
    for rank, name in enumerate([*names, *metrics, "command"]):
        # Without one number a list of runs says little.
        is_first = name in ("status", "started_at", *metrics[:1])
        drawn.append(_listed(name, rows, 1 if is_first else rank + 2, columns_wide))
    return _table(drawn, columns_wide, [*names, *metrics, "command"])


def _table(drawn: Sequence[grid.Column], columns_wide: int, names: Sequence[str]) -> Table:
    done = grid.draw(drawn, columns_wide)
    behind = len(drawn) - len(names)
    hidden = [names[i] for i in range(len(names)) if any(drawn[behind + i] is gone for gone in done.hidden)]
    return Table(Page(done.lines), tuple(hidden))


def _run_column(rows: Sequence[Row], ids: Iterable[str]) -> grid.Column:
    """Suffixes of ids, with the part that has to be typed standing out; the whole id for twins."""
    unique = shortest([row.id for row in rows], ids)
    return grid.Column(
        head="run", cells=[run_cell(row.id, unique[row.id]) for row in rows], keep=True, rank=-2
    )


def shortest(shown: Sequence[str], ids: Iterable[str]) -> dict[str, str]:
    """For each id the shortest beginning of its suffix that means no other run; the whole id for twins.

    Only those shown are looked up among all, so that 10 000 runs cost no more than a millisecond or two.
    """
    everything = dict.fromkeys([*ids, *shown])
    starts = "\n" + "\n".join(everything)
    tails = "\n" + "\n".join([run_id[-_SUFFIX:] for run_id in everything])
    return {run_id: _shortest(run_id, starts, tails) for run_id in shown}


def _shortest(run_id: str, starts: str, tails: str) -> str:
    tail = runid.suffix(run_id)
    for length in range(_LEAST, _SUFFIX + 1):
        typed = "\n" + tail[:length]
        if tails.count(typed) == 1 and typed not in starts:
            return tail[:length]
    return run_id


def run_cell(run_id: str, unique: str) -> Line:
    """An id as people type it, with its shortest unique part standing out."""
    shown = run_id if unique == run_id else runid.suffix(run_id)
    at = len(unique) if shown.startswith(unique) else 0
    return (Span(clean(shown[:at]), "key"), Span(clean(shown[at:]), "faint"))


def _front_column(found: Comparison) -> grid.Column:
    if found.ranks:
        places = [found.ranks.get(row.id) for row in found.rows]
        written: list[Line] = [
            (Span(MISSING, "faint"),) if place is None else (Span(str(place), "best" if place == 1 else ""),)
            for place in places
        ]
        return grid.Column(head="rank", cells=written, keep=True, right=True, rank=-1)
    marks: list[Line] = [(Span("●", "best"),) if row.id in found.front else (Span(""),) for row in found.rows]
    return grid.Column(head="front", cells=marks, keep=True, rank=-1)


def _compared(found: Comparison, column: Column, rank: int, columns_wide: int) -> grid.Column:
    if column.is_curve:
        return _curve_column(found, column, rank)
    written = _written(column.name, found.rows, columns_wide)
    lines = written.cells
    winners = [found.is_best(row, column) for row in found.rows]
    if any(winners):
        lines = [_marked(line, best=best) for line, best in zip(lines, winners, strict=True)]
    if found.baseline is not None and column.numeric and column.group == "metrics":
        lines = _with_deltas(found, column, lines)
    head = _HEADS.get(column.name, clean(column.label))
    return grid.Column(
        head=f"{head} ({written.unit})" if written.unit else head,
        cells=lines,
        group=column.group,
        sign=_ARROWS.get(column.direction or "", ""),
        right=written.right,
        rank=rank,
        keep=written.right,
    )


def _curve_column(found: Comparison, column: Column, rank: int) -> grid.Column:
    curves = found.curves.get(column.name, {})
    lines: list[Line] = []
    for each in found.rows:
        curve = curves.get(each.id)
        if curve is not None and curve.values:
            lines.append((Span(sparks.drawn(curve.values), "note"),))
        elif curve is not None and curve.low is not None and curve.high is not None:
            ends = f"{numbers.number(curve.low)}…{numbers.number(curve.high)}"
            lines.append((Span(ends, "faint"),))
        else:
            lines.append((Span(MISSING, "faint"),))
    return grid.Column(head=clean(column.label), cells=lines, group=column.group, rank=rank, keep=True)


def _with_deltas(found: Comparison, column: Column, lines: Sequence[Line]) -> list[Line]:
    """Cells with the difference to the baseline behind them: green where it is better, red where worse."""
    deltas = [found.delta(each, column) for each in found.rows]
    texts = numbers.signed_column(deltas, ["".join(span.text for span in line).strip("* ") for line in lines])
    widest = max(map(len, texts), default=0)
    shown = []
    for line, delta, text in zip(lines, deltas, texts, strict=True):
        better = (
            column.direction is not None and delta is not None and (delta > 0) == (column.direction == "max")
        )
        style = "faint" if not delta or column.direction is None else "good" if better else "bad"
        shown.append((*line, Span(" " + text.rjust(widest), style)))
    return shown


def _listed(name: str, rows: Sequence[Row], rank: int, columns_wide: int) -> grid.Column:
    written = _written(name, rows, columns_wide)
    group = "metrics" if name.startswith("metrics.") else ""
    head = _HEADS.get(name, clean(keys.plain(name.removeprefix("metrics."))))
    return grid.Column(
        head=f"{head} ({written.unit})" if written.unit else head,
        cells=written.cells,
        group=group,
        right=written.right,
        rank=rank,
        keep=written.right or name in ("status", "started_at"),
    )


def _written(name: str, rows: Sequence[Row], columns_wide: int) -> cells.Written:
    return cells.write(name, [row.values.get(name) for row in rows], now_short=columns_wide < _WIDE)


def _marked(line: Line, *, best: bool) -> Line:
    """The best in bold and with a star; a blank behind the others keeps the points under each other."""
    if not best:
        return (*line, Span(" "))
    return (*(Span(span.text, "best") for span in line), Span("*", "best"))


def _is_worth(name: str, rows: Sequence[Row]) -> bool:
    """A column that says the same of every run, or nothing, is not worth its width."""
    values = {row.values.get(name) for row in rows}
    if name == "experiment":
        return len(values) > 1
    return name in ("status", "started_at") or values != {None}


def _common_metrics(rows: Sequence[Row]) -> list[str]:
    """The first metrics that at least half of the runs have, in the order in which they were logged."""
    counts: dict[str, int] = {}
    for row in rows:
        for name in row.values:
            if name.startswith("metrics."):
                counts[name] = counts.get(name, 0) + 1
    return [name for name, many in counts.items() if 2 * many >= len(rows)][:_LISTED_METRICS]


def constants(found: Mapping[str, Scalar], *, many: int) -> str:
    """One line about what is the same in all runs and was therefore left out; empty when nothing was."""
    if not found:
        return ""
    telling = [f"{called(name)} = {cells.text(value).text}" for name, value in found.items() if _short(name)]
    shown = telling[:_LISTED_METRICS]
    more = len(found) - len(shown)
    rest = numbers.count(more, "more column" if shown else "column")
    said = [", ".join(shown), *([rest] if more else [])] if shown else [rest]
    where = "both runs" if many == 2 else f"all {many} runs"  # noqa: PLR2004  a pair
    return f"The same in {where}: {' and '.join(said)} (--all shows them)."


def repeats(found: Mapping[str, Sequence[str]]) -> str:
    """One line about columns that say what another one says; empty when there are none."""
    groups = [[called(first), *map(called, others)] for first, others in found.items()]
    if not groups:
        return ""
    shown = [" = ".join(group[:_FEW_TWINS]) + (" = …" if group[_FEW_TWINS:] else "") for group in groups[:3]]
    more = f"; and {len(groups) - 3} more" if groups[3:] else ""
    return f"Shown once: {'; '.join(shown)}{more} (--all shows them)."


def called(name: str) -> str:
    """A column as people say it, and may type it: metrics, parameters and tags without their prefix."""
    return clean(keys.plain(name.removeprefix("metrics.").removeprefix("params.").removeprefix("tags.")))


def _short(name: str) -> bool:
    return name.startswith(("params.", "metrics.", "tags.")) or name in ("status", "experiment", "name")
