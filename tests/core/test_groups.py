"""Runs put together: how many, mean and spread of each metric."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import groups

MODELS = dict(enumerate(["net", "net", "tree", "net", "tree"]))
F1 = {0: 0.8, 1: 0.9, 2: 0.5, 3: math.nan}
KEYS = ["params.model"]


def gathered(**metrics):
    return groups.gather(range(6), [MODELS], {"metrics.f1": F1, **metrics})


def test_runs_that_share_a_value_are_one_group_and_those_without_it_another():
    assert [(each.key, each.numbers) for each in gathered()] == [
        (("net",), (0, 1, 3)),
        (("tree",), (2, 4)),
        ((None,), (5,)),
    ]


def test_what_is_not_finite_is_left_out_and_counted():
    net, tree, rest = gathered()

    assert net.spreads["metrics.f1"] == pytest.approx((0.85, 0.0707106, 2, 0.8, 0.9), abs=1e-6)
    assert tree.spreads["metrics.f1"] == (0.5, None, 1, 0.5, 0.5)
    assert rest.spreads == {}


def test_true_is_not_one_and_every_nan_is_the_same():
    key = dict(enumerate([True, 1, 1.0, math.nan, math.nan]))

    assert [each.numbers for each in groups.gather(range(5), [key], {})] == [(0,), (1, 2), (3, 4)]


def test_groups_are_sorted_by_their_keys_or_by_means():
    def sorted_by(*order):
        return [each.key[0] for each in groups.arrange(gathered(), KEYS, order)]

    assert sorted_by() == ["net", "tree", None]
    assert sorted_by(("metrics.f1", False)) == ["tree", "net", None]
    assert sorted_by(("params.model", True)) == ["tree", "net", None]


def test_the_best_mean_is_marked_by_the_direction_of_the_metric():
    found = groups.judged(gathered(**{"metrics.loss": F1}), KEYS, ["metrics.f1", "metrics.loss"], {})

    assert found.best == {"metrics.f1": {0}, "metrics.loss": {1}}
    assert found.directions == {"metrics.f1": "max", "metrics.loss": "min"}


@given(st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20))
@settings(deadline=None, max_examples=100)
def test_mean_and_spread_are_what_statistics_says(values):
    found = groups.spread(values)

    assert found is not None
    assert found.mean == pytest.approx(
        statistics.fmean(v / 1e10 for v in values) * 1e10, rel=1e-9, abs=1e-280
    )
    if len(values) > 1:
        scaled = [v / max(map(abs, values)) if any(values) else v for v in values]
        wanted = statistics.stdev(scaled) * (max(map(abs, values)) or 1)
        assert found.std == pytest.approx(wanted, rel=1e-6, abs=1e-7 * max(map(abs, values)) + 1e-300)


@given(st.lists(st.sampled_from([None, "x", True, math.nan, math.inf, 10**400, 2, 0.5])))
@settings(deadline=None, max_examples=50)
def test_what_is_no_finite_number_never_counts(values):
    found = groups.spread(values)
    good = [v for v in values if isinstance(v, (int, float)) and v in (2, 0.5) and v is not True]

    assert (found.many if found else 0) == len(good)
