"""Requests where things are not as usual: no remote, no network, a kill, a lock, a link, odd names."""

import json
import os
import subprocess

import pytest

from expctl.actions import applying, promoting, registering, requesting, transition, vetting
from expctl.core.registry import standing
from expctl.errors import ConflictError, ExpctlError, UsageError
from expctl.project import find
from tests import promotions, shelf


@pytest.fixture
def ada(make_repo, hub, mould):
    """v1.0.0 is in production, v1.1.0 in staging."""
    return promotions.moulded(make_repo, mould, hub, 88, 92)


def stages(repo):
    return repo.expctl("model", "list", "--json").json["models"]["fraud"]["stages"]


def test_a_job_that_is_killed_after_its_push_is_completed_by_the_next(ada, hub, monkeypatch):
    requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")
    ada.git("push", "-q", "origin", "main")
    killed = promotions.cloned(ada, hub, "killed")
    project = find(killed.path)

    def kill(*_words):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(transition.git, "move_refs", kill)
        with pytest.raises(KeyboardInterrupt):
            applying.apply(project)
    (one,) = applying.apply(find(promotions.cloned(ada, hub, "next").path)).outcomes

    assert (one.moved, one.weighed.state) == (None, standing.APPLIED)
    fresh = promotions.cloned(ada, hub, "fresh")
    assert stages(fresh) == {"archived": ["v1.0.0"], "production": ["v1.1.0"]}
    assert "fraud#staging!#" in fresh.git("tag")


def test_a_gate_asks_the_clone_and_one_that_is_killed_leaves_nothing(ada, hub, tmp_path):
    asks = "git rev-parse HEAD > $SAID; git tag >> $SAID; git status --short >> $SAID; kill -9 $PPID"
    policy = f"schema: expctl/policy/v1\ngates: {{production: [{{command: [sh, -c, {json.dumps(asks)}]}}]}}\n"
    ada.write(promotions.PATH, policy)
    ada.commit_all("Ask the clone")
    ada.git("push", "-q", "origin", "main")
    ada.git("switch", "-q", "-c", "ask")
    requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")
    ada.git("push", "-q", "origin", "ask")
    ci = promotions.cloned(ada, hub, "ci")
    ci.git("switch", "-q", "ask")
    places = [
        os.path.expandvars("$XDG_CACHE_HOME/expctl/reproduce"),
        str(ci.path / ".git" / "expctl" / "scratch"),
    ]
    said = tmp_path / "said"

    done = ci.expctl("promote", "--check", env={"SAID": str(said)})

    head, *rest = said.read_text().splitlines()
    assert (done.exit_code, head) == (-9, ci.git("rev-parse", "origin/main").strip())
    assert rest == ci.git("tag").splitlines()
    assert len(os.listdir(places[0])) == len(os.listdir(places[1])) == 1
    assert len(ci.git("worktree", "list").splitlines()) == 1
    ci.expctl("ls")
    assert [os.listdir(place) if os.path.exists(place) else [] for place in places] == [[], []]


def test_without_a_remote_the_branch_at_hand_counts(make_repo):
    solo = make_repo("solo")
    project = find(solo.path)
    run = shelf.put_run(solo, 90)
    solo.commit_all()
    registering.register(project, "services/a:fraud", run)
    solo.git("switch", "-q", "-c", "ask")

    asked = requesting.ask(project, "services/a:fraud", None, "staging")
    found = vetting.vet(project, "main")
    done = applying.apply(project)

    assert asked.path == f".experiments/requests/services/a=fraud/{asked.id}.yaml"
    assert [one.state for one in found.requests] == [standing.WAITING]
    assert [one.moved.to for one in done.outcomes] == ["staging"]
    assert solo.expctl("validate").exit_code == 0


def test_a_request_can_be_written_offline_and_says_so(ada, hub):
    hub.rename(hub.with_name("away"))

    asked = requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")

    assert "made of what this clone knows" in asked.notes[0]
    hub.with_name("away").rename(hub)
    ada.git("push", "-q", "origin", "HEAD:ask")
    assert vetting.vet(find(ada.path), "origin/main").requests[0].state == standing.WAITING


def test_a_check_offline_answers_nothing(ada, hub):
    ada.git("switch", "-q", "-c", "ask")
    requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")
    hub.rename(hub.with_name("away"))

    done = ada.expctl("promote", "--check", "--base", "origin/main")

    assert done.exit_code == 8
    assert "cannot be asked" in done.err


