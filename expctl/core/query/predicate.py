"""A filter tree made ready to run: over one row, or over whole columns at once.

What is missing has no answer, and neither it nor its opposite matches (SQL's three-valued logic). NOT is
therefore pushed down to the single tests first, where the opposite of ``<`` is ``>=``; after that a plain yes
or no is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core.query import tree, values

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from collections.abc import Set as AbstractSet
    from typing import Protocol

    from expctl.core.keys import Scalar

    Columns = Callable[[str], Mapping[int, Scalar]]

    class Naming(Protocol):
        """The art of finding a column."""

        def __call__(self, key: tree.Key, *, may_miss: bool = False) -> str:
            """The column that a key means; ``may_miss``: a name that no run has is fine here."""


class Leaf(NamedTuple):
    """One test of no, one or two columns.

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


def build(node: tree.Node, naming: Naming) -> Test:
    """Make a filter tree ready.

    Args:
        node: What the parser gave.
        naming: The column that a key means.
    """
    return _build(node, naming, negated=False)


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
    left, right = (columns(name) for name in test.columns)
    return {
        n
        for n in universe
        if (one := left.get(n)) is not None and (other := right.get(n)) is not None and holds(one, other)
    }


def columns_of(test: Test) -> tuple[str, ...]:
    """The columns that a test looks at, each once."""
    if isinstance(test, Leaf):
        return tuple(dict.fromkeys(test.columns))
    return tuple(dict.fromkeys(name for inner in test.tests for name in columns_of(inner)))


def _build(node: tree.Node, naming: Naming, *, negated: bool) -> Test:
    if isinstance(node, tree.Not):
        return _build(node.inner, naming, negated=not negated)
    if isinstance(node, tree.All | tree.Any):
        tests = tuple(_build(one, naming, negated=negated) for one in node.inner)
        return AllOf(tests) if isinstance(node, tree.All) != negated else AnyOf(tests)
    if isinstance(node, tree.Between | tree.In):
        return _build(_spelled_out(node), naming, negated=negated)
    return _leaf(node, naming, negated=negated)


def _spelled_out(node: tree.Between | tree.In) -> tree.Node:
    """The same in plain comparisons, whose opposites are known."""
    if isinstance(node, tree.In):
        return tree.Any(tuple(tree.Compare(node.left, "=", value) for value in node.values))
    return tree.All((tree.Compare(node.left, ">=", node.low), tree.Compare(node.left, "<=", node.high)))


def _leaf(node: tree.Compare | tree.Like | tree.IsNull, naming: Naming, *, negated: bool) -> Test:
    match node:
        case tree.Compare(left, op, right):
            return _compare(left, values.OPPOSITE[op] if negated else op, right, naming)
        case tree.Like(left, pattern, fold):
            test = values.like(pattern, fold=fold)
            return _unary(left, (lambda value: not test(value)) if negated else test, naming)
        case tree.IsNull(left):
            return _is_null(left, naming, negated=negated)


def _compare(left: tree.Operand, op: str, right: tree.Operand, naming: Naming) -> Test:
    if isinstance(left, tree.Literal) and isinstance(right, tree.Literal):
        answer = values.holds(left.value, op, right.value)
        return Leaf((), lambda: answer)
    if isinstance(left, tree.Literal):
        left, op, right = right, values.MIRRORED[op], left
    assert isinstance(left, tree.Key)
    column = naming(left)
    if isinstance(right, tree.Key):
        return Leaf((column, naming(right)), lambda one, other: values.holds(one, op, other))
    wanted = _as_recorded(column, right.value)
    return Leaf((column,), values.comparison(op, wanted), bulk=values.in_bulk(op, wanted))


def _unary(left: tree.Operand, holds: values.Holds, naming: Naming) -> Test:
    if isinstance(left, tree.Key):
        return Leaf((naming(left),), holds)
    answer = holds(left.value)
    return Leaf((), lambda: answer)


def _is_null(left: tree.Operand, naming: Naming, *, negated: bool) -> Test:
    if isinstance(left, tree.Literal):
        return Leaf((), lambda: negated)
    return Leaf((naming(left, may_miss=True),), lambda _: negated, when_missing=not negated)


#: MLflow's words for the status of a run.
_STATUSES = {"FINISHED": "completed", "FAILED": "failed", "KILLED": "killed", "RUNNING": "running"}


def _as_recorded(column: str, value: values.Value) -> values.Value:
    """A literal of MLflow's in our terms: its words for a status, milliseconds since 1970 for a time."""
    if column == "status" and isinstance(value, str):
        return _STATUSES.get(value, value)
    if column == "started_at" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _instant(value)
    return value


def _instant(milliseconds: float) -> values.Value:
    from datetime import UTC, datetime, timedelta

    from expctl.core import row

    try:
        return row.instant(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds))
    except (OverflowError, ValueError):
        return milliseconds
