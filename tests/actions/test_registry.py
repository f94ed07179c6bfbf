"""Register and promote in real repositories, beside stock gto and dvc, with a hub, rivals and refusals."""

import json
import os
import subprocess
import sys

import pytest

from expctl.errors import ConflictError, GitError, RefusedError
from expctl.project import find
from tests.conftest import ok, stock

TRAIN = "import sys\nopen('model.pt', 'w').write(sys.argv[1])\n"


def shown_by_gto(folder):
    said = json.loads(stock(folder, "gto", "show", "--json") or "{}")
    return {
        name: (one["version"], {k: v for k, v in one["stage"].items() if v}) for name, one in said.items()
    }


def shown_by_us(repo):
    said = repo.expctl("model", "list", "--json").json["models"]
    return {
        name: (one["latest"], {stage: held[0] for stage, held in one["stages"].items()})
        for name, one in said.items()
    }


@pytest.fixture
def team(repo):
    """A repository with one run, and nothing else."""
    (repo.path / "train.py").write_text(TRAIN)
    (repo.path / ".gitignore").write_text("model.pt\n")
    repo.git("add", "-A")
    repo.git("commit", "-qm", "Start")
    train(repo, "one")
    return repo


def train(repo, word):
    done = repo.expctl("run", "--", sys.executable, "train.py", word)
    assert done.exit_code == 0, done.err


@pytest.fixture
def hub(team, tmp_path):
    """The same repository with a bare hub that it pushes to."""
    path = tmp_path / "hub.git"
    stock(tmp_path, "git", "init", "-q", "-b", "main", "--bare", str(path))
    team.git("remote", "add", "origin", str(path))
    team.git("push", "-q", "origin", "HEAD")
    return path


def test_register_and_promote_need_no_key_no_policy_and_no_remote(team):
    before = (
        team.git("rev-parse", "HEAD"),
        team.git("status", "--porcelain"),
        team.git("describe", "--always"),
    )

    ok(team.expctl("register", "fraud"))
    ok(team.expctl("promote", "fraud", "--to", "staging"))
    ok(team.expctl("promote", "fraud", "--to", "production", "--reason", "first"))
    train(team, "two")
    ok(team.expctl("register", "fraud", "--version", "v2.0.0-rc.1"))
    ok(team.expctl("promote", "fraud@2.0.0-rc.1", "--to", "staging"))
    ok(team.expctl("promote", "fraud", "--to", "production"))

    assert shown_by_us(team) == {
        "fraud": ("v2.0.0-rc.1", {"production": "v2.0.0-rc.1", "archived": "v1.0.0"})
    }
    assert shown_by_gto(team.path) == shown_by_us(team)
    after = (
        team.git("rev-parse", "HEAD"),
        team.git("status", "--porcelain"),
        team.git("describe", "--always"),
    )
    assert after == before


def test_the_history_is_that_of_gto(team):
    ok(team.expctl("register", "fraud"))
    ok(team.expctl("promote", "fraud", "--to", "staging", "--reason", "looks\nfine"))
    theirs = json.loads(stock(team.path, "gto", "history", "--json"))

    ours = team.expctl("history", "--json").json["events"]

    assert [
        (one["tag"], one["version"], one["stage"], one["event"], one["message"], one["commit"])
        for one in ours
    ] == [
        (one["ref"], one["version"], one["stage"], one["event"], one["message"], one["commit"])
        for one in theirs
    ]
    assert "looks fine" in team.expctl("history").out


def test_stock_dvc_hands_out_the_promoted_bytes_to_a_clone(team, hub, tmp_path):
    stock(team.path, "dvc", "init", "-q")
    stock(team.path, "dvc", "remote", "add", "-q", "-d", "store", str(tmp_path / "store"))
    team.git("add", "-A")
    team.git("commit", "-qm", "DVC")
    for word in ("one", "two"):
        train(team, word)
        ok(team.expctl("register", "fraud"))
        ok(team.expctl("promote", "fraud", "--to", "staging"))
        ok(team.expctl("promote", "fraud", "--to", "production"))
        ok(team.expctl("alias", "fraud@v1.0.0", "champion", "--reason", word))
    ok(team.expctl("push", "--yes"))
    team.git("push", "-q", "origin", "HEAD")
    stock(tmp_path, "git", "clone", "-q", str(hub), "clone")

    stock(
        tmp_path / "clone", "dvc", "artifacts", "get", ".", "fraud", "--stage", "production", "-o", "new.pt"
    )
    stock(tmp_path / "clone", "dvc", "artifacts", "get", str(hub), "fraud", "--rev", "v1.0.0", "-o", "old.pt")

    assert (tmp_path / "clone/new.pt").read_text() == "two"
    assert (tmp_path / "clone/old.pt").read_text() == "one"

    ok(team.expctl("rollback", "fraud"))
    stock(tmp_path, "dvc", "artifacts", "get", str(hub), "fraud", "--stage", "production", "-o", "back.pt")
    assert (tmp_path / "back.pt").read_text() == "one"


