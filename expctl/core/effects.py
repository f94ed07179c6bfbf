"""How much of a metric's spread goes with each parameter: what a sweep has to say, one line a parameter."""

from __future__ import annotations

import math
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import compare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.keys import Scalar

#: Numbers with more different values are put into groups of about the same size.
_MOST_VALUES = 8
_GROUPS = 4


class Level(NamedTuple):
    """Runs that share a value, or a range of values.

    Attributes:
        low: The value; None where the runs have none.
        high: The same, or the upper end of the range.
        many: How many runs these are.
        mean: Of the metric over them.
    """

    low: Scalar
    high: Scalar
    many: int
    mean: float


class Effect(NamedTuple):
    """What goes with one column.

    Attributes:
        column: Its name.
        share: Of the metric's spread, from 0 to 1, corrected for chance.
        levels: From the highest mean to the lowest; two at least.
    """

    column: str
    share: float
    levels: tuple[Level, ...]


def effect(column: str, keys: Mapping[int, Scalar], metric: Mapping[int, float]) -> Effect | None:
    """Say how much of a metric goes with a column.

    Args:
        column: Its name.
        keys: Its values by run; runs that lack it are a level of their own.
        metric: Finite values by run.

    Returns:
        None where the column cannot tell: all runs share a value, almost every run has its own, or the metric
        is the same in all.

    Source:
        Epsilon squared, the correlation ratio without what chance gives to many small groups: Kelley 1935,
        doi:10.1073/pnas.21.9.554.
    """
    members = _levels(keys, list(metric))
    many, groups = len(metric), len(members)
    if groups < 2 or many < 2 * groups:  # noqa: PLR2004  nothing to hold against anything, or single runs
        return None
    scale = max(map(abs, metric.values())) or 1.0
    value = {number: each / scale for number, each in metric.items()}
    mean = math.fsum(value.values()) / many
    total = math.fsum((each - mean) ** 2 for each in value.values())
    if not total:
        return None
    means = [math.fsum(value[number] for number in some) / len(some) for _, _, some in members]
    within = math.fsum(
        (value[number] - own) ** 2
        for own, (_, _, some) in zip(means, members, strict=True)
        for number in some
    )
    share = 1 - (within / (many - groups)) / (total / (many - 1))
    levels = [
        Level(low, high, len(some), own * scale)
        for own, (low, high, some) in zip(means, members, strict=True)
    ]
    levels.sort(key=lambda level: -level.mean)
    return Effect(column, min(1.0, max(0.0, share)), tuple(levels))


def _levels(keys: Mapping[int, Scalar], numbers: Sequence[int]) -> list[tuple[Scalar, Scalar, list[int]]]:
    """Runs by value: lowest and highest of each group, and who is in it."""
    lacking = [number for number in numbers if keys.get(number) is None]
    known = [number for number in numbers if keys.get(number) is not None]
    found: list[tuple[Scalar, Scalar, list[int]]] = [(None, None, lacking)] if lacking else []
    by_value: dict[object, list[int]] = {}
    for number in known:
        value = keys[number]
        by_value.setdefault((str(value), isinstance(value, str)), []).append(number)
    if len(by_value) <= _MOST_VALUES or not all(compare.is_finite(keys[number]) for number in known):
        return found + [(keys[some[0]], keys[some[0]], some) for some in by_value.values()]
    ordered = sorted(known, key=lambda number: float(keys[number] or 0))
    place = 0
    groups: dict[int, list[int]] = {}
    for _, equals in groupby(ordered, key=lambda number: float(keys[number] or 0)):
        some = list(equals)
        # Equal values stay together: the middle of them says which group is theirs.
        groups.setdefault((2 * place + len(some)) * _GROUPS // (2 * len(ordered) + 1), []).extend(some)
        place += len(some)
    return found + [(keys[some[0]], keys[some[-1]], some) for some in groups.values()]
