"""Declared flows: what is wrong is said with its place, and nothing that is declared takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings

from expctl.core import flows
from tests.records import PLAIN

GOOD = [
    {"require": "metrics.f1 > 0.85", "otherwise": "reject"},
    {"require": "tags.score >= 3"},
    {"then": "register"},
]


def faults_of(declared):
    found = []
    flow = flows.read("candidate", declared, found)
    assert (flow is None) == bool(found)
    return [str(fault) for fault in found]


def test_a_flow_is_read_with_what_it_leaves_unsaid():
    flow = flows.read("candidate", GOOD, [])

    assert [(step.require, step.otherwise) for step in flow.steps] == [
        ("metrics.f1 > 0.85", "reject"),
        ("tags.score >= 3", "reject"),
    ]
    assert flow.then == "register"
    assert flows.read("short", GOOD[:1], []).then == "accept"


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (None, "selections.candidate: not a list"),
        ({}, "not a list"),
        ([], "not a list"),
        (["x > 1"], "[0]: not a step"),
        ([{"otherwise": "reject"}], "[0]: neither require nor then"),
        ([{"require": True}], "[0].require: not text"),
        ([{"require": ""}], "[0].require: says nothing"),
        ([{"require": "a > 1", "otherwise": 3}], "[0].otherwise: not text"),
        ([{"require": "a > 1", "unless": "b"}], "[0].unless: no key of a step"),
        ([{"then": "register"}], "requires nothing"),
        ([{"then": "register"}, {"require": "a > 1"}], "[0].then: stands alone in the last step"),
        ([{"require": "a > 1", "then": "register"}], "[0].then: stands alone"),
        ([{"require": "a > 1"}] * 51, "more than 50 steps"),
        ([{"require": "a" * 4001}], "[0].require: longer than 4000 characters"),
        ([{"require": f"a in ({','.join('1' * 400)})"}] * 2, "more than 200 tests"),
        ([{"require": " AND ".join(["a > 1"] * 260)}] * 2, "more than 200 tests"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(declared, said):
    assert any(said in fault for fault in faults_of(declared))


def test_a_bad_condition_is_shown_with_a_caret():
    (fault,) = faults_of([{"require": "metrics.f1 >> 0.85"}])

    assert fault.startswith("selections.candidate[0].require: ")
    assert fault.endswith("\n  metrics.f1 >> 0.85\n              ^")


def test_a_mistyped_key_is_guessed():
    found = []
    flows.read("candidate", [{"require": "a > 1", "other": "x"}], found)

    assert found[0].hint == "Did you mean otherwise?"


def test_all_flows_of_a_file_are_checked():
    declared = {"good": GOOD, "a b": [], "worse": 3}

    assert [fault.path for fault in flows.check(declared)] == ["selections.`a b`", "selections.worse"]
    assert flows.check({"good": GOOD}) == []
    assert len(flows.check(dict.fromkeys(map(str, range(200)), 1))) == 1


@pytest.mark.parametrize(
    "text", ["(" * 3999, "NOT " * 900 + "a > 1", "a like '" + "%a" * 1900 + "'", "`" * 3999]
)
def test_a_hostile_condition_is_refused_or_read_in_no_time(text):
    started = time.process_time()
    flows.read("candidate", [{"require": text}], [])

    assert time.process_time() - started < 30


@settings(deadline=None, max_examples=150)
@given(PLAIN)
def test_anything_may_be_declared(declared):
    faults_of(declared)
    faults_of([declared])
