"""A run is walked to its verdict: strict stays strict, and what is missing never passes."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import flows, query
from expctl.core.selection import Judge

COLUMNS = (
    "metrics.f1_score",
    "metrics.ms",
    "tags.interpretability",
    "params.kind",
    "artifacts.model.size_mb",
)


def judge(*required):
    found = []
    declared = [{"require": text, "otherwise": f"mend {at}"} for at, text in enumerate(required)]
    flow = flows.read("f", [*declared, {"then": "register"}], found)
    assert found == []
    return Judge(flow, COLUMNS)


def said(verdict):
    return "; ".join(reason.text for reason in verdict.reasons)


def test_the_first_requirement_that_is_not_met_decides():
    walk = judge("metrics.f1_score > 0.85", "metrics.ms < 50")

    assert walk.verdict({"metrics.f1_score": 0.9, "metrics.ms": 10}) == ("pass", None, (), "register")
    slow = walk.verdict({"metrics.f1_score": 0.9, "metrics.ms": 60})
    assert slow[:2] == ("stop", 1)
    assert slow.follow == "mend 1"
    bad = walk.verdict({"metrics.f1_score": 0.8, "metrics.ms": 60})
    assert bad[:2] == ("stop", 0)
    assert said(bad) == "f1_score 0.8 is not > 0.85"


def test_a_strict_inequality_is_strict():
    walk = judge("metrics.f1_score > 0.85")

    assert walk.verdict({"metrics.f1_score": 0.85}).outcome == "stop"
    assert walk.verdict({"metrics.f1_score": math.nextafter(0.85, 1)}).outcome == "pass"
    assert judge("metrics.f1_score >= 0.85").verdict({"metrics.f1_score": 0.85}).outcome == "pass"


def test_a_value_just_below_is_not_rounded_onto_the_threshold():
    assert said(judge("f1_score > 0.85").verdict({"metrics.f1_score": 0.8499999999})) == (
        "f1_score 0.8499999999 is not > 0.85"
    )


@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf])
@pytest.mark.parametrize(
    "condition",
    ["f1_score > 0.5", "f1_score < 0.5", "f1_score != 0.5", "NOT f1_score = 0.5", "f1_score between 0 and 1",
     "f1_score in (1, 2)", "NOT f1_score in (1, 2)", "f1_score is not null", "f1_score > 0.5 AND ms < 5"],
)  # fmt: skip
def test_what_is_missing_or_no_number_never_passes(value, condition):
    verdict = judge(condition).verdict({"metrics.f1_score": value, "metrics.ms": 1.0})

    assert verdict.outcome == ("stop" if "null" in condition else "missing")
    assert "f1_score is" in said(verdict)


def test_what_decides_without_the_missing_part_decides():
    row = {"metrics.ms": 10}

    assert judge("f1_score > 0.5 OR ms < 50").verdict(row).outcome == "pass"
    failed = judge("f1_score > 0.5 AND ms < 5").verdict(row)
    assert (failed.outcome, said(failed)) == ("stop", "ms 10 is not < 5")
    open_ = judge("f1_score > 0.5 OR ms < 5").verdict(row)
    assert (open_.outcome, said(open_)) == ("missing", "f1_score is missing")


def test_a_sum_without_a_value_is_missing_whichever_way_it_is_asked():
    row = {"metrics.f1_score": 0.5, "metrics.ms": 0}

    for condition in ("f1_score / ms > 2", "NOT f1_score / ms > 2", "f1_score / ms != 1"):
        verdict = judge(condition).verdict(row)
        assert (verdict.outcome, said(verdict)) == ("missing", "f1_score / ms has no value")


def test_a_score_that_was_given_by_hand_is_a_criterion_like_any_other():
    walk = judge("tags.interpretability >= 3")

    assert walk.verdict({"tags.interpretability": "4"}).outcome == "pass"
    assert said(walk.verdict({"tags.interpretability": "2"})) == "interpretability 2 is not >= 3"
    assert walk.verdict({}).outcome == "missing"


@pytest.mark.parametrize(
    ("condition", "row", "sentence"),
    [
        ("ms between 1 and 2", {"metrics.ms": 0.3}, "ms 0.3 is not between 1 and 2"),
        ("kind in ('a', 'b')", {"params.kind": "c"}, "kind 'c' is not in ('a', 'b')"),
        ("NOT kind in ('a', 'b')", {"params.kind": "a"}, "kind 'a' is in ('a', 'b')"),
        ("NOT f1_score > 0.5", {"metrics.f1_score": 0.7}, "f1_score 0.7 is not <= 0.5"),
        ("kind like 'x%'", {"params.kind": "c"}, "kind 'c' is not like 'x%'"),
        ("kind is null", {"params.kind": "c"}, "kind is there"),
        ("f1_score > ms", {"metrics.f1_score": 0.1, "metrics.ms": 2.0},
         "f1_score 0.1 is not > ms 2"),
        ("f1_score / ms > 0.3", {"metrics.f1_score": 0.8, "metrics.ms": 4.0},
         "f1_score / ms 0.2 is not > 0.3"),
        ("0.5 < f1_score", {"metrics.f1_score": 0.4}, "f1_score 0.4 is not > 0.5"),
        ("kind = 'a'", {"params.kind": "c"}, "kind 'c' is not 'a'"),
        ("NOT kind = 'a'", {"params.kind": "a"}, "kind is 'a'"),
        ("f1_score > 0.5 OR ms < 5", {"metrics.f1_score": 0.1, "metrics.ms": 9.5},
         "f1_score 0.1 is not > 0.5; ms 9.5 is not < 5"),
        ("artifacts.model.size_mb < 500", {"artifacts.model.size_mb": 700.5},
         "artifacts.model.size_mb 700.5 is not < 500"),
        ("1 > 2", {}, "not 1 > 2"),
    ],
)  # fmt: skip
def test_a_reason_names_value_and_threshold(condition, row, sentence):
    verdict = judge(condition).verdict(row)

    assert verdict.outcome == "stop"
    assert said(verdict) == sentence


_TESTS = st.sampled_from(
    ["f1_score > 0.5", "ms < 3", "kind = 'a'", "kind in ('a','b')", "ms between 1 and 2", "f1_score is null"]
)
_CONDITIONS = st.recursive(
    _TESTS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" AND ", " OR "]), inner).map(lambda some: f"({''.join(some)})"),
        inner.map(lambda one: f"NOT ({one})"),
    ),
    max_leaves=6,
)
_ROWS = st.fixed_dictionaries(
    {},
    optional={
        "metrics.f1_score": st.sampled_from([0.1, 0.5, 0.9]),
        "metrics.ms": st.sampled_from([1, 2.5, 4]),
        "params.kind": st.sampled_from(["a", "c"]),
    },
)


@settings(deadline=None, max_examples=200)
@given(_CONDITIONS, _ROWS)
def test_a_run_passes_what_a_filter_matches_and_every_other_has_a_reason(condition, row):
    verdict = judge(condition).verdict(row)

    assert (verdict.outcome == "pass") == query.parse(condition).bind(COLUMNS).matches(row)
    assert bool(verdict.reasons) == (verdict.outcome != "pass")
