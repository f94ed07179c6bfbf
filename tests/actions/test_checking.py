"""Runs are checked in real repositories, with a hub and a DVC remote, here and in another clone."""

import sys

import pytest

from expctl.actions.whereabouts.content import Contents
from expctl.core import dvcfile
from expctl.core.manifest import DataInput
from expctl.project import find
from expctl.store import cache
from tests.conftest import Repo, ok, stock

TRAIN = """\
import random
rows = open('data/train.csv').read().split()
open('model.pt', 'w').write(str(len(rows)))
print('f1_score=%s' % random.random())
"""


def checked(repo, *words):
    """The worst state of each element, and what was said of it."""
    (run,) = repo.expctl("check", "--json", *words).json["runs"]
    order = ("ok", "warn", "fail")
    worst, said = {}, {}
    for line in run["lines"]:
        element = line["element"]
        worst[element] = max(worst.get(element, "ok"), line["state"], key=order.index)
        said[element] = f"{said.get(element, '')} {line['said']} {line['mend']}"
    return worst, said


def record(repo, *words):
    ok(repo.expctl("run", *words, "--", sys.executable, "train.py"))


@pytest.fixture
def alone(repo):
    """A repository without a remote; its data is in neither git nor DVC."""
    repo.write("train.py", TRAIN)
    repo.write(".gitignore", "model.pt\n/data/train.csv\n")
    repo.write("data/train.csv", "1\n2\n")
    repo.commit_all()
    return repo


@pytest.fixture
def shared(alone, tmp_path):
    """The same with a hub and a DVC remote that has the data."""
    stock(tmp_path, "git", "init", "-q", "-b", "main", "--bare", str(tmp_path / "hub.git"))
    alone.git("remote", "add", "origin", str(tmp_path / "hub.git"))
    alone.write(".gitignore", "model.pt\n")
    # As dvc init, add and push leave it, without the seconds that they take.
    store = tmp_path / "store"
    alone.write(".dvc/config", f"[core]\n    remote = store\n['remote \"store\"']\n    url = {store}\n")
    put = cache.put_file(store, alone.path / "data/train.csv")
    pointer = dvcfile.pointer_text(dvcfile.Out("train.csv", put.md5, put.bytes))
    alone.write("data/train.csv.dvc", pointer)
    alone.write("data/.gitignore", "/train.csv\n")
    alone.commit_all("DVC")
    alone.git("push", "-q", "origin", "HEAD")
    return alone


def test_without_a_remote_what_lies_here_alone_is_a_warning(alone):
    record(alone, "--seed", "3")

    worst, said = checked(alone)

    assert worst == {
        "record": "warn", "code": "warn", "data": "warn", "environment": "ok", "seeds": "ok",
        "determinism": "ok", "artifacts": "warn", "hardware": "ok",
    }  # fmt: skip
    assert "kept with the run" in said["data"]
    assert alone.expctl("check").exit_code == 0


def test_data_that_nothing_keeps_fails_and_whether_its_hash_holds_is_said(alone):
    alone.write(".experiments/config.yaml", "keep_data: 0\n")
    record(alone)

    assert "its hash still holds" in checked(alone)[1]["data"]
    alone.write("data/train.csv", "3\n")
    worst, said = checked(alone)

    assert worst["data"] == "fail"
    assert "gone" in said["data"]
    assert worst["seeds"] == "fail"
    assert "expctl run --seed 42 -- " in said["seeds"]


def test_with_a_remote_what_was_not_sent_fails_with_the_command_that_sends_it(shared):
    shared.write("extra.py", "x = 1\n")
    record(shared, "--seed", "3")
    run = shared.manifests()[-1].stem[-6:]

    worst, said = checked(shared)

    assert (worst["code"], worst["artifacts"], worst["data"]) == ("fail", "fail", "warn")
    assert f"expctl push {run}" in said["code"]
    done = shared.expctl("check")
    assert done.exit_code == 3
    assert "grade D" in done.out


