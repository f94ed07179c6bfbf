"""Goals of a front as people type them, and the runs that no other beats in all of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from expctl.core import compare, query
from expctl.core.compare import Objective
from expctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from expctl.actions.seeing import Seen

#: A comma that separates, as against one inside backquotes.
_COMMA = re.compile(r",(?=(?:[^`]*`[^`]*`)*[^`]*\Z)")


def parse(text: str, known: Collection[str], configured: Mapping[str, str]) -> tuple[Objective, ...]:
    """Goals as typed: a column and ``max`` or ``min``, which may be left out where it can be told."""
    found: dict[str, Objective] = {}
    for item in items(text):
        name, _, way = item.rpartition(":")
        if not name or "`" in way:
            name, way = item, ""
        elif way.lower() not in ("max", "min"):
            raise UsageError(f'"{way}" is neither max nor min.', hint=f"Write {name}:max or {name}:min")
        column = resolve(name, known)
        direction = way.lower() or compare.direction_of(column, configured)
        if direction is None:
            raise UsageError(
                f"Nobody has said whether {column} is better high or low.",
                hint=f"Write {name}:max or {name}:min",
            )
        found[column] = Objective(column=column, direction=direction)
    return tuple(found.values())


def front(seen: Seen, numbers: Sequence[int], goals: Sequence[Objective]) -> set[int]:
    """Numbers of the runs that no other beats; a run without a finite value of each goal is not on it."""
    if not goals:
        return set()
    from expctl.core import pareto

    points = _points(seen, numbers, goals)
    marks = pareto.front(list(points.values()))
    return {number for number, mark in zip(points, marks, strict=True) if mark}


def ranks(seen: Seen, numbers: Sequence[int], goals: Sequence[Objective]) -> dict[int, int | None]:
    """Ranks of the runs, 1 for the front; a run without a finite value of each goal has none."""
    from expctl.core import ranks as sorting

    points = _points(seen, numbers, goals)
    return dict(zip(points, sorting.ranks(list(points.values())), strict=True))


def _points(seen: Seen, numbers: Sequence[int], goals: Sequence[Objective]) -> dict[int, list[float]]:
    """Runs with a finite value of each goal, as points of which lower is better."""
    columns = [(seen.column(goal.column), -1 if goal.direction == "max" else 1) for goal in goals]
    points: dict[int, list[float]] = {}
    for number in numbers:
        point = [column.get(number) for column, _ in columns]
        if all(map(compare.is_finite, point)):
            points[number] = [value * sign for value, (_, sign) in zip(point, columns, strict=True)]  # type: ignore[operator, misc]  # finite numbers
    return points


def resolve(name: str, known: Collection[str]) -> str:
    """The column that a name means.

    Raises:
        QueryError: No run has it, or it could mean several.
    """
    from expctl.core.query.names import Names

    return Names(known).find(query.parse_name(name), name)


def items(text: str) -> list[str]:
    """A list as typed: parts between commas; one inside backquotes belongs to a name."""
    return [item.strip() for item in _COMMA.split(text) if item.strip()]
