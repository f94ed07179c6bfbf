"""The list of models from memory: always what reading every tag gives, whatever happened meanwhile."""

import os
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expctl.actions import models
from expctl.actions import overview as looking
from expctl.cli import modellist
from expctl.project import find
from expctl.store import overview, registry

NAMES = st.tuples(
    st.sampled_from(["a", "b", "a/b", "s/x=b"]),
    st.sampled_from(
        [
            "@v1.0.0",
            "@v1.1.0",
            "@v1.0.0!",
            "#prod#1",
            "#prod!#2",
            "#eu/prod#3",
            "@champion#1",
            "@x",
            "@deprecated",
        ]
    ),
).map("".join)
CHANGES = st.lists(
    st.tuples(NAMES, st.sampled_from(["add", "drop", "copy", "blob", "light"]), st.integers(0, 3)),
    min_size=1, max_size=6,
)  # fmt: skip


def change(repo, name, what, number):
    ref = f"refs/tags/{name}"
    env = {"GIT_COMMITTER_DATE": f"{1_700_000_000 + number} +0000"}
    if what == "drop":
        repo.git("update-ref", "-d", ref)
    elif what == "copy":
        repo.git("update-ref", ref, "original")
    elif what == "light":
        repo.git("tag", "-f", name, "HEAD")
    else:
        target = "HEAD:train.py" if what == "blob" else "HEAD"
        words = ["git", "tag", "-f", "-a", "-m", "x", name, target]
        subprocess.run(words, cwd=repo.path, env={**os.environ, **env}, check=True, capture_output=True)


def plainly(repo):
    found = registry.read(repo.path)
    lines = [(one.name, one.latest, dict(one.holders), one.last_at) for one in found.models.values()]
    return lines, sorted(found.faults)


@settings(deadline=None, max_examples=15, suppress_health_check=list(HealthCheck))
@given(CHANGES)
def test_what_is_remembered_is_what_is_there(repo, changes):
    repo.git("tag", "-f", "-a", "-m", "x", "original")
    memory = repo.path / ".git" / "expctl" / "models.cache"
    for name, what, number in changes:
        change(repo, name, what, number)

        found = overview.read(repo.path, memory)

        lines, faults = plainly(repo)
        assert [(one.name, one.latest, dict(one.holders), one.last_at) for one in found.lines] == lines
        assert sorted(found.faults) == faults
        assert overview.read(repo.path, memory) == found


@pytest.fixture
def known(repo):
    for name in ("a@v1.0.0", "a#production#1", "b@v2.0.0"):
        repo.git("tag", "-a", "-m", "x", name)
    return repo


@pytest.mark.parametrize(
    "damage", [b"", b"[1, {}", b'[1, {"a": [1]}]\n', b"[9, {}]\n", b"{}\n", b"\xff" * 99]
)
def test_a_damaged_memory_is_read_over(known, damage):
    memory = known.path / ".git" / "expctl" / "models.cache"
    whole = overview.read(known.path, memory)
    names = memory.read_bytes().partition(b"\n")[2]
    memory.write_bytes(damage + names)

    assert overview.read(known.path, memory) == whole


def test_a_memory_that_cannot_be_kept_is_done_without(known):
    (known.path / ".git" / "expctl").write_text("in the way")

    assert [one.name for one in overview.read(known.path, known.path / ".git/expctl/models.cache").lines] == [
        "a",
        "b",
    ]


def test_both_roads_give_the_same_list(known):
    quickly = known.expctl("model", "list")
    known.git("tag", "-a", "-m", "x", "a#dev#2")
    again = known.expctl("model", "list")
    through_typer = known.expctl("--debug", "model", "list")

    assert "dev" not in quickly.out
    assert "dev" in again.out
    assert again.out == through_typer.out
    assert modellist.run(["model", "show", "a"]) is None
    assert modellist.run(["model", "list", "--json"]) is None


def test_a_registry_that_may_not_be_whole_is_looked_at_closely(known):
    project = find(known.path)
    assert looking.look(project) is not None
    known.git("update-ref", "refs/expctl/ledger/lost.log", "HEAD")
    assert looking.look(project) is None
    known.git("update-ref", "-d", "refs/expctl/ledger/lost.log")
    known.git("config", "remote.origin.tagOpt", "--no-tags")
    assert looking.look(project) is None


def test_the_stages_of_a_policy_stand_in_its_order(known):
    known.write(
        ".experiments/policy/registry.yaml", "schema: expctl/policy/v1\nstages: {live: {}, gone: {}}\n"
    )

    found = looking.look(find(known.path))

    assert found.stages == ("live", "gone", "production")
    assert found.stages == models.all_models(find(known.path)).stages


def test_the_usual_stages_are_those_of_the_policy():
    from expctl.core.registry import policy

    assert tuple(policy.DEFAULT.stages) == looking.USUAL


def test_many_versions_of_a_stage_are_counted(known):
    for number in range(3, 9):
        known.git("commit", "-qm", "x", "--allow-empty")
        known.git("tag", "-a", "-m", "x", f"a@v{number}.0.0")
        known.git("tag", "-a", "-m", "x", f"a#old#{number}")

    assert "and 4 more" in known.expctl("model", "list").out
