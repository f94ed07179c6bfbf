from __future__ import annotations

import os
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expctl.adapters import git, process
from expctl.capture import code
from tests.capture.trees import contents, oracle, take

ODD = ("a b", "-x", "quo\"te'", "new\nline",
       "tab\tbed", "한글.py", "*?[", "\x1b[31m", "back\\slash", ":(top)x",
       "dir\nwith/line", b"\xff\xfe".decode(errors="surrogateescape"))  # fmt: skip


def test_before_the_first_commit_everything_is_new(make_repo, tmp_path):
    repo = make_repo(files={})
    empty = take(repo.path, tmp_path / "1")
    repo.write("a.py", "a")
    repo.write("b.py", "b")
    repo.git("add", "b.py")
    full = take(repo.path, tmp_path / "2")

    assert (empty.code.commit, empty.code.branch, empty.code.dirty) == (None, "main", False)
    assert empty.code.tree == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    assert full.code.dirty
    assert contents(repo.path, full.code.tree) == {"a.py": b"a", "b.py": b"b"}
    repo.write("a.py", "late")
    assert code.changed_since(repo.path, full.index_file) == ("a.py",)


def test_a_detached_head_has_no_branch(repo, tmp_path):
    repo.git("checkout", "-q", "--detach")

    assert take(repo.path, tmp_path / "s").code.branch is None


def test_a_sha256_repository_works(tmp_path):
    root = tmp_path / "r"
    subprocess.run(["git", "init", "-q", "--object-format=sha256", root], check=True)
    for name in ("a", "d/b", "d/c"):
        (root / name).parent.mkdir(exist_ok=True)
        (root / name).write_text(name)
    subprocess.run(["git", "-C", root, "add", "."], check=True)
    subprocess.run(["git", "-C", root, "commit", "-qm", "x"], check=True)
    (root / "d/b").write_text("edited")
    (root / "d/c").unlink()

    before = take(root, tmp_path / "s")

    assert len(before.code.tree) == 64
    assert before.code.tree == oracle(root, tmp_path / "o")


def test_a_linked_work_tree_has_its_own_index(repo, tmp_path):
    repo.git("worktree", "add", "-q", "../other", "-b", "side")
    other = repo.path.parent / "other"
    (other / "train.py").write_text("there")

    assert take(other, tmp_path / "s").code.branch == "side"
    assert take(other, tmp_path / "s2").code.tree == oracle(other, tmp_path / "o")
    assert not take(repo.path, tmp_path / "s3").code.dirty


def test_a_conflict_is_taken_with_its_marks(repo, tmp_path):
    repo.git("checkout", "-q", "-b", "side")
    repo.write("train.py", "theirs")
    repo.commit_all()
    repo.git("checkout", "-q", "main")
    repo.write("train.py", "ours")
    repo.commit_all()
    repo.git("merge", "side", check=False)

    before = take(repo.path, tmp_path / "s")

    assert b"<<<<<<<" in contents(repo.path, before.code.tree)["train.py"]


def test_a_file_that_became_a_folder_and_the_other_way_round(make_repo, tmp_path):
    repo = make_repo(files={"file": "f", "folder/a": "a", "folder/b": "b", "to_link/x": "x", "link_was": "l"})
    (repo.path / "file").unlink()
    repo.write("file/inside", "i")
    for name in ("folder/a", "folder/b", "to_link/x", "link_was"):
        (repo.path / name).unlink()
    (repo.path / "folder").rmdir()
    repo.write("folder", "now a file")
    (repo.path / "to_link").rmdir()
    (repo.path / "to_link").symlink_to("file")
    (repo.path / "link_was").symlink_to("nowhere")

    before = take(repo.path, tmp_path / "s")

    assert before.code.tree == oracle(repo.path, tmp_path / "o")


def test_odd_names_are_taken_as_they_are(make_repo, tmp_path):
    repo = make_repo(files={"train.py": "", **{f"t/{name}": "old" for name in ODD}})
    for name in ODD:
        repo.write(f"t/{name}", "new")
        repo.write(f"u/{name}", "untracked")

    before = take(repo.path, tmp_path / "s")

    assert before.notes == ()
    assert before.code.tree == oracle(repo.path, tmp_path / "o")
    repo.write("t/new\nline", "late")
    assert code.changed_since(repo.path, before.index_file) == ("t/new\nline",)


def test_line_ends_are_normalised_as_git_add_does_it(make_repo, tmp_path):
    repo = make_repo(files={"lf": "a\n", ".gitattributes": "text.* text\n"})
    (repo.path / "crlf").write_bytes(b"a\r\nb\r\n")
    repo.git("-c", "core.autocrlf=false", "add", ".")
    repo.git("commit", "-q", "-m", "x")
    repo.git("config", "core.autocrlf", "input")
    repo.git("config", "core.safecrlf", "true")
    (repo.path / "crlf").write_bytes(b"a\r\nb\r\nc\r\n")
    (repo.path / "text.new").write_bytes(b"a\r\n")

    before = take(repo.path, tmp_path / "s")

    assert before.notes == ()
    assert before.code.tree == oracle(repo.path, tmp_path / "o")
    assert contents(repo.path, before.code.tree)["crlf"] == b"a\r\nb\r\nc\r\n"


