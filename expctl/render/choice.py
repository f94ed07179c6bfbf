"""Which columns of a comparison stay when there is no room for all, and in which order they stand."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.core.compare import Comparison

#: Ranks of columns that most rows lack, and of those that are neither metrics nor parameters.
_SPARSE, _OTHERS = 12, 20


def arranged(found: Comparison) -> Comparison:
    """The name first, then group by group in the order in which the groups come."""
    order = dict.fromkeys(column.group for column in found.columns if column.group)
    places = {group: at for at, group in enumerate(order, 1)} | {"": len(order) + 1}
    columns = sorted(found.columns, key=lambda column: 0 if column.name == "name" else places[column.group])
    return dataclasses.replace(found, columns=tuple(columns))


def narrowed(found: Comparison, most: int) -> tuple[Comparison, tuple[str, ...]]:
    """A comparison with so many columns, the most telling ones, and the names of the others."""
    if len(found.columns) <= most:
        return found, ()
    places = ranks(found)
    kept = {column.name for column in sorted(found.columns, key=lambda column: places[column.name])[:most]}
    columns = tuple(column for column in found.columns if column.name in kept)
    gone = tuple(column.name for column in found.columns if column.name not in kept)
    return dataclasses.replace(found, columns=columns), gone


def ranks(found: Comparison) -> Mapping[str, int]:
    """Which columns stay when the width is short: goals, the name, then metrics and parameters in turn.

    A column that most rows lack comes after the others of its group: with several kinds of model side by
    side, each brings parameters of its own.
    """
    goals = {goal.column for goal in found.objectives}
    seen: dict[str, int] = {}
    places: dict[str, int] = {}
    for at, column in enumerate(found.columns):
        if column.name in goals or at == 0 or column.is_curve:  # asked for by name
            places[column.name] = 0
        elif column.group in ("metrics", "params"):
            sparse = 2 * sum(column.name in row.values for row in found.rows) < len(found.rows)
            place = seen.get(column.group, 0)
            seen[column.group] = place + (not sparse)
            places[column.name] = 2 * place + (column.group == "params") + 1 + (_SPARSE if sparse else 0)
        else:
            # That a run failed must be seen beside its numbers.
            places[column.name] = {"name": 2, "status": 3}.get(column.name, _OTHERS + at)
    return places
