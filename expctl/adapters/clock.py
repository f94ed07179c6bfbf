"""The door to time and chance: the one place that reads a clock or asks for random bytes."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime


def now() -> datetime:
    """The present moment, aware, in UTC, with microseconds."""
    return datetime.now(UTC)


def monotonic_s() -> float:
    """Seconds on a clock that never goes back; only differences mean something."""
    return time.monotonic()


def noise(size: int) -> bytes:
    """Random bytes from the operating system."""
    return os.urandom(size)


def wall_ns() -> int:
    """Nanoseconds since 1970, to be compared with the times of files."""
    return time.time_ns()


def pass_tick(folder: str | os.PathLike[str]) -> None:
    """Wait until a run that begins now cannot be taken for the writer of anything that was written before.

    Files are stamped by a clock that may stand still for 10 ms, on some file systems for 2 s, so what is a
    little older than a run counts as its own. It is not waited for longer than that: somebody may have set
    the clock back.

    Args:
        folder: One of ours on that file system, whose own time is touched.
    """
    from expctl.core.timespan import Span  # most commands wait for nothing

    before, end = _touch(folder), time.monotonic() + 2.5
    while Span(_touch(folder)).holds(before) and time.monotonic() < end:
        time.sleep(0.001)


def _touch(folder: str | os.PathLike[str]) -> int:
    os.utime(folder)
    return os.stat(folder).st_mtime_ns