def test_a_version_skips_no_stage_and_is_told_the_way(team):
    ok(team.expctl("register", "fraud"))

    done = team.expctl("promote", "fraud", "--to", "production")

    assert done.exit_code == 3
    assert "First: expctl promote fraud@v1.0.0 --to staging" in done.err


def test_rollback_brings_the_former_version_back_and_archive_empties_a_stage(team):
    for _ in range(2):
        ok(team.expctl("register", "fraud"))
        ok(team.expctl("promote", "fraud", "--to", "staging"))
        ok(team.expctl("promote", "fraud", "--to", "production"))

    ok(team.expctl("rollback", "fraud", "--reason", "slow"))
    assert shown_by_us(team)["fraud"][1] == {"production": "v1.0.0", "archived": "v1.1.0"}
    ok(team.expctl("archive", "fraud"))

    assert "production" not in shown_by_us(team)["fraud"][1]
    # stock gto shows both as archived, the latest first
    assert shown_by_gto(team.path) == shown_by_us(team)


def test_who_held_a_stage_at_a_date_is_answered(team):
    ok(team.expctl("register", "fraud"))
    ok(team.expctl("promote", "fraud", "--to", "staging"))

    now = team.expctl("history", "fraud", "--stage", "staging", "--json").json
    before = team.expctl("history", "fraud", "--stage", "staging", "--at", "2020-01-01")

    assert (now["version"], now["since"]["event"]) == ("v1.0.0", "assignment")
    assert before.out == "staging of fraud was empty\n"


@pytest.mark.parametrize("name", ["a..b", "-m", "사기", "a b", "m@x", "m.lock", ""])
def test_no_name_gets_in_that_stock_tools_refuse(team, name):
    done = team.expctl("register", "--", name)

    assert done.exit_code == 2
    assert team.git("tag") == ""


def test_a_version_never_changes(team):
    ok(team.expctl("register", "fraud", "--version", "v1.0.0"))

    done = team.expctl("register", "fraud", "--version", "v1.0.0")

    assert done.exit_code == 5
    assert "v1.0.1" in done.err


def test_a_run_that_kept_nothing_cannot_be_registered(team):
    ok(team.expctl("run", "--", sys.executable, "-c", "1"))

    done = team.expctl("register", "fraud")

    assert done.exit_code == 1
    assert "--artifact" in done.err


def test_a_change_counts_on_the_hub_or_not_at_all(team, hub):
    ok(team.expctl("register", "fraud"))
    ok(team.expctl("promote", "fraud", "--to", "staging"))
    hub.rename(hub.with_suffix(".away"))

    done = team.expctl("promote", "fraud", "--to", "production")

    assert done.exit_code == 1
    assert "Not in effect" in done.err
    hub.with_suffix(".away").rename(hub)
    assert shown_by_us(team)["fraud"][1] == {"staging": "v1.0.0"} == shown_by_gto(hub)["fraud"][1]


def refuse(hub, pattern):
    hook = hub / "hooks/update"
    hook.write_text(f'#!/bin/sh\ncase "$1" in {pattern}) echo "not this one" >&2; exit 1;; esac\n')
    hook.chmod(0o755)


def test_what_the_server_refuses_leaves_nothing_behind(team, hub):
    ok(team.expctl("register", "fraud"))
    refuse(hub, "'refs/tags/fraud#staging#1'")

    done = team.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 7
    assert team.git("tag").split() == ["fraud@v1.0.0"]
    assert stock(hub, "git", "tag").split() == ["fraud@v1.0.0"]
    assert (
        stock(hub, "git", "for-each-ref", "refs/expctl").split()[0]
        == team.git("rev-parse", "refs/expctl/ledger/fraud.log").strip()
    )


def test_what_could_not_follow_is_completed_by_the_next_command(team, hub):
    ok(team.expctl("register", "fraud"))
    ok(team.expctl("promote", "fraud", "--to", "staging"))
    refuse(hub, "'refs/tags/fraud#staging!'*")
    ok(team.expctl("promote", "fraud", "--to", "production"))
    assert shown_by_gto(hub)["fraud"][1] == {"production": "v1.0.0", "staging": "v1.0.0"}
    (hub / "hooks/update").unlink()

    done = team.expctl("register", "fraud")

    assert "completed on origin: fraud#staging!#2" in done.err
    assert shown_by_gto(hub)["fraud"][1] == {"production": "v1.0.0"} == shown_by_us(team)["fraud"][1]


def test_a_registry_made_alone_moves_to_its_first_remote(team, tmp_path):
    ok(team.expctl("register", "fraud"))
    ok(team.expctl("promote", "fraud", "--to", "staging"))
    hub = tmp_path / "hub.git"
    stock(tmp_path, "git", "init", "-q", "-b", "main", "--bare", str(hub))
    team.git("remote", "add", "origin", str(hub))

    ok(team.expctl("promote", "fraud", "--to", "production"))

    assert shown_by_gto(hub) == {"fraud": ("v1.0.0", {"production": "v1.0.0"})}


