"""Sets of points that beat another, whatever memory there is."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import dominance

POINTS = st.integers(1, 5).flatmap(
    lambda m: st.lists(st.tuples(*[st.integers(0, 3)] * m), max_size=12, unique=True)
)


def plainly(points):
    return [
        sum(
            1 << at
            for at, other in enumerate(points)
            if other != point and all(a <= b for a, b in zip(other, point, strict=True))
        )
        for point in points
    ]


@settings(deadline=None, max_examples=150)
@given(POINTS)
def test_a_set_holds_all_that_beat_a_point(points):
    assert list(dominance.beaters(points)) == plainly(points)


@pytest.mark.parametrize("bits", [1, 30, 75])
def test_little_memory_changes_nothing(bits, monkeypatch):
    points = [(a, b, (a * 7 + b * 3) % 5) for a in range(5) for b in range(5)]
    monkeypatch.setattr(dominance, "_MOST_BITS", bits)

    assert list(dominance.beaters(points)) == plainly(points)
