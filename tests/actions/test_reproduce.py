"""``expctl reproduce``: real runs, made again in a copy of their world."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from expctl.store import manifests

PYTHON = sys.executable
TRAIN = """\
import json, sys
import features
rate = float(sys.argv[1])
json.dump({"f1_score": features.score(rate)}, open("metrics.json", "w"))
"""
FEATURES = "def score(rate):\n    return 0.8 + rate\n"


def state_of(repo) -> dict[str, str]:
    """All of a user's repository that a repeat may not touch; records are new files beside it."""
    return {
        "status": repo.git("status", "--porcelain", "--", ":(exclude).experiments"),
        "head": repo.git("rev-parse", "HEAD"),
        "refs": repo.git("for-each-ref", "refs/heads", "refs/tags", "refs/stash"),
        "index": repo.git("ls-files", "-s"),
        "worktrees": repo.git("worktree", "list", "--porcelain"),
        "files": repr(sorted(
            (str(path.relative_to(repo.path)), path.read_bytes())
            for path in repo.path.rglob("*")
            if path.is_file() and not {".git", ".experiments", "__pycache__"} & {*path.parts}
        )),
    }  # fmt: skip


def leavings(repo) -> list[str]:
    """What repeats left outside of the records."""
    cache = Path(os.environ["XDG_CACHE_HOME"]) / "expctl" / "reproduce"
    notes = repo.path / ".git" / "expctl" / "scratch"
    return [str(path) for top in (cache, notes) if top.is_dir() for path in top.iterdir()]


def last(repo):
    return max(map(manifests.read, repo.manifests()), key=lambda run: run.started_at)


@pytest.fixture
def trained(make_repo):
    """A repository with a run of a dirty tree: an edited script, and a module that nobody added."""
    repo = make_repo(files={"train.py": "print('not yet')\n", ".gitignore": "metrics.json\n__pycache__\n"})
    repo.write("train.py", TRAIN)
    repo.write("features.py", FEATURES)
    done = repo.expctl("run", "-n", "first", "--", PYTHON, "train.py", "0.01")
    assert done.exit_code == 0, done.err
    return repo


def test_a_dirty_run_gives_the_same_again_whatever_became_of_the_tree(trained):
    original = last(trained)
    trained.git("checkout", "--", "train.py")
    (trained.path / "features.py").unlink()
    (trained.path / "metrics.json").unlink()
    before = state_of(trained)

    done = trained.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err
    assert "identical" in done.out
    assert state_of(trained) == before
    repeat = last(trained)
    assert repeat.parent == {"reproduces": original.id, "verdict": "identical"}
    assert repeat.code.tree == original.code.tree
    assert repeat.code.commit == original.code.commit
    assert repeat.metrics == original.metrics
    assert leavings(trained) == []


def test_it_says_what_would_run_and_refuses_without_a_yes(trained):
    count = len(trained.manifests())

    done = trained.expctl("reproduce", "first")

    assert done.exit_code == 2
    assert "train.py 0.01" in done.err
    assert "Ada <ada@example.com>" in done.err
    assert "--yes" in done.err
    assert len(trained.manifests()) == count


def test_another_result_is_exit_3(make_repo):
    repo = make_repo(files={"train.py": "import os\nprint('f1_score=' + os.environ['F1'])\n"})
    repo.expctl("run", "--", PYTHON, "train.py", env={"F1": "0.7"})

    done = repo.expctl("--yes", "reproduce", "@", "--json", env={"F1": "0.8"})

    assert done.exit_code == 3
    assert done.json["verdict"] == "different"
    assert done.json["reproduced"] is False
    assert last(repo).parent["verdict"] == "different"


def test_json_is_alone_on_standard_output(trained):
    trained.write("features.py", FEATURES + "print('loud')\n")
    trained.expctl("run", "-n", "loud", "--", PYTHON, "train.py", "0.01")

    done = trained.expctl("--yes", "reproduce", "loud", "--json")

    assert done.json["metrics"][0] == {
        "name": "f1_score", "before": 0.81, "after": [0.81], "verdict": "identical", "why": None,
    }  # fmt: skip
    assert "loud" in done.err


def test_a_tolerance_for_no_metric_of_the_run_is_refused(make_repo):
    repo = make_repo(files={"train.py": "print('loss=0.5')\n"})
    repo.expctl("run", "--", PYTHON, "train.py")

    done = repo.expctl("--yes", "reproduce", "@", "--tolerance", "los=0.1")

    assert done.exit_code == 2
    assert 'no metric "los"' in done.err
    assert "It has loss" in done.err


def test_a_tolerance_forgives_what_it_says(make_repo):
    repo = make_repo(files={"train.py": "import os\nprint('loss=' + os.environ['LOSS'])\n"})
    repo.expctl("run", "--", PYTHON, "train.py", env={"LOSS": "0.51"})

    assert repo.expctl("--yes", "reproduce", "@", env={"LOSS": "0.52"}).exit_code == 3
    again = repo.expctl("--yes", "reproduce", "@-1", "--tolerance", "loss=0.1", env={"LOSS": "0.53"})
    assert again.exit_code == 0
    assert last(repo).parent["verdict"] == "within tolerance"
    repo.write(".experiments/config.yaml", "tolerances: {loss: 20%}\n")
    assert repo.expctl("--yes", "reproduce", "@-2", env={"LOSS": "0.54"}).exit_code == 0


