"""Two hosts, two boots, two pid namespaces, one repository: the dead are sealed, and nobody else is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from expctl import project as projects
from expctl.actions import beginning, sealing
from expctl.actions.request import Request
from expctl.adapters import alive
from expctl.store import live

UNSHARE = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
GONE = {"pid": 2**22 + 5, "start": "1"}


def may_unshare() -> bool:
    try:
        return subprocess.run([*UNSHARE, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.fixture
def project(repo):
    repo.expctl("init")
    return projects.find(repo.path)


def begin(project, *, silent_s: float = 0.0, process=None, **place):
    """A run as it was noted somewhere."""
    folder = beginning.begin(project, Request(argv=("train",))).folder
    live.beat(folder)
    path = folder / "state.json"
    state = json.loads(path.read_text())
    path.write_text(
        json.dumps(state | {"place": state["place"] | place, "process": process or state["process"]})
    )
    for file in folder.iterdir():
        os.utime(file, (time.time() - silent_s, time.time() - silent_s))
    return live.read(folder)


def boot(monkeypatch, ago_s: float) -> None:
    monkeypatch.setattr(alive, "_booted_s", lambda: time.time() - ago_s)


def sealed(project) -> list[str]:
    return [done.manifest.status for done in sealing.seal_dead(project)]


def test_what_ran_before_this_host_was_started_again_is_sealed(project, monkeypatch):
    begin(project, boot="another", silent_s=300)
    boot(monkeypatch, 120)

    assert sealed(project) == ["killed"]


@pytest.mark.parametrize(
    ("silent_s", "booted_ago_s", "place"),
    [
        (5, 3, {}),  # started a moment ago, and a beat may still come from a host of our name
        (300, 900, {}),  # gave a sign of life after we had started
        (300, 120, {"host": "node7"}),
        (300, 120, {"machine": "0" * 32}),
        (300, 120, {"boot": ""}),
    ],
)
def test_what_may_live_on_another_host_is_never_sealed(project, monkeypatch, silent_s, booted_ago_s, place):
    run = begin(project, silent_s=silent_s, process=GONE, **{"boot": "another", **place})
    boot(monkeypatch, booted_ago_s)

    assert sealed(project) == []
    assert run.status == "running"


def test_a_host_that_does_not_tell_when_it_was_started_seals_nothing(project, monkeypatch):
    begin(project, boot="another", silent_s=10**6)
    monkeypatch.setattr(alive, "_booted_s", lambda: None)

    assert sealed(project) == []


def test_a_host_knows_when_it_was_started():
    assert 0 < alive._booted_s() < time.time()


def test_a_number_that_another_process_was_given_is_no_sign_of_life(project):
    begin(project, process={"pid": os.getpid(), "start": "1"})

    assert sealed(project) == ["killed"]


def test_a_process_that_proc_hides_from_us_lives(project, monkeypatch):
    def hide(pid: int, _: int) -> None:
        raise PermissionError(1, "Operation not permitted") if pid == GONE["pid"] else ProcessLookupError

    monkeypatch.setattr(os, "kill", hide)
    begin(project, process=GONE)
    assert sealed(project) == []

    begin(project, process={"pid": GONE["pid"] + 1, "start": "1"})
    assert sealed(project) == ["killed"]


def test_what_another_user_started_and_did_not_note_is_left_to_them(project, monkeypatch):
    begin(project, process=GONE)
    monkeypatch.setattr(os, "geteuid", lambda: 12345)

    assert sealed(project) == []


# -- Real pid namespaces

needs_namespaces = pytest.mark.skipif(
    not may_unshare(),
    reason="containers may forbid pid namespaces, macOS has none; the tests above judge by told facts",
)


@needs_namespaces
def test_two_pid_namespaces_leave_each_others_runs_alone(repo, project):
    run = [sys.executable, "-m", "expctl", "run", "-n", "inner", "--", "sh", "-c", "echo > up; sleep 60"]
    inner = subprocess.Popen([*UNSHARE, *run], cwd=repo.path)
    try:
        while not (repo.path / "up").exists() and inner.poll() is None:
            os.sched_yield()
        listed = repo.expctl("ls", "--json").json["runs"]
        beside = subprocess.run(
            [*UNSHARE, sys.executable, "-m", "expctl", "ls", "--json"],
            cwd=repo.path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert [row["status"] for row in listed] == ["running"]
        assert [row["status"] for row in json.loads(beside.stdout)["runs"]] == ["running"]
    finally:
        inner.kill()
        inner.wait()
    [left] = live.list_live(project.live)
    for file in left.folder.iterdir():
        os.utime(file, (time.time() - 700, time.time() - 700))

    assert repo.expctl("ls", "--json").json["runs"][0]["status"] == "unknown"
    assert repo.expctl("doctor", "--seal", left.id).exit_code == 0
    assert repo.expctl("show", "inner", "--json").json["status"] == "lost"


@needs_namespaces
def test_where_proc_shows_another_namespace_nothing_is_judged(repo, project):
    words = ["unshare", "--pid", "--fork", "--kill-child", sys.executable, "-m", "expctl"]
    subprocess.run([*words, "run", "--", "true"], cwd=repo.path, check=True, capture_output=True)
    begin(project, process=GONE)
    subprocess.run([*words, "ls"], cwd=repo.path, check=True, capture_output=True)

    assert len(live.list_live(project.live)) == 1
    assert sealed(project) == ["killed"]
