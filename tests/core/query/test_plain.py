"""A filter answers what a plain evaluator of its tree answers, which knows yes, no and unknown."""

from __future__ import annotations

import math
import operator

from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.query import build, parser, predicate, values
from expctl.core.query.names import Names
from expctl.core.query.tree import All, Any, Arithmetic, Between, Compare, In, IsNull, Key, Like, Literal, Not

COLUMNS = ("params.a", "params.b", "metrics.m", "tags.t")
ORDERS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
SIGNS = {"+": operator.add, "-": operator.sub, "*": operator.mul}


def value(operand, row):
    match operand:
        case Key(parts):
            return row.get(".".join(parts))
        case Literal(plain):
            return plain
        case Arithmetic(left, op, right):
            one, other = number(value(left, row)), number(value(right, row))
            if one is None or other is None or (op == "/" and other == 0):
                return None
            return one / other if op == "/" else SIGNS[op](one, other)


def number(cell):
    if isinstance(cell, str):
        return values.number_in(cell)
    return None if cell is None or isinstance(cell, bool) else float(cell)


def nan(cell):
    return isinstance(cell, float) and math.isnan(cell)


def is_text_of_a_parameter(left, right):
    return (
        isinstance(left, Key)
        and left.parts[0] == "params"
        and isinstance(right, Literal)
        and isinstance(right.value, str)
    )


def compared(left, op, right, row):
    one, other = value(left, row), value(right, row)
    if one is None or other is None:
        return None
    if op in ("=", "!="):
        for ours, theirs in ((left, right), (right, left)):
            if is_text_of_a_parameter(ours, theirs):
                cell, wanted = value(ours, row), theirs.value
                same = str(cell).lower() == wanted.lower() if isinstance(cell, bool) else str(cell) == wanted
                return same == (op == "=")
        return equal(one, other) == (op == "=")
    if isinstance(one, bool) or isinstance(other, bool):
        return None
    if not (isinstance(one, str) and isinstance(other, str)):
        one, other = number(one), number(other)
    if one is None or other is None or nan(one) or nan(other):
        return None
    return ORDERS[op](one, other)


def equal(one, other):
    if isinstance(one, bool) or isinstance(other, bool):
        return str(one).lower() == str(other).lower() and not (
            isinstance(one, (int, float)) != isinstance(other, (int, float))
            and not {type(one), type(other)} & {str}
        )
    if isinstance(one, str) and isinstance(other, str):
        return one == other
    one, other = number(one), number(other)
    return one is not None and other is not None and (one == other or (nan(one) and nan(other)))


def holds(node, row):  # noqa: PLR0911  one case a kind
    match node:
        case Compare(left, op, right):
            return compared(left, op, right, row)
        case In(left, some):
            return holds(Any(tuple(Compare(left, "=", one) for one in some)), row)
        case Between(left, low, high):
            return holds(All((Compare(left, ">=", low), Compare(left, "<=", high))), row)
        case Like(left, pattern):
            cell = value(left, row)
            texts = {str(cell), str(cell).lower()} if isinstance(cell, bool) else {str(cell)}
            return None if cell is None else any(text.startswith(pattern[:-1]) for text in texts)
        case IsNull(left):
            return value(left, row) is None
        case Not(inner):
            answer = holds(inner, row)
            return None if answer is None else not answer
        case All(inner):
            answers = [holds(one, row) for one in inner]
            return False if False in answers else None if None in answers else True
        case Any(inner):
            answers = [holds(one, row) for one in inner]
            return True if True in answers else None if None in answers else False


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.sampled_from([0.5, 1.5, math.nan, math.inf, "", "a", "1", "0.5", "true", "ab", "1.0"]),
)
KEYS = st.sampled_from(COLUMNS).map(lambda name: Key(tuple(name.split(".")), 0))
LITERALS = CELLS.filter(lambda cell: cell is not None).map(lambda cell: Literal(cell, 0))
OPERANDS = st.recursive(
    KEYS | LITERALS, lambda inner: st.builds(Arithmetic, inner, st.sampled_from("+-*/"), inner), max_leaves=4
)
TESTS = st.one_of(
    st.builds(Compare, OPERANDS, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), OPERANDS),
    st.builds(In, OPERANDS, st.lists(LITERALS, min_size=1, max_size=3).map(tuple)),
    st.builds(Between, OPERANDS, OPERANDS, OPERANDS),
    st.builds(Like, KEYS, st.sampled_from(["a%", "1%", "%", "t%", "F%"]), st.just(False)),
    st.builds(IsNull, OPERANDS),
)
TREES = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=1, max_size=3).map(tuple).map(Any),
    ),
    max_leaves=6,
)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), max_size=6)


@given(TREES, ROWS)
@settings(deadline=None, max_examples=200)
def test_a_filter_answers_as_the_plain_evaluator(node, rows):
    test = build.build(node, build.Ground("", Names(COLUMNS)))
    columns = {
        name: {n: row[name] for n, row in enumerate(rows) if row[name] is not None} for name in COLUMNS
    }

    plainly = [holds(node, row) is True for row in rows]

    assert [predicate.matches(test, row) for row in rows] == plainly
    found = predicate.select(test, set(range(len(rows))), columns.__getitem__)
    assert [n in found for n in range(len(rows))] == plainly


def test_a_sum_is_read_by_the_rules_of_arithmetic():
    texts = {
        "metrics.m - 1 - 1 = 3": 5,
        "metrics.m * 2 + 1 > 10.5": 5,
        "(metrics.m + 1) * 2 = 12": 5,
        "-metrics.m + 6 = 1": 5,
        "2 * (3 + metrics.m) / 4 - -1 = 5": 5,
        "((metrics.m)) > 4 and (metrics.m > 4)": 5,
        "not (metrics.m + 1 < 6 or (metrics.m) = 4)": 5,
        "metrics.m/2 between 2 and (2 + 1)": 5,
    }
    for text, cell in texts.items():
        test = build.build(parser.parse_filter(text), build.Ground(text, Names(COLUMNS)))
        assert predicate.matches(test, {"metrics.m": cell}), text
        assert not predicate.matches(test, {"metrics.m": 1.25}), text
