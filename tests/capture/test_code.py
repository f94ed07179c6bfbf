from __future__ import annotations

import os
import stat
import time

import pytest

from expctl.adapters import git
from expctl.capture import code
from tests.capture.trees import contents, oracle, take

LIMITS = code.Limits(file_bytes=1000, total_bytes=2500)


def reasons(before):
    return {left.path: left.why for left in before.code.left_out}


def test_a_clean_tree_is_that_of_the_commit(repo, tmp_path):
    before = take(repo.path, tmp_path / "s")

    assert before.code.commit == repo.git("rev-parse", "HEAD").strip()
    assert before.code.branch == "main"
    assert before.code.tree == repo.git("rev-parse", "HEAD^{tree}").strip()
    assert not before.code.dirty
    assert before.notes == ()
    assert code.changed_since(repo.path, before.index_file) == ()


def test_staged_edited_deleted_and_new_files_are_taken_as_they_lie_there(make_repo, tmp_path):
    repo = make_repo(
        files={name: name for name in ("same", "edited", "staged", "both", "gone", "d/deep", "x.sh")}
    )
    repo.write("staged", "s1")
    repo.write("both", "b1")
    repo.git("add", "staged", "both")
    repo.write("both", "b2")
    repo.write("edited", "e1")
    (repo.path / "gone").unlink()
    repo.git("rm", "-q", "d/deep")
    repo.write("d/deep", "deleted from the index, still there")
    repo.write("new/module.py", "n")
    (repo.path / "link").symlink_to("same")
    (repo.path / "x.sh").chmod(0o755)

    before = take(repo.path, tmp_path / "s")

    assert before.code.dirty
    assert before.code.tree == oracle(repo.path, tmp_path / "o")
    assert contents(repo.path, before.code.tree)["both"] == b"b2"
    assert "gone" not in contents(repo.path, before.code.tree)


def test_a_tree_can_be_checked_out_again_when_all_else_is_gone(repo, tmp_path):
    repo.write("train.py", "print('edited')\n")
    repo.write("pkg/untracked.py", "x = 1\n")
    tree = take(repo.path, tmp_path / "s").code.tree

    repo.git("checkout", "-q", ".")
    repo.git("clean", "-qfd")
    repo.git("read-tree", "-u", "--reset", tree)

    assert (repo.path / "train.py").read_text() == "print('edited')\n"
    assert (repo.path / "pkg" / "untracked.py").read_text() == "x = 1\n"


def test_the_same_code_has_the_same_id_with_and_without_records(repo, tmp_path):
    first = take(repo.path, tmp_path / "1")
    repo.write(".experiments/runs/2026-11-22/a.yaml", "x")
    second = take(repo.path, tmp_path / "2")
    repo.commit_all("Records")
    third = take(repo.path, tmp_path / "3")
    repo.write(".experiments/runs/2026-11-22/a.yaml", "y")
    fourth = take(repo.path, tmp_path / "4")

    assert {before.code.tree for before in (first, second, third, fourth)} == {first.code.tree}
    assert not any(before.code.dirty for before in (first, second, third, fourth))


def test_a_staged_change_that_was_taken_back_in_the_work_tree_is_not_dirty(repo, tmp_path):
    original = (repo.path / "train.py").read_text()
    repo.write("train.py", "other")
    repo.git("add", ".")
    repo.write("train.py", original)

    before = take(repo.path, tmp_path / "s")

    assert not before.code.dirty
    assert before.code.tree == repo.git("rev-parse", "HEAD^{tree}").strip()


def test_an_edit_in_the_same_second_as_the_add_is_seen(repo, tmp_path):
    for attempt in range(20):
        repo.write("train.py", f"{attempt:04}\n")
        repo.git("add", "train.py")
        repo.write("train.py", f"{attempt:03}x\n")
        os.utime(repo.path / "train.py", ns=(time.time_ns(), os.stat(repo.path / "train.py").st_mtime_ns))

        tree = take(repo.path, tmp_path / f"s{attempt}").code.tree

        assert contents(repo.path, tree)["train.py"] == f"{attempt:03}x\n".encode()


