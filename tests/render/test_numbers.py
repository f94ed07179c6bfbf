"""Numbers for people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.render import numbers

FLOATS = st.floats(allow_nan=True, allow_infinity=True)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.87, "0.87"), (0.123456, "0.1235"), (1234.0, "1234"), (1.5e-05, "1.5e-05"), (3, "3"), (True, "true"),
     (float("nan"), "nan"), (float("-inf"), "-inf"), (123456.78, "123457"), (1e300, "1e+300")],
)  # fmt: skip
def test_a_measured_number_has_four_digits(value: float, shown: str) -> None:
    assert numbers.number(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0.001, "0.001"), (0.1234567890123, "0.1234567890123"), (None, "null"), (1e-5, "1e-05")],
)
def test_a_chosen_value_is_shown_as_it_was_given(value: object, shown: str) -> None:
    assert numbers.exact(value) == shown


@given(st.floats(allow_nan=False))
@settings(deadline=None, max_examples=100)
def test_a_chosen_number_can_be_read_back(value: float) -> None:
    assert float(numbers.exact(value)) == value


def test_a_column_shares_its_decimals_and_drops_common_zeros() -> None:
    assert numbers.column([0.87, 0.9234, None, 0.5]) == ["0.8700", "0.9234", "", "0.5000"]
    assert numbers.column([12.5, 8.25]) == ["12.50", "8.25"]
    assert numbers.column([3.0, 4.0]) == ["3", "4"]


def test_a_column_over_orders_of_magnitude_writes_each_number_by_itself() -> None:
    assert numbers.column([1e-5, 0.5]) == ["1e-05", "0.5"]


def test_two_close_numbers_do_not_look_the_same() -> None:
    one, other = numbers.column([0.912341, 0.912342])

    assert one != other


@given(st.lists(st.none() | FLOATS, max_size=8))
@settings(deadline=None, max_examples=200)
def test_any_column_has_a_text_for_each_value(values: list[float | None]) -> None:
    shown = numbers.column(values)

    assert len(shown) == len(values)
    assert all(bool(text) == (value is not None) for text, value in zip(shown, values, strict=True))


def test_durations_of_a_column_share_a_unit() -> None:
    assert numbers.seconds_column([30.0, 83.2]) == ("s", ["30.0", "83.2"])
    assert numbers.seconds_column([1800.0, 5400.0, None]) == ("min", ["30.0", "90.0", ""])
    assert numbers.seconds_column([72000.0, 36000.0])[0] == "h"
    assert numbers.seconds_column([]) == ("s", [])


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0.4214, "0.421 s"), (83.2, "83.2 s"), (725, "12 min 05 s"), (11220, "3 h 07 min"), (187200, "2 d 4 h")],
)
def test_a_duration_reads_like_a_duration(seconds: float, shown: str) -> None:
    assert numbers.duration(seconds) == shown


@pytest.mark.parametrize(
    ("count", "shown"),
    [(0, "0 bytes"), (999, "999 bytes"), (1843200, "1.84 MB"), (999_999, "1 MB"), (10**16, "10 PB")],
)
def test_a_size_reads_like_a_size(count: int, shown: str) -> None:
    assert numbers.size(count) == shown


def test_a_change_has_its_sign_and_its_share() -> None:
    assert numbers.change(0.5, 0.55) == "+0.05 (+10 %)"
    assert numbers.change(-2.0, -1.0) == "+1 (+50 %)"
    assert numbers.change(0.0, 1.0) == "+1"
    assert not numbers.change(1.0, float("inf"))


def test_ago_counts_in_the_largest_unit() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)

    assert numbers.ago(now - timedelta(hours=26), now) == "1 day ago"
    assert numbers.ago(now - timedelta(minutes=3), now) == "3 minutes ago"
    assert numbers.ago(now + timedelta(hours=1), now) == "just now"


def test_a_time_that_is_none_is_shown_as_it_is() -> None:
    assert numbers.moment("whenever") == "whenever"
