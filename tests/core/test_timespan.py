from __future__ import annotations

import pytest

from expctl.core.timespan import Span

START, END = 1_700_000_000_123_456_789, 1_700_000_100_000_000_001


@pytest.mark.parametrize(
    ("changed", "held"),
    [
        (START, True),
        (START - 20_000_000, True),
        (START - 20_000_001, False),
        (1_700_000_000_000_000_000, True),  # a file system that counts in seconds
        (1_699_999_999_000_000_000, False),
        (END, True),
        (END + 1, False),
        (1_700_000_101_000_000_000, False),
    ],
)
def test_a_file_belongs_to_the_run_during_which_it_changed(changed, held) -> None:
    assert Span(START, END).holds(changed) == held


def test_a_run_that_ends_now_holds_whatever_came_later() -> None:
    assert Span(START).holds(END * 2)
