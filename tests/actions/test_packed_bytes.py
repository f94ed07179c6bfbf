"""The bytes of packed runs: stock DVC knows them, and one run's are fetched without all the others'."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from expctl import project as projects
from expctl.actions import artifacts, packing, pending, removing, setup, sharing
from expctl.errors import ManifestError
from expctl.store import cache, objects, packpointers, snapshots
from tests import shelf


def dvc(where: Path, *words: str) -> str:
    return subprocess.run(["dvc", *words], cwd=where, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def place(repo, tmp_path):
    """Three packed and committed runs, and a remote of the records' own."""
    for number in (1, 2, 3):
        shelf.put_run(repo, number, {"model.pt": b"weights %d" % number})
    project = projects.find(repo.path)
    config = project.experiments / ".dvc" / "config"
    remote = f"[core]\n    remote = store\n['remote \"store\"']\n    url = {tmp_path}/store\n"
    config.write_text(config.read_text() + remote)
    repo.commit_all()
    packing.pack(project, everything=True)
    pending.commit_pending(project)
    return project


def push(project, *references):
    return sharing.push(project, sharing.plan_push(project, references))


def stored(tmp_path) -> int:
    return sum(path.is_file() for path in (tmp_path / "store").rglob("*"))


def test_the_bytes_of_one_packed_run_travel_alone(place, tmp_path) -> None:
    (pack,) = {path.stem for path in (place.runs / "packed").iterdir()}

    sent = push(place, shelf.run_id(2))

    assert (sent.runs, stored(tmp_path)) == (1, 3)
    shutil.rmtree(setup.cache_dir(place))
    brought = sharing.pull(place, [shelf.run_id(2)])
    assert (Path(place.root) / brought.folders[0] / "artifacts/model.pt").read_bytes() == b"weights 2"
    assert brought.fetched == 1
    assert packpointers.path_of(place.runs, pack).endswith(f"{pack}.dvc")


def test_a_push_of_everything_sends_packed_runs_too(place, tmp_path) -> None:
    assert push(place).runs == 3
    assert push(place).runs == 0


def test_stock_dvc_pulls_a_whole_pack_and_git_sees_nothing_of_it(place, repo, tmp_path) -> None:
    push(place)
    shutil.rmtree(setup.cache_dir(place))
    (pointer,) = (place.runs / "packed").glob("*.dvc")

    dvc(place.experiments, "pull", f"runs/packed/{pointer.name}")

    found = sorted(path.read_bytes() for path in place.runs.rglob("model.pt"))
    assert found == [b"weights 1", b"weights 2", b"weights 3"]
    assert "up to date" in dvc(place.experiments, "status")
    assert repo.git("status", "--short") == ""
    dvc(place.experiments, "gc", "-w", "-f")
    known = packpointers.everything(place.runs).values()
    assert [objects.missing(setup.cache_dir(place), each.md5) for each in known] == [[], [], []]


def test_stock_dvc_pushes_a_whole_pack(place, tmp_path) -> None:
    (pointer,) = (place.runs / "packed").glob("*.dvc")

    dvc(place.experiments, "push", f"runs/packed/{pointer.name}")

    assert stored(tmp_path) == 7  # three lists, three models, one log, and nothing twice
    shutil.rmtree(setup.cache_dir(place))
    assert artifacts.path_of(place, shelf.run_id(3), "model.pt").read_bytes() == b"weights 3"


def test_a_project_of_dvc_around_the_records_stays_blind(place, repo) -> None:
    dvc(place.root, "init", "-q")
    repo.write("data.txt", "x")
    dvc(place.root, "add", "-q", "data.txt")

    assert "up to date" in dvc(place.root, "status")
    dvc(place.root, "gc", "-w", "-f")
    assert cache.has(setup.cache_dir(place), packpointers.find(place.runs, shelf.run_id(1)).md5)


@pytest.mark.parametrize(
    "change",
    [
        ("wdir: ..", "wdir: ../../.."),
        ("path: 2026-11-22/", "path: ../../"),
        ("wdir: ..", "frozen: true\nwdir: .."),
    ],
)
def test_a_hostile_pointer_of_a_pack_is_refused_and_named(place, repo, change) -> None:
    (pointer,) = (place.runs / "packed").glob("*.dvc")
    pointer.write_text(pointer.read_text().replace(*change))

    with pytest.raises(ManifestError, match="not a plain DVC pointer"):
        objects.pointer_of(place.runs, shelf.run_id(1))
    assert repo.expctl("ls").exit_code == 0
    told = repo.expctl("validate")
    assert told.exit_code == 1
    assert pointer.name in told.out
    assert "pointer" in repo.expctl("push", shelf.run_id(1)).err


def test_source_trees_of_packed_runs_are_kept(repo) -> None:
    trees = [shelf.snapshot(repo, **{f"x{n}_py": str(n)}) for n in (1, 2)]
    for number, tree in enumerate([trees[0], trees[0], trees[1]], 1):
        shelf.put_run(repo, number, tree=tree)
    repo.commit_all()
    project = projects.find(repo.path)
    packing.pack(project, everything=True)
    shutil.rmtree(project.finished, ignore_errors=True)
    pending.commit_pending(project)

    done = removing.remove(project, removing.plan(project, [shelf.run_id(1)]))
    assert (done.trees, done.kept) == (0, 1)
    done = removing.remove(project, removing.plan(project, [shelf.run_id(3)]))
    assert (done.trees, done.kept) == (1, 0)

    held = snapshots.pinned(project.root, ref=snapshots.LOCAL.format(snapshots.clone_id(project.state)))
    assert held == {trees[0]}
