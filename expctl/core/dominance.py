"""Which points beat which, for any number of objectives: sets of points as the bits of whole numbers."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    Point = tuple[float, ...]

#: 64 MB of sets at once.
_MOST_BITS = 1 << 29


def beaters(points: Sequence[Point]) -> Iterator[int]:
    """For each point the set of all others that are at least as good in everything.

    Args:
        points: Distinct and finite, all of one length; lower is better.

    Yields:
        A number whose bit k is set if point k beats this one: 0 for a point on the front.

    Source:
        A point beats another if it comes no later in the order of any objective: the set is the intersection
        of the beginnings of these orders. O(n² m) bits, 64 of which a machine does at once.
    """
    width = len(points[0]) if points else 0
    columns = [sorted(range(len(points)), key=lambda at, k=k: points[at][k]) for k in range(width)]  # type: ignore[misc]
    # As many points at once as there is memory for their sets.
    chunk = max(1, _MOST_BITS // max(1, len(points)))
    for start in range(0, len(points), chunk):
        yield from _of_some(points, columns, range(start, min(start + chunk, len(points))))


def _of_some(points: Sequence[Point], columns: list[list[int]], places: range) -> list[int]:
    found = [~(1 << place) for place in places]
    for k, column in enumerate(columns):
        so_far = 0
        for _, equal in groupby(column, key=lambda at, k=k: points[at][k]):  # type: ignore[misc]
            tied = list(equal)
            for at in tied:
                so_far |= 1 << at
            for at in tied:
                if at in places:
                    found[at - places.start] &= so_far
    return found
