"""Runs whose expctl died: what lies in their folders must never stand in the way of another command."""

from __future__ import annotations

import json
import os
import time

import pytest

from expctl import project as projects
from expctl.actions import beginning, doctor, sealing
from expctl.actions.request import Request
from expctl.capture import hashing
from expctl.store import live, manifests, snapshots


@pytest.fixture
def repo(make_repo):
    made = make_repo()
    assert made.expctl("run", "-n", "first", "--", "true").exit_code == 0
    made.commit_all("Record")
    return made


@pytest.fixture
def project(repo):
    return projects.find(repo.path)


@pytest.fixture
def dead(project):
    """The folder of a run that died together with its expctl."""
    return die(project)


def die(project, **request):
    folder = beginning.begin(project, Request(argv=("train",), name="dead", **request)).folder
    change(folder, process={"pid": 2**22 + 5, "start": "1"})
    return folder


def change(folder, **facts) -> None:
    path = folder / "state.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **facts}))


def make_old(folder) -> None:
    os.utime(folder, (time.time() - 7200, time.time() - 7200))


def test_a_dead_run_is_sealed_as_killed(project, dead):
    [done] = sealing.seal_dead(project)

    assert (done.manifest.name, done.manifest.status, done.manifest.command.exit_code) == (
        "dead",
        "killed",
        None,
    )
    assert not dead.exists()


@pytest.mark.parametrize("key", ["root", "process", "place", "argv", "watched", "capture_notes"])
@pytest.mark.parametrize("value", [None, 7, "x"])
def test_a_torn_state_is_no_run_and_goes_when_it_is_old(repo, project, dead, key, value):
    if key == "root" and value == "x":
        value = []
    change(dead, **{key: value})

    assert sealing.seal_dead(project) == []
    assert "dead" not in repo.expctl("ls", "--all").out
    assert dead.exists()
    make_old(dead)
    sealing.seal_dead(project)
    assert not dead.exists()


@pytest.mark.parametrize("child", ["{}", '{"pid": "x"}', '{"pid": 1, "start": 5}', "[", "5"])
def test_a_torn_note_of_the_child_stands_in_nobodys_way(project, dead, child):
    (dead / "child.json").write_text(child)
    [done] = sealing.seal_dead(project)
    assert done.manifest.status == "killed"


def test_the_folder_of_a_newer_expctl_is_left_alone(project, dead):
    change(dead, schema="expctl/live/v2", root=None)
    make_old(dead)

    assert sealing.seal_dead(project) == []
    assert dead.exists()


def test_of_what_cannot_be_sealed_doctor_says_why(repo, project, dead):
    change(dead, started_at="not a time")
    assert repo.expctl("ls", "--all").exit_code == 0
    found = doctor.examine(project)

    [check] = [each for each in found if each.name == "dead runs"]
    assert not check.fine
    assert "cannot be finished: ValueError: Invalid isoformat string" in check.said
    assert str(dead) in check.hint


def test_a_run_that_is_dead_and_not_sealed_is_not_called_running(project, dead):
    [run] = live.list_live(project.live)
    assert run.status == "unknown"


def test_half_written_files_go_with_the_seal(project, dead):
    runs = project.runs / f"{dead.name[:4]}-{dead.name[4:6]}-{dead.name[6:8]}"
    runs.mkdir(exist_ok=True)
    (runs / f".{dead.name}.yaml.1-ab.tmp").write_text("half")
    other = runs / ".20200101-000000-aaaaaa.yaml.1-ab.tmp"
    other.write_text("somebody else's")
    sealing.seal_dead(project)

    assert not list(runs.glob(f".{dead.name}*"))
    assert other.exists()


def test_sealing_hashes_no_data(repo, project, monkeypatch):
    repo.write("data.csv", "1\n" * 100)
    die(project, data=("data.csv", "s3://bucket/data"))
    monkeypatch.setattr(hashing, "hash_path", None)
    [done] = sealing.seal_dead(project)

    by_name = {item.path or item.uri: (item.md5, item.bytes) for item in done.manifest.data}
    assert by_name == {"data.csv": (None, 200), "s3://bucket/data": (None, None)}
    assert "data: not hashed, for expctl was killed meanwhile" in done.manifest.capture.notes


