"""Ranks by non-dominated sorting: the front, the front of what is left without it, and so on."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from expctl.core import dominance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Point = tuple[float, ...]

_SPACE = 3


def ranks(points: Sequence[Sequence[float]]) -> list[int | None]:
    """Give each point its rank, from 1.

    Every objective is minimised; the caller negates what it maximises. Equal points share one rank. A point
    with a NaN or an infinity in it has no rank and dominates nothing.

    Args:
        points: n rows of m values each.

    Returns:
        n ranks, in the order of ``points``.

    Raises:
        ValueError: Rows differ in length.

    Source:
        Ranks as in Deb et al. 2002, section III, doi:10.1109/4235.996017. In lexicographic order only earlier
        points can dominate, and what a front beats, every front before it beats too: the front of a point is
        found by bisection (ENS-BS, Zhang et al. 2015, doi:10.1109/TEVC.2014.2308305). Up to three objectives
        a front is asked by bisection as well, O(n log² n). With more, the points that beat another are a set
        of bits, made objective by objective: O(n² m), but 64 points a machine word.
    """
    width = len(points[0]) if points else 0
    if any(len(point) != width for point in points):
        raise ValueError("points differ in length")
    distinct = sorted({tuple(point) for point in points if all(map(math.isfinite, point))})
    if width > _SPACE:
        found = dict(zip(distinct, _by_bits(distinct), strict=True))
    else:
        found = dict(
            zip(distinct, _by_bisection(distinct, _Stairs if width == _SPACE else _Last), strict=True)
        )
    return [found.get(tuple(point)) for point in points]


def _by_bisection(ordered: list[Point], kind: type[_Last | _Stairs]) -> Iterator[int]:
    fronts: list[_Last | _Stairs] = []
    for point in ordered:
        low = _first(len(fronts), lambda place, point=point: not fronts[place].beats(point))  # type: ignore[misc]
        if low == len(fronts):
            fronts.append(kind())
        fronts[low].add(point)
        yield low + 1


def _by_bits(ordered: list[Point]) -> Iterator[int]:
    """Any number of objectives; points are known by their place in the order."""
    fronts: list[int] = []
    for place, others in enumerate(dominance.beaters(ordered)):
        low = _first(len(fronts), lambda at, others=others: not fronts[at] & others)  # type: ignore[misc]
        if low == len(fronts):
            fronts.append(0)
        fronts[low] |= 1 << place
        yield low + 1


def _first(count: int, is_so: Callable[[int], bool]) -> int:
    """The first place of which something is so, which is so of all after it too; ``count`` if of none."""
    return bisect_left(range(count), 1, key=is_so)


class _Last:
    """A front of one or two objectives: of distinct points in order the last has the lowest last value."""

    def __init__(self) -> None:
        self._lowest = math.inf

    def beats(self, point: Point) -> bool:
        return bool(point) and self._lowest <= point[-1]

    def add(self, point: Point) -> None:
        self._lowest = min(self._lowest, point[-1]) if point else 0.0


class _Stairs:
    """A front of three objectives: seconds rise and thirds fall, as far as they matter."""

    def __init__(self) -> None:
        self._seconds: list[float] = []
        self._thirds: list[float] = []

    def beats(self, point: Point) -> bool:
        step = bisect_right(self._seconds, point[1])
        return bool(step) and self._thirds[step - 1] <= point[2]

    def add(self, point: Point) -> None:
        start = bisect_left(self._seconds, point[1])
        end = start
        while end < len(self._thirds) and self._thirds[end] >= point[2]:
            end += 1
        self._seconds[start:end] = [point[1]]
        self._thirds[start:end] = [point[2]]
