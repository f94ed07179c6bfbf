"""Runs side by side: what varies is shown, what is constant is counted, the best of each metric is marked."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from expctl.core import directions, keys, row, sparks, twins

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from expctl.core.keys import Scalar
    from expctl.core.row import Row
    from expctl.core.sparks import Curve


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table.

    Attributes:
        name: Its whole name: ``metrics.f1_score``.
        group: ``metrics``, ``params``, …; empty for attributes such as ``status``.
        label: The shortest name that no other column of the table shares: ``f1_score``.
        direction: ``max`` or ``min`` for a metric whose better end is known.
        numeric: Whether all its values are numbers.
    """

    name: str
    group: str
    label: str
    direction: str | None = None
    numeric: bool = False

    @property
    def is_curve(self) -> bool:
        """Whether it shows curves, and has no values."""
        return self.group == "metrics" and self.name.endswith(sparks.MARK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """One goal of a Pareto front: a column and ``max`` or ``min``."""

    column: str
    direction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Runs side by side.

    Attributes:
        rows: The runs, in the order to show. The id is shown first and is no column.
        columns: What is shown of them, most telling first; the screen may have room for fewer.
        best: By column the ids of the rows that hold its best value (ties all); only metrics with a
            direction.
        constant: Columns in which every row has the same value, with that value; left out of ``columns``
            unless all were asked for.
        twins: Columns that repeat a column that is shown, by its name; left out likewise.
        objectives: The goals of the front; empty when none was asked for.
        front: Ids of the rows on the front.
        ranks: Ranks by the objectives, 1 for the front; empty unless asked for.
        baseline: The run that the metrics of all others are held against.
        curves: By column and by the id of the run, for columns that show curves.
    """

    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    best: Mapping[str, frozenset[str]] = field(default_factory=dict)
    constant: Mapping[str, Scalar] = field(default_factory=dict)
    twins: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    objectives: tuple[Objective, ...] = ()
    front: frozenset[str] = frozenset()
    ranks: Mapping[str, int] = field(default_factory=dict)
    baseline: Row | None = None
    curves: Mapping[str, Mapping[str, Curve]] = field(default_factory=dict)

    def is_best(self, run: Row, column: Column) -> bool:
        """Whether the cell holds the best value of its column."""
        return run.id in self.best.get(column.name, ())

    def delta(self, run: Row, column: Column) -> float | None:
        """By how much a metric is above that of the baseline; None where there is nothing to subtract."""
        if self.baseline is None or run.id == self.baseline.id or column.group != "metrics":
            return None
        ours, theirs = run.values.get(column.name), self.baseline.values.get(column.name)
        if not is_finite(ours) or not is_finite(theirs):
            return None
        return float(ours) - float(theirs)  # type: ignore[arg-type]  # finite numbers


#: What is looked at unless everything is asked for, most telling first; a name or the beginning of one.
_TELLING = (
    "name",
    row.BRANCH,
    "metrics.",
    "params.",
    "tags.",
    "status",
    "experiment",
    "duration_s",
    "seeds.requested",
    "data.",
    "environment.",
    "code.branch",
    "code.tree",
)
#: What of it interests only where runs differ.
_SURROUNDINGS = ("data.", "environment.", "code.", "seeds.")
#: Within those, what differs without telling anything.
_QUIET = ("environment.memory_bytes", "data.*.bytes", "data.*.etag", "data.*.version_id")


def compare(
    rows: Sequence[Row],
    *,
    columns: Sequence[str] = (),
    first: Sequence[str] = (),
    everything: bool = False,
    configured: Mapping[str, str] | None = None,
    curves: Sequence[str] = (),
) -> Comparison:
    """Put runs side by side.

    Args:
        rows: The runs, in the order to show.
        columns: Exactly these columns, in this order; chosen by interest when empty.
        first: Columns that stand first and stay even if constant, such as what was sorted by.
        everything: All columns of all rows, constant ones too.
        configured: Directions of metrics from the settings, by glob.
        curves: Columns of curves; each stands behind its metric.

    Returns:
        The comparison, without a front. With fewer than two rows nothing counts as constant, and what
        surrounded the run is left out.
    """
    present = _present(rows)
    repeats: dict[str, tuple[str, ...]] = {}
    if columns:
        chosen, constant = list(dict.fromkeys(columns)), {}
    else:
        ordered = (
            list(present) if everything else [name for name in _by_interest(present) if not _is_quiet(name)]
        )
        if len(rows) < 2 and not everything:  # noqa: PLR2004  nothing to tell it from
            ordered = [name for name in ordered if not name.startswith(_SURROUNDINGS)]
        asked = [name for name in dict.fromkeys(first) if name != "id"]
        constant = _constant(rows, [name for name in ordered if name not in asked])
        rest = [name for name in ordered if name not in asked and (everything or name not in constant)]
        if len(rows) > 1 and not everything:
            repeats = _repeats([*asked, *rest], rows, asked)
            left_out = {name for some in repeats.values() for name in some}
            rest = [name for name in rest if name not in left_out]
        chosen = asked + rest
    chosen = _with_curves(chosen, curves)
    labels = short_labels(chosen)
    shown = tuple(_column(name, labels[name], rows, configured or {}) for name in chosen)
    best = {column.name: ids for column in shown if column.direction and (ids := _best(rows, column))}
    return Comparison(rows=tuple(rows), columns=shown, best=best, constant=constant, twins=repeats)


def _repeats(names: Sequence[str], rows: Sequence[Row], asked: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Columns that say what another one says; one that was asked for never goes."""
    found = twins.fold(names, lambda name: [run.values.get(name) for run in rows])
    kept = {first: tuple(name for name in some if name not in asked) for first, some in found.items()}
    return {first: some for first, some in kept.items() if some}


def _with_curves(chosen: Sequence[str], curves: Sequence[str]) -> list[str]:
    """Columns with those of curves behind their metrics, at the end of the metrics where one is not shown."""
    found = list(chosen)
    for name in dict.fromkeys(curves):
        if name not in found:
            metric = name.removesuffix(sparks.MARK)
            metrics = [at for at, known in enumerate(found) if known.startswith("metrics.")]
            at = found.index(metric) if metric in found else metrics[-1] if metrics else -1
            found.insert(at + 1, name)
    return found


def group_of(name: str) -> str:
    """The prefix of a column; empty for attributes."""
    prefix = name.partition(".")[0]
    return prefix if prefix in row.PREFIXES or prefix == row.PACKAGES else ""


def direction_of(name: str, configured: Mapping[str, str]) -> str | None:
    """``max`` or ``min`` for the column of a metric whose better end is known."""
    return directions.direction_of(row.metric_name(name), configured) if group_of(name) == "metrics" else None


def is_number(value: object) -> bool:
    """Whether a cell holds a number; truth values are none."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_finite(value: Scalar) -> bool:
    """Whether a cell holds a number that can win: neither missing nor a text, NaN or infinity."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _present(rows: Sequence[Row]) -> dict[str, None]:
    """Columns of the rows but the id, by group and then as first met."""
    met = dict.fromkeys(name for run in rows for name in run.values if name != "id")
    order = {name: place for place, name in enumerate((*row.ATTRIBUTES, *row.PREFIXES))}
    return dict.fromkeys(sorted(met, key=lambda name: order.get(group_of(name) or name, len(order))))


def _by_interest(names: Iterable[str]) -> list[str]:
    known = list(names)
    ranked = (
        [n for n in known if (n.startswith(want) if want[-1] == "." else n == want)] for want in _TELLING
    )
    return [name for some in ranked for name in some]


def _is_quiet(name: str) -> bool:
    return any(fnmatchcase(name, glob) for glob in _QUIET)


def _constant(rows: Sequence[Row], names: Iterable[str]) -> dict[str, Scalar]:
    """Columns with one and the same value in every row; a column that some rows lack varies."""
    if len(rows) < 2:  # noqa: PLR2004  nothing to compare with
        return {}
    found: dict[str, Scalar] = {}
    for name in names:
        values = [run.values.get(name) for run in rows]
        if values[0] is not None and all(_same(values[0], value) for value in values):
            found[name] = values[0]
    return found


def _same(one: Scalar, other: Scalar) -> bool:
    both_nan = one != one and other != other  # noqa: PLR0124  NaN is the value that differs from itself
    return both_nan or (one == other and isinstance(one, bool) == isinstance(other, bool))


def short_labels(names: Sequence[str]) -> dict[str, str]:
    """For each column a short name that no other shares: parameters by their last part, others unprefixed."""
    labels = dict(zip(names, names, strict=True))
    for candidates in (_unprefixed, _last_parts):
        short = {name: candidates(name) for name in names}
        counts: dict[str, int] = {}
        for label in short.values():
            counts[label] = counts.get(label, 0) + 1
        labels.update({name: label for name, label in short.items() if counts[label] == 1})
    return labels


def _unprefixed(name: str) -> str:
    return keys.plain(name).partition(".")[2] if group_of(name) else name


def _last_parts(name: str) -> str:
    return keys.split(name)[-1] if group_of(name) == "params" else _unprefixed(name)


def _column(name: str, label: str, rows: Sequence[Row], configured: Mapping[str, str]) -> Column:
    values = [value for run in rows if (value := run.values.get(name)) is not None]
    return Column(
        name=name,
        group=group_of(name),
        label=label,
        direction=None if name.endswith(sparks.MARK) else direction_of(name, configured),
        numeric=bool(values) and all(map(is_number, values)),
    )


def _best(rows: Sequence[Row], column: Column) -> frozenset[str]:
    """Rows with the best finite value, if the rows differ at all in it."""
    values = {run.id: value for run in rows if is_finite(value := run.values.get(column.name))}
    if len(set(values.values())) < 2:  # noqa: PLR2004  nothing to win
        return frozenset()
    pick = max if column.direction == "max" else min
    winner = pick(values.values())  # type: ignore[type-var]  # numbers only: is_finite saw to it
    return frozenset(run_id for run_id, value in values.items() if value == winner)
