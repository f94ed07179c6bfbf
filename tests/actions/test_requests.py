"""Promotions by pull request: a bare hub, two clones, and every way in which a host merges."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from expctl.actions import applying, promoting, requesting, vetting
from expctl.core.registry import standing, verdict
from expctl.errors import AnswerIsNoError, ConflictError, ExpctlError, IncompleteError
from expctl.project import find
from tests import promotions

STAGES = {"production": "v1.1.0", "archived": "v1.0.0"}


@pytest.fixture
def ada(make_repo, hub, mould):
    """The clone of who asks; v1.0.0 is in production, v1.1.0 in staging."""
    return promotions.moulded(make_repo, mould, hub, 88, 92)


def ask(repo, version="v1.1.0", stage="production", *, branch="ask", reason="recall 0.91"):
    """Ask on a branch of its own, and push it."""
    repo.git("switch", "-q", "-c", branch)
    done = requesting.ask(find(repo.path), "fraud", version, stage, reason=reason)
    repo.git("push", "-q", "origin", branch)
    repo.git("switch", "-q", "main")
    return done


def merge(repo, how="merge", branch="ask"):
    """Merge as a host does, on the hub."""
    repo.git("fetch", "-q")
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--ff-only", "origin/main")
    if how == "merge":
        repo.git("merge", "-q", "--no-ff", "-m", "Merge", f"origin/{branch}")
    elif how == "squash":
        repo.git("merge", "-q", "--squash", f"origin/{branch}")
        repo.git("commit", "-q", "-m", "Squashed")
    else:
        # The base has moved, so that every commit becomes another one.
        repo.git("commit", "-q", "--allow-empty", "-m", "Something else")
        repo.git("cherry-pick", f"origin/main..origin/{branch}")
    repo.git("push", "-q", "origin", "main")


def check(repo, branch="ask", base="origin/main"):
    repo.git("fetch", "-q")
    repo.git("switch", "-q", "--detach", f"origin/{branch}")
    return vetting.vet(find(repo.path), base)


def by_gto(repo):
    words = ["gto", "show", "--json"]
    said = json.loads(subprocess.run(words, cwd=repo.path, capture_output=True, text=True, check=True).stdout)
    return {stage: version for stage, version in said["fraud"]["stage"].items() if version}


def test_a_request_is_one_committed_file_beside_all_else(ada):
    ada.write("staged.txt", "staged")
    ada.git("add", "staged.txt")
    ada.write("train.py", "edited")
    before = ada.git("status", "--porcelain")
    refs = ada.git("for-each-ref", "refs/tags", "refs/expctl/ledger")

    done = ada.expctl("promote", "fraud@v1.1.0", "--to", "production", "--request", "--json").json

    assert ada.git("show", "--name-only", "--format=", "HEAD").split() == [done["path"]]
    assert ada.git("status", "--porcelain") == before
    assert ada.git("for-each-ref", "refs/tags", "refs/expctl/ledger") == refs
    assert ada.git("show", f"HEAD:{done['path']}") == (ada.path / done["path"]).read_text()
    assert ada.expctl("validate").exit_code == 0


@pytest.mark.parametrize("how", ["merge", "squash", "rebase"])
def test_a_request_is_checked_merged_and_applied_in_another_clone(ada, hub, how):
    asked = ask(ada)
    ci = promotions.cloned(ada, hub, "ci")

    found = check(ci)
    assert (found.code, [one.state for one in found.requests]) == (0, [standing.WAITING])
    assert [one.rule for one in (each.gate for each in found.requests[0].gates)] == [
        "metrics.f1 > 0.85",
        "f1 no worse by more than 0.01",
    ]
    assert [(one.version, one.to) for one in found.requests[0].changes] == [
        ("v1.1.0", "production"),
        ("v1.0.0", "archived"),
    ]

    merge(ada, how)
    ci.git("switch", "-q", "main")
    ci.git("pull", "-q", "--ff-only")
    first = applying.apply(find(ci.path))
    again = applying.apply(find(ci.path))

    assert [one.moved.to for one in first.outcomes] == ["production"]
    assert [(one.moved, one.weighed.state) for one in again.outcomes] == [(None, standing.APPLIED)]
    fresh = promotions.cloned(ada, hub, "fresh")
    assert by_gto(fresh) == STAGES
    record = ci.git("show", "refs/expctl/ledger/fraud.log:record.yaml")
    assert f"request: {asked.id}" in record
    assert "asked_by: Ada <ada@example.com>" in record
    told = ci.expctl("history", "fraud")
    assert "recall 0.91" in told.out
    assert ci.expctl("history", "--json").json["events"][0]["asked_by"] == "Ada <ada@example.com>"


def test_two_jobs_at_once_apply_a_request_once(ada, hub):
    ask(ada)
    merge(ada)
    jobs = [promotions.cloned(ada, hub, f"job{at}") for at in range(2)]
    words = [sys.executable, "-m", "expctl", "promote", "--apply", "--pending", "--json"]

    def run(job):
        return subprocess.run(words, cwd=job.path, capture_output=True, text=True, check=False)

    with ThreadPoolExecutor() as pool:
        done = list(pool.map(run, jobs))

    assert [one.returncode for one in done] == [0, 0], [one.stderr for one in done]
    moved = [json.loads(one.stdout)["requests"][0]["moved"] for one in done]
    assert sum(one is not None for one in moved) == 1
    assert jobs[0].expctl("history", "fraud").out.count("into production") == 2
    assert by_gto(promotions.cloned(ada, hub, "fresh")) == STAGES


def test_the_policy_of_the_head_decides_nothing_and_is_said(ada, hub):
    ada.git("switch", "-q", "-c", "weaker")
    ada.write(promotions.PATH, "schema: expctl/policy/v1\n")
    ada.write(".experiments/config.yaml", "directions: {f1: min}\n")
    ada.commit_all("Weaken the policy")
    ada.git("switch", "-q", "main")
    registered = promotions.registering.register(find(ada.path), "fraud", promotions.shelf.put_run(ada, 70))
    promoting.promote(find(ada.path), "fraud", registered.version, "staging")
    ada.git("switch", "-q", "weaker")
    requesting.ask(find(ada.path), "fraud", registered.version, "production")
    ada.git("push", "-q", "origin", "weaker")

    found = check(promotions.cloned(ada, hub, "ci"), "weaker")

    assert found.code == 3
    assert [one.passed for one in found.requests[0].gates] == [False, False]
    assert found.rules == (promotions.PATH, "the directions of metrics")


def test_a_command_of_the_policy_runs_what_the_base_holds(ada, hub):
    ada.write("fair.sh", "exit 1\n")
    ada.write(
        promotions.PATH,
        "schema: expctl/policy/v1\ngates: {production: [{command: [sh, fair.sh], otherwise: retrain}]}\n",
    )
    ada.commit_all("Ask for fairness")
    ada.git("push", "-q", "origin", "main")
    ada.git("switch", "-q", "-c", "ask")
    ada.write("fair.sh", "exit 0\n")
    ada.commit_all("Look fair")
    requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")
    ada.git("push", "-q", "origin", "ask")
    ci = promotions.cloned(ada, hub, "ci")

    found = check(ci)

    assert (found.code, found.requests[0].state, found.requests[0].todo) == (3, verdict.FAILED, "retrain")
    assert len(ci.git("worktree", "list").splitlines()) == 1


def test_a_request_that_the_ledger_overtook_is_stale_and_refused(ada, hub):
    asked = ask(ada)
    promoting.promote(find(ada.path), "fraud", "v1.1.0", "archived")
    ci = promotions.cloned(ada, hub, "ci")

    (one,) = check(ci).requests
    assert (one.state, one.code) == (standing.STALE, 5)
    assert "Move fraud v1.1.0 to archived" in one.why
    assert f"git rm '{asked.path}'" in one.todo
    merge(ada)
    ci.git("switch", "-q", "main")
    ci.git("pull", "-q")
    done = ci.expctl("promote", "--apply", "--pending")

    assert done.exit_code == 5
    assert "Refused fraud@v1.1.0 → production: is stale" in done.out
    assert by_gto(ci) == {"production": "v1.0.0", "archived": "v1.1.0"}


def test_what_does_not_touch_it_makes_no_request_stale(ada, hub):
    ask(ada)
    promotions.registering.register(find(ada.path), "fraud", promotions.shelf.put_run(ada, 95))

    (one,) = check(promotions.cloned(ada, hub, "ci")).requests

    assert (one.state, len(one.meanwhile)) == (standing.WAITING, 1)


def test_what_was_done_without_the_request_is_skipped_for_good(ada, hub):
    ask(ada)
    promoting.promote(find(ada.path), "fraud", "v1.1.0", "production")
    promoting.archive(find(ada.path), "fraud", "v1.1.0")
    merge(ada)

    (one,) = applying.apply(find(ada.path)).outcomes

    assert (one.moved, one.weighed.state, one.weighed.code) == (None, standing.DONE, 0)
    assert "production" not in by_gto(ada)


def test_gates_are_judged_again_by_the_branch_that_it_is_applied_to(ada, hub):
    ask(ada)
    merge(ada)
    ada.write(promotions.PATH, promotions.POLICY.replace("0.85", "0.99"))
    ada.commit_all("Ask for more")
    ada.git("push", "-q", "origin", "main")

    done = ada.expctl("promote", "--apply", "--pending")

    assert done.exit_code == 3
    assert "f1 0.92 is not > 0.99" in done.out
    assert by_gto(ada)["production"] == "v1.0.0"


def test_requests_that_are_not_merged_are_not_applied(ada):
    ask(ada)
    ada.git("switch", "-q", "ask")

    with pytest.raises(ExpctlError, match="not on main of origin"):
        applying.apply(find(ada.path))
    assert by_gto(ada)["production"] == "v1.0.0"


def test_taking_a_request_away_rolls_nothing_back_and_is_said(ada, hub):
    asked = ask(ada)
    merge(ada)
    applying.apply(find(ada.path))
    ada.git("switch", "-q", "-c", "back")
    ada.git("rm", "-q", asked.path)
    ada.git("commit", "-q", "-m", "Revert")
    ada.git("push", "-q", "origin", "back")

    found = check(promotions.cloned(ada, hub, "ci"), "back")
    assert (found.code, found.requests) == (0, ())
    assert "expctl rollback fraud --stage production" in found.removed[0]
    merge(ada, "squash", "back")
    said = applying.apply(find(ada.path)).gone

    assert "not taken back" in said[0]
    assert by_gto(ada) == STAGES


def test_a_request_that_was_changed_is_not_believed(ada, hub):
    asked = ask(ada)
    merge(ada)
    ada.git("switch", "-q", "-c", "forge")
    path = ada.path / asked.path
    path.write_text(path.read_text().replace("recall 0.91", "recall 0.99"))
    ada.write(".experiments/requests/fraud/0123456789ab.yaml", path.read_text())
    ada.write(".experiments/requests/fraud/0123456789ab.risk.approval", "for later")
    ada.commit_all("Forge")
    ada.git("push", "-q", "origin", "forge")

    said = ada.expctl("validate")
    assert said.exit_code == 1
    assert said.out.count("never changes") == 2
    found = check(promotions.cloned(ada, hub, "ci"), "forge")

    assert found.code == 1
    assert found.altered == (asked.path,)
    assert [one.state for one in found.requests] == [verdict.FAULT]


def test_the_same_is_not_asked_for_twice_nor_what_no_way_leads_to(ada):
    project = find(ada.path)
    requesting.ask(project, "fraud", "v1.1.0", "production")

    with pytest.raises(ConflictError, match="asked for in production already"):
        requesting.ask(project, "fraud", "v1.1.0", "production")
    with pytest.raises(AnswerIsNoError, match="is in production already"):
        requesting.ask(project, "fraud", "v1.0.0", "production")


def test_a_clone_that_is_too_shallow_is_told_so_for_a_check_and_is_enough_to_apply(ada, hub):
    ask(ada)
    words = ["git", "clone", "-q", "--depth=1", "--no-single-branch", f"file://{hub}", "shallow"]
    subprocess.run(words, cwd=ada.path.parent, check=True)
    ci = type(ada)(ada.path.parent / "shallow")

    with pytest.raises(IncompleteError, match="no commit in common"):
        check(ci)
    merge(ada)
    ci.git("fetch", "-q", "--depth=1", "origin", "main")
    ci.git("checkout", "-q", "--detach", "FETCH_HEAD")
    applying.apply(find(ci.path))

    assert by_gto(promotions.cloned(ada, hub, "fresh")) == STAGES


def test_a_check_writes_its_page_where_ci_wants_it(ada, hub, tmp_path):
    ask(ada, reason="<b>| @team")
    ci = promotions.cloned(ada, hub, "ci")
    ci.git("switch", "-q", "ask")
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")

    done = ci.expctl(
        *("promote", "--check", "--base", "origin/main", "--output", "page.md"),
        env={"GITHUB_STEP_SUMMARY": str(summary)},
    )

    assert done.exit_code == 0, done.err
    assert (ci.path / "page.md").read_text() == done.out
    assert summary.read_text() == f"before\n{done.out}"
    assert "`<b>| @team`" in done.out
    assert ci.expctl("promote", "--check", "--json").json["requests"][0]["state"] == "waiting"
