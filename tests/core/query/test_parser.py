"""Filter text is read as written, and errors point at the column."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import query
from expctl.core.query import parser
from expctl.core.query.tree import All, Any, Between, Compare, In, IsNull, Key, Like, Literal, Not
from expctl.errors import QueryError


def tree(text):
    """The tree without the places of its words."""

    def bare(node):
        match node:
            case Key(parts, _):
                return ".".join(parts)
            case Literal(value, _):
                return [value]
            case tuple():
                return (
                    (type(node).__name__, *map(bare, node))
                    if type(node) is not tuple
                    else tuple(map(bare, node))
                )
            case _:
                return node

    return bare(parser.parse_filter(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1", ("Compare", "a", "=", [1])),
        ("a == 1", ("Compare", "a", "=", [1])),
        ("a<>1", ("Compare", "a", "!=", [1])),
        ("metrics.f1>=.5", ("Compare", "metrics.f1", ">=", [0.5])),
        ("a < -1e-3", ("Compare", "a", "<", [-0.001])),
        ("a < +2.", ("Compare", "a", "<", [2.0])),
        ("1 < a", ("Compare", [1], "<", "a")),
        ("a < b", ("Compare", "a", "<", "b")),
        ("a = 'it''s'", ("Compare", "a", "=", ["it's"])),
        ("a = 'it\\'s'", ("Compare", "a", "=", ["it's"])),
        ('a = "x"', ("Compare", "a", "=", ["x"])),
        ('"a b" = 1', ("Compare", "a b", "=", [1])),
        ('metrics."a b" = 1', ("Compare", "metrics.a b", "=", [1])),
        ("metrics.`a.b` = 1", ("Compare", "metrics.a.b", "=", [1])),
        ("`a``b` = 1", ("Compare", "a`b", "=", [1])),
        ("params.layers.0.units = 8", ("Compare", "params.layers.0.units", "=", [8])),
        ("params.in.1e5.not = 8", ("Compare", "params.in.1e5.not", "=", [8])),
        ("packages.scikit-learn = '1'", ("Compare", "packages.scikit-learn", "=", ["1"])),
        ("Package.a-b-2 > '1'", ("Compare", "Package.a-b-2", ">", ["1"])),
        ("params.학습률 = TRUE", ("Compare", "params.학습률", "=", [True])),
        ("a IS NULL", ("IsNull", "a")),
        ("a is not null", ("Not", ("IsNull", "a"))),
        ("a IN (1, 'x', \"y\", true)", ("In", "a", ([1], ["x"], ["y"], [True]))),
        ("a NOT IN (1)", ("Not", ("In", "a", ([1],)))),
        ("a BETWEEN 1 AND 2 AND b = 1", ("All", (("Between", "a", [1], [2]), ("Compare", "b", "=", [1])))),
        ("a NOT LIKE 'x%'", ("Not", ("Like", "a", "x%", False))),
        ("a ilike 'x_'", ("Like", "a", "x_", True)),
        ("NOT NOT a = 1", ("Not", ("Not", ("Compare", "a", "=", [1])))),
        ("", ("All", ())),
        ("  \n", ("All", ())),
    ],
)
def test_a_filter_is_read_as_written(text, expected):
    assert tree(text) == expected


def test_and_binds_closer_than_or_and_parentheses_closer_still():
    a, b, c = (("Compare", name, "=", [1]) for name in "abc")

    assert tree("a = 1 or b = 1 and c = 1") == ("Any", (a, ("All", (b, c))))
    assert tree("(a = 1 OR b = 1) AND NOT (c = 1)") == ("All", (("Any", (a, b)), ("Not", c)))


@pytest.mark.parametrize("text", ["a = nan", "a = -nan", "a > inf", "a > -INF"])
def test_numbers_that_are_none_can_be_written(text):
    (value,) = tree(text)[-1]

    assert not math.isfinite(value)


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        ("metrics.f1 >", 12, "Expected a value"),
        ("metrics.f1 > 0.5 metrics.f2 < 1", 17, "Expected AND or OR"),
        ("(a = 1", 6, "closing parenthesis"),
        ("a = 1)", 5, "Expected AND or OR"),
        ("a", 1, "Expected a comparison"),
        ("a is 1", 5, "Expected NULL"),
        ("a in 1", 5, "list in parentheses"),
        ("a in ()", 6, "Expected a value"),
        ("a between 1", 11, "Expected AND"),
        ("a like 1", 7, "text in quotes"),
        ("a = 'x", 4, "never closed"),
        ("a & b", 2, "means nothing"),
        ("metrics.", 8, "name of a column"),
        ("and", 0, "Expected a value"),
        ("a not = 1", 6, "Expected a comparison"),
        ("a = -'x'", 5, "Expected a value"),
        ("학습률 = '1", 9, "never closed"),
    ],
)
def test_an_error_points_at_the_column(text, column, message):
    with pytest.raises(QueryError, match=message) as caught:
        query.parse(text)

    _, shown, caret = str(caught.value).split("\n")
    assert shown == f"  {text}"
    assert caret == " " * (2 + column) + "^"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("a && b", "AND"),
        ("a || b", "OR"),
        ("a rlike 'x'", "LIKE"),
        ("a => 1", "Write >="),
        ("a =< 1", "Write <="),
    ],
)
def test_common_slips_are_answered_with_the_right_words(text, hint):
    with pytest.raises(QueryError) as caught:
        query.parse(text)

    assert hint in (caught.value.hint or "")


def test_control_characters_never_come_back_in_an_error():
    with pytest.raises(QueryError) as caught:
        query.parse("a = 1 \x1b[31m\u202e")

    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)


def test_deep_nesting_and_great_length_are_refused():
    for text in ("(" * 5000 + "a = 1", "not " * 5000 + "a = 1", "a = 1" + " " * 200_000):
        with pytest.raises(QueryError):
            query.parse(text)


def test_long_chains_are_no_nesting():
    text = " or ".join(f"a = {n}" for n in range(5000))

    assert query.parse(text).evaluate({"params.a": 4999})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("metrics.f1", [("metrics.f1", False)]),
        ("metrics.eval-loss desc", [("metrics.eval-loss", True)]),
        ("eval/Not-loss, lr-2", [("eval/Not-loss", False), ("lr-2", False)]),
        (
            "metrics.f1 DESC, params.lr asc,`a b`",
            [("metrics.f1", True), ("params.lr", False), ("a b", False)],
        ),
    ],
)
def test_an_order_is_read_as_written(text, expected):
    assert [(".".join(key.parts), falls) for key, falls in parser.parse_order(text)] == expected


def test_a_minus_before_a_key_of_an_order_is_answered_with_desc():
    with pytest.raises(QueryError) as caught:
        query.parse_sort("-metrics.f1")

    assert "DESC" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "text", ["a - b", "a -b", "a- b", "a-", "`a`-b", "a--b", ",", "a,", "a desc b", "a = 1", "1", "desc"]
)
def test_what_is_no_order_is_refused(text):
    with pytest.raises(QueryError):
        query.parse_sort(text)


def test_the_name_of_a_column_may_hold_signs_and_nothing_follows_it():
    assert query.parse_name("packages.scikit-learn").parts == ("packages", "scikit-learn")
    for text in ("f1 desc", "a - b", ""):
        with pytest.raises(QueryError):
            query.parse_name(text)


def test_elsewhere_a_sign_in_a_filter_computes():
    left = parser.parse_filter("metrics.a-b > 1").left

    assert [left.left.parts, left.op, left.right.parts] == [("metrics", "a"), "-", ("b",)]


# Formatting a tree and reading it again gives the same tree: the two disagree wherever either is wrong.

WORD = st.one_of(
    st.sampled_from(["f1", "lr", "and", "IN", "a b", "x.y", "`", "학", "", "0", "1e5", '"']),
    st.text(max_size=4),
)
KEYS = st.lists(WORD, min_size=1, max_size=3).map(lambda parts: Key(tuple(parts), 0))
VALUES = st.one_of(
    st.integers(-(10**17), 10**17),
    st.floats(allow_nan=False),
    st.booleans(),
    st.text(st.characters(exclude_characters="\\"), max_size=5),
).map(lambda value: Literal(value, 0))
SIDE = KEYS | VALUES
TESTS = st.one_of(
    st.builds(Compare, SIDE, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), SIDE),
    st.builds(In, SIDE, st.lists(VALUES, min_size=1, max_size=3).map(tuple)),
    st.builds(Between, SIDE, SIDE, SIDE),
    st.builds(Like, SIDE, st.text("a%_'", max_size=4), st.booleans()),
    st.builds(IsNull, SIDE),
)
TREES = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Any),
    ),
    max_leaves=6,
)


def written(node):  # noqa: C901, PLR0911  one case a kind
    match node:
        case Key(parts, _):
            return ".".join("`" + part.replace("`", "``") + "`" for part in parts)
        case Literal(value, _):
            return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)
        case Compare(left, op, right):
            return f"{written(left)} {op} {written(right)}"
        case In(left, values):
            return f"{written(left)} IN ({', '.join(map(written, values))})"
        case Between(left, low, high):
            return f"{written(left)} BETWEEN {written(low)} AND {written(high)}"
        case Like(left, pattern, fold):
            return f"{written(left)} {'ILIKE' if fold else 'LIKE'} {written(Literal(pattern, 0))}"
        case IsNull(left):
            return f"{written(left)} IS NULL"
        case Not(inner):
            return f"NOT ({written(inner)})"
        case All(inner):
            return " AND ".join(f"({written(one)})" for one in inner)
        case Any(inner):
            return " OR ".join(f"({written(one)})" for one in inner)


@given(TREES)
@settings(deadline=None, max_examples=200)
def test_reading_undoes_writing(node):
    assert tree(written(node)) == tree_of(node)


def tree_of(node):
    if isinstance(node, Key):
        return ".".join(node.parts)
    if isinstance(node, Literal):
        return [node.value]
    if isinstance(node, tuple):
        inner = tuple(map(tree_of, node))
        return inner if type(node) is tuple else (type(node).__name__, *inner)
    return node


@given(st.text(max_size=60) | st.text("ab.`'\"()=<>!,1 -%andorinull", max_size=40))
@settings(deadline=None, max_examples=200)
def test_any_text_is_read_or_refused_politely(text):
    try:
        query.parse(text).evaluate({"metrics.a": 1.0, "params.b": "x"})
    except QueryError as err:
        assert "^" in str(err)  # noqa: PT017  either way is right
