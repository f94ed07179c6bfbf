"""What was written after a run died is not its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from expctl import project as projects
from expctl.actions import beginning, sealing
from expctl.actions.request import Request
from expctl.store import lastsign, live

LONG_AGO_S = 7200


@pytest.fixture
def project(repo):
    repo.expctl("init")
    return projects.find(repo.path)


def die(project, *, ago_s: float = LONG_AGO_S, place=None, **request):
    """The folder of a run that started long ago, and whose last sign of life is ``ago_s`` old."""
    folder = beginning.begin(project, Request(argv=("train",), **request)).folder
    path = folder / "state.json"
    state = json.loads(path.read_text())
    state |= {"process": {"pid": 2**22 + 5, "start": "1"}, "started_ns": time.time_ns() - 3 * 3600 * 10**9}
    path.write_text(json.dumps(state | ({"place": place} if place else {})))
    grow_old(folder, ago_s)
    return folder


def grow_old(folder, ago_s: float) -> None:
    for file in folder.iterdir():
        os.utime(file, (time.time() - ago_s, time.time() - ago_s), follow_symlinks=False)


def leave(repo) -> None:
    """What a later command leaves, in the places in which ours would have."""
    repo.write("model.pt", "weights")
    repo.write("metrics.json", '{"acc": 0.5}')


def taken(manifest) -> tuple[set[str], set[str]]:
    return {item.path for item in manifest.artifacts}, set(manifest.metrics)


def test_a_run_that_died_takes_nothing_that_was_written_later(repo, project):
    die(project, artifacts=("model.pt",), metrics=("metrics.json",))
    leave(repo)
    [done] = sealing.seal_dead(project)

    assert taken(done.manifest) == (set(), set())
    notes = done.manifest.capture.notes
    assert any(note.startswith("expctl was killed; what was written after ") for note in notes)
    assert any("model.pt: was written again after the run had ended" in note for note in notes)


def test_a_run_that_died_just_now_keeps_what_it_wrote(repo, project):
    die(project, ago_s=-600)  # its last sign is no older than its files, however long the test takes
    leave(repo)
    [done] = sealing.seal_dead(project)

    assert taken(done.manifest) == ({"model.pt", "metrics.json"}, {"acc"})


def test_the_known_end_of_the_child_counts_for_more_than_a_heart_that_went_on(repo, project):
    folder = die(project)
    live.write_outcome(folder, {"status": "completed", "exit_code": 0, "duration_s": 9.0, "notes": []})
    grow_old(folder, 60)
    live.beat(folder)
    leave(repo)
    [done] = sealing.seal_dead(project)

    assert done.manifest.status == "completed"
    assert taken(done.manifest) == (set(), set())


def test_what_others_do_with_the_folder_is_no_sign_of_life(project):
    folder = die(project)
    for name in ("lock", "met.jsonl", "output.clean"):
        (folder / name).touch()

    assert lastsign.last_seen_ns(live.read(folder)) < time.time_ns() - 3600 * 10**9


def test_a_lost_run_ends_with_its_last_sign_and_not_with_the_word_of_its_owner(repo, project):
    folder = die(project, place={"host": "elsewhere"})
    leave(repo)
    [done] = sealing.seal_lost(project, [folder.name])

    assert done.manifest.status == "lost"
    assert taken(done.manifest) == (set(), set())


def test_the_next_run_finishes_the_dead_one_before_its_own_command_starts(repo, project):
    words = [sys.executable, "-m", "expctl", "run", "-n", "dead", "--", "sleep", "600"]
    process = subprocess.Popen(words, cwd=repo.path, start_new_session=True)
    while not list(project.live.glob("*/child.json")):
        time.sleep(0.01)
    [run] = live.list_live(project.live)
    child = live.read_json(run.folder / "child.json")["pid"]
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    while live.alive.start_of(child):
        time.sleep(0.01)
    done = repo.expctl("run", "-n", "next", "--", "sh", "-c", "echo w > model.pt")
    shown = repo.expctl("show", "dead", "--json").json

    assert "expctl: finished the record of " in done.err
    assert shown["status"] == "killed"
    assert not shown.get("artifacts")
    assert repo.expctl("show", "next", "--json").json["artifacts"][0]["path"] == "model.pt"
