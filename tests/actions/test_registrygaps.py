"""A clone that lacks tags of the registry says so, with the command that brings them; it never guesses."""

import json
import subprocess
import sys

import pytest

import expctl
from expctl.actions import unfinished
from expctl.core.registry.state import Event, fold
from expctl.core.registry.tags import parse
from expctl.errors import IncompleteError
from expctl.project import find
from tests.conftest import Repo, ok, stock


@pytest.fixture
def team(repo, tmp_path):
    """A repository whose model is in staging, and its hub."""
    repo.write("train.py", "import sys\nopen('model.pt', 'w').write(sys.argv[1])\n")
    repo.write(".gitignore", "model.pt\n")
    repo.commit_all()
    hub = tmp_path / "hub.git"
    stock(tmp_path, "git", "init", "-q", "-b", "main", "--bare", str(hub))
    repo.git("remote", "add", "origin", str(hub))
    ok(repo.expctl("run", "--", sys.executable, "train.py", "one"))
    ok(repo.expctl("commit"))
    repo.git("push", "-q", "origin", "HEAD")
    ok(repo.expctl("register", "fraud"))
    ok(repo.expctl("promote", "fraud", "--to", "staging"))
    return repo


def clone(tmp_path, *words):
    folder = tmp_path / "clone"
    stock(tmp_path, "git", "clone", "-q", *words, f"file://{tmp_path}/hub.git", str(folder))
    return Repo(folder)


ASKED = (
    ("model", "list"),
    ("model", "show", "fraud"),
    ("history",),
    ("history", "fraud", "--stage", "staging"),
    ("model", "pull", "fraud@v1.0.0"),
)


@pytest.mark.parametrize("how", [("--no-tags",), ("--depth", "1")], ids=" ".join)
def test_a_clone_without_tags_does_not_answer_and_says_how_to_get_them(team, tmp_path, how):
    other = clone(tmp_path, *how)

    answers = [other.expctl(*words) for words in ASKED]

    assert [done.exit_code for done in answers] == [8] * len(ASKED)
    assert all("2 registry tags" in done.err and "fraud" in done.err for done in answers)
    (command,) = {line for done in answers for line in done.err.splitlines() if "git fetch" in line}
    stock(other.path, "git", "fetch", "-q", *command.partition("git fetch")[2].split())
    assert "v1.0.0" in ok(other.expctl("history", "fraud", "--stage", "staging"))


def test_a_program_in_such_a_clone_gets_an_error_and_no_path(team, tmp_path, monkeypatch):
    monkeypatch.chdir(clone(tmp_path, "--no-tags").path)

    with pytest.raises(IncompleteError, match="origin has 2 registry tags"):
        expctl.model_path("fraud", stage="staging")


def test_a_shallow_clone_that_has_all_tags_answers(team, tmp_path):
    other = clone(tmp_path, "--depth", "1")
    stock(other.path, "git", "fetch", "-q", "--tags", "origin")

    assert "v1.0.0" in ok(other.expctl("history", "fraud", "--stage", "staging"))
    assert json.loads(ok(other.expctl("model", "list", "--json")))["complete"] is True


def test_a_clone_that_lacks_some_says_which_and_shows_the_rest(team, tmp_path):
    other = clone(tmp_path, "--no-tags")
    stock(other.path, "git", "fetch", "-q", "origin", "tag", "fraud@v1.0.0")

    done = other.expctl("model", "list")

    assert done.exit_code == 0
    assert "v1.0.0" in done.out
    assert "1 registry tag that this clone lacks, of fraud: git fetch --tags origin" in done.err
    assert other.expctl("model", "pull", "fraud", "--stage", "staging").exit_code == 8


def test_where_the_remote_is_away_nobody_says_that_there_is_nothing(team, tmp_path):
    other = clone(tmp_path, "--no-tags")
    (tmp_path / "hub.git").rename(tmp_path / "away.git")

    done = other.expctl("model", "list")

    assert "No model is registered in this clone" in done.err
    assert "is not known" in done.err
    assert other.expctl("model", "pull", "fraud", "--stage", "staging").exit_code == 8


def test_a_repository_without_a_remote_or_a_registry_is_simply_empty(repo):
    assert "No model is registered. Make one" in repo.expctl("model", "list").err
    assert "Nothing is known to have happened" in repo.expctl("history").err


def test_a_name_that_nobody_has_is_still_unknown(team):
    done = team.expctl("model", "show", "frauds")

    assert done.exit_code == 1
    assert "Did you mean fraud?" in done.err


def test_pull_brings_what_others_did_in_the_registry(team, tmp_path):
    stock(team.path, "dvc", "init", "-q")
    stock(team.path, "dvc", "remote", "add", "-q", "-d", "store", str(tmp_path / "store"))
    team.commit_all("DVC")
    ok(team.expctl("--yes", "push"))
    team.git("push", "-q", "origin", "HEAD")
    other = clone(tmp_path)
    ok(team.expctl("promote", "fraud", "--to", "production"))

    done = other.expctl("pull")

    assert done.exit_code == 0, done.err
    assert "changes of the registry came along" in done.err
    assert other.expctl("model", "list", "--json").json == team.expctl("model", "list", "--json").json
    ledger = "refs/expctl/ledger/fraud.log"
    assert other.git("rev-parse", ledger) == team.git("rev-parse", ledger)
    assert "registry" not in other.expctl("pull").err


