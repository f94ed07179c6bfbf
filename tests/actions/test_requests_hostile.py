"""Requests that bear the right name and should not be believed: each costs one line and changes nothing."""

import json
import re

import pytest

from expctl.actions import applying, requesting
from expctl.core.registry import request as requests
from expctl.core.registry import standing, verdict
from expctl.project import find
from tests import promotions
from tests.hostile import POISON

#: By name: what a good request says, and what stands there instead.
SWAPS = {
    "a NUL byte in the reason": (r"reason: good", 'reason: "a\\0b"'),
    "an escape in the reason": (r"reason: good", 'reason: "a\\e]0;owned\\ab"'),
    "a carriage return": (r"reason: good", 'reason: "fine\\r# overwritten"'),
    "a reason that turns around": (r"reason: good", 'reason: "\\u202edoog"'),
    "a raw escape": (r"reason: good", "reason: a\x1b[2Jb"),
    "a reason of a page": (r"reason: good", f"reason: {'x' * 2001}"),
    "no reason but null": (r"reason: good", "reason: null"),
    "another model": (r"model: fraud", "model: churn"),
    "a model outside": (r"model: fraud", "model: ../../../etc/passwd"),
    "a stage outside": (r"to: production", "to: ../../production"),
    "a stage of a page": (r"to: production", f"to: {'x' * 60_000}"),
    "a stage in a list": (r"to: production", "to: [production]"),
    "a run outside": (r"run: \S+", "run: ../../../../etc/passwd"),
    "a version that is a word": (r"version: v1.1.0", "version: --output=x"),
    "a newer format": (r"request/v1", "request/v2"),
    "another format": (r"expctl/request/v1", "expctl/run/v1"),
    "the same stage fifty times": (r"  - staging", "\n".join(["  - staging"] * 50)),
    "nobody": (r"requested_by: .*", "requested_by: ' <a@example.com>'"),
    "somebody with a header": (r"requested_by: .*", 'requested_by: "A <a>\\ntagger B <b>"'),
    "a day of no calendar": (r"requested_at: .*", "requested_at: '2026-02-30T00:00:00Z'"),
    "a number without end": (r"seq: \d+", f"seq: {'9' * 5000}"),
    "an object of python": (r"$", "x: !!python/object/apply:os.system [touch owned]\n"),
    "an anchor": (r"$", "x: &x [1]\ny: *x\n"),
    "a key twice": (r"$", "to: archived\n"),
    "a pit": (r"$", "x: " + "[" * 3000 + "\n"),
    "more than a request holds": (r"$", f"x: {'x' * 70_000}\n"),
    "bytes of no text": (r"$", "\udcff\n"),
    "nothing": (r"(?s).*", ""),
    "a list": (r"(?s).*", "- schema: expctl/request/v1\n"),
}
#: What is well formed, and still is not so.
UNTRUE = {
    "a version that nobody registered": (r"version: v1.1.0", "version: v9.9.9"),
    "a stage that there is not": (r"to: production", "to: moon"),
    "a commit of its own": (r"\ncommit: \w+", f"\ncommit: {'ab' * 20}"),
    "another record": (r"manifest: .*", f"manifest: sha256:{'ab' * 32}"),
    "a ledger of its own": (r"tip: \w+", f"tip: {'ab' * 20}"),
    "who never stood there": (r"- v1.0.0", "- v0.0.1"),
}


@pytest.fixture
def ada(make_repo, hub, mould):
    """v1.0.0 is in production, v1.1.0 in staging."""
    return promotions.moulded(make_repo, mould, hub, 88, 92)


def plant(repo, cases):
    """Commit a file for each case in the place of its own bytes; the case by the path of its file."""
    requesting.ask(find(repo.path), "fraud", "v1.1.0", "production", reason="good")
    (path,) = repo.path.glob(".experiments/requests/fraud/*.yaml")
    good = path.read_text()
    repo.git("reset", "-q", "--hard", "HEAD~1")
    planted = {}
    for name, (old, new) in cases.items():
        text, many = re.subn(old, lambda _, new=new: new, good, count=1)
        assert many, name
        data = text.encode("utf-8", "surrogateescape")
        where = requests.path_of("fraud", requests.digest(data))
        (repo.path / where).parent.mkdir(parents=True, exist_ok=True)
        (repo.path / where).write_bytes(data)
        planted[where] = name
    repo.commit_all("Plant")
    return planted


def tells_cleanly(text):
    return text.replace("\n", "").isprintable()


