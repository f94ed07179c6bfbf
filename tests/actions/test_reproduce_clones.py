"""``expctl reproduce`` in odd clones: fresh ones, partial ones, work trees beside, ids of another kind."""

from __future__ import annotations

import subprocess
import sys

import pytest

from expctl.store import manifests

PYTHON = sys.executable
SCRIPT = "import helper, subprocess\nprint('f1=' + str(helper.VALUE))\n"


def last(repo):
    return max(map(manifests.read, repo.manifests()), key=lambda run: run.started_at)


@pytest.fixture
def pushed(make_repo, tmp_path):
    """A run in a folder, with a module that nobody added; its record, bytes and source are on remotes."""
    far = tmp_path / "far.git"
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(far)], check=True)
    repo = make_repo(files={"work/train.py": SCRIPT})
    repo.git("remote", "add", "origin", str(far))
    repo.write("work/helper.py", "VALUE = 0.5\n")
    repo.expctl("run", "-n", "first", "--", "python", "train.py", cwd=repo.path / "work")
    url = f"url = {tmp_path / 'bytes'}"
    repo.write(".experiments/.dvc/config", f"[core]\n    remote = far\n['remote \"far\"']\n    {url}\n")
    repo.git("add", ".experiments")
    repo.git("commit", "-q", "-m", "Record")
    repo.git("push", "-q", "origin", "main")
    assert repo.expctl("--yes", "push", "first").exit_code == 0
    return repo, far


def test_a_dirty_run_of_a_folder_gives_the_same_in_a_fresh_clone(pushed, tmp_path):
    repo, far = pushed
    clone = type(repo)(tmp_path / "clone")
    subprocess.run(["git", "clone", "-q", f"file://{far}", str(clone.path)], check=True)
    early = clone.expctl("--yes", "reproduce", "first")
    assert early.exit_code == 8
    assert "expctl pull" in early.err
    assert clone.expctl("pull", "first").exit_code == 0

    done = clone.expctl("--yes", "reproduce", "first", cwd=clone.path / "work")

    assert done.exit_code == 0, done.err
    assert last(clone).parent["verdict"] == "identical"
    assert not (clone.path / "work" / "helper.py").exists()


@pytest.fixture
def committed(make_repo):
    """Two runs of committed source that were never pushed, the second one beside the record of the first."""
    repo = make_repo(files={"train.py": "print('f1=0.5')\n", "lib/x.py": "X = 1\n"})
    repo.expctl("run", "-n", "first", "--", "python", "train.py")
    repo.write("train.py", "print('f1=0.7')\n")
    repo.commit_all("Record")
    repo.expctl("run", "-n", "second", "--", "python", "train.py")
    repo.commit_all("Record again")
    return repo


def test_a_clone_knows_the_source_of_a_commit_though_no_snapshot_was_pushed(committed, tmp_path):
    clone = type(committed)(tmp_path / "clone")
    subprocess.run(["git", "clone", "-q", f"file://{committed.path}", str(clone.path)], check=True)

    done = clone.expctl("--yes", "reproduce", "second")
    between = clone.expctl("diff", "first", "second").out
    causes = clone.expctl("diff", "first", "second", "--explain", "--json").json

    assert (done.exit_code, last(clone).parent["verdict"]) == (0, "identical"), done.err
    assert "+print('f1=0.7')" in between
    assert [(each["kind"], each["name"]) for each in causes["causes"]] == [("code", "train.py")]


def test_a_clone_that_is_cut_off_is_told_how_to_become_whole(committed, tmp_path):
    clone = type(committed)(tmp_path / "clone")
    words = ["git", "clone", "-q", "--depth", "1", f"file://{committed.path}", str(clone.path)]
    subprocess.run(words, check=True)

    early = clone.expctl("--yes", "reproduce", "second")
    clone.git("fetch", "-q", "--unshallow")

    assert (early.exit_code, "git fetch --unshallow" in early.err) == (8, True)
    assert clone.expctl("--yes", "reproduce", "second").exit_code == 0


def test_in_a_partial_clone_what_is_promised_is_fetched(make_repo, tmp_path):
    repo = make_repo(files={"train.py": "print('f1=0.5')\n", "lib/x.py": "X = 1\n"})
    repo.expctl("run", "-n", "first", "--", "python", "train.py")
    repo.commit_all("Record")
    repo.write("train.py", "print('f1=0.7')\n")
    repo.commit_all("Later")
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    clone = type(repo)(tmp_path / "clone")
    words = ["git", "clone", "-q", "--filter=blob:none", f"file://{repo.path}", str(clone.path)]
    subprocess.run(words, check=True)

    done = clone.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err


def test_a_work_tree_beside_takes_the_record_of_its_own_repeat(repo, tmp_path):
    repo.write("train.py", "print('f1=0.5')\n")
    repo.expctl("run", "-n", "first", "--", "python", "train.py")
    repo.commit_all("Record")
    beside = type(repo)(tmp_path / "beside")
    repo.git("worktree", "add", "-q", str(beside.path))
    before = repo.manifests()

    done = beside.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err
    assert repo.manifests() == before
    assert len(beside.manifests()) == len(before) + 1


def test_ids_of_the_longer_kind_are_no_matter(tmp_path, repo):
    path = tmp_path / "long"
    path.mkdir()
    long = type(repo)(path)
    long.git("init", "-q", "--object-format=sha256", "-b", "main")
    long.write("train.py", "print('f1=0.5')\n")
    long.expctl("run", "-n", "unborn", "--", "python", "train.py")
    long.commit_all()
    long.expctl("run", "-n", "born", "--", "python", "train.py")

    for name in ("unborn", "born"):
        done = long.expctl("--yes", "reproduce", name)
        assert done.exit_code == 0, done.err


def test_a_commit_that_is_gone_is_said_and_the_tree_runs_all_the_same(repo):
    repo.write("train.py", "print('f1=0.5')\n")
    repo.commit_all("To be squashed")
    repo.expctl("run", "-n", "first", "--", "python", "train.py")
    repo.git("reset", "-q", "--soft", "HEAD~1")
    repo.git("reflog", "expire", "--expire=now", "--all")
    repo.git("gc", "-q", "--prune=now")

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err
    assert "is not in this clone" in done.err
