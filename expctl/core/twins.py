"""Columns that repeat others: a score that a script both writes to a file and prints rounded is shown once.

What is the same must also be meant the same: a training loss that equals the validation loss is news.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from expctl.core import keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from expctl.core.keys import Scalar

#: More columns are not held against each other: their number multiplies.
_MOST = 200
#: A number with more decimals than this was not rounded for people.
_MOST_DECIMALS = 6
_SLACK = 1.0001
_WHOLE, _BITS = 2**40, 1e-3
#: Words that say on which part of the data a metric was taken.
_PARTS = {
    "train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
    "test": "test", "testing": "test", "eval": "eval", "evaluation": "eval", "holdout": "test",
}  # fmt: skip
#: Words that say nothing of what was measured.
_IDLE = frozenset("avg average mean macro micro weighted score final last best total overall".split())  # noqa: SIM905  a list of words reads better so
_SAME = {"acc": "accuracy", "prec": "precision", "rec": "recall", "f1score": "f1"}
_WORD = re.compile(r"[a-z]+[0-9]*|[0-9]+")


def fold(names: Sequence[str], values: Callable[[str], Sequence[Scalar]]) -> dict[str, tuple[str, ...]]:
    """Say which columns repeat others.

    A parameter repeats another of the same last name if all their values are equal. So does a metric another
    one of the same part of the data, if their names share a word or no chance makes so many digits equal. A
    metric also repeats one that it is the rounding of, if their names share a word.

    Args:
        names: Columns, those that had better stay first.
        values: The values of a column, row by row.

    Returns:
        For each column that stays the ones that repeat it; columns that nothing repeats are not among them.
    """
    read = {name: tuple(values(name)) for name in names[:_MOST] if name.startswith(("metrics.", "params."))}
    # Of what one run has, or none, nobody can say that it is always the same.
    known = {name: some for name, some in read.items() if len(some) - some.count(None) > 1}
    stays: dict[object, str] = {}
    leads: dict[str, str] = {}
    for name, column in known.items():
        first = stays.setdefault((_meant(name, column), tuple(map(_alike, column))), name)
        if first != name:
            leads[name] = first
    metrics = [name for name in known if name not in leads and name.startswith("metrics.")]
    decimals = {name: _decimals(known[name]) for name in metrics}
    for name in metrics:
        fitting = (
            other
            for other in metrics
            if decimals[other] > decimals[name]
            and other not in leads
            and _kin(name, other)
            and _is_rounded(known[name], known[other], decimals[name])
        )
        if (other := next(fitting, None)) is not None:
            leads[name] = other
    return _gathered(names, leads)


def _gathered(names: Iterable[str], leads: dict[str, str]) -> dict[str, tuple[str, ...]]:
    """What repeats each column that stays; what repeats a repetition repeats the first."""
    found: dict[str, tuple[str, ...]] = {}
    for name in names:
        first = name
        while first in leads:
            first = leads[first]
        if first != name:
            found[first] = (*found.get(first, ()), name)
    return found


def _meant(name: str, column: Iterable[Scalar]) -> object:
    """What two columns with equal values must have in common to be the same thing."""
    if name.startswith("params."):
        return keys.split(name)[-1]
    return _parts(name), None if _is_exact(column) else _telling(name)


def _is_exact(column: Iterable[Scalar]) -> bool:
    """Whether a column has numbers that nobody rounded."""
    shifted = (value * 10**_MOST_DECIMALS for value in column if isinstance(value, float))
    # A decimal fraction that is shifted may miss the whole number by its last bits.
    return any(abs(value) < _WHOLE and abs(value - round(value)) > _BITS for value in shifted)


def _alike(value: Scalar) -> object:
    nan = isinstance(value, float) and value != value  # noqa: PLR0124  NaN differs from itself
    return "nan" if nan else value, isinstance(value, bool)


def _kin(one: str, other: str) -> bool:
    """Whether two metrics may be the same: a word in common, and no different parts of the data."""
    ours, theirs = _parts(one), _parts(other)
    return bool(_telling(one) & _telling(other)) and (ours == theirs or not ours or not theirs)


def _words(name: str) -> list[str]:
    return _WORD.findall(name.lower().removeprefix("metrics."))


def _parts(name: str) -> frozenset[str]:
    return frozenset(_PARTS[word] for word in _words(name) if word in _PARTS)


def _telling(name: str) -> frozenset[str]:
    return frozenset(
        _SAME.get(word, word) for word in _words(name) if word not in _IDLE and word not in _PARTS
    )


def _decimals(column: Iterable[Scalar]) -> int:
    """The most decimals of a column's numbers; 99 where one is not finite or no number."""
    most = 0
    for value in column:
        if value is None:
            continue
        text = repr(value)
        if not isinstance(value, float) or "e" in text or "n" in text:
            return 99
        most = max(most, len(text.partition(".")[2].rstrip("0")))
    return most


def _is_rounded(short: Sequence[Scalar], exact: Sequence[Scalar], decimals: int) -> bool:
    """Whether one column is the other, rounded to so many decimals, wherever it has a value."""
    if not 0 < decimals <= _MOST_DECIMALS:
        return False
    half = 0.5 * 10.0**-decimals * _SLACK
    pairs = [(one, other) for one, other in zip(short, exact, strict=True) if one is not None]
    return all(isinstance(other, float) and abs(one - other) <= half for one, other in pairs)  # type: ignore[operator]  # decimals told that all are floats
