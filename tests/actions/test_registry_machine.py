"""Any life of a model: held against a plain model, with deaths, races and clocks that jump.

``EXPCTL_REGISTRY_EXAMPLES=1000 pytest -s`` walks more lives than the suite has time for, and counts them.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from tests import registrylife
from tests.registrylife import CLONES, STAGES, Life

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

EXAMPLES = int(os.environ.get("EXPCTL_REGISTRY_EXAMPLES", "12"))
#: Stock gto takes a process and a while: every so many lives are shown to it.
GTO_EVERY = 5
ALIASES = ("champion", "challenger")

PLACES = st.integers(0, 9)
WHO = st.sampled_from(CLONES)
ORDERS = st.one_of(
    st.tuples(st.just("register"), st.sampled_from(("major", "minor", "patch"))),
    st.tuples(st.just("promote"), PLACES, st.sampled_from(STAGES)),
    st.tuples(st.just("promote"), PLACES, st.sampled_from(STAGES)),
    st.tuples(st.just("archive"), PLACES),
    st.tuples(st.just("rollback"), st.sampled_from(("production", "staging"))),
    st.tuples(st.just("rollback"), st.just("production")),
    st.tuples(st.just("alias"), PLACES, st.sampled_from(ALIASES)),
    st.tuples(st.just("unalias"), st.sampled_from(ALIASES)),
)


class Lives(RuleBasedStateMachine):
    """One life after the other, each in a copy of one hub and its clones."""

    templates: Mapping[str, Path]
    folder: Path
    monkeypatch: pytest.MonkeyPatch
    number = 0

    def __init__(self) -> None:
        super().__init__()
        type(self).number += 1

    def words(self, order) -> tuple[str, ...]:
        what, *rest = order
        if what == "register":
            return (what, registrylife.next_version(self.life, rest[0]))
        known = list(self.life.plain.stage)
        return (what, *(known[one % len(known)] if isinstance(one, int) else one for one in rest))

    @initialize(beginning=st.sampled_from(sorted(registrylife.BEGINNINGS, reverse=True)))
    def begin(self, beginning) -> None:
        plain = registrylife.Plain()
        for words in registrylife.BEGINNINGS[beginning]:
            plain.order(*words)
        folder = self.folder / f"life{self.number}"
        self.life = Life(self.templates[beginning], folder, plain, self.monkeypatch)

    @rule(who=WHO, order=ORDERS)
    def do(self, who, order) -> None:
        self.life.do(who, self.words(order))

    @rule(who=WHO, order=ORDERS, call=st.integers(1, 30), after=st.booleans())
    def die(self, who, order, call, after) -> None:
        self.life.die(who, self.words(order), call, after=after)

    @rule(who=WHO, order=ORDERS, others=ORDERS)
    def race(self, who, order, others) -> None:
        rival = next(name for name in CLONES if name != who)
        self.life.race(who, self.words(order), rival, self.words(others))

    @rule(by=st.integers(-(10**6), 10**6))
    def jump(self, by) -> None:
        self.life.now += by

    def teardown(self) -> None:
        self.life.end()
        if self.number % GTO_EVERY == 0:
            self.life.compare_with_gto()
        shutil.rmtree(self.life.folder)


@pytest.fixture
def machine(repo, tmp_path, monkeypatch):
    templates = registrylife.begin(repo, tmp_path / "made", monkeypatch)
    return type("Machine", (Lives,), {"templates": templates, "folder": tmp_path, "monkeypatch": monkeypatch})


@pytest.mark.timeout(0)
def test_whatever_happens_everybody_stands_where_a_plain_model_says(machine):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=6,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
    print(f"{machine.number} lives: {dict(registrylife.Life.told)}")