def test_modes_stay_where_the_file_system_tells_none(make_repo, tmp_path):
    repo = make_repo(files={"x.sh": "1"})
    repo.git("update-index", "--chmod=+x", "x.sh")
    repo.git("commit", "-q", "-m", "x")
    repo.git("config", "core.fileMode", "false")
    repo.write("x.sh", "2")

    before = take(repo.path, tmp_path / "s")

    assert repo.git("ls-tree", before.code.tree).startswith("100755")


def test_a_filter_that_fails_costs_only_its_file(make_repo, tmp_path):
    repo = make_repo(files={".gitattributes": "*.lfs filter=broken\n", "train.py": ""})
    repo.git("config", "filter.broken.clean", "false")
    repo.git("config", "filter.broken.required", "true")
    repo.write("weights.lfs", "w")
    repo.write("module.py", "m")

    before = take(repo.path, tmp_path / "s")

    assert set(contents(repo.path, before.code.tree)) == {".gitattributes", "module.py", "train.py"}
    assert [(left.path, left.why) for left in before.code.left_out] == [("weights.lfs", "git cannot read it")]


@pytest.fixture
def with_submodule(make_repo):
    lib = make_repo("lib", files={"lib.py": "1"})
    repo = make_repo("main")
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(lib.path), "lib")
    repo.commit_all("Add a submodule")
    return repo


def test_submodules_are_named_with_their_commit(with_submodule, tmp_path):
    repo = with_submodule
    commit = repo.git("-C", "lib", "rev-parse", "HEAD").strip()

    clean = take(repo.path, tmp_path / "1").code

    assert [(s.path, s.commit, s.dirty) for s in clean.submodules] == [("lib", commit, False)]
    assert not clean.dirty


def test_dirty_content_of_a_submodule_is_left_out_and_said(with_submodule, tmp_path):
    repo = with_submodule
    repo.write("lib/lib.py", "edited")
    index = repo.path / ".git" / "modules" / "lib" / "index"
    bytes_before = index.read_bytes()

    before = take(repo.path, tmp_path / "s")

    assert before.code.dirty
    assert before.code.submodules[0].dirty
    assert [left.why for left in before.code.left_out] == ["uncommitted content of a submodule"]
    assert before.code.tree == repo.git("rev-parse", "HEAD^{tree}").strip()
    assert index.read_bytes() == bytes_before


def test_another_commit_of_a_submodule_is_in_the_tree(with_submodule, tmp_path):
    repo = with_submodule
    repo.write("lib/lib.py", "2")
    repo.git("-C", "lib", "commit", "-qam", "2")
    commit = repo.git("-C", "lib", "rev-parse", "HEAD").strip()

    before = take(repo.path, tmp_path / "s")

    assert before.code.submodules[0].commit == commit
    assert commit in repo.git("ls-tree", before.code.tree, "lib")


def test_a_repository_inside_is_left_out_with_and_without_commits(repo, make_repo, tmp_path):
    for name in ("unborn", "born"):
        (repo.path / name).mkdir()
        subprocess.run(["git", "init", "-q"], cwd=repo.path / name, check=True)
        (repo.path / name / "f").write_text("f")
    subprocess.run(["git", "add", "."], cwd=repo.path / "born", check=True)
    subprocess.run(["git", "commit", "-qm", "x"], cwd=repo.path / "born", check=True)

    before = take(repo.path, tmp_path / "s")

    assert {left.path for left in before.code.left_out} == {"unborn/", "born/"}
    assert set(contents(repo.path, before.code.tree)) == {"train.py"}


@pytest.mark.parametrize("cone", ["--cone", "--no-cone"])
def test_a_sparse_checkout_has_the_tree_of_the_full_one(make_repo, tmp_path, cone):
    repo = make_repo(files={"a/x": "1", "b/y": "2", "top": "t"})
    full = repo.git("rev-parse", "HEAD^{tree}").strip()
    repo.git("sparse-checkout", "set", cone, *([] if cone == "--no-cone" else ["--sparse-index"]), "a")

    clean = take(repo.path, tmp_path / "1")
    repo.write("a/x", "edited")
    dirty = take(repo.path, tmp_path / "2")

    assert not (repo.path / "b").exists()
    assert clean.code.tree == full
    assert not clean.code.dirty
    assert contents(repo.path, dirty.code.tree)["a/x"] == b"edited"
    assert "b/y" in contents(repo.path, dirty.code.tree)


