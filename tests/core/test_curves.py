"""Curves run along steps or time, are smoothed and thinned, and lose neither peaks nor gaps."""

from __future__ import annotations

import math

import pytest

from expctl.core import curves
from expctl.core.series import Points


def points(values, steps=None, times=None):
    found = Points()
    for at, value in enumerate(values):
        found.add(value, step=steps[at] if steps else None, at=times[at] if times else None)
    return found


def test_steps_that_were_not_logged_are_counted():
    assert curves.curve("a", points([3.0, 2.0])).xs == [0, 1]
    assert curves.curve("a", points([3.0, 2.0], steps=[10, 20])).xs == [10, 20]


def test_time_begins_at_the_first_point_and_leaves_out_what_has_none():
    line = curves.curve("a", points([1.0, 2.0, 3.0], times=[100.0, None, 101.5]), by=curves.TIME)

    assert (line.xs, line.ys) == ([0, 1.5], [1.0, 3.0])


def test_a_run_that_was_resumed_runs_forward():
    line = curves.curve("a", points([1.0, 2.0, 3.0], steps=[0, 5, 2]))

    assert (line.xs, line.ys) == ([0, 2, 5], [1.0, 3.0, 2.0])


def test_a_step_beyond_all_numbers_does_no_harm():
    assert curves.curve("a", points([1.0, 2.0], steps=[10**400, 3])).xs == [0, 3]


def test_smoothing_begins_at_the_first_value_and_jumps_over_gaps():
    smooth = curves.smoothed([4.0, math.nan, 4.0, 8.0], 0.5)

    assert smooth[0] == 4
    assert math.isnan(smooth[1])
    assert smooth[2] == 4
    assert smooth[3] == pytest.approx((4 * 0.25 + 4 * 0.5 + 8) / 1.75)
    assert curves.smoothed([1.0, 5.0], 0) == [1.0, 5.0]


def test_thinning_keeps_ends_peaks_and_gaps():
    ys = [math.sin(at / 50) for at in range(10_000)]
    ys[4321], ys[7000] = 99.0, math.nan
    line = curves.thin(curves.Curve("a", list(range(10_000)), ys), 200)

    assert len(line.xs) <= 200
    assert (line.xs[0], line.xs[-1]) == (0, 9999)
    assert 99.0 in line.ys
    assert any(map(math.isnan, line.ys))
    assert curves.thin(curves.Curve("b", [1, 2], [3, 4]), 4).ys == [3, 4]
