from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.trace import BARS, MOST, Trace, sparkline


def traced(values) -> Trace:
    trace = Trace()
    for step, value in enumerate(values):
        trace.add(value, step)
    return trace


@settings(deadline=None, max_examples=100)
@given(st.lists(st.floats(), max_size=40), st.integers(-2, 50))
def test_a_sparkline_is_never_wider_than_asked_for(values, columns) -> None:
    drawn = sparkline(values, columns)

    assert len(drawn) <= max(columns, 0)
    assert set(drawn) <= {*BARS, " "}


@pytest.mark.parametrize(
    ("values", "columns", "drawn"),
    [
        ([0, 1, 2, 3, 4, 5, 6, 7], 8, BARS),
        ([7, 0], 8, "█▁"),
        ([0, 0, 7, 7], 2, "▁█"),
        ([1, 1, 1], 8, "▄▄▄"),
        ([0, math.nan, 7], 8, "▁ █"),
        ([math.nan, math.inf], 8, "  "),
        ([-1.7e308, 1.7e308], 8, "▁█"),
        ([1], 8, ""),
    ],
)
def test_bars_stand_for_values(values, columns, drawn) -> None:
    assert sparkline(values, columns) == drawn


def test_a_trace_of_a_million_values_stays_small_and_knows_both_ends() -> None:
    trace = traced(range(100_000))

    past = trace.past()
    assert len(past) <= MOST + 1
    assert (past[0], past[-1]) == (0, 99_999)
    assert past == sorted(past)
    assert (trace.value, trace.step, trace.low, trace.high, trace.count) == (
        99_999,
        99_999,
        0,
        99_999,
        100_000,
    )


def test_what_is_not_finite_is_the_last_value_and_no_bound() -> None:
    trace = traced([1.0, math.nan])

    assert math.isnan(trace.value)
    assert (trace.low, trace.high) == (1.0, 1.0)
