"""One set of metrics out of what several sources hold under the same names."""

from __future__ import annotations

import math
import os

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.core.series import Points

#: TensorBoard keeps single precision.
_SINGLE = 1e-6


def add(points: dict[str, Points], found: Mapping[str, Points], label: str) -> None:
    """Add what a weaker source holds.

    A name that is taken by the same numbers keeps the longer series: a file of results often repeats the last
    value of what was logged by step. One that is taken by other numbers gets the source in front.
    """
    for name, given in found.items():
        if not given.values:
            continue
        if name not in points:
            points[name] = given
        elif not agree(points[name], given):
            points.setdefault(f"{_stem(label)}.{name}", given)
        elif len(given.values) > len(points[name].values):
            points[name] = given


def agree(one: Points, other: Points) -> bool:
    """Whether two sources speak of one metric: the last value of the shorter is the last of the longer.

    Two series of different length agree also where one ends earlier, at a step that both have.
    """
    short, long = sorted((one, other), key=lambda points: len(points.values))
    last = _last(short)
    if _same(short.values[last], long.values[_last(long)]):
        return True
    step = short.steps[last]
    if step is None or len(short.values) == 1 or step not in long.steps:
        return False
    return _same(short.values[last], long.values[long.steps.index(step)])


def _last(points: Points) -> int:
    """The place of the last point, as the manifest has it: the highest step, else the last one logged."""
    steps = points.steps
    return max(range(len(steps)), key=lambda place: (-1 if steps[place] is None else steps[place], place))


def _same(one: float, other: float) -> bool:
    return (
        one == other or (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=_SINGLE)
    )


def _stem(label: str) -> str:
    return os.path.splitext(label)[0].strip("/").replace("/", ".")
