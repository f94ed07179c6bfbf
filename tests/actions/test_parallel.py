"""Runs that work in one tree at the same time claim nothing of each other."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from expctl.store import manifests

WAITS = """
import os, pathlib, sys, time
pathlib.Path("started").touch()
while not os.path.exists("go"):
    time.sleep(0.01)
for name in sys.argv[1:]:
    os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
    os.system(f"echo model > {name}")
"""


@pytest.fixture
def first(repo):
    """A run that waits until the test says go."""
    repo.write("waits.py", WAITS)
    repo.write(".gitignore", "started\ngo\n*.pt\n")
    repo.commit_all()
    return start(repo, "waits.py", "a/first.pt")


def start(repo, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "expctl", "run", "-n", "first", "--", sys.executable, *words]
    process = subprocess.Popen(command, cwd=repo.path, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 120
    while not (repo.path / "started").exists() and time.monotonic() < until:
        time.sleep(0.01)
    return process


def end(repo, process) -> str:
    (repo.path / "go").touch()
    said = process.communicate(timeout=120)[1]
    assert process.returncode == 0
    return said


def outputs(repo) -> dict[str, list[str]]:
    read = map(manifests.read, repo.manifests())
    return {each.name: [a.path for a in each.artifacts if a.path.endswith(".pt")] for each in read}


def test_a_run_claims_nothing_that_one_which_ended_meanwhile_may_have_written(repo, first):
    done = repo.expctl("run", "-n", "second", "--", "sh", "-c", "echo model > second.pt")
    said = end(repo, first)

    assert outputs(repo) == {"first": ["a/first.pt"], "second": []}
    assert "1 file was written while another run worked in this tree, such as second.pt" in done.err
    assert "written while another run worked in this tree" in said


def test_what_only_one_command_line_names_or_declares_is_its_own(repo, first):
    words = ("sh", "-c", "mkdir b; echo model > b/named.pt; echo model > declared.pt", "out=b")
    repo.expctl("run", "-n", "second", "--artifact", "declared.pt", "--", *words)
    end(repo, first)

    assert outputs(repo) == {"first": ["a/first.pt"], "second": ["b/named.pt", "declared.pt"]}


def test_what_lies_where_only_its_own_processes_wrote_is_its_own(repo, first):
    writes = "os.mkdir('s')\nopen('s/log', 'w').write('x')\nos.system('echo m > s/native.pt')\n"
    repo.write("saves.py", f"import os\n{writes}")
    repo.expctl("run", "-n", "second", "--", sys.executable, "saves.py")
    end(repo, first)

    assert outputs(repo) == {"first": ["a/first.pt"], "second": ["s/native.pt"]}


def test_what_was_written_while_nobody_else_ran_needs_no_name(repo, first):
    repo.expctl("run", "-n", "second", "--", "true")
    time.sleep(0.05)  # longer than the clock of the file system is coarse
    (repo.path / "later.pt").write_text("model")
    end(repo, first)

    assert outputs(repo)["first"] == ["a/first.pt", "later.pt"]


def test_runs_in_two_work_trees_of_one_clone_are_no_neighbours(repo, first, tmp_path):
    repo.git("worktree", "add", "-q", str(tmp_path / "other"))
    done = repo.expctl("run", "-n", "second", "--", "sh", "-c", "echo x > m.pt", cwd=tmp_path / "other")
    end(repo, first)

    assert "another run" not in done.err
    assert "kept 1 file" in done.err


def test_a_torn_line_of_another_run_stands_in_nobodys_way(repo, first):
    [folder] = os.listdir(repo.path / ".git" / "expctl" / "live")
    lines = '[\n"x"\n[1, 2]\n{"a": 3}\n[[[[\n["../../x", 1, 4611686018427387904, [], []]\n[3, 1, 2, [], []]\n'
    (repo.path / ".git/expctl/live" / folder / "met.jsonl").write_text(lines)
    end(repo, first)

    assert outputs(repo) == {"first": ["a/first.pt"]}
