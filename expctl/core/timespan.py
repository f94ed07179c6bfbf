"""When a run was at work, as the times of files tell it."""

from __future__ import annotations

from expctl.typed import NamedTuple

_SECOND_NS = 1_000_000_000
#: File systems stamp files with the kernel's coarse clock, up to 10 ms behind the one that timed the start.
_CLOCK_NS = 20_000_000


class Span(NamedTuple):
    """From the start of a run to its end, in nanoseconds since 1970.

    Attributes:
        since_ns: The start.
        until_ns: The last moment at which it may have lived; None for now.
    """

    since_ns: int
    until_ns: int | None = None

    def holds(self, changed_ns: int) -> bool:
        """Whether a file that changed at a moment may be the run's."""
        if self.until_ns is not None and changed_ns > self.until_ns:
            return False
        if changed_ns % _SECOND_NS == 0:  # a file system that counts in seconds
            return changed_ns // _SECOND_NS >= self.since_ns // _SECOND_NS
        return changed_ns >= self.since_ns - _CLOCK_NS
