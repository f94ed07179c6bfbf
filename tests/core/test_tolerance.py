"""Tolerances: how they are written, and what is near enough."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import tolerance
from expctl.core.tolerance import WrongToleranceError

FINITE = st.floats(allow_nan=False, allow_infinity=False, width=64)


@pytest.mark.parametrize(
    ("text", "before", "after", "holds"),
    [
        ("1e-6", 0.9, 0.9000005, True),
        ("1e-6", 0.9, 0.90001, False),
        ("0.1", 0.9, 0.8, True),
        ("5%", 200.0, 209.9, True),
        ("5%", 200.0, 211.0, False),
        ("5 %", -200.0, -209.0, True),
        ("5%", 0.0, 1e-9, False),
        ("1", math.inf, math.inf, False),
        ("1", math.nan, math.nan, False),
    ],
)
def test_a_tolerance_is_absolute_or_a_part_of_the_original(text, before, after, holds):
    assert tolerance.parse(text).holds(before, after) is holds


@pytest.mark.parametrize("text", ["", "x", "-1", "5%%", "1e999", "nan", "1e", "٣", "1" * 50, "0x10", "%"])
def test_what_is_no_tolerance_is_refused(text):
    with pytest.raises(WrongToleranceError):
        tolerance.parse(text)


def test_a_named_tolerance_stands_above_the_usual_one_and_the_settings_below_both():
    found = tolerance.parse_all(["f1=0.5", "1e-3"], {"f1": "1", "loss": "1"})

    assert found.of("f1").text == "0.5"
    assert found.of("loss").text == "1e-3"
    found = tolerance.parse_all(["f1=0.5"], {"f*": "1", "val.loss": "2%"})
    assert [found.of(name) and found.of(name).text for name in ("f1", "f2", "val.loss", "x")] == [
        "0.5", "1", "2%", None,
    ]  # fmt: skip


@settings(deadline=None, max_examples=100)
@given(FINITE, FINITE)
def test_a_tolerance_of_the_distance_itself_always_holds(before, after):
    distance = abs(after - before)
    if math.isfinite(distance):
        assert tolerance.Tolerance(distance, relative=False, text="").holds(before, after)


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=60))
def test_any_text_is_a_finite_tolerance_or_refused(text):
    try:
        found = tolerance.parse(text)
    except WrongToleranceError:
        return
    assert math.isfinite(found.amount)
    assert found.amount >= 0
