"""The wrapped command's streams and end, without a terminal."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from expctl.adapters import child
from expctl.errors import CommandNotFoundError, NotExecutableError

DRIVER = """
import os, sys
from expctl.adapters import child
plan = child.Plan(sys.argv[2:], os.getcwd(), os.environ, sys.argv[1] or None, int(os.environ.get('LIMIT', 1 <<
26)),
                  float(os.environ['TIMEOUT']) if 'TIMEOUT' in os.environ else None)
child._DRAIN_S = float(os.environ.get("DRAIN", 2))
ending = child.run(plan, started=lambda pid: None)
with open('ending', 'w') as file:
    print(ending._asdict(), file=file)
sys.exit(ending.exit_code)
"""


@pytest.fixture
def driver(tmp_path: Path):
    def start(*argv: str, log: str = "log", **kwargs) -> subprocess.Popen:
        env = {**os.environ, "PYTHONPATH": str(Path(child.__file__).parents[2]), **kwargs.pop("env", {})}
        return subprocess.Popen(
            [sys.executable, "-c", DRIVER, log, *argv], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs,
        )  # fmt: skip

    return start


def python(text: str) -> tuple[str, str, str]:
    return sys.executable, "-c", text


@pytest.mark.parametrize("code", [0, 7, 255])
def test_the_exit_code_comes_through(driver, code):
    process = driver(*python(f"raise SystemExit({code})"))
    process.communicate()
    assert process.returncode == code


@pytest.mark.parametrize("number", [2, 6, 9, 11, 15])
def test_a_signal_becomes_128_and_its_number(driver, number):
    process = driver("sh", "-c", f"kill -{number} $$")
    process.communicate()
    assert process.returncode == 128 + number


def test_a_missing_command_is_127_and_a_folder_126(tmp_path):
    plan = child.Plan([str(tmp_path / "none")], str(tmp_path), {}, None, 0)
    with pytest.raises(CommandNotFoundError):
        child.run(plan, started=print)
    with pytest.raises(NotExecutableError):
        child.run(plan._replace(argv=[str(tmp_path)]), started=print)


def test_a_script_without_a_first_line_is_run_by_sh(driver, tmp_path):
    script = tmp_path / "plain"
    script.write_text("echo from sh\n")
    script.chmod(0o755)
    out, _ = driver(str(script)).communicate()
    assert out == b"from sh\n"


def test_bytes_of_any_kind_pass_unchanged_and_are_logged(driver, tmp_path):
    payload = bytes(range(256)) * 300
    (tmp_path / "payload").write_bytes(payload)
    out, err = driver("sh", "-c", "cat payload; cat payload >&2").communicate()
    assert out == payload
    assert err == payload
    assert sorted((tmp_path / "log").read_bytes()) == sorted(payload * 2)


def test_output_flows_while_the_command_runs(driver):
    process = driver("sh", "-c", "echo first; read line </dev/null; exec sleep 100")
    began = time.monotonic()
    assert process.stdout.readline() == b"first\n"
    assert time.monotonic() - began < 90
    process.terminate()
    process.communicate()


def test_of_output_that_is_too_long_the_log_leaves_out_the_middle_and_says_so(driver, tmp_path):
    out, _ = driver("seq", "1000", "9999", env={"LIMIT": "1000"}).communicate()
    head, mark, end = (tmp_path / "log").read_text().partition("\n[expctl: ")
    said, _, end = end.partition("]\n")
    assert (len(out), len(head), mark) == (45_000, 500, "\n[expctl: ")
    assert out.decode().startswith(head)
    assert out.decode().endswith(f"\n{end}")
    assert 490 <= len(end) <= 500
    assert said == f"{45_000 - 500 - len(end)} bytes of output are left out here"
    assert "'log_cut': True" in (tmp_path / "ending").read_text()


@pytest.mark.parametrize("limit", [45_000, 45_001, 60_000, 90_000])
def test_output_that_fits_is_in_the_log_as_it_was(driver, tmp_path, limit):
    out, _ = driver("seq", "1000", "9999", env={"LIMIT": str(limit)}).communicate()
    assert (tmp_path / "log").read_bytes() == out
    assert "'log_cut': False" in (tmp_path / "ending").read_text()


def test_a_log_that_cannot_be_written_does_not_stop_the_output(driver, tmp_path):
    out, _ = driver("echo", "still here", log="/dev/full").communicate()
    assert out == b"still here\n"
    assert "No space left" in (tmp_path / "ending").read_text()


def test_a_reader_that_leaves_ends_an_endless_writer_as_without_us(driver):
    process = driver("yes")
    assert process.stdout.read(4) == b"y\ny\n"
    process.stdout.close()
    process.stderr.close()
    assert process.wait(timeout=100) == 141


def test_a_daemon_left_behind_does_not_keep_us(driver):
    process = driver("sh", "-c", "sleep 100 & echo $!")
    began = time.monotonic()
    out = process.stdout.readline()
    process.wait()
    os.kill(int(out), 9)
    process.communicate()
    assert time.monotonic() - began < 90


@pytest.mark.parametrize("number", [1, 2, 10, 15])
def test_a_signal_sent_to_us_alone_reaches_the_child_once(driver, number):
    text = (
        f"import signal, sys, time\nseen = []\nsignal.signal({number}, lambda *a: seen.append(1))\n"
        "print('ready', flush=True)\nend = time.monotonic() + 100\n"
        "while not seen and time.monotonic() < end: time.sleep(0.01)\ntime.sleep(0.2)\n"
        "sys.exit(40 + len(seen))"
    )
    process = driver(*python(text))
    process.stdout.readline()
    process.send_signal(number)
    process.communicate()
    assert process.returncode == 41


def test_a_signal_that_was_ignored_stays_ignored_for_the_child(driver):
    text = "import signal; raise SystemExit(signal.getsignal(signal.SIGHUP) == signal.SIG_IGN)"
    process = subprocess.Popen(
        ["nohup", sys.executable, "-c", DRIVER, "", *python(text)],
        env={**os.environ, "PYTHONPATH": str(Path(child.__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=os.environ["HOME"],
    )
    process.communicate()
    assert process.returncode == 1


def test_the_child_starts_with_default_signals_and_an_empty_mask(driver):
    text = (
        "import signal\nmask = signal.pthread_sigmask(signal.SIG_BLOCK, [])\n"
        "bad = [s for s in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGUSR1) if s in mask]\n"
        "raise SystemExit(bool(bad) or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL)"
    )
    process = driver(*python(text))
    process.communicate()
    assert process.returncode == 0


def test_time_that_is_up_ends_the_command_with_124(driver):
    process = driver("sleep", "60", env={"TIMEOUT": "0.2"})
    process.communicate()
    assert process.returncode == 124


def test_much_output_needs_little_memory(driver, tmp_path):
    process = driver("sh", "-c", "head -c 200000000 /dev/zero", env={"LIMIT": "1000000"})
    peak = 0

    def watch() -> None:
        nonlocal peak
        while process.poll() is None:
            try:
                text = Path(f"/proc/{process.pid}/status").read_text()
            except OSError:
                return
            peak = max(
                [peak, *(int(line.split()[1]) for line in text.splitlines() if line.startswith("VmHWM"))]
            )
            time.sleep(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    total = 0
    while chunk := process.stdout.read(1 << 20):
        total += len(chunk)
    process.communicate()
    thread.join()
    assert total == 200_000_000
    assert 0 < peak < 60_000


def test_a_server_left_running_goes_on_writing_where_it_wrote(driver, tmp_path):
    late = (
        "import os, time\nwhile not os.path.exists('ending'): time.sleep(0.01)\n"
        "print('late', flush=True); open('lived', 'w')"
    )
    # It ignores nothing: without somebody who reads on, SIGPIPE would end it.
    (tmp_path / "server.py").write_text(f"import signal; signal.signal(13, signal.SIG_DFL)\n{late}")
    process = driver("sh", "-c", f"{sys.executable} server.py & echo early", env={"DRAIN": "0.05"})
    out, _ = process.communicate()

    assert process.returncode == 0
    assert out == b"early\nlate\n"
    assert (tmp_path / "lived").exists()
    assert (tmp_path / "log").read_bytes() == b"early\n"
    assert "'held': True" in (tmp_path / "ending").read_text()


def test_an_end_that_another_thread_heard_of_is_seen_soon(monkeypatch, tmp_path):
    wait, done = signal.sigtimedwait, threading.Event()

    def late(numbers, timeout_s):
        time.sleep(0.5)  # meanwhile the command ends
        return wait(numbers, timeout_s)

    monkeypatch.setattr(signal, "sigtimedwait", late)
    other = threading.Thread(target=done.wait)
    other.start()
    begin = time.monotonic()
    child.run(child.Plan(["sleep", "0.2"], str(tmp_path), os.environ, None, 0), started=lambda _: None)
    done.set()
    other.join()

    assert time.monotonic() - begin < 40  # it was the minute that is waited for a signal


def test_handlers_go_back_while_nobody_can_hear_their_signals(monkeypatch):
    original, masks = signal.signal, []

    def note(number, handler):
        masks.append(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
        return original(number, handler)

    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    with child._Signals() as signals:
        signals.begin()
        monkeypatch.setattr(signal, "signal", note)

    assert masks
    assert all(signal.SIGCHLD in mask for mask in masks)
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == before


def test_a_stopped_child_hears_that_its_time_is_up(driver):
    begin = time.monotonic()
    process = driver("sh", "-c", "kill -STOP $$", env={"TIMEOUT": "0.3"})
    process.communicate()

    assert process.returncode == 124
    assert time.monotonic() - begin < 100


def test_a_child_that_may_not_be_told_is_waited_for(monkeypatch, tmp_path):
    told = []

    def refuse(pid, number):
        told.append(number)
        (tmp_path / "told").touch()
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(child.os, "kill", refuse)
    words = ["sh", "-c", "until [ -e told ]; do sleep 0.02; done; exit 7"]
    plan = child.Plan(words, str(tmp_path), os.environ, None, 0, timeout_s=0.1)
    ending = child.run(plan, started=lambda _: None)

    assert told
    assert (ending.exit_code, ending.timed_out) == (124, True)


def test_a_parent_that_reaps_no_children_takes_no_exit_code(driver, tmp_path):
    before = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
    )
    env = {**os.environ, "PYTHONPATH": str(Path(child.__file__).parents[2])}
    words = [sys.executable, "-c", before, sys.executable, "-c", DRIVER, "log", "sh", "-c", "exit 9"]
    assert subprocess.run(words, cwd=tmp_path, env=env, check=False).returncode == 9


def test_an_output_that_cannot_be_shown_is_logged_and_said(tmp_path, driver):
    with open("/dev/full", "wb") as full:
        env = {**os.environ, "PYTHONPATH": str(Path(child.__file__).parents[2])}
        words = [sys.executable, "-c", DRIVER, "log", "sh", "-c", "echo out; exit 4"]
        done = subprocess.run(words, cwd=tmp_path, env=env, stdout=full, check=False)

    assert done.returncode == 4
    assert (tmp_path / "log").read_bytes() == b"out\n"
    assert "'shown_fault': 'No space left on device'" in (tmp_path / "ending").read_text()


@pytest.mark.parametrize(
    ("script", "ragged"), [("echo a; printf b >&2", True), ("printf a; echo b >&2", False)]
)
def test_a_last_line_without_its_end_is_known(driver, tmp_path, script, ragged):
    driver("sh", "-c", script).communicate()
    assert f"'ragged': {ragged}" in (tmp_path / "ending").read_text()


def test_no_descriptors_left_stops_before_the_start(tmp_path):
    limited = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))\n" + DRIVER
    env = {**os.environ, "PYTHONPATH": str(Path(child.__file__).parents[2])}
    words = [sys.executable, "-c", limited, "log", "touch", "made"]
    done = subprocess.run(words, cwd=tmp_path, env=env, capture_output=True, check=False)
    assert b"CannotStartError: Cannot watch a command: Too many open files." in done.stderr
    assert not (tmp_path / "made").exists()


def test_an_empty_word_is_no_command(tmp_path):
    with pytest.raises(CommandNotFoundError, match="'': command not found"):
        child.run(child.Plan([""], str(tmp_path), {}, None, 0), started=print)


TURNS = "import os\nfor i in range(200): os.write(1 + i % 2, b'%d\\n' % i)"


def test_streams_that_lead_to_one_place_keep_their_order(driver, tmp_path):
    # One pipe for both, as with `2>&1 |`; the driver's own pipe for standard error is left alone.
    merge = "import os, sys; os.dup2(1, 2); os.execv(sys.argv[1], sys.argv[1:])"
    env = {**os.environ, "PYTHONPATH": str(Path(child.__file__).parents[2])}
    words = [sys.executable, "-c", merge, sys.executable, "-c", DRIVER, "log", *python(TURNS)]
    done = subprocess.run(words, cwd=tmp_path, env=env, stdout=subprocess.PIPE, check=False)

    assert [int(line) for line in done.stdout.split()] == list(range(200))
    assert (tmp_path / "log").read_bytes() == done.stdout


def test_streams_that_lead_apart_stay_apart(driver):
    out, err = driver(*python(TURNS)).communicate()
    assert [int(line) for line in out.split()] == list(range(0, 200, 2))
    assert [int(line) for line in err.split()] == list(range(1, 200, 2))


def test_descriptors_that_we_are_given_are_for_the_command(driver):
    # As with `3>log`, `<(…)` and the jobserver of make; and none of ours comes with them.
    source, target = os.pipe()
    listing = python(f"import os; os.write({target}, b'told'); print(sorted(os.listdir('/dev/fd'), key=int))")
    process = driver(*listing, pass_fds=(target,))
    bare = subprocess.run(listing, stdout=subprocess.PIPE, pass_fds=(target,), check=True)
    os.close(target)

    assert process.communicate()[0] == bare.stdout
    with open(source, "rb") as told:
        assert told.read() == b"toldtold"
