"""A metric over steps: gathered by point, summarised for the manifest, written as one JSON line a metric.

The ``series`` file::

    {"name": "loss", "steps": [0, 1], "values": [0.7, "nan"], "times": [1700000000.1, 1700000000.2]}

``steps`` and ``times`` may hold null; ``values`` holds numbers or the words ``nan``, ``inf`` and ``-inf``,
since JSON has no numbers for them.
"""

from __future__ import annotations

import json
import math

from expctl.core.manifest import Metric
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class Points:
    """The points of one metric, in the order in which they were logged; the three lists have one length.

    Attributes:
        steps: Step of each point, or None.
        values: May be NaN or infinite.
        times: Unix seconds of each point, or None.
        source: Where they came from when not logged by the script.
        begun_again: How many trainings before the one that is here were left out.
    """

    __slots__ = ("begun_again", "source", "steps", "times", "values")

    def __init__(self) -> None:
        self.steps: list[int | None] = []
        self.values: list[float] = []
        self.times: list[float | None] = []
        self.source: str | None = None
        self.begun_again = 0

    def add(self, value: float, *, step: int | None = None, at: float | None = None) -> None:
        """Append one point."""
        self.steps.append(step)
        self.values.append(value)
        self.times.append(at)


def summarise(points: Points, *, direction: str | None = None) -> Metric:
    """The last value, and extremes where there is more than one.

    The last point is the one with the highest step, the later logged one of equals; without steps the last
    one logged.

    Raises:
        ValueError: There are no points.
    """
    if not points.values:
        raise ValueError("a metric without points")
    last = len(points.values) - 1
    for place, step in enumerate(points.steps):
        best = points.steps[last]
        if step is not None and best is not None and (step > best or (step == best and place > last)):
            last = place
    finite = [value for value in points.values if math.isfinite(value)] if len(points.values) > 1 else []
    return Metric(
        value=points.values[last],
        step=points.steps[last],
        min=min(finite, default=None),
        max=max(finite, default=None),
        points=len(points.values),
        direction=direction,
        source=points.source,
    )


def encode(series: Mapping[str, Points]) -> bytes:
    """The ``series`` file: metrics by name, sorted; those with a single point are in the manifest already."""
    lines = []
    for name in sorted(series):
        points = series[name]
        if len(points.values) > 1:
            record = {
                "name": name,
                "steps": points.steps,
                "values": [_word(value) for value in points.values],
                "times": points.times,
            }
            lines.append(json.dumps(record, ensure_ascii=False, allow_nan=False) + "\n")
    return "".join(lines).encode("utf-8", "replace")


def decode(data: bytes) -> dict[str, Points]:
    """Read a ``series`` file; lines that are not what ``encode`` writes are skipped."""
    found: dict[str, Points] = {}
    for line in data.splitlines():
        try:
            record = json.loads(line)
            points = _points(record)
        except (ValueError, TypeError, KeyError, RecursionError):
            continue
        found[str(record["name"])] = points
    return found


def number(value: Any) -> float | None:
    """A number as metrics have it: int, float, words for NaN and infinities; else None, as for yes and no."""
    if isinstance(value, str):
        return _WORDS.get(value.strip().lower().replace("infinity", "inf").removeprefix("+"))
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            return None
    return None


def _points(record: Any) -> Points:
    values = [number(value) for value in record["values"]]
    steps: Iterable[Any] = record["steps"]
    times: Iterable[Any] = record["times"]
    points = Points()
    for step, value, at in zip(steps, values, times, strict=True):
        if value is None or isinstance(step, bool) or not (step is None or isinstance(step, int)):
            raise ValueError("not a point")
        points.add(value, step=step, at=None if at is None else float(at))
    return points


def _word(value: float) -> float | str:
    if math.isfinite(value):
        return value
    return "nan" if math.isnan(value) else "inf" if value > 0 else "-inf"
