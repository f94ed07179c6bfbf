"""How two values compare: numbers as numbers, texts as texts, and what has no answer never matches."""

from __future__ import annotations

import math
import operator
import re
from itertools import compress, repeat
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from expctl.core.keys import Scalar

    Value = str | int | float | bool
    Holds = Callable[[Value], bool]

OPERATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
#: Exact opposites where both have an answer; where there is none, neither of the two holds.
OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
#: The same comparison with its sides exchanged.
MIRRORED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_LONGEST_NUMBER = 64
_NUMBERS = frozenset((float, int))
_TRUTHS = {"true": True, "false": False}


def number_in(text: str) -> float | None:
    """The number that a text spells, such as a hand-given score in a tag; None if it spells none."""
    if len(text) > _LONGEST_NUMBER or not _NUMBER.fullmatch(text):
        return None
    return float(text)


def text_of(value: Value) -> str:
    """A value as text patterns see it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else repr(value)


def same_text(value: Value, wanted: str) -> bool:
    """Whether a value is written so; truth values in any case."""
    return text_of(value) == (wanted.lower() if isinstance(value, bool) else wanted)


def number_of(value: Value) -> float | None:
    """A value as a number to reckon with; None for what is none."""
    if isinstance(value, str):
        return number_in(value)
    try:
        return None if isinstance(value, bool) else float(value)
    except OverflowError:
        return None


def comparison(op: str, wanted: Value) -> Holds:
    """A quick test ``value op wanted`` for one side that is known beforehand."""
    if isinstance(wanted, (bool, str)) or wanted != wanted:  # noqa: PLR0124  NaN differs from itself
        return lambda value: holds(value, op, wanted)
    compare = OPERATIONS[op]

    def test(value: Value) -> bool:
        if value.__class__ is float or value.__class__ is int:
            # NaN: every order and "=" are false by IEEE 754, "!=" is true.
            return compare(value, wanted)
        return holds(value, op, wanted)

    return test


def in_bulk(op: str, wanted: Value) -> Callable[[Mapping[int, Scalar]], set[int] | None] | None:
    """``comparison`` for a column of nothing but numbers, in a tenth of the time; None for other literals."""
    if isinstance(wanted, (bool, str)) or wanted != wanted:  # noqa: PLR0124  NaN differs from itself
        return None
    compare = OPERATIONS[op]

    def test(column: Mapping[int, Scalar]) -> set[int] | None:
        if not _NUMBERS.issuperset(map(type, column.values())):
            return None
        return set(compress(column, map(compare, column.values(), repeat(wanted))))

    return test


def holds(left: Value, op: str, right: Value) -> bool:
    """Whether ``left op right``.

    Unlike kinds are unequal and have no order, save that a number and a text that spells a number compare as
    numbers, and a truth value with the texts ``true`` and ``false``. A NaN equals a NaN alone, and has no
    order.
    """
    one, other = _alike(left, right)
    if isinstance(one, str) != isinstance(other, str) or isinstance(one, bool) != isinstance(other, bool):
        return op == "!="
    if isinstance(one, bool) and op not in ("=", "!="):
        return False
    if op in ("=", "!=") and one != one and other != other:  # noqa: PLR0124  both NaN
        return op == "="
    return OPERATIONS[op](one, other)


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    if isinstance(left, str) and not isinstance(right, str):
        return _as(left, right), right
    if isinstance(right, str) and not isinstance(left, str):
        return left, _as(right, left)
    return left, right


def _as(text: str, model: Value) -> Value:
    """A text as what it is compared with, if it spells such a thing."""
    if isinstance(model, bool):
        return _TRUTHS.get(text.lower(), text)
    number = number_in(text)
    return text if number is None else number


def like(pattern: str, *, fold: bool) -> Holds:
    """A test for SQL's LIKE: ``%`` any text, ``_`` one character, the whole value.

    The pieces between ``%`` are looked for one after the other from the left, which is linear: a regular
    expression with several ``.*`` can take forever on a text made for it.
    """
    flags = re.DOTALL | (re.IGNORECASE if fold else 0)
    pieces = [re.compile(re.escape(piece).replace("_", "."), flags) for piece in pattern.split("%")]

    def test(value: Value) -> bool:
        if isinstance(value, bool):  # MLflow keeps a truth value as Python writes it
            return fits(str(value)) or fits(text_of(value))
        return fits(text_of(value))

    def fits(text: str) -> bool:
        if len(pieces) == 1:
            return pieces[0].fullmatch(text) is not None
        match = pieces[0].match(text)
        for piece in pieces[1:-1]:
            match = match and piece.search(text, match.end())
        # The last piece has one length, so it can only stand at the very end.
        start = len(text) - len(pattern.rpartition("%")[2])
        return match is not None and start >= match.end() and pieces[-1].fullmatch(text, start) is not None

    return test


def rank(value: Scalar) -> int:
    """The group that a value sorts in: 0 finite numbers, 1 texts, 2 infinities, 3 NaN, 4 missing."""
    if value is None:
        return 4
    if isinstance(value, str):
        return 1 if number_in(value) is None else 0
    if isinstance(value, bool):
        return 1
    if math.isfinite(value):
        return 0
    return 3 if value != value else 2  # noqa: PLR0124  NaN differs from itself
