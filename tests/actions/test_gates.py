"""Gates: nothing enters a stage that its rules do not let in, and who is refused is told what to do."""

import json
import sys

import pytest

from tests.conftest import ok

POLICY = """\
schema: expctl/policy/v1
gates:
  staging:
    - {require: metrics.f1_score > 0.85, otherwise: reject}
    - {require: metrics.latency_ms < 50, otherwise: optimise and re-evaluate}
  production:
    - {no_worse: f1_score, by: 0.01}
"""


@pytest.fixture
def team(repo):
    repo.write(
        "train.py",
        "import sys\nopen('model.pt', 'w').write('x')\nopen('metrics.json', 'w').write(sys.argv[1])\n",
    )
    repo.write(".gitignore", "model.pt\nmetrics.json\n")
    repo.commit_all()
    ok(repo.expctl("init"))
    policy(repo, POLICY)
    return repo


def policy(repo, text):
    repo.write(".experiments/policy/registry.yaml", text)


def register(repo, **metrics):
    ok(repo.expctl("run", "--", sys.executable, "train.py", json.dumps(metrics)))
    ok(repo.expctl("register", "fraud"))


def test_a_version_that_passes_enters_and_the_ledger_keeps_the_rules(team):
    register(team, f1_score=0.9, latency_ms=20.0)

    out = ok(team.expctl("promote", "fraud", "--to", "staging"))

    assert "pass  metrics.f1_score > 0.85" in out
    assert "metrics.latency_ms < 50" in team.git("show", "refs/expctl/ledger/fraud.log:record.yaml")


def test_a_version_that_fails_stays_and_its_owner_is_told_what_to_do(team):
    register(team, f1_score=0.9, latency_ms=50.0)

    done = team.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 3
    assert "FAIL" in done.out
    assert "latency_ms 50 is not < 50" in done.out
    assert "Hint: optimise and re-evaluate" in done.err
    assert team.expctl("model", "list", "--json").json["models"]["fraud"]["stages"] == {}


@pytest.mark.parametrize("metrics", [{"latency_ms": 1.0}, {"f1_score": float("nan"), "latency_ms": 1.0}])
def test_what_is_missing_never_passes(team, metrics):
    register(team, **metrics)

    done = team.expctl("promote", "fraud", "--to", "staging", "--check", "--json")

    assert done.exit_code == 3
    assert [one["passed"] for one in done.json["gates"]] == [False, True]


def test_a_check_changes_nothing(team):
    register(team, f1_score=0.9, latency_ms=20.0)
    before = team.git("for-each-ref")

    ok(team.expctl("promote", "fraud", "--to", "staging", "--check"))

    assert team.git("for-each-ref") == before


@pytest.mark.parametrize(("f1", "passes"), [(0.89, True), (0.889, False), (0.95, True)])
def test_no_version_replaces_a_better_one(team, f1, passes):
    for score in (0.9, f1):
        register(team, f1_score=score, latency_ms=1.0)
        ok(team.expctl("promote", "fraud", "--to", "staging"))
        last = team.expctl("promote", "fraud", "--to", "production")

    assert (last.exit_code == 0) is passes, last.out
    assert "0.9" in last.out


def test_a_selection_flow_of_the_settings_is_a_gate(team):
    policy(team, "schema: expctl/policy/v1\ngates: {staging: [{select: good}, {select: nowhere}]}\n")
    team.write(
        ".experiments/config.yaml", "selections: {good: [{require: f1_score > 0.95, otherwise: distil}]}\n"
    )
    register(team, f1_score=0.9)

    done = team.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 3
    assert "f1_score 0.9 is not > 0.95" in done.out
    assert "there is no flow nowhere" in done.out
    assert "Hint: distil" in done.err


def test_a_command_decides_and_its_output_is_kept_by_digest(team):
    team.write(
        "fair.py", "import os, sys\nprint(os.environ['EXPCTL_VERSION'])\nsys.exit(os.path.exists('bad'))\n"
    )
    command = f"[{sys.executable}, fair.py]"
    policy(team, f"schema: expctl/policy/v1\ngates: {{staging: [{{command: {command}}}]}}\n")
    register(team, f1_score=0.9)
    team.write("bad", "")

    refused = team.expctl("promote", "fraud", "--to", "staging")
    (team.path / "bad").unlink()
    ok(team.expctl("promote", "fraud", "--to", "staging"))

    assert refused.exit_code == 3
    assert "ended with 1: v1.0.0" in refused.out
    assert " sha256:" in team.git("show", "refs/expctl/ledger/fraud.log:record.yaml")


