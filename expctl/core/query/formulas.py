"""Sums of columns and numbers, made ready to be worked out for one run after the other."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.core.query import tree, values

if TYPE_CHECKING:
    from collections.abc import Callable

_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


class Formula(NamedTuple):
    """A value that depends on columns.

    Attributes:
        columns: What it depends on; one that it needs twice stands twice.
        value: Its value for theirs, none of which is missing; None if it has none.
    """

    columns: tuple[str, ...]
    value: Callable[..., values.Value | None]


def compiled(operand: tree.Operand, find: Callable[[tree.Key], str]) -> Formula:
    """Make an operand ready.

    Args:
        operand: A column, a value, or a sum of such.
        find: The column that a key means.
    """
    match operand:
        case tree.Key():
            return Formula((find(operand),), lambda cell: cell)
        case tree.Literal():
            value = operand.value
            return Formula((), lambda: value)
        case tree.Arithmetic(left, op, right):
            return _sum(compiled(left, find), op, compiled(right, find))


def _sum(left: Formula, op: str, right: Formula) -> Formula:
    middle, reckon = len(left.columns), _SIGNS[op]

    def value(*cells: values.Value) -> values.Value | None:
        """What is no number, and a division by zero, have no value, as in SQL."""
        one, other = left.value(*cells[:middle]), right.value(*cells[middle:])
        if one is None or other is None:
            return None
        ours, theirs = values.number_of(one), values.number_of(other)
        if ours is None or theirs is None or (op == "/" and theirs == 0):
            return None
        found: float = reckon(ours, theirs)
        return found

    return Formula(left.columns + right.columns, value)
