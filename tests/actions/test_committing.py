from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import time

import pytest

from expctl import project as projects
from expctl.actions import committing
from expctl.adapters import family, gitindex
from expctl.errors import ConflictError, ExpctlError, GitError

RECORD = ".experiments/runs/2026-11-22/a.yaml"
HOSTILE = (
    "a b",
    "-x",
    "--all",
    "quo\"te'",
    "new\nline",
    "tab\t",
    "한글",
    "*",
    "\x1b[31m",
    "back\\slash",
    ":(top)x",
)


def commit(repo, *names, message="Record run x"):
    return committing.commit_files(projects.find(repo.path), names or (RECORD,), message)


def test_only_the_named_files_are_in_the_commit(repo):
    repo.write(RECORD, "a")
    repo.write("other.py", "b")

    made = commit(repo, message="Record run x\n\nbody")

    assert repo.git("rev-parse", "HEAD").strip() == made
    assert repo.git("show", "--format=%an %s|%b", "--name-only", made).split() == [
        "Ada", "Record", "run", "x|body", RECORD,
    ]  # fmt: skip
    assert repo.git("symbolic-ref", "HEAD").strip() == "refs/heads/main"
    assert repo.git("status", "--porcelain").splitlines() == ["?? other.py"]
    assert "Record run x" in repo.git("reflog", "-1")


def test_what_the_user_staged_and_edited_survives_and_their_next_commit_is_theirs(make_repo):
    repo = make_repo(files={name: f"{name}\n" for name in ("staged", "edited", "both", "gone")})
    repo.write("staged", "s")
    repo.write("both", "b1")
    repo.write("brand-new", "n")
    repo.git("add", "staged", "both", "brand-new")
    repo.git("rm", "-q", "--cached", "gone")
    repo.git("add", "-N", "--", "gone")
    repo.write("both", "b2")
    repo.write("edited", "e")
    repo.write(RECORD, "a")
    (repo.path / "kept").write_text("stash me")
    before = repo.git("status", "--porcelain=v2", "--", ".", ":!.experiments")
    staged = repo.git("diff", "--cached")
    unstaged = repo.git("diff")

    commit(repo)

    assert repo.git("status", "--porcelain=v2", "--", ".", ":!.experiments") == before
    assert repo.git("diff", "--cached") == staged
    assert repo.git("diff") == unstaged
    repo.git("commit", "-q", "-m", "Mine")
    assert repo.git("show", "--format=", "--name-only", "HEAD").split() == [
        "both",
        "brand-new",
        "gone",
        "staged",
    ]
    assert repo.git("show", f"HEAD:{RECORD}") == "a"
    assert repo.git("show", "HEAD:both") == "b1"
    assert (repo.path / "both").read_text() == "b2"
    assert (repo.path / "edited").read_text() == "e"


def test_the_first_commit_of_a_repository_may_be_a_record(make_repo):
    repo = make_repo(files={})
    repo.write(RECORD, "a")
    repo.write("train.py", "t")
    repo.git("add", "train.py")

    commit(repo)

    assert repo.git("log", "--format=%s") == "Record run x\n"
    assert repo.git("status", "--porcelain") == "A  train.py\n"


def test_a_detached_head_moves_and_no_branch_does(repo):
    repo.git("checkout", "-q", "--detach")
    repo.write(RECORD, "a")

    made = commit(repo)

    assert repo.git("rev-parse", "HEAD").strip() == made
    assert repo.git("rev-parse", "main").strip() != made


def test_a_linked_work_tree_commits_to_its_own_branch(repo):
    repo.git("worktree", "add", "-q", "../other", "-b", "side")
    other = type(repo)(repo.path.parent / "other")
    other.write(RECORD, "a")

    made = commit(other)

    assert repo.git("rev-parse", "side").strip() == made
    assert repo.git("rev-parse", "main").strip() != made
    assert other.git("status", "--porcelain") == ""


def test_a_file_that_is_in_the_commit_already_makes_no_new_one(repo):
    repo.write(RECORD, "a")
    first = commit(repo)

    assert commit(repo) == first


def test_an_edited_record_is_committed_anew(repo):
    repo.write(RECORD, "a")
    commit(repo)
    repo.write(RECORD, "b")

    commit(repo)

    assert repo.git("show", f"HEAD:{RECORD}") == "b"
    assert repo.git("status", "--porcelain") == ""