def test_untracked_files_over_a_limit_are_left_out_and_named(repo, tmp_path):
    repo.write("big.bin", "b" * 1001)
    for name in ("c1", "c2", "c3"):
        repo.write(name, name * 450)
    repo.write("small.py", "s")

    before = take(repo.path, tmp_path / "s", limits=LIMITS)

    assert reasons(before) == {
        "big.bin": "untracked, over 1000 bytes",
        "c3": "untracked, together over 2.441 KiB",
    }
    assert set(contents(repo.path, before.code.tree)) == {"c1", "c2", "small.py", "train.py"}
    assert before.code.dirty


def test_a_tracked_file_may_be_of_any_size(repo, tmp_path):
    repo.write("train.py", "x" * 5000)

    before = take(repo.path, tmp_path / "s", limits=LIMITS)

    assert before.code.left_out == ()
    assert contents(repo.path, before.code.tree)["train.py"] == b"x" * 5000


def test_secrets_are_left_out_and_enter_no_object(repo, tmp_path):
    repo.write(".env", "TOKEN=hush-hush-1")
    repo.write("conf/.env.production", "TOKEN=hush-hush-2")
    repo.write("keys/server.pem", "hush-hush-3")
    repo.write("id_ed25519", "hush-hush-4")
    repo.write("settings.py", "AWS = 'AKIAIOSFODNN7EXAMPLE'  # hush-hush-5")
    repo.write("module.py", "fine")

    before = take(repo.path, tmp_path / "s")

    assert set(contents(repo.path, before.code.tree)) == {"module.py", "train.py"}
    assert set(reasons(before)) == {
        ".env",
        "conf/.env.production",
        "keys/server.pem",
        "id_ed25519",
        "settings.py",
    }
    assert reasons(before)["settings.py"] == "looks like it holds an AWS key"
    assert b"hush-hush" not in everything(repo)


def test_a_staged_but_uncommitted_secret_is_left_out(repo, tmp_path):
    repo.write(".env", "TOKEN=1")
    repo.git("add", ".env")
    first = take(repo.path, tmp_path / "1")
    repo.write(".env", "TOKEN=2")
    second = take(repo.path, tmp_path / "2")

    for before in (first, second):
        assert set(contents(repo.path, before.code.tree)) == {"train.py"}
        assert set(reasons(before)) == {".env"}


def test_a_staged_file_with_a_token_is_left_out_also_once_it_is_edited(repo, tmp_path):
    token = "ghp" + "_" + "a1B2" * 9
    repo.write("settings.py", f"TOKEN = '{token}'\n")
    repo.git("add", "settings.py")
    first = take(repo.path, tmp_path / "1")
    repo.write("settings.py", f"TOKEN = '{token}'\nLR = 1\n")
    second = take(repo.path, tmp_path / "2")

    for before in (first, second):
        assert set(contents(repo.path, before.code.tree)) == {"train.py"}
        assert "a GitHub token" in reasons(before)["settings.py"]


def test_an_edit_of_a_committed_secret_file_is_left_out_and_of_its_template_not(make_repo, tmp_path):
    repo = make_repo(files={".env": "A=old", ".env.example": "A=", "train.py": ""})
    repo.write(".env", "A=hush-hush")
    repo.write(".env.example", "A=\nB=")

    before = take(repo.path, tmp_path / "s")

    assert contents(repo.path, before.code.tree)[".env"] == b"A=old"
    assert contents(repo.path, before.code.tree)[".env.example"] == b"A=\nB="
    assert reasons(before) == {".env": "edited, may hold secrets"}
    assert b"hush-hush" not in everything(repo)
    assert code.changed_since(repo.path, before.index_file) == ()


def test_ignored_files_are_no_source(repo, tmp_path):
    repo.write(".gitignore", "*.log\n")
    repo.commit_all()
    repo.write("x.log", "x")

    assert not take(repo.path, tmp_path / "s").code.dirty


