"""A filter ready to run: over one row, or over whole columns at once. ``core.query.build`` makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet

    from expctl.core.keys import Scalar

    Columns = Callable[[str], Mapping[int, Scalar]]


class Leaf(NamedTuple):
    """One test of no, one or more columns.

    Attributes:
        columns: What it looks at.
        holds: The answer for their values, none of which is missing.
        when_missing: The answer if one is.
        bulk: The same test for a whole column, where there is a quicker way; None when it does not fit the
            values.
    """

    columns: tuple[str, ...]
    holds: Callable[..., bool]
    when_missing: bool = False
    bulk: Callable[[Mapping[int, Scalar]], AbstractSet[int] | None] | None = None


class AllOf(NamedTuple):
    """Every one of them; true for none."""

    tests: tuple[Test, ...]


class AnyOf(NamedTuple):
    """At least one of them."""

    tests: tuple[Test, ...]


Test = Leaf | AllOf | AnyOf


def matches(test: Test, row: Mapping[str, Scalar]) -> bool:
    """Whether one row passes."""
    if isinstance(test, Leaf):
        cells = [row.get(name) for name in test.columns]
        return test.when_missing if None in cells else test.holds(*cells)
    if isinstance(test, AllOf):
        return all(matches(inner, row) for inner in test.tests)
    return any(matches(inner, row) for inner in test.tests)


def select(test: Test, universe: AbstractSet[int], columns: Columns) -> AbstractSet[int]:
    """The rows that pass, by number: the same answer as ``matches``, column by column.

    Args:
        test: What to ask.
        universe: Numbers of all rows in question.
        columns: The values of a column by row number; rows that lack it are absent, others may be present.
    """
    if isinstance(test, AllOf):
        for inner in test.tests:
            universe = select(inner, universe, columns)
        return universe
    if isinstance(test, AnyOf):
        return set().union(*(select(inner, universe, columns) for inner in test.tests))
    if not test.columns:
        return universe if test.holds() else set()
    if test.when_missing:
        return {n for n in universe if matches(test, {name: columns(name).get(n) for name in test.columns})}
    holds = test.holds
    if len(test.columns) == 1:
        column = columns(test.columns[0])
        found = test.bulk(column) if test.bulk is not None else None
        if found is None:
            found = {n for n, value in column.items() if value is not None and holds(value)}
        return found & universe
    several = [columns(name) for name in test.columns]
    return {
        n for n in universe if None not in (cells := [column.get(n) for column in several]) and holds(*cells)
    }


def columns_of(test: Test) -> tuple[str, ...]:
    """The columns that a test looks at, each once."""
    if isinstance(test, Leaf):
        return tuple(dict.fromkeys(test.columns))
    return tuple(dict.fromkeys(name for inner in test.tests for name in columns_of(inner)))
