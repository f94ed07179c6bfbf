"""Metrics out of rows: a step column makes series, a column of names metrics."""

from __future__ import annotations

import itertools

from expctl.core import metricwords
from expctl.core.metricwords import NAME_COLUMNS, STEP_COLUMNS, TIME_COLUMNS
from expctl.core.output import fits
from expctl.core.series import Points, number
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: Texts that tell rows of one step apart, such as ``train`` and ``val``, are few.
_MOST_GROUPS = 20
#: Unix time of 2001; less is a duration.
_EPOCH_S = 1e9
_DEEPEST = 8
#: These go through a whole training.
_WHOLE = frozenset(("epoch", "epochs", "round", "boosting_round"))


class NotMetricsError(ValueError):
    """The content is readable and does not look like metrics."""


class _Header(NamedTuple):
    """What the columns are: lower-case name to name as written, and the ones with a meaning."""

    columns: Mapping[str, Any]
    steps: tuple[Any, ...]
    at: Any
    metric: Any

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, Any]]) -> _Header:
        columns = {str(name).strip().lower(): name for row in rows for name in row}
        return cls(
            columns,
            tuple(columns[name] for name in STEP_COLUMNS if name in columns),
            next((columns[name] for name in TIME_COLUMNS if name in columns), None),
            next((columns[name] for name in NAME_COLUMNS if name in columns), None),
        )


def from_rows(rows: Iterable[Mapping[str, Any]], *, numbered: bool) -> dict[str, Points]:
    """Metrics from rows.

    Args:
        rows: Column names to values: numbers, or None where a cell is empty; dictionaries are flattened.
        numbered: Where there is no step column, the row's number is the step; otherwise such rows are
            refused, and so are rows that tell of samples.

    Raises:
        NotMetricsError: Several rows without a step column, or one row a sample, and not ``numbered``.
    """
    rows = [dict(_flat(row)) for row in rows]
    header = _Header.of(rows)
    if len(rows) > 1 and not numbered:
        if metricwords.tell_of_samples(header.columns):
            raise NotMetricsError("has one row a sample")
        if not header.steps and header.metric is None:
            raise NotMetricsError("has several rows and no step column")
    skip = {*header.steps, header.at}
    if header.steps:
        skip |= {name for lower, name in header.columns.items() if lower in metricwords.CLOCK_COLUMNS}
    if not numbered:
        skip |= {name for lower, name in header.columns.items() if metricwords.is_no_measure(lower)}
    found: dict[str, Points] = {}
    steps = _steps(rows, header)
    group = _group_of(rows, header, steps)
    for row, step in zip(rows, steps, strict=True):
        at = number(row.get(header.at)) if header.at is not None else None
        at = at if at is not None and at > _EPOCH_S else None
        front = f"{row[group]}." if group is not None and row.get(group) else ""
        for name, value in _cells(row, header, skip=skip):
            found.setdefault(front + name, Points()).add(value, step=step, at=at)
    keep_last_training(found, header.steps)
    return found


def keep_last_training(found: Mapping[str, Points], counted: Sequence[Any]) -> None:
    """Where epochs begin again, a program has appended another training to the table: that one counts.

    Args:
        found: By name; loses the points of the trainings before.
        counted: The columns of steps. Others than epochs may begin again with each epoch.
    """
    if not counted or not _WHOLE.issuperset(str(name).strip().lower() for name in counted):
        return
    for points in found.values():
        places = fits.begins(points.steps)
        if places:
            start = places[-1]
            points.steps, points.values = points.steps[start:], points.values[start:]
            points.times, points.begun_again = points.times[start:], len(places)


def _flat(row: Mapping[str, Any], under: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for key, value in row.items():
        name = f"{under}.{key}" if under else str(key)
        if isinstance(value, dict):
            if depth < _DEEPEST and not metricwords.is_settings(str(key)):
                yield from _flat(value, name, depth + 1)
        else:
            yield name, value


def _steps(rows: Sequence[Mapping[str, Any]], header: _Header) -> list[int | None]:
    steps = [_step(row, header.steps) for row in rows]
    if not header.steps and len(rows) > 1 and header.metric is None:
        return list(range(len(rows)))
    if len(header.steps) > 1 and _falls(steps):
        epochs = [_step(row, header.steps[-1:]) for row in rows]
        if not _falls(epochs):  # batches that are counted anew in each epoch
            return list(range(len(rows)))
    return steps


def _group_of(rows: Sequence[Mapping[str, Any]], header: _Header, steps: Sequence[int | None]) -> str | None:
    """The column that tells rows of one step apart: ``split`` with ``train`` and ``val``."""
    if header.metric is not None or len(set(steps)) == len(steps):
        return None
    for name in header.columns.values():
        texts = [row.get(name) for row in rows]
        groups = {text for text in texts if isinstance(text, str)}
        apart = set(zip(steps, texts, strict=True)) if 1 < len(groups) <= _MOST_GROUPS else ()
        if len(apart) > len(set(steps)):
            return str(name)
    return None


def _falls(steps: Sequence[int | None]) -> bool:
    known = [step for step in steps if step is not None]
    return any(after < before for before, after in itertools.pairwise(known))


def _step(row: Mapping[str, Any], names: Sequence[Any]) -> int | None:
    for name in names:
        value = number(row.get(name))
        if value is not None and value.is_integer():
            return int(value)
    return None


def _cells(row: Mapping[str, Any], header: _Header, *, skip: set[Any]) -> Iterable[tuple[str, float]]:
    """The metrics of one row: one where the row names it (``metric,value``), else one a column."""
    if header.metric is not None and "value" in header.columns and isinstance(row.get(header.metric), str):
        value = number(row.get(header.columns["value"]))
        if value is not None and row[header.metric]:
            yield row[header.metric], value
        return
    for name, cell in row.items():
        value = number(cell)
        if value is not None and name not in skip and str(name).strip():
            yield str(name).strip(), value
