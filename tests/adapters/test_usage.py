from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from expctl.actions import usage as actions
from expctl.adapters import usage

if TYPE_CHECKING:
    from collections.abc import Iterator

MB = 1 << 20
pytestmark = pytest.mark.skipif(
    not os.path.isdir("/proc/self/task"), reason="what is measured here is read from /proc, which macOS lacks"
)


@contextmanager
def running(code: str) -> Iterator[int]:
    """A process that says when it is ready, and goes on until its input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", code + "\nprint('ready', flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    with process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == b"ready\n"
        yield process.pid
        process.stdin.close()


STARTS_CHILDREN = """
import subprocess, sys
big = "data = b'x' * (40 << 20); print('ready', flush=True); input()"
children = [subprocess.Popen([sys.executable, "-c", big], stdin=0, stdout=subprocess.PIPE) for _ in range(2)]
for child in children:
    child.stdout.readline()
"""
FORKS = """
import os, time
data = b'x' * (80 << 20)
read, write = os.pipe()
for _ in range(3):
    if os.fork() == 0:
        os.close(write)
        os.read(read, 1)
        os._exit(0)
"""


def test_memory_of_all_processes_is_summed() -> None:
    with running(STARTS_CHILDREN) as pid:
        used = usage.Tree(pid).look()

    assert used is not None
    assert len(used.pids) == 3
    assert used.memory_bytes > 80 * MB


def test_what_forked_processes_share_is_counted_once() -> None:
    with running(FORKS) as pid:
        used = usage.Tree(pid).look()

    assert used is not None
    assert len(used.pids) == 4
    assert 80 * MB < used.memory_bytes < 160 * MB


def test_children_of_threads_are_found() -> None:
    code = (
        "import subprocess, threading\n"
        "e, f = threading.Event(), threading.Event()\n"
        "def go():\n    subprocess.Popen(['cat'], stdin=0)\n    e.set()\n    f.wait()\n"
        "threading.Thread(target=go, daemon=True).start()\ne.wait()"
    )
    with running(code) as pid:
        tree = usage.Tree(pid)
        first = tree.look()
        second = tree.look()

    assert first is not None
    assert second is not None
    assert len(first.pids) == len(second.pids) == 2


def test_a_kernel_without_lists_of_children_is_read_another_way(monkeypatch) -> None:
    with running(STARTS_CHILDREN) as pid:
        listed = usage.Tree(pid).look()
        tree = usage.Tree(pid)
        tree._has_lists = False
        searched = tree.look()

    assert listed is not None
    assert searched is not None
    assert sorted(listed.pids) == sorted(searched.pids)


def test_a_process_that_is_gone_uses_nothing() -> None:
    done = subprocess.Popen(["true"])
    done.wait()

    assert usage.Tree(done.pid).look() is None


def test_the_peak_of_all_processes_is_what_a_run_used() -> None:
    with running(STARTS_CHILDREN) as pid:
        watch = actions.Usage(pid)
        pause_s = watch.look()
    facts = watch.facts({"cpu_s": 1000.0, "max_rss_bytes": 41 * MB})

    assert pause_s >= 1
    assert facts["cpu_s"] == 1000.0
    assert facts["max_rss_bytes"] > 80 * MB
    assert "gpu_utilization" not in facts
    assert watch.notes == []