def test_what_was_sent_is_fine_here_and_after_asking_in_a_clone_that_has_nothing(shared, tmp_path):
    shared.write("extra.py", "x = 1\n")
    record(shared, "--seed", "3")
    ok(shared.expctl("--yes", "push", "@"))
    ok(shared.expctl("commit"))
    shared.git("push", "-q", "origin", "HEAD")
    stock(tmp_path, "git", "clone", "-q", str(tmp_path / "hub.git"), "clone")
    clone = Repo(tmp_path / "clone")

    here, _ = checked(shared)
    unasked, said = checked(clone)
    asked = clone.expctl("check", "--remote")

    assert set(here.values()) == {"ok", "warn"}
    assert here["data"] == "warn"  # nobody asked the project's DVC remote
    assert (unasked["code"], unasked["artifacts"], unasked["data"]) == ("warn", "warn", "warn")
    assert "--remote" in said["code"]
    assert asked.exit_code == 0, asked.out
    assert "grade A" in asked.out


def test_a_remote_that_lost_bytes_or_is_away_does_not_pass(shared, tmp_path):
    record(shared, "--seed", "3")
    ok(shared.expctl("--yes", "push", "@"))
    (tmp_path / "store").rename(tmp_path / "away")
    (tmp_path / "hub.git").rename(tmp_path / "hub.away")

    worst, said = checked(shared, "--remote")

    assert (worst["code"], worst["data"], worst["artifacts"]) == ("fail", "fail", "fail")
    assert "cannot be asked" in said["code"]
    assert "dvc push data/train.csv" in said["data"]


def test_a_script_that_was_not_watched_is_not_praised(alone):
    ok(alone.expctl("run", "--no-hooks", "--", sys.executable, "train.py"))

    worst, said = checked(alone)

    assert worst["seeds"] == "warn"
    assert "nobody watched" in said["seeds"]


def test_only_what_is_required_counts(alone):
    record(alone)

    assert alone.expctl("check").exit_code == 3
    done = alone.expctl("check", "--require", "environment,hardware")
    assert done.exit_code == 0
    assert "seeds" not in done.out
    wrong = alone.expctl("check", "--require", "weather")
    assert wrong.exit_code == 2
    assert "environment" in wrong.err


def test_several_runs_are_checked_one_after_the_other(alone):
    record(alone)
    record(alone, "--seed", "1")

    found = alone.expctl("check", "@-1", "@", "--json").json["runs"]

    assert [one["grade"] for one in found] == ["C", "B"]


def test_a_run_that_came_out_otherwise_when_repeated_is_not_deterministic(alone):
    alone.write("train.py", "import os\nprint('f1_score=0.%d' % (os.getpid() % 1000 + 1000))\n")
    alone.commit_all()
    record(alone)
    run = alone.manifests()[-1].stem
    assert alone.expctl("--yes", "reproduce", run).exit_code == 3

    worst, said = checked(alone, run)

    assert worst["determinism"] == "fail"
    assert "repeated 1 time: different" in said["determinism"]
    assert f"expctl diff {run[-6:]} " in said["determinism"]


def test_a_run_whose_record_was_packed_is_checked_as_before(shared):
    record(shared, "--seed", "3")
    ok(shared.expctl("--yes", "push", "@"))
    ok(shared.expctl("commit"))
    before = checked(shared)[0]
    ok(shared.expctl("pack", "--all"))

    assert checked(shared)[0] == before


@pytest.mark.parametrize("path", ["/proc/kcore", "/", "/dev/zero", "data\n/x"])
def test_a_stranger_s_manifest_cannot_make_the_whole_disk_be_read(alone, path):
    contents = Contents(find(alone.path), ask=False)

    assert not contents.holds(DataInput(path=path, md5="1" * 32, bytes=5))


def test_a_screen_of_80_columns_holds_every_line(alone):
    record(alone)

    done = alone.expctl("check", env={"COLUMNS": "80"})

    commands = [line for line in done.out.splitlines() if "→" in line]
    assert commands
    assert all(len(line) <= 80 for line in done.out.splitlines() if line not in commands)
