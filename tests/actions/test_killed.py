"""kill -9 at any instant: whole files, a clean repository, the run reported, and the next command works."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time

import pytest

from expctl.store import live, manifests

JOB = (
    "import time, expctl\nexpctl.log_metric('loss', 0.5, step=1)\n"
    "print('ready', flush=True)\ntime.sleep({})\n"
)


def start(repo, seconds: float, **kwargs) -> subprocess.Popen:
    repo.write("job.py", JOB.format(seconds))
    argv = [sys.executable, "-m", "expctl", "run", "--", sys.executable, "job.py"]
    return subprocess.Popen(argv, cwd=repo.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)


def child_of(repo) -> int:
    [run] = live.list_live(repo.path / ".git" / "expctl" / "live")
    noted = live.read_json(run.folder / "child.json")
    assert noted is not None
    return noted["pid"]


def finish_off(process: subprocess.Popen) -> None:
    process.kill()
    process.communicate()


def statuses(repo) -> list[str]:
    return [manifests.read(path).status for path in repo.manifests()]


@pytest.fixture
def repo(make_repo):
    made = make_repo()
    assert made.expctl("run", "--", "true").exit_code == 0
    made.commit_all("Record")
    return made


def test_a_run_is_listed_as_running_and_is_not_sealed_while_it_lives(repo):
    process = start(repo, 30)
    process.stdout.readline()
    listed = repo.expctl("ls", "--json")

    assert "running" in listed.out
    assert len(repo.manifests()) == 1
    os.kill(child_of(repo), signal.SIGTERM)
    process.communicate()
    assert process.returncode == 143


def test_expctl_killed_and_child_alive_is_still_running(repo):
    process = start(repo, 30)
    process.stdout.readline()
    child = child_of(repo)
    finish_off(process)

    assert "running" in repo.expctl("ls", "--json").out
    assert len(repo.manifests()) == 1
    os.kill(child, signal.SIGKILL)
    while os.path.isdir(f"/proc/{child}") and live.alive.start_of(child):
        time.sleep(0.01)
    assert "killed" in repo.expctl("ls", "--json").out
    assert statuses(repo).count("killed") == 1


def test_what_was_logged_until_the_kill_is_in_the_record(repo):
    process = start(repo, 30)
    process.stdout.readline()
    child = child_of(repo)
    finish_off(process)
    os.kill(child, signal.SIGKILL)
    while live.alive.start_of(child):
        time.sleep(0.01)
    repo.expctl("ls")

    [killed] = [m for m in map(manifests.read, repo.manifests()) if m.status == "killed"]
    assert killed.metrics["loss"].value == 0.5
    assert killed.code.tree
    assert killed.outputs["log"]
    assert repo.git("cat-file", "-t", killed.code.tree).strip() == "tree"


def test_the_child_killed_alone_is_recorded_at_once(repo):
    process = start(repo, 30)
    process.stdout.readline()
    os.kill(child_of(repo), signal.SIGKILL)
    process.communicate()

    assert process.returncode == 137
    assert sorted(statuses(repo)) == ["completed", "killed"]


@pytest.mark.parametrize("instant", range(14))
def test_kill_9_at_any_instant_leaves_a_sound_repository(repo, instant):
    before = (repo.git("rev-parse", "HEAD"), repo.git("ls-files", "-s"))
    # The whole group dies, child included; instants spread over start, run and end.
    process = start(repo, 0.05, start_new_session=True)
    time.sleep(0.02 + instant * 0.025)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    noted = {run.id for run in live.list_live(repo.path / ".git" / "expctl" / "live")}

    assert (repo.git("rev-parse", "HEAD"), repo.git("ls-files", "-s")) == before
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert repo.expctl("validate").exit_code == 0
    listed = repo.expctl("ls", "--all", "--json")
    assert listed.exit_code == 0
    assert "running" not in listed.out
    reported = {run["id"]: run["status"] for run in listed.json["runs"]}
    assert noted <= set(reported)
    assert {reported[run_id] for run_id in noted} <= {"killed", "completed"}
    for path in repo.manifests():
        assert manifests.read(path).status in ("completed", "killed")
    assert live.list_live(repo.path / ".git" / "expctl" / "live") == []
    assert repo.expctl("run", "--", "true").exit_code == 0


#: expctl with a last step that kills it: the copy of the record is a second name of it.
KILLED_AT_THE_COPY = """\
import os, signal, sys
from expctl.__main__ import entry
os.link = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
sys.exit(entry(sys.argv[1:]))
"""


def test_the_record_of_a_run_that_had_ended_says_how_it_ended(repo):
    """Killed while recording: the child's end was noted, so it is not called killed."""
    command = [sys.executable, "-c", KILLED_AT_THE_COPY, "run", "--", "sh", "-c", "exit 3"]
    done = subprocess.run(command, cwd=repo.path, capture_output=True, check=False)

    assert done.returncode == -signal.SIGKILL
    assert len(live.list_live(repo.path / ".git" / "expctl" / "live")) == 1
    repo.expctl("ls")
    assert sorted(statuses(repo)) == ["completed", "failed"]


def test_runs_of_another_host_are_nobodys_to_seal(repo):
    process = start(repo, 30)
    process.stdout.readline()
    child = child_of(repo)
    finish_off(process)
    os.kill(child, signal.SIGKILL)
    [run] = live.list_live(repo.path / ".git" / "expctl" / "live")
    state = run.folder / "state.json"
    state.write_text(state.read_text().replace(os.uname().nodename, "elsewhere"))
    os.utime(run.folder / "heartbeat", (time.time() - 700, time.time() - 700))

    assert "unknown" in repo.expctl("ls", "--json").out
    assert statuses(repo) == ["completed"]
    assert repo.expctl("doctor").exit_code == 1
    assert "No run matches" in repo.expctl("doctor", "--seal", "zzzzzz").err
    repo.expctl("doctor", "--seal", run.id[-6:])
    assert sorted(statuses(repo)) == ["completed", "lost"]
