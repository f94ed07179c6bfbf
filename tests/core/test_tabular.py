"""Metrics out of nested values and rows."""

from __future__ import annotations

import pytest

from expctl.core import tabular


def last(found) -> dict[str, float]:
    return {name: points.values[-1] for name, points in found.items()}


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


@pytest.mark.parametrize("columns", ["id,label,score", "image,loss", "step,y_true,y_pred", "x,prob_0,prob_1"])
def test_one_row_a_sample_is_no_metric(columns: str) -> None:
    rows = [dict.fromkeys(columns.split(","), n) for n in range(3)]

    with pytest.raises(tabular.NotMetricsError, match="one row a sample"):
        tabular.from_rows(rows, numbered=False)
    assert tabular.from_rows(rows, numbered=True)


def test_batches_that_are_counted_anew_in_each_epoch_are_numbered_by_row() -> None:
    rows = [{"epoch": n // 3, "batch": n % 3, "loss": 9 - n} for n in range(9)]

    points = tabular.from_rows(rows, numbered=False)["loss"]

    assert points.steps == list(range(9))
    assert points.values[-1] == 1.0


def test_rows_of_one_step_are_told_apart_by_their_text() -> None:
    rows = [
        {"epoch": n, "split": split, "loss": loss - n / 10}
        for n in range(3)
        for split, loss in (("train", 0.5), ("val", 0.75))
    ]

    found = tabular.from_rows(rows, numbered=False)

    assert {name: (points.steps, points.values[0]) for name, points in found.items()} == {
        "train.loss": ([0, 1, 2], 0.5),
        "val.loss": ([0, 1, 2], 0.75),
    }


def test_a_training_that_went_back_to_a_checkpoint_keeps_its_steps() -> None:
    rows = [{"step": n, "loss": 1.0} for n in (0, 10, 20, 10, 20, 30)]

    assert tabular.from_rows(rows, numbered=False)["loss"].steps == [0, 10, 20, 10, 20, 30]


def test_rows_within_rows_are_named_with_dots_and_their_settings_left_out() -> None:
    rows = [{"epoch": n, "val": {"loss": 1.0}, "args": {"lr": 0.1}, "time": 3.0} for n in range(2)]

    assert set(tabular.from_rows(rows, numbered=False)) == {"val.loss"}


def test_of_trainings_that_were_appended_to_one_table_the_last_one_counts() -> None:
    rows = [
        {"epoch": epoch, "loss": fold + epoch / 8}
        for fold, of in ((1, 5), (2, 4), (3, 2))
        for epoch in range(of)
    ]
    found = tabular.from_rows(rows, numbered=False)["loss"]

    assert (found.steps, found.values, found.times) == ([0, 1], [3.0, 3.125], [None, None])
    assert found.begun_again == 2


@pytest.mark.parametrize(
    ("column", "steps"),
    [
        ("step", [0, 1, 2, 0, 1, 2]),  # batches in each epoch
        ("epoch", [0, 1, 2, 1, 2]),  # resumed
        ("epoch", [0, 0, 1, 1]),
    ],
)
def test_what_begins_again_within_a_training_stays_in_its_table(column: str, steps: list[int]) -> None:
    found = tabular.from_rows([{column: step, "loss": 0.5} for step in steps], numbered=False)["loss"]

    assert (found.steps, found.begun_again) == (steps, 0)
