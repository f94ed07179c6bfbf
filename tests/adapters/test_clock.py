"""Times that can be told from each other."""

from __future__ import annotations

from expctl.adapters import clock
from expctl.core.timespan import Span


def test_a_run_that_begins_after_a_tick_wrote_nothing_before_it(tmp_path):
    for turn in range(20):
        before = tmp_path / f"{turn}.csv"
        before.write_text("1\n")
        clock.pass_tick(tmp_path)
        after = tmp_path / f"{turn}"
        after.mkdir()

        assert not Span(after.stat().st_mtime_ns).holds(before.stat().st_ctime_ns)
