"""Whatever befalls the hook, the script runs as if it were not there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.hook.hooks import Hooks

READS = "import random; random.seed(1); random.random(); open('train.py').read(); print('on')\n"


def test_a_folder_that_takes_no_file(hooks: Hooks) -> None:
    assert hooks.script(READS, EXPCTL_RUN_DIR="/proc/self", EXPCTL_SEED="3") == "on\n"


def test_a_folder_that_goes_while_the_script_runs(hooks: Hooks) -> None:
    out = hooks.script(f"import shutil; shutil.rmtree({str(hooks.live)!r})\n" + READS)

    assert out == "on\n"
    assert not hooks.live.exists()


def test_a_disk_that_takes_nothing_more(hooks: Hooks) -> None:
    lines = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
    out = hooks.script(lines + "for n in range(2000): open('train.py').close()\n" + READS)

    assert out == "on\n"


def test_no_descriptor_is_left(hooks: Hooks) -> None:
    out = hooks.script(
        """
import os, resource
resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
held = []
try:
    while True:
        held.append(os.open("/dev/null", os.O_RDONLY))
except OSError as err:
    print(err.strerror)
for each in ("a", "b"):
    try:
        open(each, "w")
    except OSError as err:
        print(err.strerror)
[os.close(each) for each in held]
open("c", "w").close()
print(sorted(os.listdir("/proc/self/fd"), key=int)[:3])
"""
    )

    assert out.splitlines() == ["Too many open files"] * 3 + ["['0', '1', '2']"]
    assert "c" in hooks.inside(hooks.read().writes)


def test_the_numbers_of_descriptors_are_those_that_the_script_expects(hooks: Hooks) -> None:
    hooks.write("in.txt", "text\n")
    out = hooks.script("import os; os.close(0); print(os.open('in.txt', os.O_RDONLY), input())")

    assert out == "0 text\n"


DEEP = """
import sys
def file_at(n):
    return file_at(n - 1) if n else open(name, "wb").close()
for depth in range(sys.getrecursionlimit() - 60, sys.getrecursionlimit() + 5):
    try:
        name = f"data-{depth}"
        file_at(depth)
    except RecursionError:
        break
print(depth)
"""


def test_a_script_that_recurses_to_the_limit_gets_as_deep_but_one(hooks: Hooks) -> None:
    hooks.write("deep.py", DEEP)
    plain = subprocess.run(
        [sys.executable, "deep.py"], cwd=hooks.work, capture_output=True, text=True, check=True
    )
    done = hooks.run("deep.py")

    assert int(plain.stdout) - int(done.stdout) in (0, 1)  # the frame of the hook itself
    assert done.stderr == ""


@pytest.mark.parametrize("error", ["TimeoutError", "ValueError", "TypeError", "KeyboardInterrupt", "OSError"])
def test_what_a_signal_handler_raises_reaches_the_script(hooks: Hooks, error: str) -> None:
    hooks.write("data.csv")
    out = hooks.script(
        f"""
import signal
class Mine({error}): pass
def ring(*_):
    global rung
    rung += 1
    raise Mine("time is up")
signal.signal(signal.SIGALRM, ring)
rung = caught = 0
for turn in range(30):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.002 + turn / 100000)
        while True:
            open(f"data.csv").close(); open(f"out-{{turn}}", "a").close()
    except Mine:
        caught += 1
print(rung, caught)
"""
    )

    assert out == "30 30\n"


def test_events_that_a_library_makes_up_are_passed_over(hooks: Hooks) -> None:
    hooks.write("data.csv")
    out = hooks.script(
        """
import sys
class Odd:
    __hash__ = None
for args in ((), ("x",), (1, 2, 3), (Odd(), "r", 0), ("a", "r", None), (b"data.csv", 0, 0), (b"", 1, 2, 3)):
    sys.audit("open", *args)
