"""Odd ways to be started: closed streams, no working folder, paths that no one would think of."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from expctl.store import manifests

RUN = (sys.executable, "-m", "expctl", "run", "--")


@pytest.fixture
def repo(make_repo):
    made = make_repo()
    assert made.expctl("run", "--", "true").exit_code == 0
    made.commit_all("Record")
    return made


def start_with(repo, closing: str, script: str) -> subprocess.CompletedProcess[bytes]:
    """Start a run from a shell that closes streams first."""
    command = ["sh", "-c", f'exec "$@" {closing}', "sh", *RUN, "sh", "-c", script]
    return subprocess.run(command, cwd=repo.path, capture_output=True, check=False)


def log_of(repo) -> bytes:
    [new] = [path for path in repo.manifests() if manifests.read(path).status == "failed"]
    md5 = manifests.read(new).outputs["log"]
    return (repo.path / ".git/expctl/dvc-cache/files/md5" / md5[:2] / md5[2:]).read_bytes()


@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_closed_streams_cost_neither_exit_code_nor_log(repo, closing):
    done = start_with(repo, closing, "echo out; echo err >&2; exit 4")

    assert done.returncode == 4
    assert done.stdout == (b"" if ">&-" in closing.split() else b"out\n")
    assert done.stderr.startswith(b"" if "2>&-" in closing else b"err\n")
    assert sorted(log_of(repo).splitlines()) == [b"err", b"out"]
    assert b"Traceback" not in done.stderr


def test_a_closed_input_is_closed_for_the_command_too(repo):
    done = start_with(repo, "<&-", "cat; test ! -e /proc/self/fd/0 || ls -l /proc/self/fd/0; exit 4")

    assert b"Bad file descriptor" in done.stderr


@pytest.mark.parametrize("words", [("run", "--", "true"), ("ls",), ("doctor",)])
def test_a_folder_that_is_gone_is_said(repo, words):
    (repo.path / "gone").mkdir()
    enter = 'cd gone && rmdir ../gone && exec "$@"'
    command = ["sh", "-c", enter, "sh", sys.executable, "-m", "expctl", *words]
    done = subprocess.run(command, cwd=repo.path, capture_output=True, text=True, check=False)

    assert done.returncode == (125 if words[0] == "run" else 2)
    assert done.stderr.startswith("Error: The folder that you are in is gone.\n")


@pytest.mark.parametrize(
    "name", ["a\nb", "한국어 실험", os.fsdecode(b"latin\xff"), "-rf", "$(touch made)", "q'\"q"]
)
def test_a_repository_may_have_any_path(make_repo, tmp_path, name):
    (tmp_path / name).mkdir()
    repo = make_repo(f"{name}/repo")
    done = repo.expctl("run", "--commit", "--", "sh", "-c", "echo x > model.pt; exit 4")

    assert done.exit_code == 4, done.err
    assert "committed" in done.err
    assert "kept 1 file" in done.err
    assert len(repo.expctl("ls", "--json").json["runs"]) == 1


def test_standing_in_the_git_directory_is_not_called_bare(repo):
    done = repo.expctl("run", "--", "true", cwd=repo.path / ".git")

    assert done.exit_code == 125
    assert "You are inside of the git directory" in done.err


def test_a_command_is_never_started_elsewhere_than_its_owner_stands(repo, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    repo.git("config", "core.worktree", str(other))
    done = repo.expctl("run", "--", "touch", "made")

    assert done.exit_code == 125
    assert f"The work tree of this repository is {other}" in done.err
    assert list(other.iterdir()) == []


@pytest.mark.parametrize(
    ("script", "err"),
    [
        ("printf abc >&2", b"abc\nexpctl: "),
        ("printf 'abc\n' >&2", b"abc\nexpctl: "),
        ("printf abc", b"expctl: "),
        ("true", b"expctl: "),
    ],
)
def test_messages_begin_on_a_line_of_their_own(repo, script, err):
    done = start_with(repo, "", script)
    assert done.stderr.startswith(err)
    assert done.stdout == (b"abc" if script == "printf abc" else b"")
