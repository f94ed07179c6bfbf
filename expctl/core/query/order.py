"""Rows in the order asked for: numbers, then texts; infinities, NaN and what is missing always last."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.core.query import values, versions

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from expctl.core.keys import Scalar

_LAST = 2


def arrange(
    numbers: Sequence[int], by: Sequence[tuple[str, bool]], columns: Callable[[str], Mapping[int, Scalar]]
) -> list[int]:
    """Sort rows by several columns; rows that are equal in all of them keep their order.

    Args:
        numbers: The rows, by number, in the order for equals.
        by: Columns, most important first, each with whether it falls.
        columns: The values of a column by row number.
    """
    ordered = list(numbers)
    for name, descending in reversed(by):
        column = columns(name)
        if versions.is_version(name):
            ordered = _by_version(ordered, column, descending=descending)
        else:
            ordered = _by_column(ordered, column, descending=descending)
    return ordered


def _by_column(numbers: list[int], column: Mapping[int, Scalar], *, descending: bool) -> list[int]:
    """A stable sort by one column, group after group; ``descending`` turns numbers and texts only."""
    groups: tuple[list[tuple[Any, int]], ...] = ([], [], [], [], [])
    for number in numbers:
        value = column.get(number)
        # The plain road of a metric: x - x is 0 for finite numbers alone.
        if value.__class__ is float and value - value == 0.0:
            groups[0].append((value, number))
        else:
            group = values.rank(value)
            groups[group].append((_key(value, group), number))
    found = []
    for group, members in enumerate(groups):
        if group < _LAST:
            members.sort(key=_first, reverse=descending)
        found += [number for _, number in members]
    return found


def _by_version(numbers: list[int], column: Mapping[int, Scalar], *, descending: bool) -> list[int]:
    """A stable sort of versions, 3.9 before 3.10; what is none comes last."""
    found = {n: versions.key(values.text_of(value)) for n in numbers if (value := column.get(n)) is not None}
    known = [number for number in numbers if found.get(number) is not None]
    known.sort(key=lambda number: found[number] or [], reverse=descending)
    return known + [number for number in numbers if found.get(number) is None]


def _first(member: tuple[Any, int]) -> Any:
    return member[0]


def _key(value: Scalar, group: int) -> Any:
    if group == 0:
        return values.number_in(value) if isinstance(value, str) else value
    return values.text_of(value) if group == 1 and value is not None else None
