"""Runs put together by what they share: how many, and mean and spread of each metric over repeats."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import compare, directions, query, row

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.keys import Scalar


class Spread(NamedTuple):
    """A metric over the runs of a group: of its finite values only.

    Attributes:
        mean: Their mean.
        std: Their sample standard deviation (n - 1); None for a single one.
        many: How many they are.
        low: The smallest.
        high: The greatest.
    """

    mean: float
    std: float | None
    many: int
    low: float
    high: float


class Group(NamedTuple):
    """Runs that agree in all keys.

    Attributes:
        key: What they share, a value for each key; None where they lack it.
        numbers: The runs.
        spreads: By metric; without those that no run of the group has a finite value of.
    """

    key: tuple[Scalar, ...]
    numbers: tuple[int, ...]
    spreads: Mapping[str, Spread]


class Grouping(NamedTuple):
    """Groups side by side.

    Attributes:
        by: The columns that make the groups.
        metrics: The columns that are averaged.
        groups: In the order to show.
        directions: ``max`` or ``min`` for a metric whose better end is known.
        best: By metric the places of the groups with the best mean.
    """

    by: tuple[str, ...]
    metrics: tuple[str, ...]
    groups: tuple[Group, ...]
    directions: Mapping[str, str]
    best: Mapping[str, frozenset[int]]


def spread(values: Sequence[Scalar]) -> Spread | None:
    """Mean and spread of the finite numbers among some values; None if there are none."""
    found = [float(value) for value in values if value is not None and _is_number(value)]
    if not found:
        return None
    # A sum of values that are each finite may not be; scaled down it is.
    scale = max(map(abs, found)) or 1.0
    mean = math.fsum(value / scale for value in found) / len(found)
    square = math.fsum((value / scale - mean) ** 2 for value in found)
    std = None if len(found) == 1 else math.sqrt(square / (len(found) - 1)) * scale
    return Spread(mean * scale, std, len(found), min(found), max(found))


def _is_number(value: Scalar) -> bool:
    if isinstance(value, int) and value.bit_length() > 1000:  # noqa: PLR2004  no float holds it
        return False
    return compare.is_finite(value)


def gather(
    numbers: Sequence[int], keys: Sequence[Mapping[int, Scalar]], metrics: Mapping[str, Mapping[int, Scalar]]
) -> list[Group]:
    """Put runs together, in the order in which their groups come up.

    Args:
        numbers: The runs.
        keys: The values of each key by run.
        metrics: The values of each metric by run.
    """
    members: dict[tuple[object, ...], list[int]] = {}
    for number in numbers:
        members.setdefault(tuple(_sameness(key.get(number)) for key in keys), []).append(number)
    return [
        Group(
            tuple(key.get(some[0]) for key in keys),
            tuple(some),
            {
                name: found
                for name, column in metrics.items()
                if (found := spread([column.get(number) for number in some])) is not None
            },
        )
        for some in members.values()
    ]


def _sameness(value: Scalar) -> object:
    """What tells values apart: true is not 1, and every NaN is the same."""
    if isinstance(value, float) and math.isnan(value):
        return "nan", float
    return value, isinstance(value, bool)


def arrange(groups: Sequence[Group], by: Sequence[str], order: Sequence[tuple[str, bool]]) -> list[Group]:
    """Sort groups: by keys, or by means of metrics, each with whether it falls; else by their keys."""
    places = list(range(len(groups)))
    wanted = list(order) or [(name, False) for name in by]

    def column(name: str) -> dict[int, Scalar]:
        if name in by:
            at = by.index(name)
            return {place: groups[place].key[at] for place in places}
        return {
            place: found.mean for place in places if (found := groups[place].spreads.get(name)) is not None
        }

    return [groups[place] for place in query.arrange(places, wanted, column)]


def judged(
    groups: Sequence[Group], by: Sequence[str], metrics: Sequence[str], configured: Mapping[str, str]
) -> Grouping:
    """Groups with the best mean of each metric marked."""
    known = {name: way for name in metrics if (way := _direction(name, configured)) is not None}
    best: dict[str, frozenset[int]] = {}
    for name, way in known.items():
        means = {at: found.mean for at, each in enumerate(groups) if (found := each.spreads.get(name))}
        if len(set(means.values())) > 1:
            winner = (max if way == "max" else min)(means.values())
            best[name] = frozenset(at for at, mean in means.items() if mean == winner)
    return Grouping(tuple(by), tuple(metrics), tuple(groups), known, best)


def _direction(name: str, configured: Mapping[str, str]) -> str | None:
    if name == "duration_s":
        return "min"
    if not name.startswith("metrics."):
        return None
    return directions.direction_of(row.metric_name(name), configured)