def test_a_request_that_cannot_be_committed_does_not_lie_about(ada):
    (ada.path / ".git" / "index.lock").touch()

    with pytest.raises(ConflictError):
        requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")
    (ada.path / ".git" / "index.lock").unlink()

    assert ada.git("status", "--porcelain") == ""


def test_a_link_leads_no_request_out_of_the_repository(ada, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (ada.path / ".experiments" / "requests").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ExpctlError, match="is a link"):
        requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")
    assert not list((tmp_path / "elsewhere").iterdir())


def test_a_link_in_the_place_of_a_request_is_not_followed(ada):
    folder = ada.path / ".experiments" / "requests" / "fraud"
    folder.mkdir(parents=True)
    os.symlink("/etc/passwd", folder / "0123456789ab.yaml")
    ada.git("switch", "-q", "-c", "ask")
    ada.commit_all("Link")

    (one,) = vetting.vet(find(ada.path), "origin/main").requests

    assert "no plain file" in one.why
    assert ada.expctl("validate").exit_code == 1


def test_requests_are_applied_in_the_order_of_asking_and_one_refusal_stops_no_other(ada):
    project = find(ada.path)
    worse = registering.register(project, "other", shelf.put_run(ada, 70)).version
    promoting.promote(project, "other", worse, "staging")
    requesting.ask(project, "other", worse, "production")
    requesting.ask(project, "fraud", "v1.1.0", "production")
    ada.git("push", "-q", "origin", "main")

    done = ada.expctl("promote", "--apply", "--pending", "--json")

    told = {one["request"]["model"]: (one["state"], bool(one["moved"])) for one in done.json["requests"]}
    assert told == {"other": ("failed", False), "fraud": ("applied", True)}
    assert done.exit_code == done.json["exit_code"] == 3


def test_a_request_straight_on_the_main_branch_is_warned_of(ada):
    ada.git("remote", "set-head", "origin", "main")

    done = ada.expctl("promote", "fraud@v1.1.0", "--to", "production", "--request")

    assert done.exit_code == 0
    assert "main is the branch that counts" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["promote"],
        ["promote", "fraud"],
        ["promote", "--to", "production"],
        ["promote", "--apply"],
        ["promote", "--pending"],
        ["promote", "fraud", "--apply", "--pending"],
        ["promote", "--check", "--request"],
        ["promote", "fraud", "--to", "production", "--output", "x.md"],
        ["promote", "fraud", "--to", "nowhere", "--request"],
    ],
    ids=" ".join,
)
def test_words_that_make_no_sense_together_are_refused(ada, words):
    assert ada.expctl(*words).exit_code == UsageError.exit_code


def test_a_summary_that_cannot_be_written_changes_no_answer(ada):
    ada.git("switch", "-q", "-c", "ask")
    requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")
    words = ("promote", "--check", "--base", "origin/main")

    done = ada.expctl(*words, env={"GITHUB_STEP_SUMMARY": "/nowhere/at/all"})
    refused = ada.expctl(*words, "--output", "no/such/folder.md")

    assert (done.exit_code, "summary of the job cannot be written" in done.err) == (0, True)
    assert (refused.exit_code, "cannot be written: No such file" in refused.err) == (1, True)


def test_an_older_job_of_a_shallow_clone_applies_what_it_holds(ada, hub):
    requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")
    ada.git("push", "-q", "origin", "main")
    subprocess.run(["git", "clone", "-q", "--depth=1", f"file://{hub}", "old"], cwd=hub.parent, check=True)
    ada.git("commit", "-q", "--allow-empty", "-m", "Something else")
    ada.git("push", "-q", "origin", "main")

    (one,) = applying.apply(find(hub.parent / "old")).outcomes

    assert one.moved is not None
    assert stages(ada) != stages(promotions.cloned(ada, hub, "fresh"))


def test_errors_are_json_where_json_was_asked_for(ada):
    done = ada.expctl("promote", "--check", "--base", "nowhere", "--json")

    assert (done.exit_code, json.loads(done.err)["kind"]) == (8, "IncompleteError")


def test_a_version_is_checked_beside_what_the_hub_has_and_offline_by_what_is_known(ada, hub):
    other = promotions.cloned(ada, hub, "other")
    ok = promoting.promote(find(other.path), "fraud", "v1.1.0", "production")
    words = ("promote", "fraud@v1.0.0", "--to", "production", "--check")

    there = ada.expctl(*words, "--json")
    hub.rename(hub.with_name("away"))
    offline = ada.expctl(*words)

    assert ok.to == "production"
    assert [gate["current"] for gate in there.json["gates"]] == ["0.92", "0.92"]
    assert there.exit_code == offline.exit_code == 3
    assert "judged by what this clone knows" in offline.err
