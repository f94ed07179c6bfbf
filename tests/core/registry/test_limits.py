"""Limits of live metrics: each against a plain oracle, and every fault of a policy named."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import yamltext
from expctl.core.registry import limits, observation, policy
from expctl.core.registry.limits import DEGRADED, MISSING, OK, WARNING, Limit

VALUES = st.one_of(st.none(), st.floats(), st.integers(-5, 5), st.booleans(), st.just(10**400))
FINITE = st.floats(-1e6, 1e6)


def judge(limit, registered, observed):
    return limits.judge(limit, {"m": registered}, {"m": observed}, {"m": "max"})


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(limits.KINDS), FINITE, st.booleans(), st.booleans(), VALUES, VALUES)
def test_what_is_missing_is_never_good(kind, bound, is_share, warn, registered, observed):
    said = judge(Limit("m", kind, abs(bound), is_share and kind == "drop", warn=warn), registered, observed)

    is_number = isinstance(observed, int | float) and not isinstance(observed, bool)
    known = is_number and observed != 10**400 and math.isfinite(observed)
    if not known:
        assert (said.verdict, said.observed) == (MISSING, None)
    else:
        assert said.observed == float(observed)
        assert (said.verdict == MISSING) == (kind == "drop" and said.registered is None)
    assert bool(said.why) == (said.verdict != OK)
    assert said.verdict in (OK, MISSING, WARNING if warn else DEGRADED)


@settings(deadline=None, max_examples=200)
@given(st.integers(-100, 100), st.integers(-100, 100), st.integers(0, 100), st.sampled_from(["max", "min"]))
def test_a_drop_counts_towards_what_is_worse(was, is_now, allowed, better):
    limit = Limit("m", "drop", float(allowed))
    said = limits.judge(limit, {"m": was}, {"m": is_now}, {"m": better})

    worse = was - is_now if better == "max" else is_now - was
    assert said.verdict == (OK if worse <= allowed else DEGRADED)


@pytest.mark.parametrize(
    ("kind", "bound", "is_share", "registered", "observed", "verdict"),
    [
        ("min", 0.8, False, None, 0.8, OK),
        ("min", 0.8, False, 0.9, 0.79, DEGRADED),
        ("max", 0.8, False, None, 0.8, OK),
        ("max", 0.8, False, None, 0.81, DEGRADED),
        ("drop", 0.05, False, 0.9, 0.85, OK),  # 0.9 - 0.85 is a little more than 0.05 in binary
        ("drop", 0.05, True, 0.87, 0.8265, OK),
        ("drop", 0.05, True, 0.87, 0.82, DEGRADED),
        ("drop", 0.05, True, 0.0, 0.0, OK),
        ("drop", 0.05, True, 0.0, -0.001, DEGRADED),
        ("drop", 0.05, True, -2.0, -2.2, DEGRADED),
        ("drop", 0.0, False, 0.9, 0.9, OK),
        ("drop", 0.05, False, None, 0.9, MISSING),
    ],
)
def test_limits_hold_up_to_their_bound(kind, bound, is_share, registered, observed, verdict):
    assert judge(Limit("m", kind, bound, is_share), registered, observed).verdict == verdict


def test_a_drop_of_what_nobody_gave_a_direction_is_not_guessed():
    with pytest.raises(ValueError, match="zorp"):
        limits.judge(Limit("zorp", "drop", 1.0), {"zorp": 1}, {"zorp": 2}, {})


def test_without_limits_a_drop_of_a_twentieth_is_a_warning():
    registered = {"f1_score": 0.9, "loss": 0.2, "zorp": 1.0, "auc": 0.9}
    live = {"f1_score": 0.8, "loss": 0.2, "zorp": 9.0}

    wanted = limits.usual(registered, live, {})
    checks = [limits.judge(one, registered, live, {}) for one in wanted]

    assert [(one.limit.metric, one.verdict) for one in checks] == [("f1_score", WARNING), ("loss", OK)]
    assert limits.overall(checks) == WARNING


def test_no_observation_is_too_large_for_the_ledger():
    names = [f"accuracy_{number}_{'x' * 170}" for number in range(5000)]
    registered = dict.fromkeys([*names, f"accuracy_{'x' * 500}"], 0.123456789012345)

    wanted = limits.usual(registered, registered, {})
    checks = tuple(limits.judge(one, registered, registered, {}) for one in wanted)
    seen = observation.of("v1.0.0", "production", "0" * 64, checks)

    assert len(checks) == 200
    assert len(yamltext.dump(observation.to_tree(seen))) < 1 << 18


def test_the_policy_is_read_and_every_fault_is_named():
    good = {
        "production": [
            {"metric": "metrics.f1", "min": 0.8, "drop": "5 %", "otherwise": "retrain"},
            {"metric": "psi", "max": 0.2, "warn": True},
        ]
    }
    bad = {
        "production": [
            {"metric": "f1", "drop": "5 pct"},
            {"metric": "f1", "drop": -1},
            {"metric": "f1", "min": "0.8"},
            {"metric": "f1"},
            {"min": 1},
            {"metric": "f1", "max": math.nan},
            {"metric": "f1", "max": 1, "warn": 1},
            {"metric": "f1", "max": 1, "least": 1},
            "f1",
        ],
        "nowhere": [],
        "staging": {},
    }
    rules, none = policy.read({"schema": policy.SCHEMA, "monitor": good}, "f")
    _, faults = policy.read({"schema": policy.SCHEMA, "monitor": bad}, "f")

    assert none == []
    assert [(one.metric, one.rule, one.warn) for one in rules.monitor["production"]] == [
        ("f1", "≥ 0.8", False), ("f1", "drop ≤ 5 %", False), ("psi", "≤ 0.2", True)
    ]  # fmt: skip
    start = "f: monitor.production"
    assert faults == [
        f"{start}[0].drop: must be a number, 0 or more, or a share such as 5 %",
        f"{start}[1].drop: must be a number, 0 or more, or a share such as 5 %",
        f"{start}[2].min: must be a number",
        f"{start}[3]: must have one of the keys min, max, drop",
        f"{start}[4].metric: must be the name of a metric",
        f"{start}[5].max: must be a number",
        f"{start}[6]: otherwise must be text, and warn true or false",
        f"{start}[7].least: unknown",
        f"{start}[8]: must be a mapping with a metric and one of min, max, drop",
        "f: monitor.staging: must be a list of at most 200 limits",
        "f: monitor.nowhere: there is no stage nowhere",
    ]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.sampled_from(limits.KINDS), FINITE, VALUES, VALUES), max_size=5))
def test_an_observation_is_read_back_from_the_ledger(asked):
    checks = tuple(judge(Limit("m", kind, abs(bound)), was, now) for kind, bound, was, now in asked)

    said = observation.of("v1.0.0", "production", "0" * 64, checks)

    assert observation.from_tree(observation.to_tree(said)) == said
    assert said.says_the_same(said)
    assert not said.says_the_same(None)


@pytest.mark.parametrize(
    "tree", [None, {}, {"seen": 1}, {"seen": [1]}, {"seen": [], "version": "v1.0.0", "stage": 1}]
)
def test_an_observation_of_a_stranger_is_refused(tree):
    with pytest.raises(ValueError, match="observed"):
        observation.from_tree(tree)
