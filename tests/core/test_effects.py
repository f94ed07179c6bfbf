"""What of a metric's spread goes with a parameter."""

from __future__ import annotations

import itertools
import math
import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import effects


def of(keys: list, metric: list):
    known = {at: key for at, key in enumerate(keys) if key is not None}
    return effects.effect("params.x", known, dict(enumerate(map(float, metric))))


def test_a_parameter_that_decides_explains_everything() -> None:
    found = of(["a", "b"] * 5, [1, 2] * 5)

    assert found.share == 1
    assert [(level.low, level.many, level.mean) for level in found.levels] == [("b", 5, 2.0), ("a", 5, 1.0)]


def test_a_parameter_that_does_nothing_explains_nothing() -> None:
    chance = random.Random(3)
    metric = [chance.gauss(0, 1) for _ in range(200)]

    assert of([chance.randrange(6) for _ in metric], metric).share < 0.03


def test_the_share_is_epsilon_squared_as_the_textbook_has_it() -> None:
    groups = {"a": [1.0, 2.0, 4.0], "b": [3.0, 5.0, 5.5, 7.0], "c": [2.0, 2.5]}
    everything = [value for some in groups.values() for value in some]
    within = sum(statistics.pvariance(some) * len(some) for some in groups.values())
    total = statistics.pvariance(everything) * len(everything)
    # (between - (k - 1) * mean square within) / total
    plain = (total - within - 2 * within / (9 - 3)) / total

    assert of([key for key, some in groups.items() for _ in some], everything).share == pytest.approx(plain)


def test_many_numbers_become_groups_of_about_the_same_size() -> None:
    found = of([at / 100 for at in range(100)], list(range(100)))

    assert sorted(level.many for level in found.levels) == [25, 25, 25, 25]
    assert (found.levels[0].low, found.levels[0].high) == (0.75, 0.99)
    assert found.share > 0.9


def test_equal_numbers_stay_in_one_group() -> None:
    found = of([0.5] * 60 + [at / 100 for at in range(40)], list(range(100)))
    ranges = sorted((level.low, level.high) for level in found.levels)

    assert all(first[1] < second[0] for first, second in itertools.pairwise(ranges))


def test_runs_that_lack_a_parameter_are_a_level() -> None:
    found = of([None, None, 3, 3], [1, 1.1, 2, 2.1])

    assert [level.low for level in found.levels] == [3, None]


@pytest.mark.parametrize(
    ("keys", "metric"),
    [
        (["a"] * 6, [1, 2, 3, 4, 5, 6]),
        (["a", "b", "c", "d", "e", "f"], [1, 2, 3, 4, 5, 6]),
        (["a", "b"] * 3, [1] * 6),
        ([], []),
    ],
)
def test_what_cannot_tell_says_nothing(keys: list, metric: list) -> None:
    assert of(keys, metric) is None


_KEY = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.sampled_from("abc"))
_VALUE = st.floats(allow_nan=False, allow_infinity=False)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(_KEY, _VALUE), max_size=30))
def test_any_runs_have_a_share_and_each_is_in_one_level(pairs: list) -> None:
    found = of([key for key, _ in pairs], [value for _, value in pairs])

    if found is not None:
        assert 0 <= found.share <= 1
        assert sum(level.many for level in found.levels) == len(pairs)
        assert len(found.levels) > 1
        assert all(math.isfinite(level.mean) for level in found.levels)
        assert sorted(found.levels, key=lambda level: -level.mean) == list(found.levels)
