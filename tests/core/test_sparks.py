"""Curves as small as a cell keep their shape."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import sparks


def test_a_falling_curve_falls():
    assert sparks.drawn(sparks.thinned([1 / (n + 1) for n in range(1000)])) == "█▂▁▁▁▁▁▁▁▁▁▁"
    assert sparks.drawn([3, 2, 1, 0]) == "█▆▃▁"


def test_a_flat_curve_is_in_the_middle_and_none_is_empty():
    assert sparks.drawn([2, 2]) == "▅▅"
    assert sparks.drawn(sparks.thinned([math.nan])) == ""


@given(st.lists(st.floats(), max_size=60))
@settings(deadline=None, max_examples=100)
def test_any_curve_fits_its_cell(values):
    kept = sparks.thinned(values)

    assert len(kept) <= sparks.WIDTH
    assert all(map(math.isfinite, kept))
    assert len(sparks.drawn(kept)) == len(kept)