def test_it_runs_where_it_ran_and_from_wherever_one_asks(make_repo):
    repo = make_repo(
        files={"work/train.py": "open('here.txt')\nprint('f1=1')\n", "work/here.txt": "x", "other/x": ""}
    )
    repo.expctl("run", "--", PYTHON, "train.py", cwd=repo.path / "work")

    done = repo.expctl("--yes", "reproduce", "@", cwd=repo.path / "other")

    assert done.exit_code == 0, done.err
    assert last(repo).command.cwd == "work"


def test_data_comes_back_at_its_recorded_hash(make_repo):
    repo = make_repo(
        files={"train.py": "print('f1=' + open('data/x.csv').read())\n", ".gitignore": "data/\n"}
    )
    repo.write("data/x.csv", "0.25")
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    repo.write("data/x.csv", "0.75")

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err
    assert "data/x.csv: kept with the run" in done.err
    assert (repo.path / "data" / "x.csv").read_text() == "0.75"


def test_an_input_that_cannot_be_had_is_named_and_stops_it(make_repo):
    repo = make_repo(
        files={"train.py": "print('f1=' + open('data/x.csv').read())\n", ".gitignore": "data/\n"}
    )
    repo.write(".experiments/config.yaml", "keep_data: 0\n")
    repo.write("data/x.csv", "0.25")
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    assert repo.expctl("--yes", "reproduce", "first").exit_code == 0
    repo.write("data/x.csv", "0.75")
    count = len(repo.manifests())

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 8
    assert "data/x.csv: has other bytes now" in done.err
    assert len(repo.manifests()) == count
    assert repo.expctl("--yes", "reproduce", "first", "--allow-changed").exit_code == 3
    (repo.path / "data" / "x.csv").unlink()
    assert "data/x.csv: is not here" in repo.expctl("--yes", "reproduce", "first").err


def test_git_in_the_copy_knows_the_commit_and_nothing_that_it_does_leaves_it(make_repo):
    script = """\
import subprocess
def git(*words):
    return subprocess.run(["git", *words], check=True, capture_output=True, text=True).stdout.strip()
print(git("rev-parse", "HEAD"), git("rev-parse", "--abbrev-ref", "HEAD"), git("describe", "--tags"))
print("changes:", git("status", "--porcelain"))
git("commit", "-q", "--allow-empty", "-m", "from within")
git("tag", "made-within")
print("f1=1")
"""
    repo = make_repo(files={"train.py": "pass\n"})
    repo.git("tag", "v1")
    first = repo.commit_all() if repo.write("train.py", script) else ""
    repo.expctl("run", "-n", "first", "--", PYTHON, "train.py")
    repo.git("reset", "-q", "--hard", first)
    repo.git("tag", "-d", "made-within")
    before = state_of(repo)

    done = repo.expctl("--yes", "reproduce", "first")

    assert done.exit_code == 0, done.err
    assert f"{first} main v1-1-g{first[:7]}" in done.out
    assert "changes: \n" in done.out
    assert state_of(repo) == before


def test_the_same_seed_and_threads_are_set(make_repo):
    script = (
        "import os, random\nprint('draw=' + str(random.random()))\n"
        "print('threads=' + os.environ['OMP_NUM_THREADS'])\n"
    )
    repo = make_repo(files={"train.py": script})
    repo.expctl("run", "--seed", "7", "--", PYTHON, "train.py", env={"OMP_NUM_THREADS": "3"})

    done = repo.expctl("--yes", "reproduce", "@", env={"OMP_NUM_THREADS": "5", "PYTHONHASHSEED": "9"})

    assert done.exit_code == 0, done.out + done.err
    assert last(repo).seeds.requested == 7
    assert last(repo).environment.numeric["pythonhashseed"] == "7"


def test_a_secret_in_the_command_stops_it(repo):
    repo.expctl("run", "--", PYTHON, "train.py", "--password", "hunter2hunter2")

    done = repo.expctl("--yes", "reproduce", "@")

    assert done.exit_code == 8
    assert "secret" in done.err


def test_a_tree_that_is_nowhere_is_said_with_what_may_bring_it(trained, tmp_path):
    trained.commit_all()
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "-q", "--no-local", str(trained.path), str(clone)], check=True)

    done = trained.expctl("--yes", "reproduce", "first", cwd=clone)

    assert done.exit_code == 8
    assert "expctl pull" in done.err


def test_keep_leaves_the_copy_and_says_where(trained):
    done = trained.expctl("--yes", "reproduce", "first", "--keep")

    folder = Path(done.err.rsplit("is kept in ", 1)[1].strip())
    assert next(folder.rglob("train.py")).read_text() == TRAIN
    trained.expctl("ls")
    assert folder.is_dir()


def test_repeats_show_their_noise(make_repo):
    repo = make_repo(files={"train.py": "import os\nprint('f1=' + os.environ['F1'])\n"})
    for f1 in ("0.9", "0.902", "0.901", "0.9005"):
        repo.expctl("run", "--", PYTHON, "train.py", env={"F1": f1})

    done = repo.expctl("--yes", "reproduce", "@", "--repeat", "2", "--json", env={"F1": "0.9008"})

    assert len(done.json["repeats"]) == 2
    assert "95 % of 4 repeats" in done.json["metrics"][0]["why"]
