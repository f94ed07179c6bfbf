"""What a script logs is in the live folder at once, whatever then happens to the script."""

from __future__ import annotations

import glob
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import expctl
from expctl.core import events

ROOT = Path(expctl.__file__).parents[1]


@pytest.fixture
def live(tmp_path: Path) -> Path:
    folder = tmp_path / "live"
    folder.mkdir()
    return folder


def script(
    live: Path | None, code: str, *, python: str = sys.executable, **env: str
) -> subprocess.Popen[str]:
    more = {} if live is None else {"EXPCTL_RUN_DIR": str(live)}
    return subprocess.Popen(
        [python, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT), **more, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(live: Path | None, code: str, **env: str) -> tuple[int, str]:
    process = script(live, code, **env)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def logged(live: Path) -> list[events.Event]:
    found = []
    for path in sorted(glob.glob(str(live / "events-*.jsonl"))):
        found += list(events.read_events(Path(path).read_bytes()))
    return found


def test_every_call_leaves_its_event(live):
    code, err = run(
        live,
        "import expctl, os\n"
        "expctl.log_params({'a': {'b': 1}}); expctl.log_param('c', 2)\n"
        "expctl.log_metric('m', 0.5, step=3); expctl.log_metrics({'n': 1, 'o': float('nan')}, 4.0)\n"
        "expctl.set_tag('t', 7); expctl.set_tags({'u': 'v'})\n"
        "os.chdir('/'); expctl.log_artifact('tmp', kind='file')",
    )

    found = [event[:4] if event[0] == "metric" else event for event in logged(live)]
    assert (code, err) == (0, "")
    assert repr(found) == repr(
        [
            ("params", {"a": {"b": 1}}),
            ("params", {"c": 2}),
            ("metric", "m", 0.5, 3),
            ("metric", "n", 1.0, 4),
            ("metric", "o", float("nan"), 4),
            ("tag", "t", "7"),
            ("tag", "u", "v"),
            ("artifact", "/tmp", "file"),
        ]
    )


def test_what_was_logged_survives_kill_9(live):
    process = script(
        live,
        "import expctl, itertools, sys\n"
        "for i in itertools.count():\n"
        "    expctl.log_metric('loss', i / 7, i)\n"
        "    if i == 5000: print('go', flush=True)",
    )
    assert process.stdout is not None
    process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)

    steps = [event[3] for event in logged(live)]
    assert len(steps) > 5000
    assert steps == list(range(len(steps)))


def test_processes_and_threads_log_at_once_and_lose_nothing(live):
    code = (
        "import expctl, sys, threading\n"
        "def work(n):\n"
        "    for i in range(2000): expctl.log_metric(f'{sys.argv[1:]}-{n}' + 'x' * 200, i, i)\n"
        "threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]"
    )

    processes = [script(live, code) for _ in range(4)]
    ended = [(process.communicate(timeout=60)[1], process.returncode) for process in processes]

    assert ended == [("", 0)] * 4
    assert len(glob.glob(str(live / "events-*"))) == 4
    found = logged(live)
    assert len(found) == 4 * 4 * 2000
    for n in range(4):
        assert sum(event[1].startswith(f"[]-{n}") for event in found) == 4 * 2000


def test_a_forked_child_has_a_file_of_its_own(live):
    code, err = run(
        live,
        "import expctl, os\n"
        "expctl.log_metric('m', 1.0)\n"
        "pid = os.fork()\n"
        "expctl.log_metric('m', 2.0 if pid else 3.0)\n"
        "pid and os.waitpid(pid, 0)",
    )

    values = sorted(
        tuple(event[2] for event in events.read_events(Path(path).read_bytes()))
        for path in glob.glob(str(live / "events-*"))
    )
    assert (code, err, values) == (0, "", [(1.0, 2.0), (3.0,)])


def test_a_script_that_closes_all_descriptors_still_logs_and_its_own_files_stay_clean(live, tmp_path):
    own = tmp_path / "own.txt"
    code, err = run(
        live,
        "import expctl, os\n"
        "expctl.log_metric('m', 1.0)\n"
        "os.closerange(3, 4096)\n"
        f"files = [open({str(own)!r}, 'a') for _ in range(20)]\n"
        "expctl.log_metric('m', 2.0)",
    )

    assert (code, err) == (0, "")
    assert own.read_text() == ""
    assert sorted(event[2] for event in logged(live)) == [1.0, 2.0]


