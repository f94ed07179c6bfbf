"""One axis: where a value lies between its ends, and which round values to write beside it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

#: What may stand before the power of ten of a step.
_ROUND = (1.0, 2.0, 2.5, 5.0, 10.0)
#: Beyond this ratio of steps to value a float has no digits left to tell ticks apart.
_FINEST = 1e-9
#: The ends of what a float can be.
_LEAST, _MOST = math.ulp(0.0), math.nextafter(math.inf, 0)


class Scale(NamedTuple):
    """An axis from ``low`` to ``high``; ``log`` ones know only what is above 0."""

    low: float
    high: float
    log: bool = False

    def place(self, value: float) -> float | None:
        """Where a value lies: 0 at the low end, 1 at the high end; None where it has no place."""
        if not math.isfinite(value) or (self.log and value <= 0):
            return None
        low, high, at = (
            (math.log(self.low), math.log(self.high), math.log(value))
            if self.log
            else (self.low, self.high, value)
        )
        # Halves: the difference of two large numbers may be too large for a float.
        return (at / 2 - low / 2) / (high / 2 - low / 2)

    def ticks(self, most: int) -> list[float]:
        """At most so many round values between the ends, rising."""
        if self.log and self.high / self.low >= 10:  # noqa: PLR2004  a power of ten lies between
            return _powers(self.low, self.high, most)
        return _steps(self.low, self.high, most)


def fit(values: Iterable[float], *, log: bool = False) -> Scale | None:
    """The axis that all finite values fit on; None where no value has a place on it."""
    known = [value for value in values if math.isfinite(value) and (value > 0 or not log)]
    if not known:
        return None
    low, high = min(known), max(known)
    if high - low <= _FINEST * max(abs(low), abs(high)):
        # One value stands in the middle.
        return Scale(max(low / 2, _LEAST), min(high * 2, _MOST), log) if log else _around(low)
    return Scale(low, high, log)


def _around(value: float) -> Scale:
    room = abs(value) / 2 or 1.0
    return Scale(max(value - room, -_MOST), min(value + room, _MOST))


def _steps(low: float, high: float, most: int) -> list[float]:
    rough = (high / 2 - low / 2) / max(most, 2) * 2
    if not math.isfinite(rough) or rough <= 0:
        return [low, high][:most]
    power = 10.0 ** math.floor(math.log10(rough))
    for factor in (*_ROUND, 20.0, 50.0):
        step = factor * power
        first, last = math.ceil(low / step - _FINEST), math.floor(high / step + _FINEST)
        if step > 0 and last - first < most:
            return [_neat(number, step) for number in range(first, last + 1)]
    return [low, high][:most]


def _neat(number: int, step: float) -> float:
    """A multiple of a step without the dust of binary fractions."""
    return float(f"{number * step:.12g}")


def _powers(low: float, high: float, most: int) -> list[float]:
    first, last = math.ceil(math.log10(low) - _FINEST), math.floor(math.log10(high) + _FINEST)
    stride = max(1, math.ceil((last - first + 1) / max(most, 1)))
    return [float(f"1e{power}") for power in range(first, last + 1, stride)]
