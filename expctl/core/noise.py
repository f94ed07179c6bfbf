"""Whether a value lies within the noise of repeats: a prediction interval under the normal distribution."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The interval holds what comes next in 95 of 100 cases.
LEVEL = 0.95
#: Two values are the fewest that have a spread.
_FEWEST = 2


class Interval(NamedTuple):
    """Where values of further repeats are to be expected.

    Attributes:
        low: Its lower end.
        high: Its upper end.
        repeats: From how many repeats it was made.
        holds: Whether the value in question lies in it.
    """

    low: float
    high: float
    repeats: int
    holds: bool

    @property
    def sentence(self) -> str:
        """The interval in words."""
        where = "in" if self.holds else "not in"
        return f"{where} [{self.low:.6g}, {self.high:.6g}], 95 % of {self.repeats} repeats"


def judge(original: float, repeats: Sequence[float], siblings: Sequence[float]) -> Interval | None:
    """Ask whether an original and its repeats may come from one distribution.

    The noise is that of the original and its siblings where there are some; the mean of the repeats must then
    lie in the interval. Else it is that of the repeats, and the original must lie in it.

    Args:
        original: Its value.
        repeats: Values of the repeats.
        siblings: Values of other runs of the same, without the original.

    Returns:
        The interval; None where there are too few values to tell, or not all are finite.
    """
    if not all(map(math.isfinite, (original, *repeats, *siblings))):
        return None
    if siblings:
        known, asked, future = [original, *siblings], statistics.fmean(repeats), len(repeats)
    else:
        known, asked, future = list(repeats), original, 1
    if len(known) < _FEWEST:
        return None
    low, high = interval(known, future)
    return Interval(low, high, len(known), holds=low <= asked <= high)


def interval(values: Sequence[float], future: int = 1, level: float = LEVEL) -> tuple[float, float]:
    """The prediction interval for the mean of ``future`` further values.

    Args:
        values: At least two.
        future: How many further values; 1 for a single one.
        level: How often it shall hold it.

    Source:
        mean ± t(1 - α/2; n - 1) · s · sqrt(1/m + 1/n): Hahn and Meeker, Statistical Intervals (Wiley 1991),
        section 4.7; for a single value also Geisser, Predictive Inference (1993).
    """
    count = len(values)
    mean, spread = statistics.fmean(values), statistics.stdev(values)
    half = quantile((1 + level) / 2, count - 1) * spread * math.sqrt(1 / future + 1 / count)
    return mean - half, mean + half


def quantile(probability: float, freedom: int) -> float:
    """The quantile of Student's t distribution, above one half.

    By bisection of the distribution function, which needs no table and no library: some hundred steps.
    """
    low, high = 0.0, 1.0
    while _below(high, freedom) < probability:
        high *= 2
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if _below(middle, freedom) < probability else (low, middle)
    return high


def _below(t: float, freedom: int) -> float:
    """The probability of a value up to ``t`` >= 0, for a whole number of degrees of freedom.

    Source:
        The finite sums of Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4.
    """
    angle = math.atan2(t, math.sqrt(freedom))
    cos2 = math.cos(angle) ** 2
    total, term = 0.0, 1.0
    if freedom % 2:
        if freedom > 1:
            term = math.cos(angle)
            for k in range(1, (freedom - 1) // 2 + 1):
                total += term
                term *= cos2 * 2 * k / (2 * k + 1)
        both = 2 / math.pi * (angle + math.sin(angle) * total)
    else:
        for k in range(1, freedom // 2 + 1):
            total += term
            term *= cos2 * (2 * k - 1) / (2 * k)
        both = math.sin(angle) * total
    return (1 + both) / 2
