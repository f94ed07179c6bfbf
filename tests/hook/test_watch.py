"""What a script opens and imports is listed, in every process of it, and however it ends."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from expctl.capture import hooked

if TYPE_CHECKING:
    from tests.hook.hooks import Hooks

KILL = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


def test_files_that_are_read_and_written_are_told_apart(hooks: Hooks) -> None:
    hooks.write("data.csv")
    hooks.script(
        "open('data.csv').read()\n"
        "open('new.txt', 'w').close(); open('log.txt', 'a').close(); open('data.csv', 'r+').close()"
    )

    seen = hooks.read()
    assert hooks.inside(seen.reads) == ["data.csv"]
    assert hooks.inside(seen.writes) == ["new.txt", "log.txt", "data.csv"]
    assert seen.notes == ()


@pytest.mark.parametrize(
    "line",
    [
        "open('data.csv')",
        "open(b'data.csv')",
        "import pathlib; pathlib.Path('data.csv').open()",
        "import os; os.open('data.csv', os.O_RDONLY)",
        "import os; os.open(b'data.csv', os.O_RDONLY)",
        "import io; io.FileIO('data.csv')",
        "import codecs; codecs.open('data.csv', encoding='utf-8')",
        "import os; os.fdopen(os.open('data.csv', 0))",
    ],
)
def test_a_file_is_seen_however_it_is_opened(hooks: Hooks, line: str) -> None:
    hooks.write("data.csv")
    hooks.write("train.py", line)
    assert hooks.run("-W", "ignore", "train.py").returncode == 0

    assert hooks.inside(hooks.read().reads) == ["data.csv"]


def test_what_is_renamed_into_place_was_written(hooks: Hooks) -> None:
    hooks.script("import os; open('a.tmp', 'w').close(); os.replace('a.tmp', 'a.json')")

    assert hooks.inside(hooks.read().writes) == ["a.tmp", "a.json"]


def test_a_relative_path_is_meant_from_where_the_process_was_then(hooks: Hooks) -> None:
    hooks.write("a.csv")
    hooks.write("in/a.csv")
    hooks.script("import os; open('a.csv'); os.chdir('in'); open('a.csv'); os.chdir('..'); open('a.csv')")

    assert hooks.inside(hooks.read().reads) == ["a.csv", "in/a.csv"]


def test_nothing_of_python_itself_is_listed(hooks: Hooks) -> None:
    hooks.script(
        "import json, numpy, email.mime.text, os, tokenize\n"
        "open(os.__file__).read(); open(numpy.__file__).read(); open('/proc/self/status').read()\n"
        "open('/dev/null', 'w')"
    )

    seen = hooks.read()
    assert (seen.reads, seen.writes) == ((), ())


def test_a_name_of_any_characters_comes_back(hooks: Hooks) -> None:
    names = ["a\nb", "데이터 셋.csv", 'q"\\', "R\tC"]
    for name in names:
        hooks.write(name)
    (hooks.work / os.fsdecode(b"\xff\xfe")).write_text("")
    hooks.script("import os\nfor name in sorted(os.listdir('.')): open(name)")

    assert set(hooks.inside(hooks.read().reads)) == {*names, os.fsdecode(b"\xff\xfe") }  # fmt: skip


def test_a_file_of_a_script_that_is_killed_at_once_is_listed(hooks: Hooks) -> None:
    hooks.write("data.csv")
    hooks.write("train.py", f"open('data.csv').read(); open('out', 'w'); {KILL}")
    assert hooks.run("train.py").returncode == -signal.SIGKILL

    seen = hooks.read()
    assert (hooks.inside(seen.reads), hooks.inside(seen.writes)) == (["data.csv"], ["out"])
    assert seen.main is not None
    assert seen.main.ended_ns is None


def test_a_kill_loses_less_than_a_fifth(hooks: Hooks) -> None:
    hooks.write("train.py", f"for n in range(1000): open(f'{{n % 9}}-{{n}}', 'w')\n{KILL}")
    hooks.run("train.py")

    assert len(hooks.read().writes) > 800


def test_beyond_some_files_of_a_folder_the_folder_is_listed(hooks: Hooks) -> None:
    for number in range(700):
        hooks.write(f"many/{number:03}")
    hooks.write("one.csv")
    hooks.script("for n in range(700): open(f'many/{n:03}').close()\nopen('one.csv')")

    listed = hooks.read()
    reads = [path for path in listed.reads if "/many/" in path]
    assert len(reads) == 501
    assert f"{hooks.work}/many/" in reads
    assert listed.reads[-1] == str(hooks.work / "one.csv")
    assert listed.notes == ()


def test_every_process_of_a_script_is_seen(hooks: Hooks) -> None:
    for name in ("main", "fork", "pool", "spawn", "exit", "sub", "thread"):
        hooks.write(name)
    hooks.script(
        """
import multiprocessing, os, subprocess, sys, threading

def read(name):
    open(name).read()

if __name__ == "__main__":
    read("main")
    if os.fork() == 0:
        read("exit"); os._exit(0)
    os.wait()
    for how in ("fork", "spawn"):
        worker = multiprocessing.get_context(how).Process(target=read, args=(how,))
        worker.start(); worker.join()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        pool.map(read, ["pool"])
    subprocess.run([sys.executable, "-c", "open('sub')"])
    thread = threading.Thread(target=read, args=("thread",))
    thread.start(); thread.join()
