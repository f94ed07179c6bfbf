from __future__ import annotations

import multiprocessing
import re
import shutil

import pytest

from expctl.adapters import git
from expctl.errors import ConflictError
from expctl.store import snapshots

REF = snapshots.LOCAL.format("0123abcd")


@pytest.fixture
def held(repo):
    """A repository, its git directory, and three trees that no commit holds."""
    trees = []
    for number in range(3):
        blob = git.write_blob(repo.path, f"{number}".encode())
        trees.append(git.graft(repo.path, None, {"f": ("100644", blob)}))
    return repo, repo.path / ".git", trees


def test_a_pinned_tree_outlives_garbage_collection(held):
    repo, common, trees = held
    snapshots.pin(repo.path, common, trees[0], ref=REF)

    repo.git("gc", "--quiet", "--prune=now")

    assert git.exist(repo.path, trees) == [True, False, False]
    assert snapshots.pinned(repo.path, ref=REF) == {trees[0]}


def test_the_ref_holds_one_commit_without_parents(held):
    repo, common, trees = held
    for tree in trees:
        snapshots.pin(repo.path, common, tree, ref=REF)

    assert len(repo.git("rev-list", REF).split()) == 1
    assert repo.git("rev-parse", f"{REF}:{trees[1][:2]}/{trees[1]}").strip() == trees[1]
    assert snapshots.pinned(repo.path, ref=REF) == set(trees)
    assert repo.git("fsck", "--strict", "--no-dangling") == ""


def test_pinning_twice_changes_nothing(held):
    repo, common, trees = held
    snapshots.pin_all(repo.path, common, trees, ref=REF)
    before = repo.git("rev-parse", REF)

    snapshots.pin(repo.path, common, trees[2], ref=REF)

    assert repo.git("rev-parse", REF) == before


def test_the_same_trees_give_the_same_commit(held):
    repo, common, trees = held
    other = snapshots.SHARED.format("x")
    snapshots.pin_all(repo.path, common, trees, ref=REF)
    for tree in reversed(trees):
        snapshots.pin(repo.path, common, tree, ref=other)

    assert repo.git("rev-parse", REF) == repo.git("rev-parse", other)


def test_trees_are_let_go_one_by_one_and_the_ref_with_the_last(held):
    repo, common, trees = held
    snapshots.pin_all(repo.path, common, trees, ref=REF)

    snapshots.unpin(repo.path, common, trees[:1], ref=REF)
    assert snapshots.pinned(repo.path, ref=REF) == set(trees[1:])

    snapshots.unpin(repo.path, common, [*trees, "9" * 40], ref=REF)
    assert git.refs(repo.path, "refs/expctl/") == {}
    assert snapshots.pinned(repo.path, ref=REF) == set()


def test_letting_go_without_a_ref_is_no_fault(repo):
    snapshots.unpin(repo.path, repo.path / ".git", ["9" * 40], ref=REF)

    assert git.refs(repo.path, "refs/expctl/") == {}


def test_only_ids_of_trees_are_pinned(repo):
    for odd in ("main", "--all", "../x", "ABCDEF" * 7, "1" * 41, ""):
        with pytest.raises(ValueError, match="not the id of a tree"):
            snapshots.pin(repo.path, repo.path / ".git", odd, ref=REF)


def test_what_a_stranger_put_into_the_ref_does_not_count(held):
    repo, common, trees = held
    blob = git.write_blob(repo.path, b"x")
    edits = {
        "evil/name": ("100644", blob),
        f"{trees[0][:2]}/{trees[0]}/f": ("100644", blob),  # a tree of another content under this name
        "README": ("100644", blob),
    }
    commit = git.commit_tree(repo.path, git.graft(repo.path, None, edits), [], "x\n")
    git.update_ref(repo.path, REF, commit, None)

    assert snapshots.pinned(repo.path, ref=REF) == set()
    snapshots.pin(repo.path, common, trees[1], ref=REF)
    assert trees[1] in snapshots.pinned(repo.path, ref=REF)


