from __future__ import annotations

import subprocess
import sys
import time

import pytest

from expctl import project as projects
from expctl.actions import removing, runs
from expctl.errors import ConflictError, RunNotFoundError
from expctl.store import live, snapshots
from tests import shelf


def remove(repo, *references: str) -> removing.Removed:
    project = projects.find(repo.path)
    return removing.remove(project, removing.plan(project, references))


def pinned(repo) -> set[str]:
    project = projects.find(repo.path)
    return snapshots.pinned(project.root, ref=snapshots.LOCAL.format(snapshots.clone_id(project.state)))


def test_a_removed_run_is_gone_and_the_others_stay(repo) -> None:
    gone, kept = shelf.put_run(repo, 1), shelf.put_run(repo, 2)

    removed = remove(repo, gone)

    assert removed.ids == (gone,)
    assert [row.id for row in runs.select(projects.find(repo.path), everything=True).rows] == [kept]
    assert sorted(path.name for path in (repo.path / ".experiments/runs").rglob("*")) == [
        "2026-11-22", f"{kept}.dvc", f"{kept}.yaml",
    ]  # fmt: skip


def test_the_copy_in_the_clone_goes_too(repo) -> None:
    repo.expctl("run", "--", "true")
    project = projects.find(repo.path)
    assert list(project.finished.glob("*.yaml"))

    remove(repo, "@")

    assert list(project.finished.glob("2*")) == []
    assert runs.select(project, everything=True).rows == []


def test_a_source_tree_goes_with_its_last_run(repo) -> None:
    shared, alone = shelf.snapshot(repo, a_py="1"), shelf.snapshot(repo, b_py="2")
    for number, tree in enumerate((shared, shared, alone), 1):
        shelf.put_run(repo, number, tree=tree)
    assert pinned(repo) == {shared, alone}

    assert remove(repo, shelf.run_id(1), shelf.run_id(3)).trees == 1
    assert pinned(repo) == {shared}
    remove(repo, shelf.run_id(2))
    assert pinned(repo) == set()


def test_a_running_run_is_not_removed(repo) -> None:
    shelf.put_run(repo, 1)
    project = projects.find(repo.path)
    child = subprocess.Popen([sys.executable, "-m", "expctl", "run", "--", "sleep", "600"], cwd=repo.path)
    try:
        while not live.list_live(project.live) and child.poll() is None:
            time.sleep(0.01)
        with pytest.raises(ConflictError, match="still running"):
            removing.plan(project, ["@"])
    finally:
        child.terminate()
        child.wait()


def test_an_unknown_run_removes_nothing(repo) -> None:
    shelf.put_run(repo, 1)

    with pytest.raises(RunNotFoundError):
        remove(repo, shelf.run_id(1), "zzzzzz")
    assert len(repo.manifests()) == 1


def test_the_command_asks(repo) -> None:
    name = shelf.put_run(repo, 1)

    asked, done = repo.expctl("rm", name), repo.expctl("rm", name, "--yes")

    assert asked.exit_code == 2
    assert name in asked.err
    assert (done.exit_code, done.out) == (0, f"removed {name}\n")
    assert repo.manifests() == []


def test_what_is_laid_out_in_the_work_tree_goes_too(repo) -> None:
    name = shelf.put_run(repo, 1)
    repo.expctl("pull", name)
    assert (repo.path / f".experiments/runs/2026-11-22/{name}/output.log").exists()

    remove(repo, name)

    assert not (repo.path / ".experiments/runs/2026-11-22").exists()


# -- What others still need


@pytest.mark.parametrize(
    "place", ["branch", "remote", "tag", "stash", "work tree", "detached work tree", "finished", "torn"]
)
def test_a_source_tree_that_is_needed_elsewhere_stays(repo, tmp_path, place) -> None:
    tree = shelf.snapshot(repo, a_py="1")
    other = shelf.put_run(repo, 1, tree=tree)
    file = repo.manifests()[0]
    put_elsewhere(repo, tmp_path, place, file)
    file.unlink(missing_ok=True)
    gone = shelf.put_run(repo, 2, tree=tree)
    removed = remove(repo, gone)

    assert removed.ids != (other,)
    assert (removed.trees, removed.kept) == (0, 1)
    assert pinned(repo) == {tree}


def put_elsewhere(repo, tmp_path, place: str, file) -> None:
    """Bring a manifest where it is named by something else than the present branch and work tree."""
    if place in ("branch", "remote", "tag"):
        repo.git("switch", "-q", "-c", "other")
        repo.commit_all()
        repo.git("switch", "-q", "main")
        if place != "branch":
            where = {"remote": "refs/remotes/origin/x", "tag": "refs/tags/v1"}[place]
            repo.git("update-ref", where, "other")
            repo.git("branch", "-q", "-D", "other")
    elif place == "stash":
        repo.git("add", "-A")
        repo.git("stash")
    elif place == "finished":
        target = repo.path / ".git/expctl/finished" / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())
    elif place == "torn":
        (file.parent / shelf.run_id(7)).with_suffix(".yaml").write_bytes(
            b"<<<<<<< ours\n" + file.read_bytes()
        )
    else:
        top = tmp_path / "second"
        repo.git("worktree", "add", "-q", "--detach", str(top))
        inside = top / file.relative_to(repo.path)
        inside.parent.mkdir(parents=True, exist_ok=True)
        inside.write_bytes(file.read_bytes())
        if place == "detached work tree":
            second = type(repo)(top)
            second.commit_all()
            inside.unlink()


def test_the_commit_that_holds_the_removed_run_itself_holds_nothing(repo) -> None:
    name = shelf.put_run(repo, 1, tree=shelf.snapshot(repo, a_py="1"))
    repo.commit_all()

    assert remove(repo, name).trees == 1
    assert pinned(repo) == set()


def test_nothing_is_let_go_where_objects_may_be_away(repo) -> None:
    name = shelf.put_run(repo, 1, tree=shelf.snapshot(repo, a_py="1"))
    repo.git("config", "remote.origin.promisor", "true")
    done = repo.expctl("rm", name, "--yes")

    assert "Kept 1 source tree that" in done.err
    assert len(pinned(repo)) == 1


def test_a_package_list_goes_with_its_last_run(repo) -> None:
    for name in ("first", "second"):
        assert repo.expctl("run", "-n", name, "--", sys.executable, "-c", "1").exit_code == 0
    project = projects.find(repo.path)
    lists = [*project.experiments.glob("environments/*.yaml"), *project.finished.glob("environments/*")]
    assert len(lists) == 2

    remove(repo, "first")
    assert all(path.exists() for path in lists)
    assert f".experiments/environments/{lists[0].name}" in remove(repo, "second").files
    assert not any(path.exists() for path in lists)


def test_a_package_list_that_a_run_in_progress_may_name_stays(repo) -> None:
    repo.expctl("run", "--", sys.executable, "-c", "1")
    project = projects.find(repo.path)
    child = subprocess.Popen([sys.executable, "-m", "expctl", "run", "--", "sleep", "600"], cwd=repo.path)
    try:
        while not live.list_live(project.live) and child.poll() is None:
            time.sleep(0.01)
        remove(repo, repo.manifests()[0].stem)
        assert list(project.experiments.glob("environments/*.yaml"))
    finally:
        child.terminate()
        child.wait()
