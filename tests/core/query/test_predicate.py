"""What a filter answers: typed, three-valued, and the same row by row as column by column."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import query
from expctl.core.query import values
from expctl.errors import QueryError

RUN = {
    "id": "20261122-190546-k3f9qa",
    "name": "baseline",
    "status": "completed",
    "started_at": "2026-11-22T19:05:46.123456Z",
    "metrics.f1": 0.9,
    "metrics.n": 10,
    "metrics.broken": math.nan,
    "metrics.huge": math.inf,
    "params.lr": 0.001,
    "params.flag": True,
    "params.opt": "Adam",
    "params.version": "v3_2024",
    "params.nothing": None,
    "tags.interpretability": "3",
}


def answer(text):
    return query.parse(text).evaluate(RUN)


@pytest.mark.parametrize(
    "text",
    [
        # MLflow's documented strings
        "metrics.f1 > 0.72",
        "metrics.f1 > 0.72 and metrics.n <= 10",
        'params.opt = "Adam"',
        "params.lr = '0.001'",
        "attributes.status = 'FINISHED'",
        "status = 'completed'",
        "attributes.start_time > 1664067852747",
        "run_name = 'baseline'",
        "attributes.`Run name` LIKE 'base%'",
        "attributes.run_id IN ('x', '20261122-190546-k3f9qa')",
        "params.opt ILIKE '%da%'",
        "tags.`interpretability` = '3'",
        # numbers as numbers
        "tags.interpretability >= 3",
        "tags.interpretability < 10",
        "metrics.n > 9",
        "metrics.n = 10.0",
        "params.lr between 1e-4 and 1e-2",
        "metrics.huge > 1e300",
        "metrics.n < metrics.huge",
        "0.5 < metrics.f1",
        # truth values
        "params.flag = true",
        "params.flag = 'True'",
        "params.flag != false",
        "params.flag != 1",
        # texts
        "params.opt != 'adam'",
        "params.opt > 'Aaa'",
        "params.version LIKE 'v_\\_2024' or params.version like 'v__2024'",
        "params.lr like '0.0%'",
        "params.opt != 3",
        # missing and NaN
        "params.nothing IS NULL",
        "params.absent is null",
        "params.lr IS NOT NULL",
        "metrics.broken != 0.5",
        "metrics.broken = nan",
        "metrics.f1 != nan",
        # logic
        "not (metrics.f1 < 0.5 or metrics.n < 5)",
        "metrics.f1 < 0.5 or metrics.n > 5 and params.lr < 1",
        "1 = 1",
        "started_at >= '2026-11-22' and started_at < '2026-11-23'",
        # names without a prefix
        "f1 > 0.8 and opt = 'Adam' and interpretability = 3",
    ],
)
def test_this_matches(text):
    assert answer(text)


@pytest.mark.parametrize(
    "text",
    [
        "metrics.absent > 0",
        "metrics.absent != 0",
        "not metrics.absent > 0",
        "not metrics.absent = 0",
        "params.nothing = 'x'",
        "params.absent not in ('x')",
        "params.absent not like 'x%'",
        "params.absent not between 1 and 2",
        "metrics.broken > 0",
        "metrics.broken <= 0",
        "not metrics.broken > 0",
        "metrics.broken between -1 and 1",
        "metrics.broken = 0.5",
        "params.opt < 3",
        "not params.opt < 3",
        "params.flag > 0",
        "params.flag = 1",
        "metrics.f1 > '0.95'",
        "metrics.f1 > 'abc'",
        "params.opt like 'dam'",
        "params.opt like 'a%'",
        "status = 'RUNNING'",
        "1 = 2",
    ],
)
def test_this_does_not_match(text):
    assert not answer(text)


def test_a_bare_name_is_a_metric_before_a_parameter_before_a_tag():
    found = [
        query.parse("a > 1").bind(columns).columns
        for columns in (["tags.a", "params.a", "metrics.a"], ["tags.a", "params.a", "metrics.ba"], ["tags.a"])
    ]

    assert found == [("metrics.a",), ("params.a",), ("tags.a",)]


def test_a_name_that_could_mean_two_columns_is_refused():
    filter_ = query.parse("lr > 1")

    with pytest.raises(QueryError, match="several") as caught:
        filter_.bind(["params.a.lr", "params.`b-c`.lr"])
    assert "params.`b-c`.lr, params.a.lr" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["metrics.eval/loss > 1", "eval-loss > 1"])
def test_a_name_with_a_sign_in_it_is_answered_with_backquotes(text):
    with pytest.raises(QueryError) as caught:
        query.parse(text).bind(["metrics.eval/loss", "params.eval-loss"])

    assert "`" in (caught.value.hint or "")


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(QueryError, match=r"No run has metrics\.f2") as caught:
        query.parse("status = 'x' and metrics.f2 > 1").bind(RUN)

    assert caught.value.hint == "Did you mean metrics.f1?"
    assert str(caught.value).endswith("\n" + " " * (2 + 17) + "^")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("status = completed", "Text goes into quotes: 'completed'"),
        ("params.model != fores", "Text goes into quotes: 'fores'"),
        ("zz > 1", "See what there is with: expctl compare --all"),
        ("metrics.infer < 1", "Did you mean metrics.inference_time_ms?"),
        ("infer < 1", "Did you mean inference_time_ms?"),
    ],
)
def test_a_slip_is_answered_with_what_to_type(text, hint):
    with pytest.raises(QueryError) as caught:
        query.parse(text).bind(["metrics.f1", "metrics.inference_time_ms", "params.model"])

    assert caught.value.hint == hint


def test_where_nothing_is_known_nothing_is_mistyped():
    assert query.parse("metrics.f1 > 1").bind([]).columns == ("metrics.f1",)
    assert query.parse("metrics.x > 1").bind(RUN, strict=False).columns == ("metrics.x",)


def test_what_any_run_may_have_is_never_mistyped():
    assert not query.parse("environment.cuda = '12.4' or env.gpus = 'x'").bind(RUN).matches(RUN)


@pytest.mark.parametrize(
    ("key", "column"),
    [
        ("params.`a.b`.c", "params.`a.b`.c"),
        ("params.a.b.c", "params.`a.b`.c"),
        ("metrics.`val.loss`", "metrics.val.loss"),
        ('metrics."val.loss"', "metrics.val.loss"),
        ("val.loss", "metrics.val.loss"),
        ("loss", "metrics.val.loss"),
        ("tags.mlflow.runName", "tags.mlflow.runName"),
        ("parameter.a.b.c", "params.`a.b`.c"),
        ("data.`data/t.csv`.md5", "data.`data/t.csv`.md5"),
        ("env.warp", "metrics.env.warp"),
        ("params.b.c", "params.`a.b`.c"),
        ("b.c", "params.`a.b`.c"),
    ],
)
def test_a_column_is_found_however_it_is_written(key, column):
    known = [
        "params.`a.b`.c",
        "metrics.val.loss",
        "tags.mlflow.runName",
        "data.`data/t.csv`.md5",
        "metrics.env.warp",
    ]

    assert query.parse(f"{key} = 1").bind(known).columns == (column,)


def test_a_pattern_made_for_backtracking_is_quick():
    test = values.like("%a" * 40 + "%b", fold=False)
    start = time.process_time()

    assert not test("a" * 20_000)
    assert time.process_time() - start < 20


@given(st.text("ab%_", max_size=6), st.text("ab\n", max_size=6))
@settings(deadline=None, max_examples=200)
def test_like_is_what_the_definition_says(pattern, text):
    def plainly(p, t):
        if not p:
            return not t
        if p[0] == "%":
            return any(plainly(p[1:], t[n:]) for n in range(len(t) + 1))
        return bool(t) and p[0] in ("_", t[0]) and plainly(p[1:], t[1:])

    assert values.like(pattern, fold=False)(text) == plainly(pattern, text)


CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.5, math.nan, math.inf, -math.inf, "", "a", "2", "0.5", "true", "nan"]),
)
TEXTS = [
    "a > 1",
    "not a > 1",
    "a = b",
    "not (a < b or b is null)",
    "a is null or b != 2",
    "a in (1, '2', true) and not b in ('a')",
    "not (a between 0 and b) or 1 = 2",
    "a != nan and b = nan",
    "a like '%2%' or not b like 'a'",
    "1 <= a and a <= '2'",
    "a is not null and not (b is not null)",
]


@given(
    st.sampled_from(TEXTS), st.lists(st.fixed_dictionaries({"params.a": CELL, "params.b": CELL}), max_size=12)
)
@settings(deadline=None, max_examples=200)
def test_columns_give_the_same_answer_as_rows(text, rows):
    bound = query.parse(text).bind(["params.a", "params.b"])
    columns = {
        name: {n: row[name] for n, row in enumerate(rows) if row[name] is not None}
        for name in ("params.a", "params.b")
    }
    strangers = {name: column | {1000: 2} for name, column in columns.items()}

    found = bound.select(set(range(len(rows))), strangers.__getitem__)

    assert found == {n for n, row in enumerate(rows) if bound.matches(row)}


@given(
    st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
    st.sampled_from(["1", "0.5", "-inf", "nan", "'1'", "true"]),
    st.dictionaries(st.integers(0, 9), st.sampled_from([1, 0.5, -2, 2**70, math.nan, math.inf, -math.inf])),
)
@settings(deadline=None, max_examples=100)
def test_a_column_of_numbers_gives_the_same_answer_as_its_rows(op, literal, column):
    bound = query.parse(f"params.a {op} {literal}").bind(["params.a"])

    assert bound.select(set(range(9)), lambda _: column) == {
        n for n in range(9) if bound.matches({"params.a": column.get(n)})
    }


@given(CELL, CELL, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]))
@settings(deadline=None, max_examples=200)
def test_nothing_matches_both_a_test_and_its_opposite(one, other, op):
    row = {"params.a": one, "params.b": other}
    yes = query.parse(f"a {op} b").evaluate(row)
    no = query.parse(f"not a {op} b").evaluate(row)

    assert not (yes and no)
    assert yes == query.parse(f"not not (a {op} b)").evaluate(row)