def test_a_split_index_leaves_nothing_behind(repo, tmp_path):
    repo.git("update-index", "--split-index")
    repo.write("train.py", "edited")
    repo.git("update-index", "--assume-unchanged", "train.py")

    before = take(repo.path, tmp_path / "s")

    assert contents(repo.path, before.code.tree)["train.py"] == b"edited"


def test_unreadable_files_and_pipes_do_not_stop_it(repo, tmp_path):
    os.mkfifo(repo.path / "pipe")
    repo.write("module.py", "m")
    (repo.path / "dangling").symlink_to("nowhere")

    before = take(repo.path, tmp_path / "s")

    assert set(contents(repo.path, before.code.tree)) == {"train.py", "module.py", "dangling"}


def test_a_damaged_index_costs_the_tree_and_not_the_record(repo, tmp_path):
    (repo.path / ".git" / "index").write_bytes(b"garbage that is no index")

    before = code.take(repo.path, repo.path / ".git", tmp_path)

    assert before.code.commit == repo.git("rev-parse", "HEAD").strip()
    assert before.code.branch == "main"
    assert before.code.tree is None
    assert before.index_file is None
    assert before.notes[0].startswith("The source tree could not be taken: git status failed:")


def test_few_processes_are_started(repo, tmp_path, monkeypatch):
    started: list[object] = []
    original = process.run
    monkeypatch.setattr(
        process, "run", lambda argv, **more: (started.append(argv), original(argv, **more))[1]
    )

    code.take(repo.path, repo.path / ".git", tmp_path)
    clean = len(started)
    repo.write("train.py", "edited")
    repo.write("new.py", "new")
    code.take(repo.path, repo.path / ".git", tmp_path)

    assert clean <= 4
    assert len(started) - clean <= 8


_names = st.sampled_from(["a", "b", "d/a", "d/b", "d/e/f", "g.py"])
_step = st.tuples(
    st.sampled_from(["write", "stage", "delete", "rm", "chmod", "link", "move"]), _names, _names
)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(_step, max_size=8))
def test_any_work_tree_gives_the_tree_that_git_add_would(tmp_path_factory, steps):
    root = tmp_path_factory.mktemp("walk") / "r"
    subprocess.run(["git", "init", "-q", root], check=True)
    for name in ("a", "d/a", "d/e/f"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    subprocess.run(["git", "add", "."], cwd=root, check=True)
    subprocess.run(["git", "commit", "-qm", "x"], cwd=root, check=True)
    for number, (what, name, other) in enumerate(steps):
        _do(root, what, name, other, number)

    before = take(root, root.parent / "s")

    assert before.code.tree == oracle(root, root.parent / "o")
    assert before.code.dirty == (before.code.tree != contents_id(root))


def _do(root, what, name, other, number):
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    exists = os.path.lexists(path)
    if what == "write" and not path.is_symlink():
        path.write_text(f"{number} {name}\n")
    elif what == "stage" and exists:
        subprocess.run(["git", "add", "-A", "--", name], cwd=root, check=True)
    elif what == "delete" and exists:
        path.unlink()
    elif what == "rm":
        subprocess.run(["git", "rm", "-q", "-f", "--cached", "--ignore-unmatch", name], cwd=root, check=True)
    elif what == "chmod" and path.is_file():
        path.chmod(0o755)
    elif what == "link" and not exists:
        path.symlink_to("a")
    elif what == "move" and path.is_file() and not os.path.lexists(root / other):
        (root / other).parent.mkdir(parents=True, exist_ok=True)
        path.rename(root / other)


def contents_id(root):
    done = subprocess.run(
        ["git", "rev-parse", "HEAD^{tree}"], cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_name_that_disguises_a_git_folder_is_left_out(repo, tmp_path):
    repo.write("x/GIT~1/hooks", "evil")
    repo.write("x/fine.py", "f")

    before = take(repo.path, tmp_path / "s")

    assert set(contents(repo.path, before.code.tree)) == {"train.py", "x/fine.py"}
    assert [(left.path, left.why) for left in before.code.left_out] == [
        ("x/GIT~1/hooks", "git refuses its name")
    ]


def test_a_shallow_partial_clone_asks_its_origin_for_nothing(make_repo, tmp_path):
    origin = make_repo("origin", files={"a/x": "1", "b/y": "2", "top": "t"})
    origin.git("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    words = ("--quiet", "--depth=1", "--filter=blob:none", "--sparse", f"file://{origin.path}")
    subprocess.run(["git", "clone", *words, clone], check=True)
    full = origin.git("rev-parse", "HEAD^{tree}").strip()
    origin.path.rename(tmp_path / "unreachable")

    clean = take(clone, tmp_path / "1")
    (clone / "top").write_text("edited")
    (clone / "b").mkdir()
    (clone / "b" / "new").write_text("n")
    dirty = take(clone, tmp_path / "2")

    assert clean.code.tree == full
    assert dirty.notes == ()
    assert {"b/y", "b/new"} <= {entry.path for entry in git.ls_tree(clone, dirty.code.tree, recursive=True)}
