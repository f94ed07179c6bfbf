"""In a real terminal the wrapped command behaves as the bare one."""

from __future__ import annotations

import sys

import pytest

from tests.terminal import Terminal

WRAPPERS = {"bare": "", "wrapped": f"{sys.executable} -m expctl -q run -- "}


@pytest.fixture(params=list(WRAPPERS))
def prefix(request) -> str:
    return WRAPPERS[request.param]


@pytest.fixture
def terminal(repo):
    opened = Terminal(repo.path)
    yield opened
    opened.close()


def script(repo, text: str) -> str:
    repo.write("job.py", text)
    return f"{sys.executable} job.py"


def test_ctrl_c_reaches_the_command_once_and_gives_130(repo, terminal, prefix):
    job = script(
        repo,
        "import signal, sys, time\nseen = []\n"
        "signal.signal(signal.SIGINT, lambda *_: seen.append(1))\n"
        "print('ready', flush=True)\nend = time.monotonic() + 100\n"
        "while not seen and time.monotonic() < end: time.sleep(0.01)\n"
        "time.sleep(0.5)\nprint('times', len(seen), flush=True)\nsys.exit(130)\n",
    )
    terminal.type(f"{prefix}{job}; echo code''=$?=\n")
    terminal.wait_for("ready")
    terminal.type("\x03")
    assert "times 1" in terminal.wait_for(r"times \d")
    assert "130" in terminal.wait_for(r"code=\d+=")


def test_ctrl_z_stops_and_fg_goes_on(repo, terminal, prefix):
    job = script(
        repo,
        "import os, time\nprint('ready', flush=True)\nwhile not os.path.exists('go'): time.sleep(0.01)\n"
        "print('done', flush=True)\n",
    )
    terminal.type(f"{prefix}{job}\n")
    terminal.wait_for("ready")
    terminal.type("\x1a")
    terminal.wait_for("Stopped")
    assert "Stopped" in terminal.run("jobs")
    repo.write("go", "")
    terminal.type("fg; echo code''=$?=\n")
    terminal.wait_for("done")
    assert "code=0=" in terminal.wait_for(r"code=\d+=")


def test_a_debugger_can_be_talked_to(repo, terminal, prefix):
    job = script(repo, "secret = 6 * 7\nbreakpoint()\nprint('after', secret)\n")
    terminal.type(f"{prefix}{job}\n")
    terminal.wait_for(r"\(Pdb\) ")
    terminal.type("p secret + 1\n")
    terminal.wait_for("43")
    terminal.type("c\n")
    terminal.wait_for("after 42")


def test_a_password_prompt_does_not_echo(repo, terminal, prefix):
    job = script(repo, "import getpass\np = getpass.getpass('Say: ')\nprint('length', len(p))\n")
    terminal.type(f"{prefix}{job}\n")
    terminal.wait_for("Say: ")
    terminal.type("hunter2\n")
    assert "hunter2" not in terminal.wait_for("length 7")


def test_a_resized_window_is_seen_by_the_command(repo, terminal, prefix):
    job = script(
        repo,
        "import os, signal, time\nseen = []\n"
        "signal.signal(signal.SIGWINCH, lambda *_: seen.append(os.get_terminal_size(1).columns))\n"
        "print('first', os.get_terminal_size(1).columns, flush=True)\n"
        "end = time.monotonic() + 100\n"
        "while 77 not in seen and time.monotonic() < end: time.sleep(0.05)\n"
        "print('now', seen, flush=True)\n",
    )
    terminal.type(f"{prefix}{job}\n")
    terminal.wait_for("first 100")
    terminal.resize(77, 30)
    assert "77" in terminal.wait_for(r"now \[.*\]")


def test_a_progress_bar_draws_in_place(repo, terminal, prefix):
    job = script(
        repo,
        "import sys, time\nfrom tqdm import tqdm\nassert sys.stderr.isatty() and sys.stdout.isatty()\n"
        "for _ in tqdm(range(5), mininterval=0): time.sleep(0.01)\nprint('end')\n",
    )
    terminal.type(f"{prefix}{job}\n")
    text = terminal.wait_for(r"\nend")
    assert "100%" in text
    assert text.count("\r") >= 5
    assert "\r\r\n" not in text


def test_typed_lines_are_read(repo, terminal, prefix):
    job = script(repo, "print('got', input('name? ')[::-1])\n")
    terminal.type(f"{prefix}{job}\n")
    terminal.wait_for(r"name\? ")
    terminal.type("abc\n")
    terminal.wait_for("got cba")


def test_both_streams_keep_their_order(repo, terminal, prefix):
    job = script(
        repo, "import os\nfor i in range(300): os.write(1 + i % 2, b'%d,' % i)\nos.write(1, b'end\\n')\n"
    )
    shown = terminal.run(f"{prefix}{job}")
    assert ",".join(map(str, range(300))) in shown.replace("\r", "").replace("\n", "")
