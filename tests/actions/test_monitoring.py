"""A model in service: its live metrics, the verdict, what the ledger keeps, and what is done about it."""

import hashlib
import json
import shutil
import subprocess

import pytest

from tests import promotions
from tests.conftest import ok
from tests.shelf import put_run

POLICY = """\
schema: expctl/policy/v1
monitor:
  production:
    - {metric: f1, min: 0.015, otherwise: retrain on this month's data}
    - {metric: f1, drop: 20 %}
    - {metric: psi, max: 0.2, warn: true}
"""


#: The repository that every test starts from, once it is made.
MADE = []


@pytest.fixture
def service(repo, tmp_path_factory):
    """v1.0.0 (f1 0.01) was in production before v1.1.0 (f1 0.02), which stands there now."""
    if MADE:
        shutil.rmtree(repo.path)
        shutil.copytree(MADE[0], repo.path)
        return repo
    for number in (1, 2):
        put_run(repo, number)
        ok(repo.expctl("register", "fraud", "--run", f"{number:06d}"))
        ok(repo.expctl("promote", "fraud", "--to", "staging"))
        ok(repo.expctl("promote", "fraud", "--to", "production"))
    MADE.append(shutil.copytree(repo.path, tmp_path_factory.mktemp("made") / "repo"))
    return repo


def live(repo, **values):
    repo.write("live.json", json.dumps(values))


def stages(repo):
    return repo.expctl("model", "list", "--json").json["models"]["fraud"]["stages"]


def entry(repo):
    return repo.git("show", "refs/expctl/ledger/fraud.log:record.yaml")


def test_without_a_policy_a_drop_is_a_warning_and_ends_with_0(service):
    live(service, f1=0.0195, other=1)
    good = service.expctl("monitor", "fraud", "--observed", "live.json")
    live(service, f1=0.018)
    fallen = service.expctl("monitor", "fraud", "--observed", "live.json")

    assert good.exit_code == fallen.exit_code == 0
    assert "fraud@v1.1.0, production: ok (1 of 1 limits hold)" in good.out
    assert "fraud@v1.1.0, production: warning (0 of 1 limits hold)" in fallen.out
    assert "f1 is worse by 10 %, and 5 % is allowed" in fallen.out
    assert "a drop above 5 % is a warning" in fallen.err


def test_what_breaks_a_limit_of_the_policy_is_told_with_what_to_do(service):
    service.write(".experiments/policy/registry.yaml", POLICY)
    live(service, f1=0.01, psi=0.3)

    done = service.expctl("monitor", "fraud", "--observed", "live.json")
    facts = service.expctl("monitor", "fraud", "--observed", "-", "--json", stdin='{"f1": 0.01, "psi": 0.3}')

    assert done.exit_code == facts.exit_code == 3
    assert "f1 0.01 is not ≥ 0.015 → retrain on this month's data" in done.out
    assert facts.json["verdict"] == "degraded"
    assert [one["verdict"] for one in facts.json["checks"]] == ["degraded", "degraded", "warning"]
    assert facts.json["checks"][1] | {"why": "", "otherwise": ""} == {
        "metric": "f1", "registered": 0.02, "observed": 0.01, "change": -0.01, "limit": "drop ≤ 20 %",
        "verdict": "degraded", "why": "", "otherwise": "",
    }  # fmt: skip


@pytest.mark.parametrize("values", [{"psi": 0.1}, {"psi": 0.1, "f1": float("nan")}])
def test_a_missing_value_is_not_good_and_no_reason_to_act(service, values):
    service.write(".experiments/policy/registry.yaml", POLICY)
    live(service, **values)
    before = stages(service)

    done = service.expctl("monitor", "fraud", "--observed", "live.json", "--rollback", "--json")

    assert done.exit_code == 3
    assert (done.json["verdict"], done.json["done"]) == ("missing", None)
    assert stages(service) == before


def test_a_degraded_version_is_archived_with_the_failing_rule_as_the_reason(service):
    service.write(".experiments/policy/registry.yaml", POLICY)
    live(service, f1=0.012, psi=0.1)

    done = service.expctl("monitor", "fraud", "--observed", "live.json", "--archive")

    assert done.exit_code == 3
    assert "fraud@v1.1.0: production → archived" in done.out
    assert "production" not in stages(service)
    kept = entry(service)
    assert "event: archive" in kept
    assert "monitor: f1 0.012 is not ≥ 0.015; f1 is worse by 40 %, and 20 % is allowed" in kept
    assert hashlib.sha256((service.path / "live.json").read_bytes()).hexdigest() in kept
    assert "f1 0.012 is not" in service.expctl("history", "fraud").out
    assert service.expctl("monitor", "fraud", "--observed", "live.json").exit_code == 3