sys.audit("exec"); sys.audit("exec", "text"); sys.audit("import"); sys.audit("import", 3)
sys.audit("os.rename", "x"); sys.audit("os.chdir"); sys.audit("import", "x" * 100_000)
open("data.csv")
print("on")
"""
    )

    assert out == "on\n"
    assert "data.csv" in hooks.inside(hooks.read().reads)


@pytest.mark.parametrize(
    "options", [["-bb"], ["-X", "dev", "-W", "error"], ["-O"], ["-u", "-B"]], ids=" ".join
)
def test_a_strict_interpreter_finds_no_fault(hooks: Hooks, options: list[str]) -> None:
    hooks.write("a")
    names = "'a', b'a', 'new', b'new'"
    hooks.write("train.py", f"import random, json\nfor n in ({names}): open(n, 'a').close(); open(n).close()")
    done = hooks.run(*options, "train.py")

    assert (done.returncode, done.stderr) == (0, "")
    assert hooks.inside(hooks.read().reads) == ["a", "new"]


def test_an_environment_that_the_script_empties(hooks: Hooks) -> None:
    out = hooks.script(
        "import os, subprocess, sys\n"
        "os.environ.clear()\n"
        "subprocess.run([sys.executable, '-c', 'print(1)'], check=True)\n"
        "open('out.txt', 'w').close()\nimport random; random.seed(3)"
    )

    assert out == "1\n"
    assert hooks.inside(hooks.read().writes) == ["out.txt"]
    assert hooks.events() == [("seed", "random", 3)]


def test_a_path_that_the_script_sets_for_its_children(hooks: Hooks) -> None:
    out = hooks.script(
        "import os, subprocess, sys\n"
        "os.environ['PYTHONPATH'] = '/nowhere'\n"
        "subprocess.run([sys.executable, '-c', 'print(1)'], check=True)"
    )

    assert out == "1\n"
    assert len(hooks.read().processes) == 1


def test_the_users_own_customisations_run(hooks: Hooks) -> None:
    hooks.write("own/sitecustomize.py", "print('site')")
    hooks.write("own/usercustomize.py", "print('user')")
    code = "import random; print('on')"
    done = hooks.run("-c", code, path=str(hooks.work / "own"))
    plain = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(hooks.work / "own")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == plain.stdout
    assert "site\n" in plain.stdout


def test_a_script_that_closes_every_descriptor(hooks: Hooks) -> None:
    hooks.write("data.csv")
    out = hooks.script("import os; os.closerange(3, 4000); open('data.csv').read(); print('on')")

    assert out == "on\n"
    assert hooks.inside(hooks.read().reads) == ["data.csv"]


def test_an_interrupt_ends_the_script_as_it_would(hooks: Hooks) -> None:
    hooks.write("train.py", "import os, signal\nopen('a', 'w')\nos.kill(os.getpid(), signal.SIGINT)\n")
    done = hooks.run("train.py")

    assert done.returncode == -signal.SIGINT
    assert "KeyboardInterrupt" in done.stderr
    assert "expctl" not in done.stderr


def test_a_traceback_names_no_file_of_ours(hooks: Hooks) -> None:
    hooks.write("train.py", "import random\nopen('gone')")
    done = hooks.run("train.py")

    assert "FileNotFoundError" in done.stderr
    assert "hook" not in done.stderr


def test_a_debugger_does_not_step_into_the_hook(hooks: Hooks) -> None:
    out = hooks.script(
        "import sys\nseen = set()\n"
        "def trace(frame, event, arg):\n"
        "    seen.add(frame.f_code.co_filename.rpartition('/')[2]); return trace\n"
        "sys.settrace(trace); open('train.py').close(); sys.settrace(None)\n"
        "print('expctl_watch.py' in seen)"
    )

    assert out == "False\n"


@pytest.mark.parametrize("module", ["expctl_watch.py", "expctl_observe.py", "expctl_seeds.py"])
def test_a_broken_part_leaves_the_rest(hooks: Hooks, module: str) -> None:
    broken = hooks.work / "broken"
    from tests.hook.hooks import HOOK

    shutil.copytree(HOOK, broken, ignore=shutil.ignore_patterns("__pycache__"))
    (broken / module).write_text("raise SystemError('broken')")
    out = hooks.script(READS, PYTHONPATH=str(broken))

    assert out == "on\n"
    assert hooks.read().processes[0].ended_ns