def test_of_two_at_once_one_wins_and_the_other_is_told(team, hub, tmp_path):
    ok(team.expctl("register", "fraud"))
    train(team, "two")
    ok(team.expctl("register", "fraud"))
    stock(tmp_path, "git", "clone", "-q", str(hub), "rival")
    for attempt in range(4):
        wanted = ("staging", "archived") if attempt % 2 else ("staging", "staging")
        versions = ("v1.0.0", "v1.1.0")
        places = (team.path, tmp_path / "rival")
        jobs = [
            subprocess.Popen(
                [sys.executable, "-m", "expctl", "promote", f"fraud@{version}", "--to", stage],
                cwd=place, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
            )
            for place, version, stage in zip(places, versions, wanted, strict=True)
        ]  # fmt: skip
        ended = [(job.communicate()[1], job.returncode) for job in jobs]
        lost = [said for said, code in ended if code]
        # One after the other is no race: then the second may well be allowed.
        assert len(lost) <= 1, ended
        assert all("was quicker" in said or "is in" in said for said in lost), lost
        state = shown_by_gto(hub)["fraud"][1]
        assert len(set(state.values())) == len(state)
        for version in versions:
            team.expctl("archive", f"fraud@{version}")
    assert shown_by_us(team) == shown_by_gto(hub)


def test_the_loser_of_a_race_has_published_nothing(team, hub, tmp_path, monkeypatch):
    from expctl.actions import promoting, transition

    ok(team.expctl("register", "fraud"))
    stock(tmp_path, "git", "clone", "-q", str(hub), "rival")
    true_publish = transition.publish

    def late(*given):
        stock(tmp_path / "rival", sys.executable, "-m", "expctl", "promote", "fraud", "--to", "staging")
        return true_publish(*given)

    monkeypatch.setattr(transition, "publish", late)

    with pytest.raises(
        ConflictError, match=r"Ada <ada@example.com> was quicker: Move fraud v1.0.0 to staging"
    ):
        promoting.promote(find(team.path), "fraud", None, "archived")

    assert shown_by_us(team) == shown_by_gto(hub) == {"fraud": ("v1.0.0", {"staging": "v1.0.0"})}


def test_the_same_holds_without_a_remote(team, monkeypatch):
    from expctl.actions import promoting, transition

    ok(team.expctl("register", "fraud"))
    true_publish = transition.publish

    def late(*given):
        ok(team.expctl("promote", "fraud", "--to", "staging"))
        return true_publish(*given)

    monkeypatch.setattr(transition, "publish", late)

    with pytest.raises(ConflictError, match="was quicker"):
        promoting.promote(find(team.path), "fraud", None, "archived")

    assert shown_by_us(team)["fraud"][1] == {"staging": "v1.0.0"}


def test_registries_of_others_are_read_and_their_poison_is_named(team):
    stock(team.path, "gto", "register", "churn", "--version", "v0.1.0")
    stock(team.path, "gto", "assign", "churn", "--version", "v0.1.0", "--stage", "dev")
    tag = team.git("rev-parse", "churn@v0.1.0").strip()
    team.git("update-ref", "refs/tags/churn@v9.0.0", tag)
    team.git("tag", "-a", "-m", "blob", "churn#dev#9", "HEAD:train.py")

    done = team.expctl("model", "list")

    assert "churn  v0.1.0" in done.out
    assert "its object is called churn@v0.1.0" in done.err
    assert "it points at a blob" in done.err


def test_a_policy_of_the_team_is_followed(team):
    folder = team.path / ".experiments/policy"
    folder.mkdir()
    (folder / "registry.yaml").write_text(
        "schema: expctl/policy/v1\nstages:\n  canary: {}\n  live: {from: [canary], displaces_to: canary}\n"
    )
    ok(team.expctl("register", "fraud"))

    ok(team.expctl("promote", "fraud", "--to", "canary"))
    ok(team.expctl("promote", "fraud", "--to", "live"))

    assert shown_by_us(team)["fraud"][1] == {"live": "v1.0.0"}
    assert team.expctl("promote", "fraud", "--to", "production").exit_code == 2


def test_a_broken_policy_stops_a_change_with_every_fault(team):
    (team.path / ".experiments/policy").mkdir()
    (team.path / ".experiments/policy/registry.yaml").write_text("stages: {a: 1}\nx: 2\n")
    ok(team.expctl("register", "fraud"))

    done = team.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 1
    assert all(word in done.err for word in ("schema: must be", "x: unknown", "stages.a: must be a mapping"))


@pytest.mark.parametrize("fault", [ConflictError, RefusedError, GitError])
def test_each_way_to_fail_has_its_exit_code(fault):
    assert fault.exit_code == {"ConflictError": 5, "RefusedError": 7, "GitError": 1}[fault.__name__]


def test_registering_works_on_a_detached_head_and_twice_from_one_commit(team):
    team.git("checkout", "-q", "--detach")

    ok(team.expctl("register", "a/b"))
    ok(team.expctl("register", "a"))
    ok(team.expctl("register", "a"))

    assert shown_by_gto(team.path) == {"a/b": ("v1.0.0", {}), "a": ("v1.1.0", {})}
    assert os.path.exists(team.path / ".git/refs/expctl/ledger/a.log")