def test_a_link_tells_the_outcome_where_a_file_could_not(project, dead):
    os.symlink("failed 4", dead / "outcome")
    [done] = sealing.seal_dead(project)
    assert (done.manifest.status, done.manifest.command.exit_code) == ("failed", 4)


@pytest.mark.parametrize("target", ["nonsense", "completed", "failed x", "/etc/passwd", ""])
def test_a_link_that_tells_nonsense_costs_no_other_command_anything(project, dead, target):
    os.symlink(target or ".", dead / "outcome")
    sealing.seal_dead(project)
    assert [manifests.read(path).status for path in project.runs.glob("*/*.yaml")]


def test_doctor_removes_what_was_left_half_written_once_it_is_old(repo, project):
    runs = next(project.runs.iterdir())
    old = [
        runs / ".a.yaml.1-ab.tmp",
        project.experiments / ".config.yaml.1-ab.tmp",
        project.state / ".x.2-c.tmp",
    ]
    young = [runs / ".b.yaml.1-ab.tmp", runs / "mine.tmp"]
    for path in (*old, *young):
        path.write_text("half")
    for path in (*old, young[1]):
        make_old(path)
    beside = project.state / "dvc-cache/expctl-tmp/1-ab"
    beside.parent.mkdir(parents=True)
    beside.write_text("half")
    os.utime(beside, (1, 1))

    assert any("3 half-written files removed" in check.said for check in doctor.examine(project))
    assert [path.exists() for path in (*old, *young, beside)] == [False] * 3 + [True] * 2 + [False]


def test_a_tree_that_was_not_held_is_held_after_doctor(repo, project):
    repo.write("train.py", "print(2)\n")
    repo.expctl("run", "--", "true")
    ref = snapshots.LOCAL.format(snapshots.clone_id(project.state))
    trees = snapshots.pinned(project.root, ref=ref)
    assert len(trees) == 2
    repo.git("update-ref", "-d", ref)

    assert all(check.fine for check in doctor.examine(project) if check.name == "source trees")
    assert snapshots.pinned(project.root, ref=ref) == trees


def test_a_lock_that_a_killed_git_left_on_our_ref_is_removed_once_it_is_old(repo, project):
    ref = snapshots.LOCAL.format(snapshots.clone_id(project.state))
    lock = project.common / f"{ref}.lock"
    lock.touch()
    repo.write("train.py", "print(2)\n")
    done = repo.expctl("run", "--", "true")
    assert "source snapshot: Another git command holds refs/expctl/local/" in done.err
    os.utime(lock, (time.time() - 120, time.time() - 120))
    done = repo.expctl("run", "--", "true")

    assert "not captured" not in done.err
    assert not lock.exists()


@pytest.mark.parametrize("name", ["HEAD.lock", "refs/heads/main.lock"])
def test_a_held_branch_is_said_soon_and_nothing_is_lost(repo, name):
    lock = repo.path / ".git" / name
    lock.touch()
    begin = time.monotonic()
    done = repo.expctl("run", "--commit", "--", "sh", "-c", "exit 4")
    assert time.monotonic() - begin < 100
    lock.unlink()

    assert done.exit_code == 4
    assert "not committed: Another git command holds the branch" in done.err
    repo.git("commit", "-q", "-m", "Mine")
    assert repo.git("show", "--name-only", "--format=", "HEAD").count(".yaml") == 1


@pytest.mark.parametrize("name", ["index.lock", "HEAD.lock", "refs/heads/main.lock", "packed-refs.lock"])
def test_doctor_names_the_lock_that_a_killed_git_left(repo, project, name):
    lock = project.common / name
    lock.touch()
    assert [check for check in doctor.examine(project) if str(lock) in check.said] == []
    os.utime(lock, (1, 1))

    [check] = [check for check in doctor.examine(project) if str(lock) in check.said]
    assert not check.fine
    assert check.hint.endswith(f"rm {lock}")
    assert lock.exists()


def test_an_index_that_a_killed_commit_left_is_no_hindrance(repo, project):
    for name in ("commit.index", "commit.index.lock"):
        (project.state / name).write_text("torn")
    done = repo.expctl("run", "--commit", "--", "true")

    assert "committed" in done.err
    assert "not committed" not in done.err
    assert not list(project.state.glob("commit.index*"))
