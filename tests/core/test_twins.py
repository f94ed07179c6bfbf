"""Columns that repeat others are found, and nothing that is only like another."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import twins

F1 = [0.8264, 0.8555, 0.9012]
ROUNDED = [0.83, 0.86, 0.90]


def fold(**columns: list) -> dict:
    named = {name.replace("__", "."): column for name, column in columns.items()}
    return twins.fold(list(named), named.__getitem__)


def test_the_rounding_of_a_metric_is_its_repetition() -> None:
    found = fold(metrics__f1_score=F1, metrics__macro_avg_f1_score=ROUNDED, metrics__weighted_avg_f1=ROUNDED)

    assert found == {"metrics.f1_score": ("metrics.macro_avg_f1_score", "metrics.weighted_avg_f1")}


def test_the_exact_one_stays_even_if_it_comes_later() -> None:
    found = fold(metrics__macro_avg_f1=ROUNDED, metrics__f1=F1)

    assert found == {"metrics.f1": ("metrics.macro_avg_f1",)}


def test_some_runs_may_lack_the_rounding_but_not_what_it_is_of() -> None:
    some = [0.83, None, 0.90]

    assert fold(metrics__f1=F1, metrics__avg_f1=some) == {"metrics.f1": ("metrics.avg_f1",)}
    assert fold(metrics__f1=[0.8264, None, 0.9012], metrics__avg_f1=ROUNDED) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("metrics.f1", "metrics.recall"),  # no word in common
        ("metrics.train_f1", "metrics.val_f1"),  # different data
        ("metrics.avg_score", "metrics.mean_score"),  # a word that says nothing
        ("metrics.f1", "params.f1"),
    ],
)
def test_what_only_looks_alike_stays(one: str, other: str) -> None:
    columns = {one: F1, other: ROUNDED}

    assert twins.fold(list(columns), columns.__getitem__) == {}


def test_a_number_that_is_off_is_no_rounding() -> None:
    assert fold(metrics__f1=F1, metrics__avg_f1=[0.83, 0.86, 0.91]) == {}
    assert fold(metrics__f1=F1, metrics__avg_f1=[0.83, 0.86, math.nan]) == {}


def test_equal_values_repeat_each_other_unless_the_data_is_another() -> None:
    assert fold(metrics__loss=F1, metrics__best_loss=F1) == {"metrics.loss": ("metrics.best_loss",)}
    assert fold(metrics__train_loss=F1, metrics__val_loss=F1) == {}
    assert fold(params__lr=F1, params__optim__lr=F1) == {"params.lr": ("params.optim.lr",)}
    assert fold(params__lr=F1, params__decay=F1) == {}
    assert fold(metrics__a=[1, 2], metrics__avg_a=[True, 2]) == {}
    assert fold(metrics__a=[math.nan, 2.5], metrics__avg_a=[math.nan, 2.5]) == {
        "metrics.a": ("metrics.avg_a",)
    }


def test_one_run_alone_proves_nothing() -> None:
    assert fold(metrics__f1=[0.8264, None], metrics__avg_f1=[0.83, None]) == {}
    assert fold(metrics__loss=[None, None], metrics__best_loss=[None, None]) == {}


def test_values_that_chance_can_make_equal_need_a_word_in_common() -> None:
    precise = [value + 1 / 3e7 for value in F1]

    assert fold(metrics__precision=ROUNDED, metrics__recall=ROUNDED) == {}
    assert fold(metrics__avg_recall=ROUNDED, metrics__recall=ROUNDED) == {
        "metrics.avg_recall": ("metrics.recall",)
    }
    assert fold(metrics__epoch=[1, 2], metrics__step=[1, 2]) == {}
    assert fold(metrics__precision=precise, metrics__score=precise) == {
        "metrics.precision": ("metrics.score",)
    }


_VALUES = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from([0.25, 0.2, 0.3, math.inf]))
_NAMES = ["metrics.f1", "metrics.avg_f1", "metrics.train_f1", "metrics.f1_score", "params.a.lr", "params.lr"]


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(_VALUES, min_size=6, max_size=6), min_size=2, max_size=4))
def test_every_column_stays_or_repeats_one_that_stays(rows: list[list]) -> None:
    columns = {name: [run[at] for run in rows] for at, name in enumerate(_NAMES)}
    found = twins.fold(_NAMES, columns.__getitem__)
    gone = [name for some in found.values() for name in some]

    assert len(gone) == len(set(gone))
    assert not set(found) & set(gone)
    assert set(found) | set(gone) <= set(_NAMES)
