"""Metrics out of nested dictionaries, as JSON and YAML files hold them."""

from __future__ import annotations

from expctl.core import metricwords, tabular
from expctl.core.series import Points, number
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_HISTORIES = ("history", "log_history", "curves", "evals_result", "evals")
#: Longer lists of numbers in a document are data, not metrics.
_LONGEST_LIST = 32
_DEEPEST = 16
#: In a ``classification_report`` of scikit-learn's ``support`` counts the samples of a class.
_COUNTED = frozenset(("support",))
_RATES = frozenset(("precision", "recall", "f1-score"))


def from_tree(tree: Any, *, declared: bool = False) -> dict[str, Points]:
    """Metrics from nested dictionaries: numbers by dotted name; a list of rows, or a history, as series.

    A dictionary that holds a list of steps, or is called ``history``, holds series (as Keras writes them),
    and so does one of names with lists of one length (as XGBoost and LightGBM give them). Other short lists
    of numbers become ``name.0``, ``name.1``. Text, yes and no are left out; so is, of a file that nobody
    declared, what was given and not measured: settings, seeds. ``epoch`` or ``step`` beside numbers is their
    step.

    Raises:
        ValueError: Neither a dictionary nor a list of dictionaries; or rows that are no metrics.
    """
    if isinstance(tree, list) and tree and all(isinstance(row, dict) for row in tree):
        return tabular.from_rows(tree, numbered=declared)
    if not isinstance(tree, dict):
        raise tabular.NotMetricsError("holds no names with numbers")
    walk = _Walk(declared=declared)
    walk.look(tree, "", 0)
    return walk.found


class _Walk:
    def __init__(self, *, declared: bool) -> None:
        self.declared = declared
        self.found: dict[str, Points] = {}

    def look(self, tree: Mapping[Any, Any], under: str, depth: int) -> None:
        if depth > _DEEPEST:
            return
        lists = {key: value for key, value in tree.items() if _is_numbers(value)}
        at = next((lists[key] for key in lists if str(key).lower() in metricwords.STEP_COLUMNS), None)
        if at is not None and {"values", "steps"} <= {str(key).lower() for key in lists}:
            self._add_history(under, next(lists[key] for key in lists if str(key).lower() == "values"), at)
            return
        is_history = at is not None or self._is_history(tree, lists, under)
        step_key = None if self.declared else _step_key(tree)
        counts = _COUNTED if not self.declared and not _RATES.isdisjoint(tree) else frozenset[str]()
        step = None if step_key is None else int(tree[step_key])
        for key, value in tree.items():
            name = f"{under}.{key}" if under else str(key)
            if isinstance(value, dict):
                if self.declared or not metricwords.is_settings(str(key)):
                    self.look(value, name, depth + 1)
            elif key in lists and is_history:
                if value is not at:
                    self._add_history(name, value, at)
            elif isinstance(value, list):
                self._add_list(name, str(key), value)
            elif key != step_key and key not in counts:
                self._add(name, str(key), value, step)

    def _is_history(self, tree: Mapping[Any, Any], lists: Mapping[Any, list[Any]], under: str) -> bool:
        if under.rpartition(".")[2].lower() in _HISTORIES:
            return True
        lengths = {len(value) for value in lists.values()}
        is_result = under and len(lists) == len(tree) and len(lengths) == 1 and max(lengths) > 1
        names = [under.rpartition(".")[2], *map(str, lists)]
        return bool(is_result) and not any(map(metricwords.is_list_of_data, names))

    def _add_list(self, name: str, key: str, value: list[Any]) -> None:
        if value and all(isinstance(row, dict) for row in value):
            try:
                inside = tabular.from_rows(value, numbered=self.declared or key.lower() in _HISTORIES)
            except tabular.NotMetricsError:
                return
            for inner, points in inside.items():
                self.found[f"{name}.{inner}"] = points
        elif _is_numbers(value) and len(value) <= _LONGEST_LIST:
            is_counts = all(isinstance(item, int) for item in value)
            if self.declared or not (is_counts or metricwords.is_list_of_data(key)):
                for place, item in enumerate(value):
                    self._add(f"{name}.{place}", "", item, None)

    def _add(self, name: str, key: str, value: Any, step: int | None) -> None:
        if not self.declared and metricwords.is_no_measure(key):
            return
        point = number(value)
        if point is not None:
            self.found.setdefault(name, Points()).add(point, step=step)

    def _add_history(self, name: str, values: list[Any], steps: list[Any] | None) -> None:
        points = self.found.setdefault(name, Points())
        for place, item in enumerate(values):
            step = number(steps[place]) if steps is not None and place < len(steps) else place
            value = number(item)
            if value is not None:
                points.add(value, step=int(step) if step is not None and float(step).is_integer() else None)


def _step_key(tree: Mapping[Any, Any]) -> Any:
    """The key of the step that the numbers beside it were measured at."""
    known = {str(key).lower(): key for key in tree}
    for name in metricwords.STEP_KEYS:
        if name in known:
            value = number(tree[known[name]])
            if value is not None and value.is_integer():
                return known[name]
    return None


def _is_numbers(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(number(item) is not None for item in value)
