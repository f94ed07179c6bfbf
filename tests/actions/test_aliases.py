"""Aliases in real repositories: where they may stand for a version, and what stock tools see of them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import expctl
from expctl.actions import modelpull, models
from tests.conftest import ok
from tests.shelf import put_run


@pytest.fixture
def team(repo):
    """Two versions of a model, from two runs."""
    for number in (1, 2):
        put_run(repo, number, {"model.pt": b"weights %d" % number})
        ok(repo.expctl("register", "fraud", "--run", f"{number:06d}"))
    return repo


def gto(repo, *words):
    return json.loads(
        subprocess.run(
            ["gto", *words, "--json"], cwd=repo.path, capture_output=True, text=True, check=True
        ).stdout
    )


def test_an_alias_stands_for_its_version_wherever_one_is_named(team, monkeypatch):
    ok(team.expctl("alias", "fraud@1.0.0", "champion"))
    monkeypatch.chdir(team.path)

    assert "fraud@v1.0.0: none → staging" in ok(team.expctl("promote", "fraud@champion", "--to", "staging"))
    assert "champion" in ok(team.expctl("model", "show", "fraud"))
    assert "v1.1.0" not in ok(team.expctl("model", "show", "fraud@champion"))
    for path in (expctl.model_path("fraud@champion"), expctl.model_path("fraud", version="champion")):
        assert Path(path).read_bytes() == b"weights 1"
    assert "fraud@v1.0.0: staging → archived" in ok(team.expctl("archive", "fraud@champion"))
    pulled = team.expctl("model", "pull", "fraud@champion", "-o", "served.pt", "--json").json
    assert (pulled["version"], (team.path / "served.pt").read_bytes()) == ("v1.0.0", b"weights 1")


def test_an_alias_moves_and_is_taken_away(team):
    ok(team.expctl("alias", "fraud@v1.0.0", "champion"))

    moved = ok(team.expctl("alias", "fraud@v1.1.0", "champion", "--reason", "recall"))
    again = team.expctl("alias", "fraud@champion", "champion", "--json").json
    said = ok(team.expctl("alias", "fraud", "champion", "--delete"))

    assert moved == "fraud@champion is v1.1.0 (was v1.0.0)\n"
    assert (again["version"], again["before"]) == ("v1.1.0", "v1.1.0")
    assert said == "fraud@champion is no version any more (was v1.1.0)\n"
    assert team.expctl("model", "show", "fraud", "--json").json["aliases"] == {}
    assert team.expctl("promote", "fraud@champion", "--to", "staging").exit_code == 1
    assert team.expctl("alias", "fraud", "champion", "--delete").exit_code == 3
    told = team.expctl("history", "fraud", "--json").json["events"]
    assert [(one["event"], one["alias"], one["version"]) for one in told if "alias" in one] == [
        ("unalias", "champion", "v1.1.0"), ("alias", "champion", "v1.1.0"), ("alias", "champion", "v1.0.0")
    ]  # fmt: skip
    assert "called champion" in team.expctl("history", "fraud").out


def test_stock_gto_sees_no_difference(team):
    ok(team.expctl("promote", "fraud@v1.0.0", "--to", "staging"))
    before = [gto(team, "show"), gto(team, "history")]

    ok(team.expctl("alias", "fraud@v1.1.0", "champion"))
    ok(team.expctl("alias", "fraud@v1.0.0", "champion"))
    ok(team.expctl("alias", "fraud", "champion", "--delete"))

    assert [gto(team, "show"), gto(team, "history")] == before
    subprocess.run(
        ["gto", "assign", "fraud", "--version", "v1.1.0", "--stage", "dev"], cwd=team.path, check=True
    )
    ok(team.expctl("promote", "fraud@v1.0.0", "--to", "production"))
    assert gto(team, "show")["fraud"]["stage"] == {"dev": "v1.1.0", "production": "v1.0.0"}


@pytest.mark.parametrize("name", ["v2", "created", "production", "a b", "deprecated", "-x"])
def test_a_name_that_means_something_else_is_refused(team, name):
    before = team.git("for-each-ref")

    done = team.expctl("alias", "fraud@v1.0.0", "--", name)

    assert done.exit_code == 2
    assert team.git("for-each-ref") == before


def test_a_policy_may_list_the_aliases(team):
    team.write(".experiments/policy/registry.yaml", "schema: expctl/policy/v1\naliases: [champion]\n")

    ok(team.expctl("alias", "fraud@v1.0.0", "champion"))
    done = team.expctl("alias", "fraud@v1.0.0", "favourite")

    assert done.exit_code == 2
    assert "It lists champion" in done.err


def test_an_alias_counts_on_the_hub_and_reaches_a_clone_by_plain_git(team, tmp_path):
    hub = tmp_path / "hub.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", hub], check=True)
    team.git("remote", "add", "origin", str(hub))
    team.git("push", "-q", "origin", "HEAD")
    ok(team.expctl("alias", "fraud@v1.1.0", "champion"))
    subprocess.run(["git", "clone", "-q", hub, tmp_path / "clone"], check=True)

    shown = subprocess.run(
        [sys.executable, "-m", "expctl", "model", "show", "fraud", "--json"],
        cwd=tmp_path / "clone", capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert json.loads(shown.stdout)["aliases"] == {"champion": "v1.1.0"}
    assert "refs/tags/fraud@champion#1" in team.git("ls-remote", "origin")

    ok(team.expctl("alias", "fraud@v1.0.0", "champion"))
    ok(team.expctl("-C", str(tmp_path / "clone"), "pull"))
    assert "refs/tags/fraud@champion#2" in team.git("-C", str(tmp_path / "clone"), "show-ref", "--tags")


def test_an_alias_of_another_repository_is_understood(team):
    ok(team.expctl("alias", "fraud@v1.0.0", "champion"))

    with modelpull.borrowed(str(team.path)) as other:
        found = models.one_model(other, "fraud").models["fraud"]

    assert found.called("champion") == "v1.0.0"