@pytest.mark.parametrize("cases", [SWAPS, UNTRUE], ids=["malformed", "untrue"])
def test_a_check_says_one_line_of_each_and_none_may_be_applied(ada, hub, cases):
    ada.git("switch", "-q", "-c", "ask")
    planted = plant(ada, cases)
    before = promotions.refs(hub)

    done = ada.expctl("promote", "--check", "--base", "origin/main")
    told = ada.expctl("promote", "--check", "--base", "origin/main", "--json").json["requests"]

    assert done.exit_code not in (0, 70)
    assert {one["path"] for one in told} == set(planted)
    assert all(one["exit_code"] and len(one["why"]) < 500 for one in told)
    assert all(tells_cleanly(one["why"] + one["what_to_do"]) for one in told)
    assert tells_cleanly(done.out + done.err)
    assert sum(line.startswith("### ✗ ") for line in done.out.splitlines()) == len(planted)
    assert max(map(len, done.out.splitlines())) < 1000
    assert promotions.refs(hub) == before
    assert not list(ada.path.parent.rglob("owned"))


@pytest.mark.parametrize("cases", [SWAPS, UNTRUE], ids=["malformed", "untrue"])
def test_what_was_merged_all_the_same_is_refused_in_one_line_and_changes_nothing(ada, hub, cases):
    plant(ada, cases)
    ada.git("push", "-q", "origin", "main")
    before = promotions.refs(hub)

    done = ada.expctl("promote", "--apply", "--pending")

    assert done.exit_code not in (0, 70)
    assert tells_cleanly(done.out + done.err)
    refused = done.out.splitlines()
    assert len(refused) == len(cases)
    assert all(line.startswith("Refused ") and len(line) < 600 for line in refused)
    assert promotions.refs(hub) == before


def test_what_cannot_be_believed_stops_no_good_request(ada):
    plant(ada, SWAPS)
    good = requesting.ask(find(ada.path), "fraud", "v1.1.0", "production", reason="good")
    ada.git("push", "-q", "origin", "main")

    done = ada.expctl("promote", "--apply", "--pending", "--json")

    told = {one["path"]: one["state"] for one in done.json["requests"]}
    assert done.exit_code == 1
    assert told.pop(good.path) == standing.APPLIED
    assert set(told.values()) == {verdict.FAULT}


def test_a_validation_names_every_file_that_is_malformed(ada):
    planted = plant(ada, SWAPS)

    done = ada.expctl("validate")

    assert done.exit_code == 1
    assert {path for path in planted if path not in done.out} == set()
    assert tells_cleanly(done.out + done.err)


def test_a_newer_format_is_not_told_to_be_removed(ada):
    plant(ada, {"newer": SWAPS["a newer format"]})
    ada.git("push", "-q", "origin", "main")

    (one,) = applying.apply(find(ada.path)).outcomes

    assert "written by a newer expctl (expctl/request/v2)" in one.weighed.why
    assert one.weighed.todo.startswith("Update expctl")
    assert one.weighed.code == 1


def test_names_of_files_and_models_that_nobody_knows_are_refused_in_one_line(ada):
    folder = ada.path / ".experiments" / "requests"
    for name in ("ghost/0123456789ab.yaml", "a\x1b[2Jb/0123456789ab.yaml", "fraud/\u202e.yaml", "x.yaml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps(POISON))
    ada.git("switch", "-q", "-c", "ask")
    ada.commit_all("Plant")

    done = ada.expctl("promote", "--check", "--base", "origin/main")

    assert done.exit_code == 1
    assert tells_cleanly(done.out + done.err)
    assert sum(line.startswith("### ✗ ") for line in done.out.splitlines()) == 4


def test_a_model_that_is_not_registered_has_no_promotion(ada):
    ada.git("switch", "-q", "-c", "ask")
    data = (
        b"schema: expctl/request/v1\nmodel: ghost\nversion: v1.0.0\nto: production\nrequested_by: A <a>\n"
        b"requested_at: '2026-11-23T00:00:00Z'\ncommit: 'a%s'\ntag: 'b%s'\nledger: {seq: 0}\n"
        % (b"0" * 39, b"0" * 39)
    )
    path = ada.path / requests.path_of("ghost", requests.digest(data))
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    ada.commit_all("Plant")

    (one,) = ada.expctl("promote", "--check", "--base", "origin/main", "--json").json["requests"]

    assert (one["state"], one["exit_code"]) == (standing.STALE, 5)
    assert "ghost@v1.0.0 is not registered" in one["why"]


def test_a_reason_is_kept_without_what_a_terminal_would_obey(ada):
    done = ada.expctl(
        "promote", "fraud@v1.1.0", "--to", "production", "--reason", "a\x1b[2J\x9bb \u202ec\udcff"
    )

    assert done.exit_code == 0, done.err
    message = ada.git("cat-file", "tag", "fraud#production#8")
    assert r"a\x1b[2J\x9bb \u202ec\udcff" in message
    assert tells_cleanly(message)
