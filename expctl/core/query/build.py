"""A filter tree made ready to run.

What is missing has no answer, and neither it nor its opposite matches (SQL's three-valued logic). NOT is
therefore pushed down to the single tests first, where the opposite of ``<`` is ``>=``; after that a plain yes
or no is enough.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core import row
from expctl.core.query import datasets, formulas, lexer, meanings, tree, values, versions
from expctl.core.query.predicate import AllOf, AnyOf, Leaf

if TYPE_CHECKING:
    from datetime import datetime

    from expctl.core.query.names import Names
    from expctl.core.query.predicate import Test


class Ground(NamedTuple):
    """What a filter is bound to.

    Attributes:
        text: The filter, for errors.
        names: The columns that there are.
        now: What ``2 days ago`` counts from; None where nobody knows.
    """

    text: str
    names: Names
    now: datetime | None = None

    def find(self, key: tree.Key, *, may_miss: bool = False) -> str:
        """The column that a key means."""
        return self.names.find(key, self.text, may_miss=may_miss)


def build(node: tree.Node, ground: Ground) -> Test:
    """Make a filter tree ready.

    Raises:
        QueryError: A key is unknown or could mean several columns, or a value says nothing of its column.
    """
    return _build(node, ground, negated=False)


def _build(node: tree.Node, ground: Ground, *, negated: bool) -> Test:
    if isinstance(node, tree.Not):
        return _build(node.inner, ground, negated=not negated)
    if isinstance(node, tree.All | tree.Any):
        tests = tuple(_build(one, ground, negated=negated) for one in node.inner)
        return AllOf(tests) if isinstance(node, tree.All) != negated else AnyOf(tests)
    if isinstance(node, tree.Between | tree.In):
        return _build(_spelled_out(node), ground, negated=negated)
    if isinstance(node.left, tree.Key) and (fact := datasets.fact(node.left)):
        each = datasets.spelled_out(node, fact, ground.names, negated=negated)
        return AnyOf(tuple(_build(inner, ground, negated=False) for inner in each))
    return _leaf(node, ground, negated=negated)


def _spelled_out(node: tree.Between | tree.In) -> tree.Node:
    """The same in plain comparisons, whose opposites are known."""
    if isinstance(node, tree.In):
        return tree.Any(tuple(tree.Compare(node.left, "=", value) for value in node.values))
    return tree.All((tree.Compare(node.left, ">=", node.low), tree.Compare(node.left, "<=", node.high)))


def _leaf(node: tree.Compare | tree.Like | tree.IsNull, ground: Ground, *, negated: bool) -> Test:
    match node:
        case tree.Compare(left, op, right):
            return _compare(left, values.OPPOSITE[op] if negated else op, right, ground)
        case tree.Like(left, pattern, fold):
            return _like(left, values.like(pattern, fold=fold), ground, negated=negated)
        case tree.IsNull(left):
            return _is_null(left, ground, negated=negated)


def _compare(left: tree.Operand, op: str, right: tree.Operand, ground: Ground) -> Test:
    if isinstance(left, tree.Literal) and not isinstance(right, tree.Literal):
        left, op, right = right, values.MIRRORED[op], left
    if isinstance(left, tree.Key) and isinstance(right, tree.Literal):
        return _against(ground.find(left), op, right, ground)
    one, other = formulas.compiled(left, ground.find), formulas.compiled(right, ground.find)
    middle = len(one.columns)

    def test(*cells: values.Value) -> bool:
        ours, theirs = one.value(*cells[:middle]), other.value(*cells[middle:])
        return ours is not None and theirs is not None and values.holds(ours, op, theirs)

    return Leaf(one.columns + other.columns, test)


def _against(column: str, op: str, literal: tree.Literal, ground: Ground) -> Test:
    """A column against a value that is known: each kind of column has its own idea of it."""
    wanted = literal.value
    if column == "status" and isinstance(wanted, str):
        wanted = meanings.STATUSES.get(wanted, wanted)
    if column in row.TIMES:
        span = meanings.span(literal, ground.now)
        if span is None:
            hint = "Such as '2026-11-22', '2026-11-22 14:05' or '2 days ago'."
            raise lexer.error(ground.text, literal.start, "This is no time", hint=hint)
        return Leaf((column,), meanings.within(op, span))
    if versions.is_version(column):
        return Leaf((column,), versions.comparison(op, literal.raw or values.text_of(wanted)))
    if column.startswith("params.") and isinstance(wanted, str) and op in ("=", "!="):
        text, equal = wanted, op == "="
        return Leaf((column,), lambda value: values.same_text(value, text) == equal)
    return Leaf((column,), values.comparison(op, wanted), bulk=values.in_bulk(op, wanted))


def _like(left: tree.Operand, fits: values.Holds, ground: Ground, *, negated: bool) -> Test:
    formula = formulas.compiled(left, ground.find)
    if formula.columns == ("status",):
        plain = fits
        fits = lambda value: plain(value) or plain(meanings.FOREIGN_STATUSES.get(str(value), value))  # noqa: E731

    def test(*cells: values.Value) -> bool:
        value = formula.value(*cells)
        return value is not None and fits(value) != negated

    return Leaf(formula.columns, test)


def _is_null(left: tree.Operand, ground: Ground, *, negated: bool) -> Test:
    def find(key: tree.Key) -> str:
        return ground.find(key, may_miss=True)

    formula = formulas.compiled(left, find)
    return Leaf(
        formula.columns, lambda *cells: (formula.value(*cells) is None) != negated, when_missing=not negated
    )
