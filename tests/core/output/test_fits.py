"""Of several trainings in one log the last one's points are the run's."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.output import collect, fits
from expctl.core.output.reader import Reader

ROUNDS = "".join(f"[{at}]\ttrain-rmse:{9 - fit - at / 10}\n" for fit in (1, 2, 3) for at in range(4))


def read(text: str) -> tuple[dict[str, list[tuple[float, int | None]]], dict[str, int]]:
    """Values with their steps by metric, and how often metrics began again."""
    reader = Reader()
    times: dict[str, int] = {}
    found = collect.kept([*reader.feed(text.encode()), *reader.finish()], times)
    points = {name: collect.points_of(of) for name, of in found.items()}
    return {name: list(zip(of.values, of.steps, strict=True)) for name, of in points.items()}, times


def test_rounds_that_begin_again_are_those_of_another_booster() -> None:
    found, times = read(ROUNDS)

    assert found == {"train-rmse": [(6.0, 0), (5.9, 1), (5.8, 2), (5.7, 3)]}
    assert times == {"train-rmse": 2}


def test_it_is_said_of_which_metrics_the_last_training_counts() -> None:
    assert fits.note({"test": 1, "learn": 9}) == (
        "learn, test began again 9 times: several trainings, of which the last one's points are kept"
    )
    assert fits.note(dict.fromkeys("abcdefg", 1)).startswith("a, b, c, d, e and 2 more began again once:")


def test_what_is_said_once_a_training_is_the_last_ones_too() -> None:
    rounds = [f"{at}:\tlearn: {0.5 - at / 10}\ttotal: 1ms\tremaining: 1ms\n" for at in range(3)]
    training = "".join(rounds) + "bestTest = 0.{}\n"

    found, _ = read("Baseline accuracy: 0.5\n" + "".join(training.format(n) for n in (4, 3, 2)))

    assert found["bestTest"] == [(0.2, None)]
    assert found["baseline_accuracy"] == [(0.5, None)]


@pytest.mark.parametrize(
    "line",
    [
        "Epoch {}/3 - loss: {}",
        "epoch {}, batch 10/10: loss={}",
        "Iteration {}, loss = {}",
        "[{}] loss: {}",
        "{{'epoch': {}, 'loss': {}}}",
        "Epoch {}:  100%|██████████| 5/5 [00:01<00:00, 41.22it/s, loss={}]",
        "Epoch {}/3\n3/3 ━━━━━━━━━━━━━━━━━━━━ 2s 4ms/step - loss: {}",
        "epoch {}\nloss: {}",
    ],
)
def test_a_counter_of_the_whole_training_tells_two_trainings(line: str) -> None:
    found, times = read("\n".join(line.format(at, at / 10) for at in (1, 2, 3, 1, 2)) + "\n")

    assert [value for value, _ in found["loss"]] == [0.1, 0.2]
    assert times == {"loss": 1}


def test_a_table_that_begins_again_is_that_of_another_training() -> None:
    table = "  epoch    train_loss    dur\n" + "".join(
        f"      {at}        0.{at}    0.3\n" for at in (1, 2, 3)
    )

    assert read(table * 2) == ({"train_loss": [(0.1, 1), (0.2, 2), (0.3, 3)]}, {"train_loss": 1})


@pytest.mark.parametrize(
    "lines",
    [
        # Batches within epochs, told by a heading, by a line at the end, or by nobody.
        [
            "Epoch 1",
            "step 1: loss=0.5",
            "step 2: loss=0.4",
            "Epoch 2",
            "step 1: loss=0.3",
            "step 2: loss=0.2",
        ],
        ["iter 1: loss=0.5", "iter 2: loss=0.4", "epoch 1 done", "iter 1: loss=0.3", "iter 2: loss=0.2"],
        ["batch 1: loss=0.5", "batch 2: loss=0.4", "batch 1: loss=0.3", "batch 2: loss=0.2"],
        ["[1/9] loss: 0.5", "[2/9] loss: 0.4", "[1/9] loss: 0.3", "[2/9] loss: 0.2"],
        ["[1,  10] loss: 0.5", "[1,  20] loss: 0.4", "[2,  10] loss: 0.3", "[2,  20] loss: 0.2"],
        # Two loaders in one epoch.
        [
            "epoch 1 [1/2] loss=0.5",
            "epoch 1 [2/2] loss=0.4",
            "epoch 1 [1/2] loss=0.3",
            "epoch 1 [2/2] loss=0.2",
        ],
        # Resumed from a checkpoint; of three processes at one time; one epoch a call.
        ["epoch 1: loss=0.5", "epoch 2: loss=0.4", "epoch 3: loss=0.3", "epoch 2: loss=0.2"],
        ["epoch 1: loss=0.5", "epoch 3: loss=0.4", "epoch 2: loss=0.3", "epoch 1: loss=0.2"],
        ["Epoch 1/1 loss: 0.5", "Epoch 1/1 loss: 0.4", "Epoch 1/1 loss: 0.3", "Epoch 1/1 loss: 0.2"],
    ],
)
def test_what_begins_again_within_a_training_stays_in_the_series(lines: list[str]) -> None:
    found, times = read("\n".join(lines) + "\n")

    assert [value for value, _ in found["loss"]] == [0.5, 0.4, 0.3, 0.2][: len(found["loss"])]
    assert len(found["loss"]) == sum("loss" in line for line in lines)
    assert times == {}


def test_the_last_value_at_the_end_of_a_fold_does_not_end_the_next_ones_series() -> None:
    fold = "epoch 1: val_acc=0.{0}1\nepoch 2: val_acc=0.{0}2\nval_acc: 0.{0}3\n"

    assert read(fold.format(7) + fold.format(8))[0] == {"val_acc": [(0.81, 1), (0.82, 2), (0.83, None)]}


def test_a_round_may_have_a_comma_between_its_thousands() -> None:
    lines = [f"[{at:,}] accuracy: 0.{at}" for at in (500, 1000, 1500)]

    assert [step for _, step in read("\n".join(lines))[0]["accuracy"]] == [500, 1000, 1500]


@settings(deadline=None, max_examples=200)
@given(
    st.integers(0, 1), st.lists(st.sets(st.integers(2, 50), min_size=1, max_size=6), min_size=1, max_size=5)
)
def test_each_training_begins_where_its_count_falls_to_the_first(
    first: int, trainings: list[set[int]]
) -> None:
    counts = [[first, *sorted(each)] for each in trainings]
    starts = list(itertools.accumulate(len(each) for each in counts))[:-1]

    assert fits.begins(itertools.chain.from_iterable(counts)) == starts


@settings(deadline=None, max_examples=200)
@given(st.lists(st.none() | st.integers(0, 9)))
def test_no_training_begins_where_counts_do_not_fall(counts: list[int | None]) -> None:
    known = sorted(count for count in counts if count is not None)
    rising = [None if count is None else known.pop(0) for count in counts]

    assert fits.begins(rising) == []
