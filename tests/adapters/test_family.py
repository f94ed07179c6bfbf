"""When the time is up, what the command started ends with it."""

from __future__ import annotations

import inspect
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from expctl.adapters import alive, child, family

if TYPE_CHECKING:
    from pathlib import Path

#: Of this process alone: beside it the same tests may run in the same session, as another worker's.
MARK = ("EXPCTL_TEST_MARK", f"x{os.getpid()}")
#: A parent that waits; a child that heeds no TERM; a grandchild of a parent that has ended.
TREE = """
import os, subprocess, time
deaf = subprocess.Popen(["sh", "-c", "trap '' TERM; echo; exec sleep 600"], stdout=subprocess.PIPE)
deaf.stdout.read(1)
orphan = subprocess.run(["sh", "-c", "sleep 600 > /dev/null & echo $!"], stdout=subprocess.PIPE)
open("pids", "w").write(f"{os.getpid()} {deaf.pid} {orphan.stdout.decode()}")
os.rename("pids", "ready")
time.sleep(600)
"""


class Clock:
    """The clock that leaps over the limit once a file is there, however long its writer took."""

    LIMIT_S = 10_000.0

    def __init__(self, ready: Path) -> None:
        self.ready = ready

    def monotonic(self) -> float:
        return time.monotonic() + self.LIMIT_S * self.ready.exists()

    def __getattr__(self, name: str) -> object:
        return getattr(time, name)


HURRIED = f"""
import os, sys, time
from pathlib import Path
from expctl.adapters import child, family

{inspect.getsource(Clock)}
child.time = family.time = Clock(Path("ready"))
child._GRACE_S = 600.0
words = [sys.executable, "-c", sys.argv[1]]
plan = child.Plan(words, os.getcwd(), os.environ, None, 0, timeout_s=Clock.LIMIT_S, mark={MARK!r})
sys.exit(child.run(plan, started=lambda _: None).exit_code)
"""


def run(tmp_path, script: str, monkeypatch, *, grace_s: float = 0.5) -> child.Ending:
    clock = Clock(tmp_path / "ready")
    monkeypatch.setattr(child, "time", clock)
    monkeypatch.setattr(family, "time", clock)
    monkeypatch.setattr(child, "_GRACE_S", grace_s)
    env = {**os.environ, MARK[0]: MARK[1]}
    words = [sys.executable, "-c", script]
    plan = child.Plan(words, str(tmp_path), env, None, 0, timeout_s=clock.LIMIT_S, mark=MARK)
    return child.run(plan, started=lambda _: None)


def pids(tmp_path) -> list[int]:
    return [int(word) for word in (tmp_path / "ready").read_text().split()]


def test_all_that_a_command_started_ends_with_it(tmp_path, monkeypatch):
    ending = run(tmp_path, TREE, monkeypatch)

    assert (ending.exit_code, ending.timed_out) == (124, True)
    assert [alive.start_of(pid) for pid in pids(tmp_path)] == [None, None, None]


def test_what_ends_in_time_is_not_ended_by_force(tmp_path, monkeypatch):
    script = (
        "import signal, subprocess, sys, time\n"
        "inner = 'import signal, sys, time\\n'"
        '\'def leave(*_): time.sleep(.1); open("saved", "w"); sys.exit()\\n\''
        '\'signal.signal(signal.SIGTERM, leave)\\nopen("ready", "w")\\ntime.sleep(600)\'\n'
        "subprocess.Popen([sys.executable, '-c', inner])\n"
        "time.sleep(600)\n"
    )
    run(tmp_path, script, monkeypatch, grace_s=600.0)

    assert (tmp_path / "ready").exists()
    assert (tmp_path / "saved").exists()


def test_a_server_that_left_the_session_goes_on(tmp_path, monkeypatch):
    script = (
        "import os, subprocess, time\n"
        "words = ['sh', '-c', 'setsid sleep 600 > /dev/null 2>&1 & echo $!']\n"
        "started = subprocess.run(words, stdout=subprocess.PIPE, text=True).stdout\n"
        "while os.getsid(int(started)) == os.getsid(0): time.sleep(0.01)\n"
        "open('pids', 'w').write(started)\n"
        "os.rename('pids', 'ready'); time.sleep(600)\n"
    )
    ending = run(tmp_path, script, monkeypatch)
    [server] = pids(tmp_path)

    assert ending.timed_out
    assert alive.start_of(server) is not None
    os.kill(server, signal.SIGKILL)


def test_who_is_in_a_hurry_does_not_wait_for_the_rest(tmp_path):
    env = {**os.environ, MARK[0]: MARK[1]}
    process = subprocess.Popen([sys.executable, "-c", HURRIED, TREE], cwd=tmp_path, env=env)
    while not (tmp_path / "ready").exists() and process.poll() is None:
        time.sleep(0.01)
    parent, deaf, _ = pids(tmp_path)
    while alive.start_of(parent) is not None:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)

    assert process.wait() == 124
    assert alive.start_of(deaf) is None


def test_ps_tells_the_same_as_what_the_system_has_of_its_own(monkeypatch):
    mine = family._table()[os.getpid()]
    monkeypatch.setattr(family.os.path, "isdir", lambda _: False)
    by_ps = family._table()[os.getpid()]

    assert mine.parent == by_ps.parent == os.getppid()
