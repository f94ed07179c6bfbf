from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from expctl.adapters import git
from expctl.errors import GitError


def test_places_are_found_from_a_folder_inside(repo):
    (repo.path / "sub" / "deep").mkdir(parents=True)

    places = git.find_places(repo.path / "sub" / "deep")

    assert places == (str(repo.path), f"{repo.path}/.git", f"{repo.path}/.git", "sub/deep")


def test_no_repository_is_no_places(tmp_path):
    assert git.find_places(tmp_path) is None


def test_a_linked_work_tree_shares_the_common_directory(repo):
    repo.git("worktree", "add", "-q", "../other")

    places = git.find_places(repo.path.parent / "other")

    assert places.top == str(repo.path.parent / "other")
    assert places.git_dir == f"{repo.path}/.git/worktrees/other"
    assert places.common_dir == f"{repo.path}/.git"


def test_a_bare_repository_has_no_top(tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "bare.git"], check=True)

    assert git.find_places(tmp_path / "bare.git").top is None
    assert git.find_places(tmp_path / "bare.git").common_dir == str(tmp_path / "bare.git")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(GitError, match=r"no folder .*/nowhere"):
        git.find_places(tmp_path / "nowhere")


def test_without_git_the_error_says_so(repo, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")

    with pytest.raises(GitError, match="git is not on the PATH"):
        git.find_places(repo.path)


def test_a_repository_of_somebody_else_is_refused_with_the_advice_of_git(repo, monkeypatch):
    # Only root can give files away: we are somebody else to ourselves, and git by the word of its own tests.
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")

    with pytest.raises(GitError, match="dubious ownership") as caught:
        git.find_places(repo.path)

    assert f"git config --global --add safe.directory {repo.path}" in caught.value.hint


def test_a_broken_link_to_a_work_tree_is_an_error_and_no_missing_repository(tmp_path):
    (tmp_path / ".git").write_text("gitdir: /nowhere/at/all\n")

    with pytest.raises(GitError, match="nowhere/at/all"):
        git.find_places(tmp_path)


def test_what_an_outer_git_left_in_the_environment_does_not_lead_astray(make_repo, monkeypatch):
    right, wrong = make_repo("right"), make_repo("wrong", files={"x": "x"})
    monkeypatch.setenv("GIT_DIR", str(wrong.path / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(wrong.path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(wrong.path / ".git" / "index"))

    assert git.find_places(right.path).top == str(right.path)
    assert [entry.path for entry in git.ls_tree(right.path, "HEAD")] == ["train.py"]


def test_neither_hooks_nor_a_file_monitor_of_the_clone_are_started(repo, tmp_path):
    trap = tmp_path / "trap"
    script = f"#!/bin/sh\ntouch {trap}\n"
    for name in ("reference-transaction", "post-index-change", "fsmonitor"):
        hook = repo.path / ".git" / "hooks" / name
        hook.write_text(script)
        hook.chmod(0o755)
    repo.git("config", "core.fsmonitor", str(repo.path / ".git" / "hooks" / "fsmonitor"))
    trap.unlink(missing_ok=True)

    git.call(repo.path, "status")
    git.update_ref(repo.path, "refs/expctl/x", git.resolve(repo.path, "HEAD"), None)

    assert not trap.exists()


def test_head_of_a_new_repository_has_a_branch_and_no_commit(make_repo):
    assert git.head(make_repo(files={}).path) == (None, "main")


def test_head_off_a_branch_has_a_commit_and_no_branch(repo):
    repo.git("checkout", "-q", "--detach")

    assert git.head(repo.path) == (repo.git("rev-parse", "HEAD").strip(), None)


def test_a_name_that_looks_like_an_option_is_a_name(repo):
    assert git.resolve(repo.path, "--all") is None
    assert git.config_get(repo.path, "--list") is None
    with pytest.raises(GitError):
        git.ls_tree(repo.path, "--help")
    with pytest.raises(GitError):
        git.fetch_refs(repo.path, "--upload-pack=touch pwned", ["refs/heads/main"])
    with pytest.raises(GitError):
        git.push_refs(repo.path, "--receive-pack=touch pwned", ["refs/heads/main"])

    assert not (repo.path / "pwned").exists()


def test_a_ref_moves_only_from_where_it_is_thought_to_stand(repo):
    first = repo.git("rev-parse", "HEAD").strip()
    repo.write("train.py", "2")
    second = repo.commit_all()

    assert git.update_ref(repo.path, "refs/expctl/x", first, None)
    assert not git.update_ref(repo.path, "refs/expctl/x", second, None)
    assert not git.update_ref(repo.path, "refs/expctl/x", first, second)
    assert git.update_ref(repo.path, "refs/expctl/x", second, first)
    assert git.refs(repo.path, "refs/expctl/") == {"refs/expctl/x": second}
    assert not git.delete_ref(repo.path, "refs/expctl/x", first)
    assert git.delete_ref(repo.path, "refs/expctl/x", second)
    assert git.refs(repo.path, "refs/expctl/") == {}


def test_a_ref_that_somebody_else_is_moving_is_held_and_an_impossible_name_an_error(repo):
    commit = git.resolve(repo.path, "HEAD")
    lock = repo.path / ".git" / "refs" / "expctl" / "x.lock"
    lock.parent.mkdir(parents=True)
    lock.touch()

    with pytest.raises(git.HeldError, match=r"Another git command holds refs/expctl/x\."):
        git.update_ref(repo.path, "refs/expctl/x", commit, None)
    with pytest.raises(GitError, match="refusing to update ref with bad name"):
        git.update_ref(repo.path, "refs/expctl/a..b", commit, None)


def test_settings_are_read_as_the_user_made_them(repo):
    repo.git("config", "user.odd", "two\nlines")
    repo.git("config", "core.hooksPath", "mine")

    assert git.config_get(repo.path, "user.odd") == "two\nlines"
    assert git.config_get(repo.path, "core.hooksPath") == "mine"
    assert git.config_get(repo.path, "user.missing") is None


def test_ignored_paths_are_told_from_others(repo):
    repo.write(".gitignore", "*.bin\n")

    assert git.is_ignored(repo.path, ["a.bin", "b\nc.bin", "d.py"]) == {"a.bin", "b\nc.bin"}
    assert git.is_ignored(repo.path, []) == set()


def test_the_default_remote_is_what_git_push_would_take(repo, tmp_path):
    assert git.default_remote(repo.path) is None
    for name in ("alone", "origin", "mine"):
        repo.git("remote", "add", name, str(tmp_path / name))
        expected = {"alone": "alone", "origin": "origin", "mine": "origin"}
        assert git.default_remote(repo.path) == expected[name]
    repo.git("config", "branch.main.remote", "alone")
    assert git.default_remote(repo.path) == "alone"
    repo.git("config", "remote.pushDefault", "mine")
    assert git.default_remote(repo.path) == "mine"


def test_refs_travel_by_name_and_nothing_else_does(repo, make_repo, tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "far.git"], check=True)
    repo.git("remote", "add", "origin", str(tmp_path / "far.git"))
    repo.git("tag", "v1")
    commit = git.resolve(repo.path, "HEAD")
    git.update_ref(repo.path, "refs/expctl/snapshots/abc", commit, None)

    git.push_refs(repo.path, "origin", ["refs/expctl/snapshots/abc:refs/expctl/snapshots/abc"])

    assert git.ls_remote(repo.path, "origin") == {"refs/expctl/snapshots/abc": commit}
    other = make_repo("other", files={})
    other.git("remote", "add", "origin", str(tmp_path / "far.git"))
    git.fetch_refs(other.path, "origin", ["refs/expctl/snapshots/*:refs/expctl/snapshots/*"])
    assert git.refs(other.path) == {"refs/expctl/snapshots/abc": commit}
    assert not (other.path / ".git" / "FETCH_HEAD").exists()


def test_a_remote_that_is_not_there_is_an_error_with_words_of_git(repo):
    with pytest.raises(GitError, match="does not appear to be a git repository"):
        git.push_refs(repo.path, "nowhere", ["refs/heads/main"])


def test_what_a_server_answers_is_in_the_error(repo, tmp_path):
    subprocess.run(["git", "init", "-q", "--bare", tmp_path / "far.git"], check=True)
    hook = tmp_path / "far.git" / "hooks" / "update"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    with pytest.raises(GitError, match=r"git push failed: .*remote rejected.*hook declined"):
        git.push_refs(repo.path, str(tmp_path / "far.git"), ["refs/heads/main:refs/expctl/x"])


def test_nobody_known_to_git_is_told_what_to_type(repo, monkeypatch):
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    repo.git("config", "user.useConfigOnly", "true")

    with pytest.raises(GitError) as caught:
        git.commit_tree(repo.path, git.empty_tree(repo.path), [], "x\n")

    assert "git config user.email" in caught.value.hint
    assert Path(repo.path).exists()
