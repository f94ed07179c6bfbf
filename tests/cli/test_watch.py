"""A run in progress is seen as it is, on a screen and in a pipe, and is not disturbed."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from tests.terminal import Terminal

SCRIPT = """\
import os, time, expctl
for step in range(5):
    expctl.log_metric("loss", 1 / (step + 1), step=step)
print("\\x1b[31mready\\x1b[0m\\x1b]0;title\\x07", flush=True)
while not os.path.exists("go"):
    time.sleep(0.01)
expctl.log_metric("loss", 0.0625, step=9)
print("bye", flush=True)
"""


class Training:
    def __init__(self, repo, *words: str) -> None:
        argv = [sys.executable, "-m", "expctl", "run", *words, "--", sys.executable, "train.py"]
        self.repo = repo
        self.process = subprocess.Popen(argv, cwd=repo.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while b"ready" not in self.process.stdout.readline():
            pass
        while "ready" not in "".join(self.logs()):
            time.sleep(0.01)

    def logs(self) -> list[str]:
        live = self.repo.path / ".git" / "expctl" / "live"
        return [path.read_text() for path in live.glob("*/output.log")]

    def finish(self) -> int:
        self.repo.write("go", "")
        self.process.communicate()
        return self.process.returncode


@pytest.fixture
def training(make_repo):
    repo = make_repo(files={"train.py": SCRIPT, ".gitignore": "go\n"})
    started = []

    def start(*words: str) -> Training:
        started.append(Training(repo, *words))
        return started[-1]

    yield start
    for each in started:
        if each.process.poll() is None:
            each.finish()


def test_one_look_shows_metrics_and_the_end_of_the_output(training) -> None:
    repo = training("-n", "base\x1b[31mline").repo
    done = repo.expctl("watch", "--once")

    assert done.exit_code == 0
    assert "running" in done.out
    assert "loss" in done.out
    assert "█▄▂▁▁" in done.out
    assert done.out.rstrip().endswith("ready")
    assert "\x1b" not in done.out


def test_one_look_as_json(training) -> None:
    run = training()
    seen = run.repo.expctl("watch", "@", "--once", "--json").json

    assert seen["schema"] == "expctl/watch/v1"
    assert (seen["status"], seen["output"]) == ("running", ["ready"])
    assert seen["metrics"] == {"loss": {"value": 0.2, "step": 4, "min": 0.2, "max": 1.0}}
    assert seen["pid"] > 0


def test_runs_in_progress_are_listed_with_their_last_metrics(training) -> None:
    run = training("-n", "first")
    listed = run.repo.expctl("ls", "--running")
    [seen] = run.repo.expctl("ls", "--running", "--json").json["runs"]

    assert "first" in listed.out
    assert "loss 0.2" in listed.out
    assert f"pid {seen['pid']}" in listed.out
    assert run.repo.expctl("ls", "--running", "--limit", "3").exit_code == 2
    run.finish()
    assert run.repo.expctl("ls", "--running").out == ""


def follow(repo, *words: str) -> subprocess.Popen:
    argv = [sys.executable, "-m", "expctl", "watch", *words, "--every", "0.1"]
    return subprocess.Popen(argv, cwd=repo.path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_in_a_pipe_new_values_are_lines_and_the_end_is_said(training) -> None:
    run = training()
    watch = follow(run.repo)
    first = watch.stdout.readline()
    assert run.finish() == 0
    rest, errors = watch.communicate()

    assert "step 4  loss 0.2" in first
    assert "completed in" in rest.splitlines()[-1]
    assert "loss 0.0625" in rest.splitlines()[-1]
    assert (watch.returncode, errors) == (0, "")
    assert "\x1b" not in first + rest


def test_in_a_pipe_json_is_an_object_a_line(training) -> None:
    run = training()
    watch = follow(run.repo, "--json")
    first = json.loads(watch.stdout.readline())
    run.finish()
    last = json.loads(watch.communicate()[0].splitlines()[-1])

    assert (first["status"], last["status"]) == ("running", "completed")
    assert last["metrics"] == {"loss": {"value": 0.0625, "step": 9}}
    assert last["exit_code"] == 0


def test_a_run_without_metrics_is_followed_by_its_output(make_repo) -> None:
    repo = make_repo(files={"train.py": "import os, time\nprint('ready', flush=True)\n"
                            "while not os.path.exists('go'): time.sleep(0.01)\n"})  # fmt: skip
    run = Training(repo)
    watch = follow(repo)
    first = watch.stdout.readline()
    run.finish()
    watch.communicate()

    assert first.endswith("  ready\n")


def test_a_run_that_is_killed_while_it_is_watched_ends_the_watch(training) -> None:
    run = training()
    watch = follow(run.repo)
    watch.stdout.readline()
    [seen] = run.repo.expctl("ls", "--running", "--json").json["runs"]
    run.process.kill()
    subprocess.run(["kill", "-9", str(seen["pid"])], check=True)
    run.process.communicate()
    rest, _ = watch.communicate()

    assert "killed" in rest.splitlines()[0]
    assert watch.returncode == 0


def test_what_has_ended_is_said_at_once_and_what_is_not_there_is_an_error(repo) -> None:
    assert repo.expctl("watch").exit_code == 1
    repo.expctl("run", "--", "true")

    assert "completed in" in repo.expctl("watch", "@").out
    assert "No run is in progress" in repo.expctl("watch").err
    assert repo.expctl("watch", "nothing").exit_code == 1


@pytest.fixture
def terminal(training):
    run = training()
    opened = Terminal(run.repo.path, columns=80, rows=24)
    yield run, opened
    opened.close()


WATCH = f"{sys.executable} -m expctl watch --every 0.1"


def test_on_a_terminal_it_is_a_screen_that_gives_the_terminal_back(terminal) -> None:
    run, screen = terminal
    screen.type(f"{WATCH}; echo code=$?=; stty -a\n")
    shown = screen.wait_for("(?s)loss.*?ready")
    run.finish()
    rest = screen.wait_for(r"(?s)code=\d=.*? -?echok ")

    assert "\x1b[?1049h" in shown
    assert rest.index("\x1b[?1049l") < rest.index("completed in") < rest.index("code=0=")
    assert " echo " in rest
    assert " icanon " in rest


@pytest.mark.parametrize(("key", "code"), [("q", 0), ("\x03", 130)])
def test_leaving_the_screen_leaves_the_run_alone(terminal, key, code) -> None:
    run, screen = terminal
    screen.type(f"{WATCH}; echo code=$?=\n")
    screen.wait_for("loss")
    screen.type(key)
    rest = screen.wait_for(r"code=\d+=")

    assert rest.endswith(f"code={code}=")
    assert "\x1b[?1049l" in rest
    assert run.finish() == 0


def test_a_screen_is_laid_aside_and_taken_up_again(terminal) -> None:
    run, screen = terminal
    screen.type(f"{WATCH}\n")
    screen.wait_for("loss")
    screen.type("\x1a")
    aside = screen.wait_for("Stopped")
    screen.type("fg\n")
    again = screen.wait_for("loss")
    run.finish()

    assert "\x1b[?1049l" in aside
    assert "\x1b[?1049h" in again
    screen.wait_for("completed in")


def test_a_dumb_terminal_gets_lines(terminal) -> None:
    run, screen = terminal
    screen.type(f"TERM=dumb {WATCH}; echo code=$?=\n")
    screen.wait_for("step 4  loss 0.2")
    run.finish()
    rest = screen.wait_for("code=0=")

    assert "completed in" in rest
    assert "\x1b" not in rest
