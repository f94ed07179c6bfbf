from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expctl.adapters import git, gitindex
from expctl.core import gittree
from expctl.errors import GitError

ODD = (
    "a b",
    "-x",
    "quo\"te'",
    "new\nline",
    "tab\tbed",
    "한글.py",
    "*?[",
    "\x1b[31m",
    "back\\slash",
    b"\xff\xfe".decode(errors="surrogateescape"),
)


def test_a_tree_with_odd_names_is_listed_as_it_is(make_repo):
    repo = make_repo(files=dict.fromkeys(ODD[:-1], "x"))

    assert sorted(entry.path for entry in git.ls_tree(repo.path, "HEAD")) == sorted(ODD[:-1])


def test_paths_are_literal(make_repo):
    repo = make_repo(files={"*.py": "star", "a.py": "a", "d/e": "e"})

    assert [entry.path for entry in git.ls_tree(repo.path, "HEAD", "*.py")] == ["*.py"]
    assert [entry.path for entry in git.ls_tree(repo.path, "HEAD", recursive=True)] == ["*.py", "a.py", "d/e"]


def test_a_folder_inside_lists_the_whole_tree(make_repo):
    repo = make_repo(files={"d/e": "e", "top": "t"})

    assert [entry.path for entry in git.ls_tree(repo.path / "d", "HEAD")] == ["d", "top"]


def test_blobs_come_by_id_and_by_path_and_what_is_missing_does_not(make_repo):
    repo = make_repo(files={"a": "one\n", "b": "", "with space": "two"})
    oid = repo.git("rev-parse", "HEAD:a").strip()

    found = git.read_blobs(
        repo.path, [oid, "HEAD:b", "HEAD:with space", "HEAD:nope", "0" * 40, "HEAD", "x\ny"]
    )

    assert found == {oid: b"one\n", "HEAD:b": b"", "HEAD:with space": b"two"}
    assert git.read_blobs(repo.path, []) == {}


def test_blobs_over_the_limit_are_not_read(make_repo):
    repo = make_repo(files={"small": "12345", "large": "123456"})

    assert git.read_blobs(repo.path, ["HEAD:small", "HEAD:large"], limit=5) == {"HEAD:small": b"12345"}


def test_existence_is_told_for_each_name(repo):
    assert git.exist(repo.path, ["HEAD", "HEAD:train.py", "HEAD:nope", "nope"]) == [True, True, False, False]
    assert git.exist(repo.path, []) == []


def test_a_patch_is_plain_whatever_the_settings(make_repo, tmp_path):
    repo = make_repo(files={"a.py": "one\n", ".gitattributes": "*.py diff=evil\n"})
    for key, value in {
        "diff.external": f"touch {tmp_path}/pwned",
        "diff.evil.textconv": f"touch {tmp_path}/pwned;",
        "diff.evil.command": f"touch {tmp_path}/pwned;",
        "color.ui": "always",
        "color.diff": "always",
        "diff.noprefix": "true",
        "core.pager": f"touch {tmp_path}/pwned",
    }.items():
        repo.git("config", key, value)
    old = repo.git("rev-parse", "HEAD^{tree}").strip()
    repo.write("a.py", "two\n")
    new = repo.commit_all()

    patch = git.diff_trees(repo.path, old, new)

    assert patch.splitlines()[0] == "diff --git a/a.py b/a.py"
    assert "-one\n+two\n" in patch
    assert "\x1b" not in patch
    assert not (tmp_path / "pwned").exists()
    assert git.diff_trees(repo.path, new, new) == ""
    assert "+two" in git.diff_trees(repo.path, None, new, "a.py")


def test_a_patch_of_trees_that_are_gone_is_an_error(repo):
    with pytest.raises(GitError):
        git.diff_trees(repo.path, "1" * 40, "2" * 40)
    with pytest.raises(GitError, match="not the id of a tree"):
        git.diff_trees(repo.path, "--output=pwned", "HEAD")

    assert not (repo.path / "pwned").exists()


def test_a_commit_is_unsigned_and_moves_nothing(repo):
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "gpg.program", "false")
    before = repo.git("for-each-ref")

    commit = git.commit_tree(
        repo.path, git.tree_of(repo.path, "HEAD"), [git.resolve(repo.path, "HEAD")], "-m evil\n"
    )

    assert repo.git("log", "-1", "--format=%B", commit).strip() == "-m evil"
    assert repo.git("for-each-ref") == before


