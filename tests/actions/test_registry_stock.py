"""A registry beside the stock tools: gto at every step, dvc, git describe and setuptools-scm."""

import contextlib
import io
import json
import os
import subprocess
import sys
import time

import pytest
from gto.cli import app

from expctl.store import registry
from tests.conftest import ok
from tests.shelf import put_run


def gto(repo, *words):
    """What stock gto prints, called in this process: to start it takes longer than all it does."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        app.main([*words, "--repo", str(repo.path)], standalone_mode=False)
    return said.getvalue()


def agree(repo):
    """Hold what stock gto says against what we say."""
    shown = json.loads(gto(repo, "show", "--json") or "{}")
    models = registry.read(repo.path).models
    assert {name: one["version"] for name, one in shown.items()} == {
        name: one.latest for name, one in models.items()
    }
    for name, one in shown.items():
        held = {stage: version for stage, version in one["stage"].items() if version}
        assert held == {stage: all_[0] for stage, all_ in models[name].holders.items()}
    theirs = json.loads(gto(repo, "history", "--json") or "[]")
    ours = repo.expctl("history", "--json").json["events"]
    listed = [(one["ref"], one["version"], one["stage"], one["event"], one["message"]) for one in theirs]
    told = [
        (one["tag"], one["version"], one["stage"], one["event"], one["message"])
        for one in ours
        if "alias" not in one
    ]
    assert [one[3] for one in told] == [one[3] for one in listed]
    assert sorted(told) == sorted(listed)  # two of one kind and one second have an order by chance in gto
    return dict(models["fraud"].holders) if "fraud" in models else {}


LIFE = """\
register fraud --run 000001
promote fraud --to staging
promote fraud --to production --reason first
alias fraud@v1.0.0 champion
register fraud --run 000002 --bump major
promote fraud@2.0.0 --to staging
promote fraud --to production
monitor fraud --observed live.json
alias fraud@v2.0.0 champion
rollback fraud --reason slow
archive fraud@champion
alias fraud champion --delete
archive fraud@v1.0.0
promote fraud@v1.0.0 --to staging
register churn --run 000001
promote churn --to archived
"""


def test_stock_gto_agrees_at_every_step_of_a_life(repo):
    for number in (1, 2):
        put_run(repo, number)
    repo.write("live.json", '{"f1": 0.02}')
    refused = 0

    for line in LIFE.splitlines():
        refused += repo.expctl(*line.split()).exit_code != 0
        agree(repo)

    assert refused == 1  # v2.0.0 was archived by the rollback already


def test_a_registry_that_stock_gto_wrote_goes_on(repo):
    for version in ("v1.0.0", "v2.0.0"):
        repo.git("commit", "-qm", version, "--allow-empty")
        gto(repo, "register", "fraud", "--version", version)
    gto(repo, "assign", "fraud", "--version", "v1.0.0", "--stage", "production")
    gto(repo, "assign", "fraud", "--version", "v2.0.0", "--stage", "staging")

    assert "fraud  v2.0.0   v2.0.0   v1.0.0" in ok(repo.expctl("model", "list"))
    assert "v1.0.0   into production" in ok(repo.expctl("history", "fraud"))
    ok(repo.expctl("alias", "fraud@v2.0.0", "champion"))
    ok(repo.expctl("promote", "fraud@champion", "--to", "production"))
    assert agree(repo) == {"archived": ("v1.0.0",), "production": ("v2.0.0",)}
    ok(repo.expctl("rollback", "fraud"))
    assert agree(repo) == {"archived": ("v2.0.0",), "production": ("v1.0.0",)}
    # Each tag of expctl is dated after the one before it, if need be by a second that is still to come.
    while time.time() <= registry.read(repo.path).models["fraud"].last_at + 1:
        time.sleep(0.05)
    gto(repo, "assign", "fraud", "--version", "v2.0.0", "--stage", "staging")
    assert agree(repo)["staging"] == ("v2.0.0",)


POLICY = """\
schema: expctl/policy/v1
stages:
  canary: {alone: false, exclusive: false}
  eu: {from: [none, canary], alone: false}
  us: {from: [none, canary, eu], alone: false, displaces_to: canary}
  retired: {from: [none, canary, eu, us], exclusive: false}
"""


def test_a_version_stands_in_several_stages_of_a_policy_at_once(repo):
    repo.write(".experiments/policy/registry.yaml", POLICY)
    for number in (1, 2):
        put_run(repo, number)
        ok(repo.expctl("register", "fraud", "--run", f"{number:06d}"))
    for version, stages in (("v1.0.0", ("canary", "eu", "us")), ("v1.1.0", ("canary", "us"))):
        for stage in stages:
            ok(repo.expctl("promote", f"fraud@{version}", "--to", stage))

    assert agree(repo) == {"canary": ("v1.1.0", "v1.0.0"), "eu": ("v1.0.0",), "us": ("v1.1.0",)}
    assert repo.expctl("promote", "fraud@v1.0.0", "--to", "eu").exit_code == 3
    ok(repo.expctl("rollback", "fraud", "--stage", "us"))
    ok(repo.expctl("archive", "fraud@v1.1.0"))
    assert agree(repo) == {
        "canary": ("v1.0.0",),
        "eu": ("v1.0.0",),
        "retired": ("v1.1.0",),
        "us": ("v1.0.0",),
    }


def versions_of(repo):
    """What the user's own tools call the commit that they stand on."""
    scm = subprocess.run(
        [sys.executable, "-m", "setuptools_scm", "--root", "."],
        cwd=repo.path, env={**os.environ, "PYTHONWARNINGS": "ignore"},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return repo.git("describe", "--tags"), repo.git("describe", "--tags", "--match", "*[0-9]*"), scm.stdout


@pytest.mark.parametrize("tagged", ["on the commit", "before it"])
def test_the_versions_of_the_users_own_project_stay(repo, tagged):
    repo.write("pyproject.toml", '[project]\nname = "x"\ndynamic = ["version"]\n[tool.setuptools_scm]\n')
    repo.commit_all("Pack")
    repo.git("tag", "-a", "-m", "x", "v1.2.3")
    if tagged == "before it":
        repo.write("more.py", "")
        repo.commit_all("More")
    put_run(repo)
    repo.commit_all("Record")
    before = versions_of(repo)
    assert "1.2." in before[2]

    for line in LIFE.splitlines()[:4]:
        ok(repo.expctl(*line.split()))

    assert versions_of(repo) == before