def test_a_command_is_not_run_for_a_version_that_fails_anyway(team):
    policy(
        team,
        "schema: expctl/policy/v1\n"
        "gates: {staging: [{command: [touch, ran]}, {require: metrics.f1_score > 1}]}\n",
    )
    register(team, f1_score=0.9)

    assert team.expctl("promote", "fraud", "--to", "staging").exit_code == 3
    assert not (team.path / "ran").exists()


def test_a_version_without_a_record_is_not_judged(team):
    team.git("tag", "-a", "-m", "x", "churn@v1.0.0")

    done = team.expctl("promote", "churn", "--to", "staging")

    assert done.exit_code == 8
    assert "names no run" in done.err


def test_every_fault_of_the_gates_is_named(team):
    policy(
        team,
        "schema: expctl/policy/v1\ngates:\n"
        "  staging: [{require: 'f1 >'}, {no_worse: f1, by: -1}, {command: x}, {}]\n  nowhere: 3\n",
    )
    register(team, f1_score=0.9)

    done = team.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 1
    for part in (
        "gates.staging[0]",
        "[1].by: must be a number",
        "[2].command",
        "[3]: must have one",
        "no stage nowhere",
    ):
        assert part in done.err


def test_hostile_names_stay_inert(team):
    register(team, **{"f1_score": 0.2, "a\x1b[31m|<b>": 1.0})

    done = team.expctl("promote", "fraud", "--to", "staging")

    assert "\x1b" not in done.out + done.err


def test_a_version_must_be_reproducible_and_its_owner_is_told_what_mends_it(team):
    policy(team, "schema: expctl/policy/v1\ngates: {staging: [{reproducible: [seeds]}]}\n")
    team.write("train.py", "import random\nopen('model.pt', 'w').write(str(random.random()))\n")
    ok(team.expctl("run", "--", sys.executable, "train.py"))
    ok(team.expctl("register", "fraud"))

    refused = team.expctl("promote", "fraud", "--to", "staging")
    ok(team.expctl("run", "--seed", "1", "--", sys.executable, "train.py"))
    ok(team.expctl("register", "fraud"))
    out = ok(team.expctl("promote", "fraud", "--to", "staging"))

    assert refused.exit_code == 3
    assert "seeds: used without a seed: random" in refused.out
    assert "Hint: expctl run --seed 42" in refused.err
    assert "pass  reproducible seeds" in out


def test_reproducible_means_every_element_and_a_snapshot_that_was_not_sent_does_not_pass(team, tmp_path):
    policy(team, "schema: expctl/policy/v1\ngates: {staging: [{reproducible: true}]}\n")
    hub = str(tmp_path / "hub.git")
    team.git("init", "-q", "--bare", hub)
    team.git("remote", "add", "origin", hub)
    team.git("push", "-q", "origin", "HEAD")
    team.write("new.py", "1\n")
    register(team, f1_score=0.9)

    done = team.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 3
    assert "code: the source with its uncommitted changes: in this clone alone" in done.out


def test_a_version_must_have_been_reproduced(team):
    policy(team, "schema: expctl/policy/v1\ngates: {staging: [{reproduced: {at_least: 2}}]}\n")
    register(team, f1_score=0.9)
    run = team.manifests()[-1].stem

    done = team.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 3
    assert "reproduced 0 times, not 2" in done.out
    assert f"Hint: repeat it: expctl reproduce {run[-6:]}" in done.err
    for _ in range(2):
        ok(team.expctl("--yes", "reproduce", run))
    repeats = [one.stem[-6:] for one in reversed(team.manifests()[1:])]
    told = json.loads(ok(team.expctl("promote", "fraud@v1.0.0", "--to", "staging", "--json")))
    believed = f"reproduced 2 times, say the records of {repeats[0]}, {repeats[1]}"
    assert [gate["rule"] for gate in told["gates"]] == [believed]
    assert believed in team.git("show", "refs/expctl/ledger/fraud.log:record.yaml")


@pytest.mark.parametrize(
    "rule", ["reproducible: no", "reproducible: [weather]", "reproduced: 0", "reproduced: {at_most: 1}"]
)
def test_a_gate_about_repeats_that_makes_no_sense_is_a_fault(team, rule):
    policy(team, f"schema: expctl/policy/v1\ngates: {{staging: [{{{rule}}}]}}\n")
    register(team, f1_score=0.9)

    done = team.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 1
    assert "gates.staging[0].reproduc" in done.err


def test_a_policy_whose_last_stage_holds_one_version_says_why_it_can_archive_nothing(team):
    policy(team, "schema: expctl/policy/v1\nstages: {live: {from: [none]}, retired: {from: [live]}}\n")
    register(team, f1_score=0.9)

    done = team.expctl("archive", "fraud")

    assert done.exit_code == 2
    assert "the last one, if it may hold many" in done.err
    assert "expctl promote fraud --to STAGE" in done.err