_name = st.sampled_from(["a", "a.b", "a-b", "ab", "b", "한", "n\nl", "d", " "])
_path = st.lists(_name, min_size=1, max_size=3).map("/".join)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    path = tmp_path_factory.mktemp("grafts")
    subprocess.run(["git", "init", "-q", path], check=True, env={**os.environ, "GIT_CONFIG_NOSYSTEM": "1"})
    return path


@settings(
    deadline=None,
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.sets(_path, max_size=6), st.dictionaries(_path, st.booleans(), max_size=5))
def test_exchanging_paths_gives_the_tree_that_an_index_would(bare, start, edits):
    blob = git.write_blob(bare, b"old")
    other = git.write_blob(bare, b"new")
    base, held = _by_index(bare, None, dict.fromkeys(start, ("100644", blob)))
    # What a work tree can be: no path is both a file and a folder.
    added = {p for p, kept in edits.items() if kept}
    added = {p for p in added if not any(q.startswith(f"{p}/") for q in added)}
    gone = {p for p in held if any(p.startswith(f"{a}/") or a.startswith(f"{p}/") for a in added)}
    wanted = {
        **dict.fromkeys(gone | {p for p in held if edits.get(p) is False}),
        **dict.fromkeys(added, ("100755", other)),
    }

    expected, _ = _by_index(bare, base, wanted)

    assert git.graft(bare, base, wanted) == expected


def _by_index(root, base, edits):
    """The oracle: git's own index does the same."""
    env = {"GIT_INDEX_FILE": str(root / "oracle.index")}
    (root / "oracle.index").unlink(missing_ok=True)
    if base is not None:
        git.call(root, "read-tree", base, env=env)
    lines = [f"0 {'0' * 40}\t{path}" for path, value in edits.items() if value is None]
    lines += [f"{value[0]} {value[1]}\t{path}" for path, value in edits.items() if value is not None]
    text = "".join(f"{line}\0" for line in lines)
    git.call(root, "update-index", "-z", "--index-info", stdin=text.encode(), env=env)
    tree = git.call(root, "write-tree", env=env).text.strip()
    return tree, [entry.path for entry in gitindex.entries(root, root / "oracle.index")]


def test_trees_that_git_only_seems_to_write_are_an_error(repo, tmp_path, monkeypatch):
    fake = tmp_path / "git"
    fake.write_text(f"#!/bin/sh\necho 'error: unable to create temporary file' >&2\necho {'0' * 40}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(GitError, match="git mktree failed: unable to create temporary file"):
        git.make_tree(repo.path, ())


def test_objects_that_are_not_there_are_told_wherever_the_others_lie(repo):
    head = repo.git("rev-parse", "HEAD").strip()
    lost = "1" * 40
    assert git.lacking(repo.path, repo.path / ".git", [head, lost, head]) == [lost]
    repo.git("gc", "-q")
    assert git.lacking(repo.path, repo.path / ".git", [head, lost]) == [lost]
    assert git.lacking(repo.path, repo.path / "elsewhere", [head]) == []


def test_a_tree_that_was_written_before_is_only_made_younger(repo, monkeypatch):
    blob = repo.git("rev-parse", "HEAD:train.py").strip()
    known = {"": git.ls_tree(repo.path, "HEAD")}
    grafted = gittree.graft(known, {"deep/copy.py": ("100644", blob)}, id_bytes=len(blob) // 2)
    common = repo.path / ".git"
    assert git.write_grafted(repo.path, grafted, common) == grafted.id
    files = [common / "objects" / oid[:2] / oid[2:] for oid in grafted.trees]
    for file in files:
        os.utime(file, (0, 0))

    with monkeypatch.context() as without_git:
        without_git.setenv("PATH", "/nowhere")
        assert git.write_grafted(repo.path, grafted, common) == grafted.id
    assert len(files) == 2
    assert all(file.stat().st_mtime > 0 for file in files)

    files[0].unlink()
    assert git.write_grafted(repo.path, grafted, common) == grafted.id
    assert files[0].exists()
