"""The front is what no other point beats, whatever the number of goals."""

from __future__ import annotations

import math
import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import pareto


def plainly(points):
    """The definition, word for word."""

    def finite(p):
        return all(math.isfinite(x) for x in p)

    def beats(a, b):
        return all(x <= y for x, y in zip(a, b, strict=True)) and any(
            x < y for x, y in zip(a, b, strict=True)
        )

    return [finite(p) and not any(finite(q) and beats(q, p) for q in points) for p in points]


FEW_VALUES = st.sampled_from([0, 1, 2, 3, -1, 0.5, -0.0, math.nan, math.inf, -math.inf])


@given(
    st.integers(1, 6).flatmap(lambda m: st.lists(st.lists(FEW_VALUES, min_size=m, max_size=m), max_size=14))
)
@settings(deadline=None, max_examples=200)
def test_it_is_what_the_definition_says(points):
    assert pareto.front(points) == plainly(points)


@given(st.integers(1, 5), st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=60)
def test_it_does_not_depend_on_the_order(width, rng):
    points = [[rng.randrange(5) for _ in range(width)] for _ in range(40)]
    marks = dict(zip(map(tuple, points), pareto.front(points), strict=True))
    rng.shuffle(points)

    assert pareto.front(points) == [marks[tuple(point)] for point in points]


def test_equal_points_share_one_mark():
    assert pareto.front([(1, 2), (1, 2), (2, 2)]) == [True, True, False]


def test_no_points_have_no_marks():
    assert pareto.front([]) == []


def test_points_of_unlike_length_are_refused():
    with pytest.raises(ValueError, match="length"):
        pareto.front([(1, 2), (1,)])


def test_infinite_points_are_never_on_it():
    assert pareto.front([(-math.inf, 0), (1, 1), (math.nan, -5)]) == [False, True, False]


@pytest.mark.parametrize("width", [2, 3])
def test_a_front_that_holds_every_point_is_found_quickly(width):
    rng = random.Random(1)
    points = []
    for _ in range(20_000):
        some = [rng.random() for _ in range(width - 1)]
        points.append([*some, -sum(some)])
    start = time.process_time()

    assert all(pareto.front(points))
    assert time.process_time() - start < 20
