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
