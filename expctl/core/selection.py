"""Walk runs through a selection flow: the first requirement that a run does not meet decides.

What is missing has no answer, and neither has a number that is not finite: such a run is *missing* something
and never passes, unless the rest of the condition decides without it (Kleene's three-valued logic: ``false
AND unknown`` is false, ``true OR unknown`` is true).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import keys
from expctl.core.query import build, predicate, tree, values
from expctl.core.query.names import Names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
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
        #: Leaf of the tree -> its test; a leaf is known by its place in memory.
        self._tests = {id(leaf): build.build(leaf, ground) for leaf in _leaves(step.node)}
        self.columns = tuple(
            dict.fromkeys(name for test in self._tests.values() for name in predicate.columns_of(test))
        )

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
        test = self._tests[id(node)]
        if not isinstance(node, tree.IsNull) and any(
            row.get(name) is None for name in predicate.columns_of(test)
        ):
            return None
        return predicate.matches(test, row)

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
        columns = predicate.columns_of(self._tests[id(node)])
        if answer is None:
            for name in columns:
                if row.get(name) is None:
                    yield Reason((name,), f"{spoken(name)} is {_absence(raw.get(name))}")
        else:
            yield Reason(columns, self._sentence(node, columns, row, wanted=wanted))

    def _sentence(
        self, node: tree.Node, columns: tuple[str, ...], row: Mapping[str, Scalar], *, wanted: bool
    ) -> str:
        is_not = "is not" if wanted else "is"
        subject = " and ".join(f"{spoken(name)} {_shown(row.get(name), node)}" for name in columns)
        if len(columns) == 1:
            match node:
                case tree.Compare(tree.Key(), op, tree.Literal(limit)):
                    return f"{subject} is not {op if wanted else values.OPPOSITE[op]} {_literal(limit)}"
                case tree.Between(tree.Key(), tree.Literal(low), tree.Literal(high)):
                    return f"{subject} {is_not} between {_literal(low)} and {_literal(high)}"
                case tree.In(tree.Key(), choices):
                    return f"{subject} {is_not} in ({', '.join(_literal(one.value) for one in choices)})"
                case tree.Like(tree.Key(), pattern):
                    return f"{subject} {is_not} like '{pattern}'"
                case tree.IsNull(tree.Key()):
                    return f"{spoken(columns[0])} is {'there' if wanted else 'missing'}"
        return f"{subject}: not {self.text}" if subject else f"not {self.text}"


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


def _shown(value: Scalar, node: tree.Node) -> str:
    """A value as it may be held against a threshold: no rounding makes the two look equal."""
    if not isinstance(value, float):
        return _literal(value) if value is not None else "missing"
    short = f"{value:.{_DIGITS}g}"
    limits = [part.value for part in node if isinstance(part, tree.Literal)]
    alike = [limit for limit in limits if isinstance(limit, (int, float)) and float(short) == limit != value]
    return repr(value) if alike else short


def _literal(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    if isinstance(value, str) and values.number_in(value) is None:
        return f"'{value}'"
    return str(value)
