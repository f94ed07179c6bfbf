"""Metrics out of nested values."""

from __future__ import annotations

import pytest

from expctl.core import nested, tabular


def last(found) -> dict[str, float]:
    return {name: points.values[-1] for name, points in found.items()}


def test_nested_numbers_are_named_with_dots() -> None:
    tree = {"val": {"loss": 0.5, "note": "text"}, "macro avg": {"f1-score": 1}, "none": None}

    assert last(nested.from_tree(tree)) == {"val.loss": 0.5, "macro avg.f1-score": 1.0}


@pytest.mark.parametrize(
    "tree",
    [
        {"config": {"lr": 0.1, "model": {"depth": 3}}},
        {"val": {"args": {"lr": 0.1}, "best_params": {"C": 1}}},
        {"seed": 42, "random_state": 1, "epochs": 10, "timestamp": 1.7e9},
        {"shuffled": True},
        {"n_train": 100, "num_classes": 3, "threshold": 0.5},
        {"a.png": 0.5, "b.wav": 0.25},
        {"classes": [0.5, 1.5], "feature_importances": [0.25, 0.75], "shape": [28, 28]},
        {"predictions": {"a": [0.1, 0.2], "b": [0.3, 0.4]}},
        {"samples": [{"id": 1, "label": 0, "score": 0.3}, {"id": 2, "label": 1, "score": 0.9}]},
    ],
)
def test_what_was_given_and_what_is_of_one_sample_is_no_metric(tree) -> None:
    assert last(nested.from_tree({**tree, "acc": 0.5})) == {"acc": 0.5}


def test_a_declared_file_is_taken_by_its_word() -> None:
    tree = {"config": {"lr": 0.1}, "seed": 1, "epoch": 3}

    assert last(nested.from_tree(tree, declared=True)) == {"config.lr": 0.1, "seed": 1, "epoch": 3}


def test_yes_and_no_are_no_measures_even_in_a_declared_file() -> None:
    tree = {
        "ok": True,
        "acc": 0.5,
        "per_fold": [True, False],
        "history": [{"step": 1, "ok": False, "loss": 2}],
    }

    assert last(nested.from_tree(tree, declared=True)) == {"acc": 0.5, "history.loss": 2}


def test_an_epoch_beside_numbers_is_their_step() -> None:
    found = nested.from_tree({"epoch": 7, "val": {"loss": 0.5}, "acc": 0.9})

    assert last(found) == {"val.loss": 0.5, "acc": 0.9}
    assert (found["acc"].steps, found["val.loss"].steps) == ([7], [None])


def test_short_lists_are_numbered_and_long_ones_left_out() -> None:
    assert last(nested.from_tree({"f1": [0.1, 0.2], "curve": [0.0] * 100})) == {"f1.0": 0.1, "f1.1": 0.2}


@pytest.mark.parametrize(
    "tree",
    [
        {"history": {"loss": [3, 2, 1]}},
        {"history": {"epoch": [0, 1, 2], "loss": [3, 2, 1]}},
        {"history": [{"epoch": n, "loss": 3 - n} for n in range(3)]},
        {"history.loss": {"steps": [0, 1, 2], "timestamps": ["x", "y", "z"], "values": [3, 2, 1]}},
    ],
)
def test_a_history_becomes_a_series(tree) -> None:
    points = nested.from_tree(tree)["history.loss"]

    assert points.values == [3.0, 2.0, 1.0]
    assert points.steps == [0, 1, 2]


def test_what_boosters_give_becomes_series() -> None:
    tree = {"train": {"rmse": [3.0, 2.0], "mae": [2.0, 1.0]}, "eval": {"rmse": [4.0, 3.0]}}

    found = nested.from_tree(tree)

    assert {name: points.values for name, points in found.items()} == {
        "train.rmse": [3.0, 2.0], "train.mae": [2.0, 1.0], "eval.rmse": [4.0, 3.0],
    }  # fmt: skip


def test_the_samples_of_a_class_are_no_metric() -> None:
    tree = {"0": {"precision": 0.5, "recall": 0.25, "f1-score": 0.75, "support": 103}, "support": 3}

    assert set(nested.from_tree(tree)) == {"0.precision", "0.recall", "0.f1-score", "support"}


def test_a_list_of_rows_needs_a_step() -> None:
    with pytest.raises(tabular.NotMetricsError, match="no step column"):
        nested.from_tree([{"acc": 0.1}, {"acc": 0.2}])


def test_depth_is_bounded() -> None:
    tree: dict = {"x": 1}
    for _ in range(5000):
        tree = {"a": tree}

    assert nested.from_tree(tree) == {}
