"""What a hub that others write to cannot do to the registry of a clone."""

import json
import subprocess
import sys

import pytest

from expctl.core import yamltext
from expctl.core.registry.record import Record
from expctl.store import ledger


@pytest.fixture
def hub(repo, tmp_path):
    """A bare hub, and a clone of it that registered one version of two models."""
    path = tmp_path / "hub.git"
    subprocess.run(["git", "init", "-q", "-b", "main", "--bare", path], check=True)
    repo.write("train.py", "open('model.pt', 'w').write('one')\n")
    repo.write(".gitignore", "model.pt\n")
    repo.commit_all()
    repo.git("remote", "add", "origin", str(path))
    repo.git("push", "-q", "origin", "HEAD")
    assert repo.expctl("run", "--", sys.executable, "train.py").exit_code == 0
    for name in ("fraud", "churn"):
        assert repo.expctl("register", name).exit_code == 0
    return path


def write_ledger(repo, model, tag, oid, commit):
    """Somebody adds an entry to the ledger of fraud on the hub, and not here."""
    ref = "refs/expctl/ledger/fraud.log"
    mine = repo.git("rev-parse", ref).strip()
    entry = {
        "schema": "expctl/transition/v1",
        "seq": 2,
        "model": model,
        "event": "registration",
        "version": "v9.0.0",
        "at": 1_700_000_000,
        "by": "Eve <eve@example.com>",
        "tags": {tag: {"id": oid, "commit": commit, "at": 1_700_000_000}},
    }
    blob = feed(repo, yamltext.dump(entry), "hash-object", "-w", "--stdin")
    tree = feed(repo, f"100644 blob {blob}\trecord.yaml\n", "mktree")
    commit = repo.git("commit-tree", tree, "-p", mine, "-m", "x").strip()
    repo.git("push", "-q", "origin", f"{commit}:{ref}")


def feed(repo, text, *words):
    done = subprocess.run(
        ["git", *words], cwd=repo.path, input=text, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def tag_object(repo, commit, at=1_700_000_000, name="fraud@v9.0.0"):
    text = f"object {commit}\ntype commit\ntag {name}\ntagger Eve <eve@example.com> {at} +0000\n\nmine\n"
    return feed(repo, text, "hash-object", "-t", "tag", "-w", "--stdin")


@pytest.mark.parametrize("claim", ["its own commit", "a public commit"])
def test_a_ledger_does_not_choose_what_leaves_a_clone(repo, hub, claim):
    public = repo.git("rev-parse", "fraud@v1.0.0^{commit}").strip()
    private = repo.git("commit-tree", "HEAD^{tree}", "-m", "private").strip()
    oid = tag_object(repo, private)
    repo.git("update-ref", "refs/tags/fraud@v9.0.0", oid)
    write_ledger(repo, "fraud", "fraud@v9.0.0", oid, private if claim == "its own commit" else public)

    done = repo.expctl("promote", "fraud@v1.0.0", "--to", "staging")

    assert done.exit_code == 0, done.err
    assert "fraud@v9.0.0 is named by the ledger, and not there" in done.err
    assert "v9.0.0" not in repo.git("ls-remote", "origin")
    gone = subprocess.run(["git", "-C", hub, "cat-file", "-e", private], capture_output=True, check=False)
    assert gone.returncode != 0


def test_a_ledger_speaks_for_its_own_model_alone(repo, hub):
    commit = repo.git("rev-parse", "churn@v1.0.0^{commit}").strip()
    write_ledger(repo, "churn", "churn@v9.0.0", "d" * 40, commit)

    done = repo.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 8
    assert "model: is not fraud" in done.err


def test_a_ledger_that_names_a_commit_from_nowhere_is_blamed(repo, hub):
    write_ledger(repo, "fraud", "fraud@v9.0.0", "d" * 40, "e" * 40)

    done = repo.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 5
    assert "The ledger of fraud names a tag fraud@v9.0.0 that cannot be written again" in done.err


@pytest.mark.parametrize("at", [253_402_300_800, 9_223_372_036_854_775_807])
@pytest.mark.parametrize("words", [("model", "list"), ("model", "show", "fraud"), ("history",)])
def test_a_date_of_no_calendar_stops_nobody(repo, hub, at, words):
    oid = tag_object(repo, repo.git("rev-parse", "HEAD").strip(), at)
    repo.git("update-ref", "refs/tags/fraud@v9.0.0", oid)

    done = repo.expctl(*words, "--json")

    assert done.exit_code == 0, done.err
    assert "v9.0.0" not in json.dumps(done.json)
    assert "tag fraud@v9.0.0: its date is in no calendar" in done.err


def test_two_jobs_of_one_name_in_one_second_do_not_both_win(repo):
    entry = Record(
        seq=1, model="fraud", event="registration", version="v1.0.0", to=None, came_from=(), displaced=(),
        run=None, at=1_700_000_000, by="Bot <bot@example.com>", reason="", tags={},
    )  # fmt: skip

    first, second = (ledger.append(repo.path, None, entry) for _ in range(2))

    assert first != second
    assert ledger.read(repo.path, first, model="fraud") == ledger.read(repo.path, second, model="fraud")


def test_what_only_this_clone_has_registered_enters_no_stage_of_the_hub(repo, hub):
    oid = tag_object(repo, repo.git("rev-parse", "HEAD").strip())
    repo.git("update-ref", "refs/tags/fraud@v9.0.0", oid)

    refused = repo.expctl("promote", "fraud@v9.0.0", "--to", "staging")
    before = repo.git("ls-remote", "origin")
    repo.git("push", "-q", "origin", "refs/tags/fraud@v9.0.0")
    done = repo.expctl("promote", "fraud@v9.0.0", "--to", "staging")

    assert refused.exit_code == 7
    assert "git push origin 'refs/tags/fraud@v9.0.0'" in refused.err
    assert "staging" not in before
    assert done.exit_code == 0, done.err


def test_two_ledgers_that_do_not_meet_are_named(repo, hub):
    ref = "refs/expctl/ledger/fraud.log"
    theirs = repo.git("commit-tree", "HEAD^{tree}", "-m", "another beginning").strip()
    repo.git("push", "-qf", "origin", f"{theirs}:{ref}")

    done = repo.expctl("promote", "fraud", "--to", "staging")

    assert done.exit_code == 5
    assert "the two ledgers do not meet" in done.err
    assert f"git update-ref -d {ref}" in done.err


def test_an_observation_of_no_calendar_is_listed_all_the_same(repo, hub):
    seen = {"version": "v1.0.0", "stage": "production", "verdict": "ok", "digest": "0" * 64, "seen": []}
    entry = {
        "schema": "expctl/transition/v1",
        "seq": 2,
        "model": "fraud",
        "event": "observation",
        "version": "v1.0.0",
        "at": 10**15,
        "by": "Eve <eve@example.com>",
        "tags": {},
        "observed": seen,
    }
    ref = "refs/expctl/ledger/fraud.log"
    blob = feed(repo, yamltext.dump(entry), "hash-object", "-w", "--stdin")
    tree = feed(repo, f"100644 blob {blob}\trecord.yaml\n", "mktree")
    mine = repo.git("rev-parse", ref).strip()
    repo.git("update-ref", ref, repo.git("commit-tree", tree, "-p", mine, "-m", "x").strip())

    told = repo.expctl("monitor", "fraud", "--history", "--json")

    assert told.exit_code == 0
    assert [one["at"] for one in told.json["seen"]] == ["1970-01-01T00:00:00Z"]
