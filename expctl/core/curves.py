"""Curves out of logged points: the axis they run along, smoothing, no more points than can be seen."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.series import Points

STEP, TIME = "step", "time"
_MOST = 2**63


class Curve(NamedTuple):
    """The line of one metric of one run.

    Attributes:
        label: What it is called.
        xs: Steps, or seconds since its first point; never falling.
        ys: The values; NaN and infinities are gaps.
    """

    label: str
    xs: Sequence[float]
    ys: Sequence[float]


def curve(label: str, points: Points, *, by: str = STEP, smoothing: float = 0.0) -> Curve:
    """Make a curve.

    Args:
        label: What to call it.
        points: As they were logged.
        by: ``step``, counted from 0 where none was logged, or ``time``; points without a time are left out.
        smoothing: From 0, none, to below 1.
    """
    if by == TIME:
        placed = [
            (at, value) for at, value in zip(points.times, points.values, strict=True) if at is not None
        ]
        start = min((at for at, _ in placed), default=0.0)
        placed = [(at - start, value) for at, value in placed]
    else:
        steps = zip(points.steps, points.values, strict=True)
        # A step beyond what a float holds comes from no training.
        placed = [
            (at if step is None or abs(step) > _MOST else step, v) for at, (step, v) in enumerate(steps)
        ]
    # A run that was resumed logs steps again; equal ones keep the order in which they were logged.
    placed.sort(key=lambda one: one[0])
    ys = smoothed([value for _, value in placed], smoothing)
    return Curve(label, [float(x) for x, _ in placed], ys)


def smoothed(values: Sequence[float], weight: float) -> list[float]:
    """A running mean whose memory fades; what is not finite stays as it is and is not remembered.

    Args:
        values: In order.
        weight: How much of the past stays at each point: 0 none, 0.9 about ten points.

    Source:
        The debiased exponential mean of TensorBoard's scalar charts; the same correction as in Adam
        (Kingma, Ba 2015, arXiv:1412.6980, section 3).
    """
    if not weight:
        return list(values)
    mean = 0.0
    known = 0.0
    found = []
    for value in values:
        if not math.isfinite(value):
            found.append(value)
            continue
        mean = mean * weight + (1 - weight) * value
        known = known * weight + (1 - weight)
        found.append(mean / known)
    return found


def thin(line: Curve, most: int) -> Curve:
    """The same curve with at most so many points: of each stretch its lowest, its highest and one gap stay.

    Args:
        line: Any curve.
        most: At least 4.
    """
    count = len(line.xs)
    if count <= most:
        return line
    kept: set[int] = {0, count - 1}
    stretches = max(1, (most - 2) // 3)
    for part in range(stretches):
        places = range(part * count // stretches, (part + 1) * count // stretches)
        finite = [place for place in places if math.isfinite(line.ys[place])]
        kept.update(next(([place] for place in places if not math.isfinite(line.ys[place])), []))
        if finite:
            kept.add(min(finite, key=line.ys.__getitem__))
            kept.add(max(finite, key=line.ys.__getitem__))
    order = sorted(kept)
    return Curve(line.label, [line.xs[place] for place in order], [line.ys[place] for place in order])