def test_a_tag_of_ones_own_is_never_replaced_by_a_pull(team, tmp_path):
    other = clone(tmp_path)
    other.git("tag", "-d", "fraud#staging#1")
    other.git("tag", "-a", "-m", "mine", "fraud#staging#1", "HEAD")
    mine = other.git("rev-parse", "fraud#staging#1")

    done = other.expctl("pull", "--json")

    if done.exit_code == 0:  # without a DVC remote there may be nothing to bring
        assert any("yours is kept" in note for note in done.json["notes"])
    assert other.git("rev-parse", "fraud#staging#1") == mine


def attempt_of(team, version="v1.1.0"):
    run = team.manifests()[-1].stem
    return unfinished.Attempt(run, "model.pt", version)


def test_a_registration_whose_answer_was_lost_is_not_made_twice(team):
    project = find(team.path)
    with pytest.raises(KeyboardInterrupt), unfinished.attempt(project, "fraud", attempt_of(team, "v1.0.0")):
        raise KeyboardInterrupt  # as if killed between the hub's yes and our own tags
    team.git("tag", "-d", "fraud@v1.0.0")

    done = team.expctl("register", "fraud", "--json")

    assert done.json["version"] == "v1.0.0"
    assert "cut off" in done.err
    assert team.expctl("register", "fraud", "--json").json["version"] == "v1.1.0"


def test_who_is_killed_the_moment_the_hub_has_it_registers_once(team, tmp_path):
    hook = tmp_path / "hub.git/hooks/post-receive"
    hook.write_text("#!/bin/sh\nwhile [ ! -s pid ]; do sleep 0.02; done\nkill -9 $(cat pid)\n")
    hook.chmod(0o755)
    before = team.git("for-each-ref")
    victim = subprocess.Popen(
        [sys.executable, "-m", "expctl", "register", "churn"],
        cwd=team.path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    (tmp_path / "hub.git/pid").write_text(str(victim.pid))
    assert victim.wait() == -9
    assert team.git("for-each-ref") == before
    hook.unlink()

    again = team.expctl("register", "churn", "--json")

    assert again.json["version"] == "v1.0.0"
    assert "cut off" in again.err
    tags = stock(tmp_path / "hub.git", "git", "tag", "--list", "churn*").split()
    assert tags == ["churn@v1.0.0"] == team.git("tag", "--list", "churn*").split()


@pytest.mark.parametrize("fault", [ValueError, OSError])
def test_an_attempt_that_failed_leaves_no_note(team, fault):
    project = find(team.path)

    with pytest.raises(fault), unfinished.attempt(project, "fraud", attempt_of(team)):
        raise fault

    assert not list((project.state / "registering").iterdir())


@pytest.mark.parametrize(
    "note", [b"", b"[]", b'{"run": 1}', b'{"run": "x", "artifact": "model.pt", "version": "v1.0.0"}']
)
def test_a_note_that_fits_nothing_is_passed_over(team, note):
    folder = find(team.path).state / "registering"
    folder.mkdir(exist_ok=True)
    (folder / "fraud.json").write_bytes(note)

    assert team.expctl("register", "fraud", "--json").json["version"] == "v1.1.0"


def test_a_note_of_a_version_that_somebody_else_got_is_passed_over(team):
    tag = "fraud@v1.0.0"
    event = Event(parse(tag), tag, "1" * 40, "c" * 40, 1, "Bob", "b@example.com", "x\n\nExpctl-Run: another")
    project = find(team.path)
    with pytest.raises(KeyboardInterrupt), unfinished.attempt(project, "fraud", attempt_of(team, "v1.0.0")):
        raise KeyboardInterrupt

    found = unfinished.found(project, fold([event])["fraud"], attempt_of(team).run, "model.pt", None)

    assert found is None


def test_a_relative_remote_is_said_when_a_version_is_registered(team, tmp_path):
    stock(team.path, "dvc", "init", "-q")
    stock(team.path, "dvc", "remote", "add", "-q", "-d", "store", "../store")

    done = team.expctl("register", "fraud")

    assert done.exit_code == 0
    assert "relative path" in done.err
    assert "dvc remote modify" in done.err


def test_a_copy_that_was_written_into_is_not_given_out_again(team, monkeypatch):
    place = ok(team.expctl("model", "pull", "fraud@v1.0.0")).strip()
    with open(place, "w") as file:
        file.write("changed")

    again = ok(team.expctl("model", "pull", "fraud@v1.0.0")).strip()

    assert again == place
    with open(place) as file:
        assert file.read() == "one"


def test_a_server_that_cannot_push_all_or_nothing_is_told_apart(team, tmp_path):
    stock(tmp_path / "hub.git", "git", "config", "receive.advertiseAtomic", "false")

    done = team.expctl("promote", "fraud", "--to", "production")

    assert done.exit_code == 7
    assert "Not in effect" in done.err
    assert "receive.advertiseAtomic" in done.err


def test_the_stage_of_a_promotion_may_be_called_a_stage(team):
    assert "staging → production" in ok(team.expctl("promote", "fraud", "--stage", "production"))
