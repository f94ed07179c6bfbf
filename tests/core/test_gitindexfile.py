"""An index is read as git reads it, or not at all."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.adapters import gitindex
from expctl.core import gitindexfile

NAMES = ("a", "b c/데이터.txt", "deep/er/x" * 9, "n" * 200, "tab\there", "z")


def fill(repo, *settings: str) -> None:
    for name in NAMES:
        path = repo.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (repo.path / "link").symlink_to("a")
    os.chmod(repo.path / "z", 0o755)
    repo.git(*settings, "add", "-A")


def read(repo):
    return gitindexfile.parse((repo.path / ".git" / "index").read_bytes())


def told_by_git(repo) -> list[tuple[str, str, int, str]]:
    found = []
    for line in repo.git("ls-files", "-s", "-z").split("\0")[:-1]:
        facts, path = line.split("\t", 1)
        mode, oid, stage = facts.split(" ")
        found.append((mode, oid, int(stage), path))
    return found


def plain(entries) -> list[tuple[str, str, int, str]]:
    return [(entry.mode, entry.id, entry.stage, entry.path) for entry in entries]


def test_entries_are_those_that_git_tells(repo) -> None:
    fill(repo)

    assert plain(read(repo)) == told_by_git(repo)
    assert {entry.mode for entry in read(repo)} == {"100644", "100755", "120000"}


def test_marks_of_all_kinds_are_seen(repo) -> None:
    fill(repo)
    (repo.path / "announced").write_text("x")
    repo.git("add", "-N", "announced")
    repo.git("update-index", "--assume-unchanged", "a")
    repo.git("update-index", "--skip-worktree", "z")

    entries = read(repo)

    assert plain(entries) == told_by_git(repo)
    assert [entry.path for entry in entries if entry.assumed] == ["a"]
    assert [entry.path for entry in entries if entry.skipped] == ["z"]


def test_the_sides_of_a_conflict_are_told_apart(repo) -> None:
    oid = repo.git("hash-object", "-w", "train.py")
    repo.git("read-tree", "--empty")
    names = [(1, "x"), (2, "x"), (3, "x"), (0, "y/" * 2500 + "y")]  # longer than the entry can count
    lines = "".join(f"100644 {oid.strip()} {stage}\t{name}\n" for stage, name in names)
    subprocess.run(["git", "update-index", "--index-info"], cwd=repo.path, input=lines, text=True, check=True)

    assert plain(read(repo)) == told_by_git(repo)
    assert [entry.stage for entry in read(repo)] == [1, 2, 3, 0]


def test_ids_of_sha256_are_read_too(make_repo) -> None:
    repo = make_repo(files={})
    shutil.rmtree(repo.path / ".git")
    repo.git("init", "-q", "--object-format=sha256")
    fill(repo)

    assert plain(read(repo)) == told_by_git(repo)
    assert len(read(repo)[0].id) == 64


@pytest.mark.parametrize("words", [("update-index", "--index-version=4"), ("update-index", "--split-index")])
def test_other_forms_are_left_to_git(repo, words) -> None:
    fill(repo)
    repo.git(*words)

    assert read(repo) is None
    assert [entry.path for entry in gitindex.entries(repo.path, repo.path / ".git" / "index")] == [
        path for *_, path in told_by_git(repo)
    ]


def test_an_empty_index_has_no_entries(repo) -> None:
    repo.git("read-tree", "--empty")

    assert read(repo) == []


@given(st.binary(max_size=200), st.integers(0, 300), st.integers(0, 255))
@settings(deadline=None, max_examples=200)
def test_damage_never_raises(tail, at, value) -> None:
    entry = b"\0" * 24 + b"\0\0\x81\xa4" + b"\0" * 12 + b"\1" * 20 + b"\0\1a" + b"\0" * 7
    data = bytearray(b"DIRC\0\0\0\2\0\0\0\1" + entry + tail)
    if at < len(data):
        data[at] = value

    found = gitindexfile.parse(bytes(data))

    assert found is None or len(found) == int.from_bytes(data[8:12], "big")


def held(repo, name: str) -> bool:
    index = repo.path / ".git" / "index"
    return gitindex.holds(
        repo.path, index, next(e for e in gitindex.read_small(index) or [] if e.path == name)
    )


def later(repo) -> None:
    """As if the index had been written a moment after the files."""
    facts = os.stat(repo.path / ".git" / "index")
    os.utime(repo.path / ".git" / "index", ns=(facts.st_atime_ns, facts.st_mtime_ns + 10**9))


def test_a_file_that_nobody_touched_holds_what_the_index_says(repo) -> None:
    fill(repo)
    later(repo)

    assert all(held(repo, name) for name in (*NAMES, "link"))


def test_a_file_as_young_as_the_index_is_never_trusted(repo) -> None:
    fill(repo)
    facts = os.lstat(repo.path / "a")
    os.utime(repo.path / ".git" / "index", ns=(facts.st_atime_ns, facts.st_mtime_ns))

    assert not held(repo, "a")


def test_an_edit_that_hides_its_time_and_size_is_seen(repo) -> None:
    fill(repo)
    before = os.stat(repo.path / "a")
    (repo.path / "a").write_text("b")
    os.utime(repo.path / "a", ns=(before.st_atime_ns, before.st_mtime_ns))
    later(repo)

    assert not held(repo, "a")


def test_what_is_gone_or_another_kind_is_seen(repo) -> None:
    fill(repo)
    (repo.path / "a").unlink()
    (repo.path / "z").unlink()
    (repo.path / "z").symlink_to("a")
    later(repo)

    assert not held(repo, "a")
    assert not held(repo, "z")