def test_hostile_names_are_only_names(repo):
    names = [f".experiments/{name}" for name in HOSTILE]
    for name in names:
        repo.write(name, "x")

    commit(repo, *names)

    listed = repo.git("ls-tree", "-r", "-z", "--name-only", "HEAD", ".experiments").split("\0")[:-1]
    assert sorted(listed) == sorted(names)
    assert repo.git("status", "--porcelain") == ""


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/passwd", ".git/config", "a/../train.py", "", "missing", "dir"]
)
def test_what_is_no_file_of_the_repository_is_refused(repo, name):
    (repo.path / "dir").mkdir()
    before = repo.git("rev-parse", "HEAD")

    with pytest.raises(ExpctlError):
        commit(repo, name)

    assert repo.git("rev-parse", "HEAD") == before
    assert repo.git("status", "--porcelain") == ""


def test_links_are_refused_at_the_end_and_on_the_way(repo, tmp_path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("s")
    (repo.path / "link").symlink_to(tmp_path / "outside" / "secret")
    (repo.path / "folder").symlink_to(tmp_path / "outside")

    for name in ("link", "folder/secret"):
        with pytest.raises(ExpctlError, match="is a link or lies behind one"):
            commit(repo, name)


def test_hooks_and_signing_do_not_apply(repo, tmp_path):
    for name in ("pre-commit", "commit-msg", "post-commit", "reference-transaction", "post-index-change"):
        hook = repo.path / ".git" / "hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/{name}\nexit 1\n")
        hook.chmod(0o755)
    repo.git("config", "commit.gpgSign", "true")
    repo.git("config", "gpg.program", "false")
    repo.write(RECORD, "a")

    commit(repo)

    assert not list(tmp_path.glob("*-*"))


@pytest.mark.parametrize(
    ("name", "folder"),
    [("MERGE_HEAD", False), ("CHERRY_PICK_HEAD", False), ("REVERT_HEAD", False), ("BISECT_START", False),
     ("rebase-merge", True), ("rebase-apply", True)],
)  # fmt: skip
def test_nothing_is_committed_into_something_under_way(repo, name, folder):
    repo.write(RECORD, "a")
    place = repo.path / ".git" / name
    place.mkdir() if folder else place.touch()
    before = repo.git("rev-parse", "HEAD"), (repo.path / ".git" / "index").read_bytes()

    with pytest.raises(ConflictError, match="under way"):
        commit(repo)

    assert (repo.git("rev-parse", "HEAD"), (repo.path / ".git" / "index").read_bytes()) == before


def test_a_held_index_is_a_conflict_and_nothing_moves(repo, monkeypatch):
    monkeypatch.setattr(committing, "_PATIENCE_S", 0.05)
    repo.write(RECORD, "a")
    (repo.path / ".git" / "index.lock").touch()
    before = repo.git("rev-parse", "HEAD"), (repo.path / ".git" / "index").read_bytes()

    with pytest.raises(ConflictError, match="holds the index"):
        commit(repo)

    assert (repo.git("rev-parse", "HEAD"), (repo.path / ".git" / "index").read_bytes()) == before
    assert (repo.path / ".git" / "index.lock").exists()


def test_an_unknown_author_is_found_out_before_anything_moves(repo, monkeypatch):
    for name in ("GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL", "GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"):
        monkeypatch.delenv(name)
    repo.git("config", "user.useConfigOnly", "true")
    repo.write(RECORD, "a")

    with pytest.raises(GitError) as caught:
        commit(repo)

    assert "git config user.name" in caught.value.hint
    assert repo.git("status", "--porcelain", "-uall") == f"?? {RECORD}\n"


def test_a_commit_made_meanwhile_is_built_upon(repo, monkeypatch):
    repo.write(RECORD, "a")
    original, rivals = committing.git.update_ref, iter(range(3))

    def slower(root, ref, new, old, **more):
        number = next(rivals, None)
        if number is not None:
            repo.git("commit", "-q", "--allow-empty", "--only", "-m", f"Rival {number}")
        return original(root, ref, new, old, **more)

    monkeypatch.setattr(committing.git, "update_ref", slower)
    commit(repo)

    subjects = repo.git("log", "--format=%s").splitlines()
    assert subjects == ["Record run x", "Rival 2", "Rival 1", "Rival 0", "First commit"]
    assert repo.git("status", "--porcelain") == ""


