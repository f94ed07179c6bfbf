"""Walk runs through a selection flow: the first requirement that a run does not meet decides.

What is missing has no answer, and neither has a number that is not finite: such a run is *missing* something
and never passes, unless the rest of the condition decides without it (Kleene's three-valued logic: ``false
AND unknown`` is false, ``true OR unknown`` is true).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import keys
from expctl.core.query import build, datasets, formulas, predicate, tree, values
from expctl.core.query.names import Names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from expctl.core.flows import Flow, Step
    from expctl.core.keys import Scalar

PASS, STOP, MISSING = "pass", "stop", "missing"
#: Where people leave the prefix out when they speak.
_SPOKEN = ("metrics.", "params.", "tags.")
_DIGITS = 6


class Reason(NamedTuple):
    """Why a run did not pass: the columns that decided, and a sentence with value and threshold."""

    columns: tuple[str, ...]
    text: str


class Verdict(NamedTuple):
    """What a flow says of one run.

    Attributes:
        outcome: ``pass``, ``stop`` or ``missing``.
        step: The number of the requirement that was not met, from 0; None for a run that passes.
        reasons: Why it was not met.
        follow: What to do next, as the flow has it; empty where something is missing.
    """

    outcome: str
    step: int | None
    reasons: tuple[Reason, ...]
    follow: str


class Judge:
    """A flow whose names are bound to columns.

    Args:
        flow: The flow.
        columns: All columns that some run has.
        now: What ``2 days ago`` counts from; None where such times shall be refused.

    Raises:
        QueryError: A name could mean several columns.
    """

    def __init__(self, flow: Flow, columns: Collection[str], *, now: datetime | None = None) -> None:
        names = Names(columns, strict=False)
        self.flow = flow
        self._steps = [_Bound(step, build.Ground(step.require, names, now)) for step in flow.steps]
        #: The columns that the flow looks at.
        self.columns = tuple(dict.fromkeys(name for step in self._steps for name in step.columns))

    def verdict(self, row: Mapping[str, Scalar]) -> Verdict:
        """Walk one run through the flow."""
        known = {name: value for name, value in row.items() if not _is_nothing(value)}
        for at, step in enumerate(self._steps):
            answer = step.answer(step.root, known)
            if not answer:
                reasons = dict.fromkeys(step.reasons(step.root, known, row, wanted=True))
                follow = "" if answer is None else self.flow.steps[at].otherwise
                return Verdict(MISSING if answer is None else STOP, at, tuple(reasons), follow)
        return Verdict(PASS, None, (), self.flow.then)


class _Bound:
    """One requirement, bound to columns."""

    def __init__(self, step: Step, ground: build.Ground) -> None:
        self.text = step.require
        self.root = step.node
        #: Leaf of the tree -> what it is made of; a leaf is known by its place in memory.
        self._leaves = {id(leaf): _Leaf(leaf, ground) for leaf in _leaves(step.node)}
        self.columns = tuple(dict.fromkeys(name for leaf in self._leaves.values() for name in leaf.columns))

    def answer(self, node: tree.Node, row: Mapping[str, Scalar]) -> bool | None:
        """Whether a condition holds; None where what is missing would decide."""
        if isinstance(node, tree.Not):
            inner = self.answer(node.inner, row)
            return None if inner is None else not inner
        if isinstance(node, tree.All | tree.Any):
            answers = [self.answer(one, row) for one in node.inner]
            decisive = isinstance(node, tree.Any)
            if decisive in answers:
                return decisive
            return None if None in answers else not decisive
        return self._leaves[id(node)].answer(row)

    def reasons(
        self, node: tree.Node, row: Mapping[str, Scalar], raw: Mapping[str, Scalar], *, wanted: bool
    ) -> Iterator[Reason]:
        """Why a condition is not what was wanted: of what is false before what is missing."""
        if isinstance(node, tree.Not):
            yield from self.reasons(node.inner, row, raw, wanted=not wanted)
            return
        answer = self.answer(node, row)
        if isinstance(node, tree.All | tree.Any):
            for one in node.inner:
                # Of an AND that is false, parts that are missing do not matter.
                if self.answer(one, row) is answer:
                    yield from self.reasons(one, row, raw, wanted=wanted)
            return
        leaf = self._leaves[id(node)]
        if answer is None:
            yield from leaf.absent(row, raw)
        else:
            yield Reason(leaf.columns, leaf.sentence(row, wanted=wanted) or f"not {self.text}")


class _Leaf:
    """One test of a requirement, and the values that it is made of."""

    def __init__(self, node: tree.Node, ground: build.Ground) -> None:
        self._node = node
        self._ground = ground
        self._test = build.build(node, ground)
        self.columns = predicate.columns_of(self._test)
        parts: Iterable[object] = node
        self._sums = [part for part in parts if isinstance(part, tree.Arithmetic)]
        # A question to all inputs is answered by those that have what it asks for.
        left = getattr(node, "left", None)
        self._asks_inputs = isinstance(left, tree.Key) and bool(datasets.fact(left))

    def answer(self, row: Mapping[str, Scalar]) -> bool | None:
        """Whether it holds; None where a value is missing, or a sum has none, as a division by zero."""
        if isinstance(self._node, tree.IsNull) or not self.columns:
            return predicate.matches(self._test, row)
        is_there = (row.get(name) is not None for name in self.columns)
        if not (any(is_there) if self._asks_inputs else all(is_there)):
            return None
        if any(_is_nothing(self._value(part, row)) for part in self._sums):
            return None
        return predicate.matches(self._test, row)

    def absent(self, row: Mapping[str, Scalar], raw: Mapping[str, Scalar]) -> Iterator[Reason]:
        """What is missing."""
        lacking = [name for name in self.columns if row.get(name) is None]
        for name in lacking:
            yield Reason((name,), f"{spoken(name)} is {_absence(raw.get(name))}")
        if not lacking:
            for part in self._sums:
                if _is_nothing(self._value(part, row)):
                    yield Reason(self.columns, f"{self._said(part)} has no value")

    def sentence(self, row: Mapping[str, Scalar], *, wanted: bool) -> str:
        """Why it is not what was wanted, with value and threshold; empty where no value is looked at."""
        node = self._node
        if isinstance(node, tree.Compare):
            left, op, right = node
            if isinstance(left, tree.Literal):
                left, op, right = right, values.MIRRORED[op], left
            if isinstance(left, tree.Literal):
                return ""
            return self._comparison(left, op if wanted else values.OPPOSITE[op], right, row)
        if isinstance(node, tree.IsNull):
            return f"{self._said(node.left)} is {'there' if wanted else 'missing'}"
        if isinstance(node, tree.Between | tree.In | tree.Like):
            return f"{self._with_value(node.left, row)} {'is not' if wanted else 'is'} {self._range(node)}"
        return ""

    def _range(self, node: tree.Between | tree.In | tree.Like) -> str:
        if isinstance(node, tree.Between):
            return f"between {self._said(node.low)} and {self._said(node.high)}"
        if isinstance(node, tree.In):
            return f"in ({', '.join(_literal(one.value) for one in node.values)})"
        return f"like '{node.pattern}'"

    def _comparison(self, left: tree.Operand, op: str, right: tree.Operand, row: Mapping[str, Scalar]) -> str:
        limit = self._value(right, row)
        threshold = self._said(right) if isinstance(right, tree.Literal) else self._with_value(right, row)
        if op == "!=":
            return f"{self._said(left)} is {threshold}"
        return f"{self._with_value(left, row, limit)} is not {'' if op == '=' else op + ' '}{threshold}"

    def _with_value(self, operand: tree.Operand, row: Mapping[str, Scalar], limit: Scalar = None) -> str:
        value = self._value(operand, row)
        return self._said(operand) if value is None else f"{self._said(operand)} {_shown(value, limit)}"

    def _value(self, operand: tree.Operand, row: Mapping[str, Scalar]) -> Scalar:
        if isinstance(operand, tree.Key) and datasets.fact(operand):
            return None
        formula = formulas.compiled(operand, self._ground.find)
        cells = [value for name in formula.columns if (value := row.get(name)) is not None]
        return formula.value(*cells) if len(cells) == len(formula.columns) else None

    def _said(self, operand: tree.Operand) -> str:
        if isinstance(operand, tree.Key):
            if datasets.fact(operand):
                return ".".join(operand.parts)
            return spoken(self._ground.find(operand, may_miss=True))
        if isinstance(operand, tree.Literal):
            return _literal(operand.value)
        left, right = (
            f"({self._said(part)})" if isinstance(part, tree.Arithmetic) else self._said(part)
            for part in (operand.left, operand.right)
        )
        return f"{left} {operand.op} {right}"


def spoken(column: str) -> str:
    """A column as people say it: metrics, parameters and tags without their prefix."""
    plain = keys.plain(column)
    return plain.partition(".")[2] if column.startswith(_SPOKEN) else plain


def _leaves(node: tree.Node) -> Iterator[tree.Node]:
    if isinstance(node, tree.Not):
        yield from _leaves(node.inner)
    elif isinstance(node, tree.All | tree.Any):
        for one in node.inner:
            yield from _leaves(one)
    else:
        yield node


def _is_nothing(value: Scalar) -> bool:
    return value is None or (isinstance(value, float) and not math.isfinite(value))


def _absence(value: Scalar) -> str:
    return "missing" if value is None else f"{value}, which counts as missing"


def _shown(value: Scalar, limit: Scalar) -> str:
    """A value as it may be held against a threshold: no rounding makes the two look equal."""
    if not isinstance(value, float):
        return _literal(value) if value is not None else "missing"
    short = f"{value:.{_DIGITS}g}"
    looks_alike = isinstance(limit, (int, float)) and float(short) == limit != value
    return repr(value) if looks_alike else short


def _literal(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, str) and values.number_in(value) is None:
        return f"'{value}'"
    return str(value)
