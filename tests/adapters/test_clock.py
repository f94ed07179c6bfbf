"""Times that can be told from each other."""

from __future__ import annotations

from expctl.adapters import clock


def test_what_is_written_after_a_tick_is_later(tmp_path):
    for turn in range(50):
        before = tmp_path / f"{turn}.csv"
        before.write_text("1\n")
        clock.pass_tick(tmp_path)
        after = tmp_path / f"{turn}"
        after.mkdir()

        assert after.stat().st_mtime_ns > before.stat().st_ctime_ns