""",
        PYTHONWARNINGS="ignore",
    )

    seen = hooks.read()
    assert set(hooks.inside(seen.reads)) == {"main", "fork", "pool", "spawn", "exit", "sub", "thread"}
    assert [each.is_worker for each in seen.processes].count(False) == 2  # the script and its subprocess
    assert seen.main == seen.processes[0]


def test_a_worker_that_ends_by_its_finalizers_loses_nothing(hooks: Hooks) -> None:
    hooks.script(
        """
import multiprocessing

def read():
    for n in range(1003):
        open(f"{n}", "w").close()

worker = multiprocessing.get_context("fork").Process(target=read)
worker.start(); worker.join()
""",
        PYTHONWARNINGS="ignore",
    )

    assert len(hooks.inside(hooks.read().writes)) == 1003


def test_threads_at_once_lose_nothing(hooks: Hooks) -> None:
    hooks.script(
        """
import threading

def work(t):
    for n in range(400):
        open(f"{t}-{n}", "w").close()

threads = [threading.Thread(target=work, args=(t,)) for t in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
"""
    )

    assert len(hooks.inside(hooks.read().writes)) == 3200


def test_the_sources_of_the_repository_are_named_with_the_time_of_their_import(hooks: Hooks) -> None:
    hooks.write("pack/__init__.py")
    module = hooks.write("pack/part.py", "VALUE = 1")
    hooks.write("late.py", "VALUE = 1")
    hooks.script(
        "import pack.part, json, time\n"
        "before = time.time_ns()\n"
        "import late\n"
        "print(before)",
        PYTHONDONTWRITEBYTECODE="1",
    )  # fmt: skip

    main = hooks.read().main
    assert main is not None
    names = [os.path.relpath(path, hooks.work) for path, _ in main.sources]
    assert names == ["train.py", "pack/__init__.py", "pack/part.py", "late.py"]
    assert main.started_ns < main.sources[0][1] < main.sources[-1][1] < main.ended_ns
    assert main.changes[str(module)] == max(module.stat().st_mtime_ns, module.stat().st_ctime_ns)
    assert hooks.read().reads == ()


def test_a_module_that_is_imported_by_a_fork_is_that_of_the_process(hooks: Hooks) -> None:
    hooks.write("late.py", "")
    hooks.script("import os\nif os.fork() == 0:\n import late\n open('x', 'w')\n os._exit(0)\nos.wait()")

    (process,) = hooks.read().processes
    assert str(hooks.work / "late.py") in dict(process.sources)


def test_a_module_that_is_loaded_again_is_named_again(hooks: Hooks) -> None:
    hooks.write("mine.py", "VALUE = 1")
    hooks.script(
        "import importlib, mine, os\n"
        "os.utime('mine.py', ns=(5 * 10**18, 5 * 10**18))\n"
        "importlib.reload(mine); open('x', 'w')"
    )

    main = hooks.read().main
    assert main.changes[str(hooks.work / "mine.py")] == 5 * 10**18


@pytest.mark.parametrize("words", [["-m", "pack.run"], ["-m", "pack"], ["pack"]], ids=" ".join)
def test_modules_that_are_run_are_sources(hooks: Hooks, words: list[str]) -> None:
    hooks.write("pack/__init__.py")
    hooks.write("pack/__main__.py", "import sys; sys.path.insert(0, '.'); import pack.run")
    hooks.write("pack/run.py", "print('on')")
    assert hooks.run(*words).stdout == "on\n"

    assert str(hooks.work / "pack/run.py") in dict(hooks.read().main.sources)


def test_modules_are_known_by_name(hooks: Hooks) -> None:
    hooks.script("import numpy, json")

    assert hooks.read().main.modules == ("numpy",)


def test_a_process_that_becomes_another_is_written_down_first(hooks: Hooks) -> None:
    hooks.write("data.csv")
    for number in range(50):
        hooks.write(f"d/{number}")
    hooks.script(
        "import os, sys\n"
        "for n in range(50): open(f'd/{n}').close()\n"
        "open('data.csv')\n"
        "os.execv(sys.executable, [sys.executable, '-c', 'pass'])"
    )

    seen = hooks.read()
    assert len(seen.reads) == 51
    assert len(seen.processes) == 2
    assert seen.processes[0].pid == seen.processes[1].pid


def test_a_live_folder_without_a_hook_is_empty(tmp_path) -> None:
    assert hooked.read(tmp_path) == hooked.Hooked()
    assert hooked.read(tmp_path / "gone") == hooked.Hooked()


def test_an_end_of_the_interpreter_that_opens_files_is_no_fault(hooks: Hooks) -> None:
    out = hooks.script(
        "import atexit, os\n"
        "class Last:\n"
        "    def __init__(self): self.open, self.write = open, os.write\n"
        "    def __del__(self): self.open('/etc/passwd').close(); self.write(1, b'closed\\n')\n"
        "last = Last(); last.self = last\n"
        "atexit.register(lambda: open('late.txt', 'w').close())"
    )

    assert out == "closed\n"
    assert hooks.inside(hooks.read().writes) == ["late.txt"]
