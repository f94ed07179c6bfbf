"""From readings to the points of metrics, without what a log says twice or of several things."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

from expctl.core.output import fits, names
from expctl.core.series import Points

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from expctl.core.output.reader import Reading

SOURCE = "output"
#: More names than this are data that somebody printed.
MOST_METRICS = 200


def kept(readings: Iterable[Reading], begun_again: dict[str, int] | None = None) -> dict[str, list[Reading]]:
    """The readings that count, by metric and in the order of the lines.

    A value that is only said again is left out: a report's ``0.97`` after ``accuracy: 0.9650``. So is a
    metric of which a line holds for one setting and the next for another (``k=3: acc=0.9``): it is not the
    run's. Of several trainings in turn the last one counts. What only fills a place is left out.

    Args:
        readings: In any order.
        begun_again: Gets how often the count of epochs or rounds began again, for metrics where it did.
    """
    found: dict[str, list[Reading]] = {}
    for reading in sorted(readings, key=lambda reading: reading.line):
        found.setdefault(reading.name, []).append(reading)
    one = {name: of for name, of in found.items() if len({each.setting for each in of if each.setting}) <= 1}
    one = {name: of for name, of in one.items() if not is_filler(name, [each.value for each in of])}
    lines = {name: [each.line for each in of] for name, of in one.items()}
    last = fits.Last()
    for name, of in one.items():
        last.note(name, [each.epoch for each in of], lines[name])
    if begun_again is not None:
        begun_again.update(last.times)
    return {name: list(without_echoes(of[last.start(name, lines[name]) :])) for name, of in one.items()}


def is_filler(name: str, values: Collection[float]) -> bool:
    """Whether a tool prints a name without having measured: NGBoost's ``val_loss=0.0000`` without such data.

    As the least loss that there can be it would be the best of all runs.
    """
    return (
        len(values) > 1
        and not any(values)
        and name.lower().endswith("loss")
        and names.scope_of(name) not in ("", "train")
    )


def points_of(readings: Iterable[Reading]) -> Points:
    """The points of one metric; with steps only if they never fall: the highest one counts as the last."""
    points = Points()
    points.source = SOURCE
    for reading in readings:
        points.add(reading.value, step=reading.step)
    steps = points.steps
    count = len(steps)
    while count and steps[count - 1] is None:
        count -= 1  # what is said at the end, for the whole run
    if not all(a is not None and b is not None and a <= b for a, b in itertools.pairwise(steps[:count])):
        points.steps = [None] * len(steps)
    return points


def without_echoes(readings: Iterable[Reading]) -> Iterator[Reading]:
    """The readings of one metric, in the order of the lines, but for those that only say one again."""
    last: Reading | None = None
    for reading in readings:
        if last is None:
            last = reading
        elif reading.step is not None:
            # Two handlers of a logger print one line twice.
            if (reading.step, reading.value) != (last.step, last.value):
                yield last
                last = reading
        elif reading.shape != last.shape and _is_rounded(last.value, reading.value):
            continue
        else:
            if not (
                reading.shape != last.shape and last.step is None and _is_rounded(reading.value, last.value)
            ):
                yield last
            last = reading
    if last is not None:
        yield last


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
