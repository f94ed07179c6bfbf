"""Metrics out of what files hold: nested values, and rows with a step column."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.core.series import Points, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Columns that say where in the training a row stands, the finest first. Lower case.
STEP_COLUMNS = (
    "global_step", "trainer/global_step", "step", "steps", "iteration", "iter", "n_iter", "round",
    "boosting_round", "batch", "update", "tree", "epoch", "epochs",
)  # fmt: skip
TIME_COLUMNS = ("timestamp", "wall_time")
NAME_COLUMNS = ("metric", "metric_name", "name")
#: Unix time of 2001; less is a duration.
_EPOCH_S = 1e9
#: Longer lists of numbers in a document are data, not metrics.
_LONGEST_LIST = 32
_DEEPEST = 16


class NotMetricsError(ValueError):
    """The content is readable and does not look like metrics."""


def from_tree(tree: Any) -> dict[str, Points]:
    """Metrics from nested dictionaries: numbers by dotted name; a list of rows, or a history, as series.

    A dictionary that holds a list of steps, or is called ``history``, holds series (as Keras writes them);
    other short lists of numbers become ``name.0``, ``name.1``; text is left out.

    Raises:
        ValueError: Neither a dictionary nor a list of dictionaries.
    """
    found: dict[str, Points] = {}
    if isinstance(tree, list) and tree and all(isinstance(row, dict) for row in tree):
        return from_rows(tree, numbered=True)
    if not isinstance(tree, dict):
        raise NotMetricsError("holds no names with numbers")
    _walk(tree, "", found, 0)
    return found


def from_rows(rows: Iterable[Mapping[str, Any]], *, numbered: bool) -> dict[str, Points]:
    """Metrics from rows.

    Args:
        rows: Column names to values: numbers, or None where a cell is empty.
        numbered: Where there is no step column, the row's number is the step; otherwise such rows are
            refused.

    Raises:
        NotMetricsError: Several rows without a step column, and not ``numbered``.
    """
    rows = list(rows)
    columns = {str(name).strip().lower(): name for row in rows for name in row}
    step_names = [columns[name] for name in STEP_COLUMNS if name in columns]
    at_name = next((columns[name] for name in TIME_COLUMNS if name in columns), None)
    name_column = next((columns[name] for name in NAME_COLUMNS if name in columns), None)
    if len(rows) > 1 and not step_names and name_column is None and not numbered:
        raise NotMetricsError("has several rows and no step column")
    found: dict[str, Points] = {}
    for place, row in enumerate(rows):
        step = _step(row, step_names)
        if step is None and not step_names and len(rows) > 1 and name_column is None:
            step = place
        at = number(row.get(at_name)) if at_name is not None else None
        at = at if at is not None and at > _EPOCH_S else None
        for name, value in _cells(row, name_column, columns, skip={*step_names, at_name}):
            found.setdefault(name, Points()).add(value, step=step, at=at)
    return found


def _cells(
    row: Mapping[str, Any], name_column: Any, columns: Mapping[str, Any], *, skip: set[Any]
) -> Iterable[tuple[str, float]]:
    """The metrics of one row: one where the row names it (``metric,value``), else one a column."""
    if name_column is not None and "value" in columns and isinstance(row.get(name_column), str):
        value = number(row.get(columns["value"]))
        if value is not None and row[name_column]:
            yield row[name_column], value
        return
    for name, cell in row.items():
        value = number(cell)
        if value is not None and name not in skip and str(name).strip():
            yield str(name).strip(), value


def _step(row: Mapping[str, Any], names: list[Any]) -> int | None:
    for name in names:
        value = number(row.get(name))
        if value is not None and value.is_integer():
            return int(value)
    return None


def _walk(tree: Mapping[Any, Any], under: str, found: dict[str, Points], depth: int) -> None:
    if depth > _DEEPEST:
        return
    lists = {key: value for key, value in tree.items() if _is_numbers(value)}
    steps = next((lists[key] for key in lists if str(key).lower() in STEP_COLUMNS), None)
    is_history = steps is not None or under.rpartition(".")[2].lower() in ("history", "log_history", "curves")
    for key, value in tree.items():
        name = f"{under}.{key}" if under else str(key)
        if isinstance(value, dict):
            _walk(value, name, found, depth + 1)
        elif key in lists and is_history:
            if value is not steps:
                _add_history(found, name, value, steps)
        elif key in lists and len(value) <= _LONGEST_LIST:
            for place, item in enumerate(value):
                _add(found, f"{name}.{place}", item)
        elif isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            for inner, points in from_rows(value, numbered=True).items():
                found[f"{name}.{inner}"] = points
        else:
            _add(found, name, value)


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(number(item) is not None for item in value)


def _add(found: dict[str, Points], name: str, value: Any) -> None:
    point = number(value)
    if point is not None:
        found.setdefault(name, Points()).add(point)


def _add_history(found: dict[str, Points], name: str, values: list[Any], steps: list[Any] | None) -> None:
    points = found.setdefault(name, Points())
    for place, item in enumerate(values):
        step = number(steps[place]) if steps is not None and place < len(steps) else place
        value = number(item)
        if value is not None:
            points.add(value, step=int(step) if step is not None and float(step).is_integer() else None)
