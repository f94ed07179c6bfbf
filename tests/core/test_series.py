"""A metric over steps."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import series
from expctl.core.series import Points

points = st.lists(
    st.tuples(st.none() | st.integers(-5, 2**40), st.floats(), st.none() | st.floats(0, 2e9)),
    min_size=2,
    max_size=8,
)


def make(rows) -> Points:
    made = Points()
    for step, value, at in rows:
        made.add(value, step=step, at=at)
    return made


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), points, max_size=4))
@settings(deadline=None, max_examples=100)
def test_what_is_encoded_is_decoded(rows) -> None:
    given_series = {name: make(each) for name, each in rows.items()}

    back = series.decode(series.encode(given_series))

    assert set(back) == set(given_series)
    for name, one in given_series.items():
        assert back[name].steps == one.steps
        assert back[name].times == one.times
        assert [repr(v) for v in back[name].values] == [repr(v) for v in one.values]


def test_lines_that_are_no_series_are_skipped() -> None:
    data = b'nonsense\n[1]\n{"name": "a", "steps": [1], "values": ["x"], "times": [null]}\n' + series.encode(
        {"b": make([(0, 1.0, None), (1, 2.0, None)])}
    )

    assert list(series.decode(data)) == ["b"]


def test_the_last_value_is_that_of_the_highest_step() -> None:
    assert series.summarise(make([(5, 1.0, None), (9, 2.0, None), (7, 3.0, None)])).value == 2.0
    assert series.summarise(make([(5, 1.0, None), (5, 2.0, None)])).value == 2.0
    assert series.summarise(make([(None, 1.0, None), (None, 2.0, None)])).value == 2.0


def test_extremes_are_of_finite_values_only() -> None:
    summary = series.summarise(
        make([(0, math.nan, None), (1, math.inf, None), (2, 3.0, None), (3, -1.0, None)])
    )

    assert (summary.min, summary.max) == (-1.0, 3.0)


def test_no_points_are_a_mistake() -> None:
    with pytest.raises(ValueError, match="without points"):
        series.summarise(Points())


@pytest.mark.parametrize(
    ("given_value", "number"),
    [
        (1, 1.0),
        (True, None),
        (False, None),
        ("inf", math.inf),
        ("-Infinity", -math.inf),
        ("0.5", None),
        (None, None),
        (10**400, None),
    ],
)
def test_numbers_are_known_by_sight(given_value, number) -> None:
    assert series.number(given_value) == number
