"""The last values of a metric that is still being logged, in bounded memory."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: So many values are kept; beyond that every second one is let go.
MOST = 512
BARS = "▁▂▃▄▅▆▇█"
#: The same where the terminal knows only ASCII.
PLAIN_BARS = "_.-~=+*#"


class Trace:
    """One metric: its last value and step, and enough of its past to draw it.

    Attributes:
        value: The last one.
        step: Its step, or None.
        low: The smallest finite value; None when there was none.
        high: The largest.
        count: How many values were seen.
    """

    __slots__ = ("_every", "_past", "count", "high", "low", "step", "value")

    def __init__(self) -> None:
        self.value = math.nan
        self.step: int | None = None
        self.low: float | None = None
        self.high: float | None = None
        self.count = 0
        self._past: list[float] = []
        self._every = 1

    def add(self, value: float, step: int | None) -> None:
        """Take one more value."""
        self.value, self.step = value, step
        if math.isfinite(value):
            self.low = value if self.low is None else min(self.low, value)
            self.high = value if self.high is None else max(self.high, value)
        if self.count % self._every == 0:
            self._past.append(value)
            if len(self._past) >= MOST:
                del self._past[1::2]
                self._every *= 2
        self.count += 1

    def past(self) -> list[float]:
        """Values from first to last, evenly thinned out; the last one always stands at the end."""
        is_there = not self.count or (self.count - 1) % self._every == 0
        return [*self._past, *([] if is_there else [self.value])]


def sparkline(values: Sequence[float], columns: int, *, bars: str = BARS) -> str:
    """Values as a row of bars, the newest at the right.

    Args:
        values: Any numbers; what is not finite leaves a gap.
        columns: At most so many; more values are averaged.
        bars: From low to high.

    Returns:
        At most ``columns`` characters; empty when there are fewer than two values.
    """
    if len(values) < 2 or columns < 1:  # noqa: PLR2004 - one value is no line
        return ""
    wide = min(columns, len(values))
    edges = [len(values) * place // wide for place in range(wide + 1)]
    means = [_mean(values[a:b]) for a, b in itertools.pairwise(edges)]
    finite = [mean for mean in means if mean is not None]
    if not finite:
        return " " * wide
    low, high = min(finite), max(finite)
    # Halves first: the span of two huge numbers has no number.
    span = high / 2 - low / 2
    top = len(bars) - 1
    return "".join(
        " "
        if mean is None
        else bars[round((mean / 2 - low / 2) / span * top)]
        if span > 0
        else bars[top // 2]
        for mean in means
    )


def _mean(values: Sequence[float]) -> float | None:
    finite = [value for value in values if math.isfinite(value)]
    if not finite:
        return None
    mean = sum(value / len(finite) for value in finite)
    return min(max(mean, min(finite)), max(finite))
