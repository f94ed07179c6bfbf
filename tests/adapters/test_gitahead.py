"""What git was asked ahead of time is what it would say now, or is not taken."""

from __future__ import annotations

import os
import signal

import pytest

from expctl import __main__ as entry
from expctl.adapters import gitahead, gitindex
from expctl.adapters.gitcall import SOURCE
from expctl.capture import privateindex
from expctl.core import gitindexfile


@pytest.fixture
def copy(repo, tmp_path):
    repo.write("new.py", "x")
    repo.write("train.py", "edited\n")
    privateindex.copy(str(repo.path / ".git" / "index"), str(tmp_path / "index"))
    return str(tmp_path / "index")


@pytest.fixture(autouse=True)
def _nothing_is_left_over(monkeypatch):
    spawn, started = os.posix_spawnp, []

    def noted(*words, **more):
        started.append(spawn(*words, **more))
        return started[-1]

    monkeypatch.setattr(os, "posix_spawnp", noted)
    gitahead._started.clear()
    yield
    assert gitahead._started == []
    for pid in started:
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def taken(repo, copy):
    said = gitahead.take(str(repo.path), copy)
    return None if said is None else gitindex.parse_status(said.decode())


def test_git_says_ahead_what_it_would_say_now(repo, copy) -> None:
    gitahead.start(str(repo.path))

    assert taken(repo, copy) == gitindex.status(repo.path, SOURCE)
    assert taken(repo, copy) is None


def test_more_than_a_pipe_holds_is_read(repo, copy) -> None:
    for number in range(2000):
        (repo.path / f"{'x' * 60}{number}").touch()
    gitahead.start(str(repo.path))

    assert len(taken(repo, copy).changes) == 2002


def test_what_was_said_of_another_index_is_not_taken(repo, copy) -> None:
    gitahead.start(str(repo.path))
    repo.git("add", "new.py")

    assert taken(repo, copy) is None


def test_an_index_that_changed_while_git_looked_is_not_taken(repo, copy) -> None:
    gitahead.start(str(repo.path))
    index = repo.path / ".git" / "index"
    twin = index.with_name("twin")
    twin.write_bytes(index.read_bytes())
    os.utime(twin, ns=(index.stat().st_atime_ns, index.stat().st_mtime_ns))
    twin.replace(index)

    assert taken(repo, copy) is None


def test_what_was_said_of_another_place_is_not_taken(repo, copy, make_repo) -> None:
    gitahead.start(str(make_repo("other").path))

    assert taken(repo, copy) is None


def test_where_git_fails_nothing_is_taken(repo, copy) -> None:
    gitahead.start(str(repo.path))
    (repo.path / ".git" / "HEAD").rename(repo.path / ".git" / "HEAD-gone")
    said = gitahead.take(str(repo.path), copy)
    assert said is None or said.startswith(b"# branch.oid")  # git may have been quicker

    gitahead.start(str(repo.path))
    assert gitahead.take(str(repo.path), copy) is None


def test_where_nobody_hears_how_git_ended_nothing_is_taken(repo, copy) -> None:
    before = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        gitahead.start(str(repo.path))
        assert taken(repo, copy) is None
    finally:
        signal.signal(signal.SIGCHLD, before)


@pytest.mark.parametrize("name", gitahead._MOVES)
def test_nothing_is_started_where_the_environment_leads_elsewhere(repo, copy, monkeypatch, name) -> None:
    monkeypatch.setenv(name, str(repo.path / ".git"))
    gitahead.start(str(repo.path))

    assert gitahead._started == []


def test_without_git_nothing_is_started(repo, copy, monkeypatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    gitahead.start(str(repo.path))

    assert taken(repo, copy) is None


def test_a_run_in_a_large_repository_takes_what_was_said(repo, copy, monkeypatch) -> None:
    expected = gitindex.status(repo.path, SOURCE)
    (repo.path / "deep").mkdir()
    monkeypatch.chdir(repo.path / "deep")
    entry._look_ahead()
    assert gitahead._started == []  # it is small
    monkeypatch.setattr(entry, "_LARGE", 1)
    monkeypatch.setattr(gitindex, "_SMALL", 1)
    entry._look_ahead()
    assert len(gitahead._started) == 1
    monkeypatch.setattr(gitindex, "status", lambda *_, **__: pytest.fail("asked again"))

    assert privateindex.status(repo.path, copy) == expected


def test_files_that_git_overlooks_are_still_seen(repo, copy, monkeypatch) -> None:
    repo.git("update-index", "--assume-unchanged", "train.py")
    privateindex.copy(str(repo.path / ".git" / "index"), copy)
    monkeypatch.chdir(repo.path)
    monkeypatch.setattr(entry, "_LARGE", 1)
    monkeypatch.setattr(gitindex, "_SMALL", 1)
    entry._look_ahead()

    assert "train.py" in {change.path for change in privateindex.status(repo.path, copy).changes}


@pytest.mark.parametrize(
    ("words", "unmarked"),
    [
        ((), True),
        (("update-index", "--assume-unchanged", "train.py"), False),
        (("update-index", "--skip-worktree", "train.py"), False),
        (("update-index", "--index-version", "4"), False),
        (("update-index", "--split-index"), False),
        (("rm", "-q", "--cached", "train.py"), True),
        (("add", "-N", "new.py"), False),
    ],
)
def test_marks_of_an_index_are_told_without_git(repo, copy, words, unmarked) -> None:
    for name in ("a", "ab" * 40, "디렉터리/파일.py"):
        repo.write(name, "x")
        repo.git("add", name)
    if words:
        repo.git(*words)

    assert gitindex.is_unmarked(repo.path / ".git" / "index") is unmarked


def test_that_an_index_is_unmarked_is_remembered_until_it_changes(repo, tmp_path, monkeypatch) -> None:
    index, memory = repo.path / ".git" / "index", tmp_path / "cache" / "unmarked"
    whole = gitindexfile.is_unmarked
    assert gitindex.is_unmarked(index, memory)
    monkeypatch.setattr(gitindexfile, "is_unmarked", lambda _: pytest.fail("read again"))
    assert gitindex.is_unmarked(index, memory)
    monkeypatch.setattr(gitindexfile, "is_unmarked", whole)

    repo.git("update-index", "--assume-unchanged", "train.py")
    assert not gitindex.is_unmarked(index, memory)
    repo.git("update-index", "--no-assume-unchanged", "train.py")
    memory.write_bytes(b"")
    assert gitindex.is_unmarked(index, memory)


def test_an_index_without_a_checksum_is_never_remembered(repo, tmp_path) -> None:
    index, memory = tmp_path / "index", tmp_path / "unmarked"
    index.write_bytes((repo.path / ".git" / "index").read_bytes()[:-20] + bytes(20))  # as index.skipHash does

    assert gitindex.is_unmarked(index, memory)
    assert not memory.exists()


def test_where_nothing_can_be_remembered_the_index_is_read(repo, tmp_path) -> None:
    (tmp_path / "file").touch()

    assert gitindex.is_unmarked(repo.path / ".git" / "index", tmp_path / "file" / "unmarked")


def test_a_torn_index_is_left_to_git(repo, tmp_path) -> None:
    data = (repo.path / ".git" / "index").read_bytes()
    torn = tmp_path / "torn"
    for end in range(0, len(data), 7):
        torn.write_bytes(data[:end])
        assert not gitindex.is_unmarked(torn)
    assert not gitindex.is_unmarked(tmp_path / "missing")