def test_a_lost_race_is_run_again(held, monkeypatch):
    repo, common, trees = held
    original = git.update_ref
    rivals = iter(trees[:2])

    def slower(root, ref, new, old, **more):
        rival = next(rivals, None)
        if rival:
            top = git.graft(
                root, f"{old}^{{tree}}" if old else None, {f"{rival[:2]}/{rival}": ("040000", rival)}
            )
            assert original(root, ref, git.commit_tree(root, top, [], "rival\n"), old)
        return original(root, ref, new, old, **more)

    monkeypatch.setattr(git, "update_ref", slower)
    snapshots.pin(repo.path, common, trees[2], ref=REF)

    assert snapshots.pinned(repo.path, ref=REF) == set(trees)


def test_a_ref_that_never_holds_still_is_a_conflict(held, monkeypatch):
    repo, common, trees = held
    monkeypatch.setattr(git, "update_ref", lambda *_, **__: False)

    with pytest.raises(ConflictError, match="keeps moving"):
        snapshots.pin(repo.path, common, trees[0], ref=REF)


def test_processes_that_pin_at_once_lose_nothing(held):
    repo, common, _ = held
    blob = git.write_blob(repo.path, b"x")
    trees = [git.graft(repo.path, None, {f"f{n}": ("100644", blob)}) for n in range(24)]
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=_pin_each, args=(repo.path, common, trees[start::8])) for start in range(8)
    ]

    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert [worker.exitcode for worker in workers] == [0] * 8
    assert snapshots.pinned(repo.path, ref=REF) == set(trees)
    assert "missing" not in repo.git("fsck", "--strict")


def _pin_each(root, common, trees):
    for tree in trees:
        snapshots.pin(root, common, tree, ref=REF)


def test_a_sha256_repository_pins_too(tmp_path, make_repo):
    repo = make_repo("unused", files={})
    root = tmp_path / "r"
    repo.git("init", "-q", "--object-format=sha256", str(root))
    tree = git.graft(root, None, {"f": ("100644", git.write_blob(root, b"x"))})

    snapshots.pin(root, root / ".git", tree, ref=REF)

    assert snapshots.pinned(root, ref=REF) == {tree}


def test_the_clone_has_one_name_that_stays(tmp_path):
    first = snapshots.clone_id(tmp_path / "expctl")

    assert re.fullmatch("[0-9a-hjkmnp-tv-z]{8}", first)
    assert snapshots.clone_id(tmp_path / "expctl") == first
    assert snapshots.clone_id(tmp_path / "other") != first


@pytest.mark.parametrize("damage", [b"", b"../../etc", b"abc", b"\xff" * 8, b"x" * 1000])
def test_a_damaged_name_is_replaced_and_never_becomes_part_of_a_ref(tmp_path, damage):
    (tmp_path / "clone-id").write_bytes(damage)

    name = snapshots.clone_id(tmp_path)

    assert re.fullmatch("[0-9a-hjkmnp-tv-z]{8}", name)
    assert snapshots.clone_id(tmp_path) == name


def test_processes_that_name_the_clone_at_once_agree(tmp_path):
    with multiprocessing.get_context("fork").Pool(8) as pool:
        names = pool.map(snapshots.clone_id, [tmp_path / "expctl"] * 32, chunksize=1)

    assert len(set(names)) == 1


def test_a_repository_that_goes_before_it_is_locked_is_not_made_again(held, monkeypatch):
    repo, common, trees = held

    def remove(*_, **__):
        shutil.rmtree(repo.path)
        return False

    monkeypatch.setattr(snapshots, "_is_done", remove)
    with pytest.raises(FileNotFoundError):
        snapshots.pin(repo.path, common, trees[0], ref=REF)

    assert not repo.path.exists()
