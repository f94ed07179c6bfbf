"""The Pareto front: the points that no other point beats in everything."""

from __future__ import annotations

import math
from bisect import bisect_right
from typing import TYPE_CHECKING

from expctl.core import dominance

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLANE = 2
_SPACE = 3
#: From so many objectives on a front holds so many of the points that to hold against it takes longer than to
#: find all that beat a point, unless there are very many.
_MANY, _MOST_BY_BITS = 5, 30_000


def front(points: Sequence[Sequence[float]]) -> list[bool]:
    """Mark the points that no other point dominates.

    Every objective is minimised; the caller negates what it maximises. Equal points share one mark. A point
    with a NaN or an infinity in it is never on the front and dominates nothing.

    Args:
        points: n rows of m values each.

    Returns:
        n marks, in the order of ``points``; empty for no points.

    Raises:
        ValueError: Rows differ in length.

    Source:
        Dominance as in Deb et al. 2002, section III, doi:10.1109/4235.996017. In lexicographic order only
        earlier points can dominate later ones (Kung, Luccio, Preparata 1975, doi:10.1145/321906.321910): two
        objectives are one sweep, three a staircase kept sorted, O(n log n) both; four are held against the
        front found so far, O(n f m) with f points on it; more are asked for all that beat them.
    """
    width = len(points[0]) if points else 0
    if any(len(point) != width for point in points):
        raise ValueError("points differ in length")
    marks = [False] * len(points)
    # Equal points stand together and share one mark: each distinct point is judged once.
    places: dict[tuple[float, ...], list[int]] = {}
    for place, point in enumerate(points):
        if all(map(math.isfinite, point)):
            places.setdefault(tuple(point), []).append(place)
    distinct = sorted(places)
    if width <= _PLANE:
        kept = _sweep(distinct)
    elif width == _SPACE:
        kept = _staircase(distinct)
    elif width < _MANY or len(distinct) > _MOST_BY_BITS:
        kept = _against_front(distinct)
    else:
        kept = [
            point for point, others in zip(distinct, dominance.beaters(distinct), strict=True) if not others
        ]
    for point in kept:
        for place in places[point]:
            marks[place] = True
    return marks


def _sweep(ordered: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """One or two objectives: a point stays if its last value is lower than all before it."""
    kept = []
    lowest = math.inf
    for point in ordered:
        last = point[-1] if point else 0.0
        if last < lowest:
            kept.append(point)
            lowest = last
    return kept


def _staircase(ordered: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Three objectives: seconds and thirds of the points kept form a staircase, rising and falling."""
    kept = []
    seconds: list[float] = []
    thirds: list[float] = []
    for point in ordered:
        _, second, third = point
        step = bisect_right(seconds, second)
        if step and thirds[step - 1] <= third:
            continue  # an earlier point is as good in the first, and no worse in the others
        kept.append(point)
        end = step
        while end < len(thirds) and thirds[end] >= third:
            end += 1
        if step and seconds[step - 1] == second:
            step -= 1
        seconds[step:end] = [second]
        thirds[step:end] = [third]
    return kept


def _against_front(ordered: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
    """Any number of objectives: hold each point against the front so far, the last that beat one first."""
    kept: list[tuple[float, ...]] = []
    beaters: list[tuple[float, ...]] = []
    for point in ordered:
        for place, other in enumerate(beaters):
            if all(a <= b for a, b in zip(other, point, strict=True)):
                if place:  # what beats one point tends to beat its neighbours
                    beaters[place // 2], beaters[place] = beaters[place], beaters[place // 2]
                break
        else:
            kept.append(point)
            beaters.append(point)
    return kept