def test_a_full_disk_is_said_once_and_the_script_goes_on(live):
    code, err = run(
        live,
        "import expctl, resource, os, glob\n"
        "expctl.log_metric('m', 1.0)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))\n"
        "for i in range(5): expctl.log_metric('m', 2.0)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "expctl.log_metric('m', 3.0)",
    )

    assert code == 0
    assert err.count("expctl:") == 1
    assert [event[2] for event in logged(live)] == [1.0, 3.0]


def test_outside_of_a_run_it_is_said_once_that_nothing_is_recorded(tmp_path):
    code, err = run(
        None, "import expctl\nfor i in range(9): expctl.log_metric('m', i); expctl.set_tag('a', 'b')"
    )

    assert code == 0
    assert len(err.splitlines()) == 1
    assert err.startswith("expctl: nothing is recorded. Start the script with `expctl run -- python …`")


def test_only_the_first_rank_says_that_nothing_is_recorded():
    assert run(None, "import expctl; expctl.log_metric('m', 1)", RANK="1") == (0, "")


def test_a_run_folder_that_is_gone_is_said_once(tmp_path):
    code, err = run(tmp_path / "gone", "import expctl\nfor i in range(9): expctl.log_metric('m', i)")

    assert code == 0
    assert err.count("expctl: nothing more is recorded") == 1


def test_a_terminal_that_knows_only_ascii_does_not_stop_the_script():
    code, err = run(None, "import expctl; expctl.log_metric('m', 1)", PYTHONIOENCODING="ascii:strict")

    assert code == 0
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "call",
    [
        "log_metric('m', 'text')",
        "log_metric('m', None)",
        "log_metric('m', [1, 2])",
        "log_metric(['m'], 1.0)",
        "log_metric('m', 1.0, step='x')",
        "log_metrics([1])",
        "log_metrics(None)",
        "log_params(7)",
        "log_artifact(None)",
        "set_tags('x')",
        "log_param('p', Odd())",
        "set_tag('p', Odd())",
        "log_metric('m', Odd())",
    ],
)
def test_a_call_that_makes_no_sense_is_said_and_does_not_raise(live, call):
    code, err = run(
        live,
        "import expctl\n"
        "class Odd:\n"
        "    def __getattribute__(self, name): raise RuntimeError('odd')\n"
        "    def __str__(self): raise RuntimeError('odd')\n"
        f"for i in range(3): expctl.{call}\n"
        "expctl.log_metric('good', 1.0)",
    )

    assert code == 0
    assert err.startswith("expctl: ")
    assert len(err.splitlines()) == 1
    assert [event[1] for event in logged(live)] == ["good"]


def test_an_artifact_that_is_not_there_yet_is_said_and_noted(live):
    code, err = run(live, "import expctl; expctl.log_artifact('soon.pt', 'model')")

    assert code == 0
    assert "soon.pt" in err
    assert logged(live) == [("artifact", os.path.abspath("soon.pt"), "model")]


def test_a_signal_handler_may_log_while_the_script_logs(live):
    code, err = run(
        live,
        "import expctl, signal\n"
        "expctl.log_metric('m', 0)\n"
        "signal.signal(signal.SIGALRM, lambda *_: expctl.log_metric('beat', 1.0))\n"
        "signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)\n"
        "for i in range(1, 20000): expctl.log_metric('m', i)\n"
        "signal.setitimer(signal.ITIMER_REAL, 0)",
    )

    found = logged(live)
    assert (code, err) == (0, "")
    assert sum(event[1] == "m" for event in found) == 20000
    assert any(event[1] == "beat" for event in found)


def test_names_without_end_do_not_fill_the_memory(live):
    from expctl.api import live as module

    code = (
        "import expctl\n"
        "for i in range(25000): expctl.log_metric(f'm{i}', 1.0)\n"
        "from expctl.api import live; assert len(live._heads) <= live._MAX_HEADS"
    )

    assert module._MAX_HEADS < 25000
    assert run(live, code) == (0, "")


def test_time_is_recorded_in_unix_seconds(live):
    before = time.time()
    run(live, "import expctl; expctl.log_metric('m', 1.0)")

    assert before - 1 < logged(live)[0][4] < time.time() + 1
