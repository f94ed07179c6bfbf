"""An axis holds every value between its ends, and what is written beside it is round."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import scale

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None, max_examples=200)
@given(st.lists(FINITE, min_size=1, max_size=5), st.booleans(), st.integers(2, 12))
def test_all_values_have_a_place_and_ticks_are_between_the_ends(values, log, most):
    axis = scale.fit(values, log=log)

    if axis is None:
        assert log
        assert all(value <= 0 for value in values)
        return
    for value in values:
        place = axis.place(value)
        assert place is None if log and value <= 0 else -1e-6 <= place <= 1 + 1e-6
    ticks = axis.ticks(most)
    assert len(ticks) <= most + 1
    assert ticks == sorted(ticks)
    assert all(-1e-6 <= axis.place(tick) <= 1 + 1e-6 for tick in ticks)


@pytest.mark.parametrize(
    ("low", "high", "log", "ticks"),
    [
        (0, 1, False, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0.13, 0.94, False, [0.2, 0.4, 0.6, 0.8]),
        (-3, 3, False, [-2, 0, 2]),
        (1e-5, 1, True, [1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1]),
        (2, 8, True, [2, 4, 6, 8]),
    ],
)
def test_ticks_are_round(low, high, log, ticks):
    assert scale.Scale(low, high, log).ticks(6) == ticks


def test_what_is_not_finite_or_not_above_0_has_no_place():
    assert scale.Scale(0, 1).place(math.nan) is None
    assert scale.Scale(1, 10, log=True).place(0) is None
    assert scale.fit([math.nan, math.inf]) is None


def test_one_value_stands_in_the_middle():
    assert scale.fit([3.0]).place(3.0) == pytest.approx(0.5)
    assert scale.fit([3.0], log=True).place(3.0) == pytest.approx(0.5)