def test_a_degraded_version_makes_room_for_the_one_before(service):
    service.write(".experiments/policy/registry.yaml", POLICY + "gates:\n  production: [{no_worse: f1}]\n")
    live(service, f1=0.012, psi=0.1)

    done = service.expctl("monitor", "fraud", "--observed", "live.json", "--rollback", "--json")

    assert (done.exit_code, done.json["done"]["version"]) == (3, "v1.0.0")
    assert stages(service) == {"archived": ["v1.1.0"], "production": ["v1.0.0"]}
    (seen,) = service.expctl("monitor", "fraud", "--history", "--json").json["seen"]
    assert (seen["event"], seen["version"], seen["verdict"]) == ("rollback", "v1.1.0", "degraded")
    refused = service.expctl("monitor", "fraud@v1.1.0", "--observed", "live.json", "--rollback")
    assert refused.exit_code == 3
    assert "is not in production" in refused.err
    assert stages(service)["production"] == ["v1.0.0"]


def test_the_ledger_keeps_each_change_of_the_verdict_and_no_more(service):
    service.write(".experiments/policy/registry.yaml", POLICY)
    for value in (0.02, 0.019, 0.01, 0.009, 0.02):
        live(service, f1=value, psi=0.1)
        service.expctl("monitor", "fraud", "--observed", "live.json")
    live(service, f1=0.001, psi=0.1)
    service.expctl("monitor", "fraud", "--observed", "live.json", "--no-keep")

    told = service.expctl("monitor", "fraud", "--history", "--json").json["seen"]
    drawn = service.expctl("monitor", "fraud", "--history").out

    assert [one["verdict"] for one in told] == ["ok", "degraded", "ok"]
    assert [one["checks"][0]["observed"] for one in told] == [0.02, 0.01, 0.02]
    assert "f1 0.01 (≥ 0.015)" in drawn
    ok(service.expctl("promote", "fraud@v1.1.0", "--to", "archived"))  # the ledger goes on


def test_a_look_alone_writes_nothing_on_the_hub(make_repo, hub, mould):
    ada = promotions.moulded(make_repo, mould, hub, 88, 92)
    ok(ada.expctl("promote", "fraud@v1.1.0", "--to", "production"))
    # As if the promotion had been stopped before its last tag.
    subprocess.run(["git", "update-ref", "-d", "refs/tags/fraud#staging!#7"], cwd=hub, check=True)
    before = promotions.refs(hub)
    live(ada, f1=0.95)
    words = ("monitor", "fraud", "--observed", "live.json")

    looked = ada.expctl(*words, "--no-keep")
    after = promotions.refs(hub)
    kept = ada.expctl(*words)

    assert looked.exit_code == kept.exit_code == 0, looked.err + kept.err
    assert after == before
    assert any(ref.endswith("fraud#staging!#7") for ref in promotions.refs(hub))
    assert "observation" in entry(ada)


def test_what_was_seen_reaches_the_hub_and_no_tag_is_made(service, tmp_path):
    hub = tmp_path / "hub.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", hub], check=True)
    service.git("remote", "add", "origin", str(hub))
    live(service, f1=0.02)
    before = service.git("tag")

    ok(service.expctl("monitor", "fraud", "--observed", "live.json"))
    sent = service.git("ls-remote", "origin", "refs/expctl/*").split()[0]
    hub.rename(tmp_path / "away")
    live(service, f1=0.001)
    offline = service.expctl("monitor", "fraud", "--observed", "live.json")

    assert service.git("tag") == before
    assert sent == service.git("rev-parse", "refs/expctl/ledger/fraud.log").strip()
    assert offline.exit_code == 0
    assert "not kept in the ledger" in offline.err
    assert "judged by what this clone knows" in offline.err


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("fraud",), 2, "Name the live metrics"),
        (("fraud", "--observed", "nowhere.json"), 1, "nowhere.json cannot be read"),
        (("fraud", "--observed", "train.py"), 1, "train.py is not JSON"),
        (("fraud", "--observed", "live.json", "--stage", "moon"), 2, 'no stage "moon"'),
        (("fraud", "--observed", "live.json", "--stage", "staging"), 3, "No version of fraud is in staging"),
        (("fraud@v9.0.0", "--observed", "live.json"), 1, "no version and no alias v9.0.0"),
        (("fraud", "--observed", "live.json", "--archive", "--rollback"), 2, "two different ends"),
        (("nobody", "--observed", "live.json"), 1, "No model is called nobody"),
        (("fraud", "--observed", "strange.json"), 8, "share no metric"),
    ],
)
def test_what_cannot_be_answered_is_said(service, words, code, said):
    live(service, f1=0.02)
    service.write("strange.json", '{"x": 1}')

    done = service.expctl("monitor", *words)

    assert (done.exit_code, said in done.err) == (code, True), done.err
