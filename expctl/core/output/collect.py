"""From readings to the points of metrics, without what a log says twice or of several things."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from expctl.core.series import Points

if TYPE_CHECKING:
    from collections.abc import Iterable

    from expctl.core.output.reader import Reading

SOURCE = "output"
#: More names than this are data that somebody printed.
MOST_METRICS = 200
#: More points of one metric than this are thinned out by leaving out what comes in the middle: none is.
MOST_POINTS = 200_000


def kept(readings: Iterable[Reading]) -> dict[str, list[Reading]]:
    """The readings that count, by metric and in the order of the lines.

    A value that is only said again is left out: a report's ``0.97`` after ``accuracy: 0.9650``. So is a
    metric of which a line holds for one setting and the next for another (``k=3: acc=0.9``): it is not the
    run's.
    """
    found: dict[str, list[Reading]] = {}
    for reading in sorted(readings, key=lambda reading: reading.line):
        found.setdefault(reading.name, []).append(reading)
    result = {}
    for name, of_name in found.items():
        if len({reading.setting for reading in of_name if reading.setting}) > 1:
            continue
        result[name] = _without_echoes(of_name)
    return result


def points_of(readings: list[Reading]) -> Points:
    """The points of one metric; with steps only if they never fall: the highest one counts as the last."""
    points = Points()
    points.source = SOURCE
    steps = [reading.step for reading in readings]
    while steps and steps[-1] is None:
        steps.pop()  # what is said at the end, for the whole run
    known = [step for step in steps if step is not None]
    rises = len(known) == len(steps) and all(a <= b for a, b in itertools.pairwise(known))
    for reading in readings:
        points.add(reading.value, step=reading.step if rises else None)
    return points


def _without_echoes(readings: list[Reading]) -> list[Reading]:
    result: list[Reading] = []
    for reading in readings:
        last = result[-1] if result else None
        if last is None:
            result.append(reading)
        elif reading.step is not None:
            # Two handlers of a logger print one line twice.
            if (reading.step, reading.value) != (last.step, last.value):
                result.append(reading)
        elif reading.shape == last.shape:
            result.append(reading)
        elif _is_rounded(last.value, reading.value):
            continue
        elif last.step is None and _is_rounded(reading.value, last.value):
            result[-1] = reading
        else:
            result.append(reading)
    return result


def _is_rounded(exact: float, rounded: float) -> bool:
    """Whether one number is another one with fewer digits."""
    if exact == rounded or (math.isnan(exact) and math.isnan(rounded)):
        return True
    if not (math.isfinite(exact) and math.isfinite(rounded)):
        return False
    number, exponent, _ = repr(rounded).partition("e")
    whole, point, decimals = number.partition(".")
    if exponent:
        return float(f"%.{len(decimals)}e" % exact) == rounded and bool(point)
    return bool(point) and bool(whole) and round(exact, len(decimals)) == rounded
