"""A run in progress, followed: what it logged since the last look, and the end of its output."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from expctl.adapters import clock
from expctl.capture.metrics import output
from expctl.core import events
from expctl.core.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: A run that logged more than this before the first look is followed from here on.
FAR_BACK = 4 << 20
_BLOCK = 1 << 20
#: One look takes no longer than this; the next one goes on.
_MOST_SECONDS = 0.3
#: A torn line of that length is no event.
_LONGEST_LINE = 1 << 20
#: More names than this are not shown by anything.
_MOST_METRICS = 200
_END_OF_LOG = 32 << 10
#: Colours, cursor movements and titles, which are not ours to repeat. Bounded, for the bytes are anyone's.
_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-9;?<=>]{0,40}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)?|[@-_])"
)


class Follower:
    """Reads the live folder of a run now and then, each byte once. It only reads, and never waits.

    Metrics are those that the script logs, and those that its output tells.

    Attributes:
        metrics: By name, in the order in which they came up.
    """

    def __init__(
        self,
        folder: Path,
        *,
        far_back: int = FAR_BACK,
        from_output: Any = True,
        params: Mapping[str, Any] | None = None,
    ) -> None:
        """Begin; nothing is read yet.

        Args:
            folder: The live folder.
            far_back: Of what was logged and printed before, so many bytes are read.
            from_output: The setting ``metrics_from_output``.
            params: The run's parameters: a line that repeats one tells no metric.
        """
        log = os.path.join(folder, "output.log")
        start = _line_before_end(log, far_back)
        self._printed = output.Growing(log, asked=from_output, params=params, start=start)
        self._logged: set[str] = set()
        self._folder = folder
        self._far_back = far_back
        self._read: dict[str, int] = {}
        self.metrics: dict[str, Trace] = {}

    def update(self) -> bool:
        """Read what is new.

        Returns:
            Whether a metric has a new value.
        """
        before = sum(trace.count for trace in self.metrics.values())
        until_s = clock.monotonic_s() + _MOST_SECONDS
        for name in self._event_files():
            while self._read_on(name) and clock.monotonic_s() < until_s:
                pass
        for reading in self._printed.update(most=_BLOCK):
            # What the script logs itself is surer than what it prints under the same name.
            if reading.name not in self._logged:
                self._take(reading.name, reading.value, reading.step)
        return sum(trace.count for trace in self.metrics.values()) != before

    def tail(self, lines: int) -> list[str]:
        """The last lines of its output as they stand on a screen: of a progress bar its last state."""
        try:
            with open(os.path.join(self._folder, "output.log"), "rb") as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(max(0, size - _END_OF_LOG))
                data = file.read(_END_OF_LOG)
        except OSError:
            return []
        whole = data.partition(b"\n")[2] if size > _END_OF_LOG and b"\n" in data else data
        found = [_shown(line) for line in whole.rstrip(b"\r\n").split(b"\n")]
        return found[-lines:] if lines > 0 and whole.strip() else []

    def _event_files(self) -> list[str]:
        try:
            names = os.listdir(self._folder)
        except OSError:
            return []
        return sorted(name for name in names if name.startswith("events-") and name.endswith(".jsonl"))

    def _read_on(self, name: str) -> bool:
        """Read one block of events; False when there is no more for now."""
        try:
            with open(os.path.join(self._folder, name), "rb") as file:
                start = self._read.get(name)
                if start is None:
                    start = self._begin(file.fileno())
                file.seek(start)
                block = file.read(_BLOCK)
        except OSError:
            return False
        end = block.rfind(b"\n") + 1
        if not end:
            self._read[name] = start + (len(block) if len(block) >= _LONGEST_LINE else 0)
            return len(block) >= _LONGEST_LINE
        self._read[name] = start + end
        for event in events.read_events(block[:end]):
            if event[0] == "metric":
                if event[1] not in self._logged:
                    self._logged.add(event[1])
                    self.metrics.pop(event[1], None)
                self._take(event[1], event[2], event[3])
        return len(block) == _BLOCK

    def _begin(self, handle: int) -> int:
        # The first line may be cut then: it is no event, and passed over.
        return max(0, os.fstat(handle).st_size - self._far_back)

    def _take(self, name: str, value: float, step: int | None) -> None:
        trace = self.metrics.get(name)
        if trace is None:
            if len(self.metrics) >= _MOST_METRICS:
                return
            trace = self.metrics[name] = Trace()
        trace.add(value, step)


def _line_before_end(log: str, far_back: int) -> int:
    """Where the first whole line begins among the last bytes of a log."""
    try:
        with open(log, "rb") as file:
            start = max(0, os.fstat(file.fileno()).st_size - far_back)
            file.seek(start)
            return start + len(file.readline(_BLOCK)) if start else 0
    except OSError:
        return 0


def _shown(line: bytes) -> str:
    return _ESCAPES.sub(b"", line.rstrip(b"\r").rpartition(b"\r")[2]).decode("utf-8", "replace").rstrip()