def test_untracked_outputs_of_earlier_runs_are_no_source(make_repo, tmp_path):
    repo = make_repo(files={"train.py": ""})
    repo.write("metrics.json", '{"f1": 1}')
    repo.write("model.pt", "weights")

    before = take(repo.path, tmp_path / "s", is_output=lambda path: path in ("metrics.json", "model.pt"))

    assert not before.code.dirty
    assert before.code.left_out == ()
    assert before.code.tree == repo.git("rev-parse", "HEAD^{tree}").strip()
    assert code.changed_since(repo.path, before.index_file) == ()


def test_a_tracked_file_is_taken_as_it_is_even_if_an_earlier_run_wrote_it(make_repo, tmp_path):
    repo = make_repo(files={"train.py": "", "model.pt": "old"})
    repo.write("model.pt", "edited")

    before = take(repo.path, tmp_path / "s", is_output=lambda path: path == "model.pt")

    assert before.code.dirty
    assert contents(repo.path, before.code.tree)["model.pt"] == b"edited"


@pytest.mark.parametrize("option", ["--assume-unchanged", "--skip-worktree"])
def test_files_that_git_was_told_to_overlook_are_taken_as_they_are(repo, tmp_path, option):
    repo.git("update-index", option, "train.py")
    repo.write("train.py", "hidden edit")

    before = take(repo.path, tmp_path / "s")

    assert before.code.dirty
    assert contents(repo.path, before.code.tree)["train.py"] == b"hidden edit"
    assert repo.git("ls-files", "-v")[0] in "hS"


def test_late_edits_are_named_and_touched_files_are_not(make_repo, tmp_path):
    repo = make_repo(files={name: name for name in ("a", "b", "c", "d", "e")})
    repo.write("b", "dirty before")
    repo.write("new", "untracked before")
    repo.write("e", "dirty before")
    before = take(repo.path, tmp_path / "s")
    assert code.changed_since(repo.path, before.index_file) == ()

    repo.write("a", "edited")
    repo.write("b", "dirtier")
    repo.write("new", "edited too")
    (repo.path / "c").unlink()
    os.utime(repo.path / "d")
    os.utime(repo.path / "e")
    repo.write("brand-new", "after")
    repo.write(".experiments/x", "record")

    assert code.changed_since(repo.path, before.index_file) == ("a", "b", "c", "new")


def test_late_edits_are_found_after_the_user_has_committed_them(repo, tmp_path):
    before = take(repo.path, tmp_path / "s")
    repo.write("train.py", "edited")
    repo.commit_all()

    assert code.changed_since(repo.path, before.index_file) == ("train.py",)


def test_an_index_that_somebody_has_locked_is_read_all_the_same(repo, tmp_path):
    repo.write("train.py", "edited")
    (repo.path / ".git" / "index.lock").touch()

    before = take(repo.path, tmp_path / "s")

    assert contents(repo.path, before.code.tree)["train.py"] == b"edited"
    assert (repo.path / ".git" / "index.lock").exists()


def test_many_left_out_files_are_counted_and_not_all_named(repo, tmp_path):
    for number in range(130):
        repo.write(f"data/{number:03}.bin", "x" * 1001)

    before = take(repo.path, tmp_path / "s", limits=LIMITS)

    assert len(before.code.left_out) == 100
    assert before.notes == ("30 more files are not in the snapshot.",)


def test_more_untracked_files_than_the_limit_are_left_out(repo, tmp_path):
    for number in range(5):
        repo.write(f"f{number}", "x")

    before = take(repo.path, tmp_path / "s", limits=code.Limits(files=3))

    assert reasons(before) == {"f3": "untracked, more than 3 files", "f4": "untracked, more than 3 files"}


def test_permission_bits_of_the_work_tree_are_taken(repo, tmp_path):
    (repo.path / "train.py").chmod(0o755)

    before = take(repo.path, tmp_path / "s")

    assert repo.git("ls-tree", before.code.tree).startswith("100755")
    assert stat.S_IMODE((repo.path / "train.py").stat().st_mode) == 0o755


def everything(repo) -> bytes:
    """The bytes of every object there is."""
    return git.call(repo.path, "cat-file", "--batch-all-objects", "--batch").out
