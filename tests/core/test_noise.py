"""The noise of repeats: quantiles against a table, intervals against what they promise."""

from __future__ import annotations

import math
import random

import pytest

from expctl.core import noise

#: Two-sided 95 %, from any printed table of Student's t.
TABLE = {
    1: 12.7062,
    2: 4.3027,
    3: 3.1824,
    4: 2.7764,
    5: 2.5706,
    9: 2.2622,
    10: 2.2281,
    30: 2.0423,
    99: 1.9842,
}


@pytest.mark.parametrize(("freedom", "quantile"), TABLE.items())
def test_quantiles_are_those_of_the_table(freedom, quantile):
    assert noise.quantile(0.975, freedom) == pytest.approx(quantile, abs=5e-5)


def test_a_single_value_has_no_noise_that_could_be_told():
    assert noise.judge(0.9, [0.8], []) is None


def test_values_that_are_no_numbers_tell_nothing():
    assert noise.judge(math.nan, [0.8, 0.9], []) is None
    assert noise.judge(0.8, [0.8, math.inf], []) is None


def test_repeats_that_never_vary_forgive_nothing():
    found = noise.judge(0.9, [0.91], [0.9, 0.9])

    assert not found.holds
    assert found.repeats == 3


def test_the_interval_is_that_of_the_original_and_its_own_repeats_where_there_are_some():
    siblings = [0.90, 0.92, 0.91]

    assert noise.judge(0.91, [0.93], siblings).holds
    assert not noise.judge(0.91, [0.96], siblings).holds


def test_without_them_the_original_must_lie_among_the_repeats():
    assert noise.judge(0.91, [0.90, 0.92, 0.93], []).holds
    assert not noise.judge(0.80, [0.90, 0.92, 0.93], []).holds


@pytest.mark.parametrize(("count", "future"), [(3, 1), (5, 2), (20, 1)])
def test_an_interval_holds_as_often_as_it_promises(count, future):
    dice = random.Random(1)
    hits = 0
    for _ in range(2000):
        low, high = noise.interval([dice.gauss(5, 2) for _ in range(count)], future)
        hits += low <= sum(dice.gauss(5, 2) for _ in range(future)) / future <= high

    assert hits / 2000 == pytest.approx(0.95, abs=0.02)
