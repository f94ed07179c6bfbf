"""Rows come in the order asked for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import query

COLUMN = {0: 2.0, 1: math.nan, 2: "x", 3: -1, 4: None, 5: math.inf, 6: "10", 7: True, 8: 2.0, 9: -math.inf}


@pytest.mark.parametrize(
    ("descending", "expected"),
    [
        (False, [3, 0, 8, 6, 7, 2, 5, 9, 1, 4]),
        (True, [6, 0, 8, 3, 2, 7, 5, 9, 1, 4]),
    ],
)
def test_numbers_come_first_and_what_is_no_number_last(descending, expected):
    assert query.arrange(range(10), [("a", descending)], lambda _: COLUMN) == expected


def test_equals_keep_their_order_and_later_keys_decide():
    columns = {"a": {1: 1, 2: 1, 3: 0}, "b": {1: 5, 2: 6, 3: 9}}

    assert query.arrange([1, 2, 3], [("a", False)], columns.__getitem__) == [3, 1, 2]
    assert query.arrange([1, 2, 3], [("a", False), ("b", True)], columns.__getitem__) == [3, 2, 1]


@pytest.mark.parametrize("name", ["packages.numpy", "environment.python"])
def test_versions_sort_number_by_number(name):
    column = {1: "3.9", 2: "3.10.1", 3: None, 4: "3.10rc1", 5: "local", 6: "3.10"}

    assert query.arrange([1, 2, 3, 4, 5, 6], [(name, False)], lambda _: column) == [1, 4, 6, 2, 3, 5]
    assert query.arrange([1, 2, 3, 4, 5, 6], [(name, True)], lambda _: column) == [2, 6, 4, 1, 3, 5]


def test_nothing_to_sort_by_changes_nothing():
    assert query.arrange([3, 1, 2], [], {}.__getitem__) == [3, 1, 2]


@given(
    st.dictionaries(
        st.integers(0, 30), st.one_of(st.floats(), st.integers(), st.text(max_size=3), st.booleans())
    )
)
@settings(deadline=None, max_examples=100)
def test_no_run_is_lost_or_doubled(column):
    found = query.arrange(range(31), [("a", True)], lambda _: column)

    assert sorted(found) == list(range(31))
