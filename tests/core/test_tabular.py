"""Metrics out of nested values and rows."""

from __future__ import annotations

import pytest

from expctl.core import tabular


def last(found) -> dict[str, float]:
    return {name: points.values[-1] for name, points in found.items()}


def test_nested_numbers_are_named_with_dots() -> None:
    tree = {"val": {"loss": 0.5, "note": "text"}, "macro avg": {"f1-score": 1}, "ok": True, "none": None}

    assert last(tabular.from_tree(tree)) == {"val.loss": 0.5, "macro avg.f1-score": 1.0, "ok": 1.0}


def test_short_lists_are_numbered_and_long_ones_left_out() -> None:
    assert last(tabular.from_tree({"f1": [0.1, 0.2], "preds": [0.0] * 100})) == {"f1.0": 0.1, "f1.1": 0.2}


@pytest.mark.parametrize(
    "tree",
    [
        {"history": {"loss": [3, 2, 1]}},
        {"history": {"epoch": [0, 1, 2], "loss": [3, 2, 1]}},
        {"history": [{"epoch": n, "loss": 3 - n} for n in range(3)]},
    ],
)
def test_a_history_becomes_a_series(tree) -> None:
    points = tabular.from_tree(tree)["history.loss"]

    assert points.values == [3.0, 2.0, 1.0]
    assert points.steps == [0, 1, 2]


def test_rows_without_a_step_column_are_refused_unless_numbered() -> None:
    rows = [{"acc": 0.1}, {"acc": 0.2}]

    assert tabular.from_rows(rows, numbered=True)["acc"].steps == [0, 1]
    with pytest.raises(tabular.NotMetricsError, match="no step column"):
        tabular.from_rows(rows, numbered=False)


def test_rows_may_name_their_metric() -> None:
    rows = [
        {"step": 1, "metric": "loss", "value": 0.5, "timestamp": 1.7e9},
        {"step": 2, "metric": "loss", "value": 0.4, "timestamp": 1.8e9},
        {"step": 2, "metric": "acc", "value": "nan", "timestamp": None},
    ]

    found = tabular.from_rows(rows, numbered=False)

    assert found["loss"].steps == [1, 2]
    assert found["loss"].times == [1.7e9, 1.8e9]
    assert found["acc"].values[0] != found["acc"].values[0]


def test_the_finest_step_column_wins() -> None:
    assert tabular.from_rows([{"epoch": 1, "global_step": 900, "x": 2}], numbered=True)["x"].steps == [900]


def test_depth_is_bounded() -> None:
    tree: dict = {"x": 1}
    for _ in range(5000):
        tree = {"a": tree}

    assert tabular.from_tree(tree) == {}