def test_a_stop_before_the_branch_moves_leaves_the_files_staged(repo, monkeypatch):
    repo.write(RECORD, "a")
    repo.write("train.py", "edited")

    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(committing.git, "update_ref", killed)
    with pytest.raises(KeyboardInterrupt):
        commit(repo)

    assert repo.git("status", "--porcelain").splitlines() == [f"A  {RECORD}", " M train.py"]
    repo.git("commit", "-q", "-m", "Mine")
    assert repo.git("show", "--format=", "--name-only", "HEAD").split() == [RECORD]
    monkeypatch.undo()
    assert commit(repo) == repo.git("rev-parse", "HEAD").strip()


def test_a_stop_before_the_index_is_told_changes_nothing(repo, monkeypatch):
    repo.write(RECORD, "a")
    before = repo.git("rev-parse", "HEAD"), (repo.path / ".git" / "index").read_bytes()

    def killed(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(gitindex, "stage", killed)
    with pytest.raises(KeyboardInterrupt):
        commit(repo)

    assert (repo.git("rev-parse", "HEAD"), (repo.path / ".git" / "index").read_bytes()) == before
    assert list((repo.path / ".git" / "expctl").glob("*.index*")) == []


def test_processes_that_commit_at_once_lose_nothing(repo):
    repo.write("train.py", "edited")
    repo.git("add", "train.py")
    repo.write("train.py", "edited again")
    names = [f".experiments/runs/2026-11-22/{number}.yaml" for number in range(24)]
    for name in names:
        repo.write(name, name)
    fork = multiprocessing.get_context("fork")
    workers = [fork.Process(target=_commit_each, args=(repo, names[start::8])) for start in range(8)]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0] * 8
    assert repo.git("ls-tree", "-r", "--name-only", "HEAD", ".experiments").split() == sorted(names)
    assert len(repo.git("rev-list", "HEAD").split()) == 25
    assert repo.git("status", "--porcelain") == "MM train.py\n"
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def _commit_each(repo, names):
    for name in names:
        commit(repo, name, message=f"Record {name}")


def test_the_users_own_commits_at_the_same_time_are_not_lost(repo, monkeypatch):
    monkeypatch.setattr(committing, "_PATIENCE_S", 200.0)  # the user's git may be slow to let go
    names = [f".experiments/runs/2026-11-22/{number}.yaml" for number in range(12)]
    for name in names:
        repo.write(name, name)
    script = (
        "for i in 0 1 2 3 4 5 6 7 8 9; do echo $i > mine$i; "
        "until git add mine$i && git commit -q -m mine$i -- mine$i; do sleep 0.02; done; done"
    )
    user = subprocess.Popen(["sh", "-c", script], cwd=repo.path, stderr=subprocess.DEVNULL)
    for name in names:
        commit(repo, name)
    assert user.wait() == 0

    held = repo.git("ls-tree", "-r", "--name-only", "HEAD").split()
    assert sorted(held) == sorted([*names, *(f"mine{i}" for i in range(10)), "train.py"])
    assert repo.git("status", "--porcelain") == ""


@pytest.mark.slow
def test_killed_at_any_instant_the_user_can_go_on(repo):
    script = (
        "import sys; from expctl import project; from expctl.actions import committing\n"
        "committing.commit_files(project.find('.'), sys.argv[1:], 'Record')"
    )
    source = os.path.dirname(os.path.dirname(projects.__file__))
    for number in range(12):
        name = f".experiments/{number}"
        repo.write(name, "x")
        child = subprocess.Popen(
            [sys.executable, "-c", script, name],
            cwd=repo.path,
            env={**os.environ, "PYTHONPATH": source},
            start_new_session=True,
        )
        try:
            child.wait(0.06 + number * 0.008)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        # What git itself had begun ends by itself, within moments.
        while any(each.session == child.pid for each in family._table().values()):
            time.sleep(0.01)
        assert repo.git("status", "--porcelain", "--", name).strip() in (
            f"?? {name}",
            f"A  {name}",
            "",
            "?? .experiments/",
        )
        repo.git("add", "-A")
        repo.git("commit", "-q", "--allow-empty", "-m", f"Mine {number}")
        assert repo.git("ls-tree", "HEAD", name)
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
