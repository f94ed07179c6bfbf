"""What a filter says, as a tree: tests of columns and values, joined by AND, OR and NOT."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """A column as it was written: its parts, quotes taken off, and where it stands in the text."""

    parts: tuple[str, ...]
    start: int


class Literal(NamedTuple):
    """A value, where it stands in the text, and for a number how it was written: 3.10 may be a version."""

    value: str | int | float | bool
    start: int
    raw: str = ""


class Arithmetic(NamedTuple):
    """``left op right`` of numbers; op is one of ``+ - * /``."""

    left: Operand
    op: str
    right: Operand


Operand = Key | Literal | Arithmetic


class Compare(NamedTuple):
    """``left op right``; op is one of ``= != < <= > >=``."""

    left: Operand
    op: str
    right: Operand


class In(NamedTuple):
    """``left IN (…)``."""

    left: Operand
    values: tuple[Literal, ...]


class Between(NamedTuple):
    """``left BETWEEN low AND high``, both ends included."""

    left: Operand
    low: Operand
    high: Operand


class Like(NamedTuple):
    """``left LIKE pattern``: ``%`` any text, ``_`` one character; ``fold`` for ILIKE."""

    left: Operand
    pattern: str
    fold: bool


class IsNull(NamedTuple):
    """``left IS NULL``."""

    left: Operand


class Not(NamedTuple):
    """The opposite; what is unknown stays unknown."""

    inner: Node


class All(NamedTuple):
    """Every one of them; the empty filter is ``All(())``."""

    inner: tuple[Node, ...]


class Any(NamedTuple):
    """At least one of them."""

    inner: tuple[Node, ...]


Node = Compare | In | Between | Like | IsNull | Not | All | Any


class SortKey(NamedTuple):
    """One column of an order, as it was written."""

    key: Key
    descending: bool
