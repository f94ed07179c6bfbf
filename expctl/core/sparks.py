"""Curves as small as a cell: a few values that keep the shape, and a sign for each."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: What stands behind the name of a metric to ask for its curve.
MARK = "~"
#: Signs of a curve.
WIDTH = 12
_SIGNS = "▁▂▃▄▅▆▇█"


class Curve(NamedTuple):
    """The curve of a metric of one run.

    Attributes:
        values: A few values that keep its shape; empty where its points are not here.
        low: The smallest value that it had; None where that is not known.
        high: The greatest.
    """

    values: tuple[float, ...]
    low: float | None = None
    high: float | None = None


def thinned(values: Sequence[float], width: int = WIDTH) -> tuple[float, ...]:
    """At most so many values: the means of stretches of equal length, without NaN and infinities."""
    if len(values) <= width:
        return tuple(value for value in values if math.isfinite(value))
    ends = [len(values) * at // width for at in range(width + 1)]
    found = []
    for start, end in itertools.pairwise(ends):
        some = [value for value in values[start:end] if math.isfinite(value)]
        if some:
            found.append(sum(value / len(some) for value in some))
    return tuple(found)


def drawn(values: Sequence[float]) -> str:
    """A sign for each value, from the lowest to the highest of them; empty for none."""
    if not values:
        return ""
    low, high = min(values), max(values)
    extent = high / 2 - low / 2  # halves: the difference of two finite numbers may be infinite
    if not extent:
        return _SIGNS[len(_SIGNS) // 2] * len(values)
    steps = len(_SIGNS) - 1
    return "".join(_SIGNS[round((value / 2 - low / 2) / extent * steps)] for value in values)
