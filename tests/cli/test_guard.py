"""Where errors end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from expctl.cli import context, guard
from expctl.errors import AnswerIsNoError, ExpctlError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _fresh():
    context.configure(context.Globals())
    yield
    context.configure(context.Globals())


def raising(err: BaseException):
    def work(words: list[str]) -> int:
        raise err

    return work


@pytest.mark.parametrize(
    ("err", "code"),
    [(ExpctlError("x."), 1), (UsageError("x."), 2), (AnswerIsNoError("x."), 3), (KeyboardInterrupt(), 130),
     (SystemExit(4), 4), (SystemExit(None), 0), (ValueError("x"), 70)],
)  # fmt: skip
def test_every_end_has_its_exit_code(err: BaseException, code: int) -> None:
    assert guard.call(["ls"], raising(err)) == code


def test_an_error_is_a_line_and_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    guard.call(["ls"], raising(ExpctlError('No run matches "a\x1b".', hint="List runs with: expctl ls")))

    assert capsys.readouterr() == ("", 'Error: No run matches "a\\x1b".\nHint: List runs with: expctl ls\n')


def test_an_error_is_json_where_json_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    guard.call(["ls", "--json"], raising(UsageError("Bad.", hint="Better.")))
    told = json.loads(capsys.readouterr().err)

    assert told == {"error": "Bad.", "kind": "UsageError", "hint": "Better.", "exit_code": 2}


def test_our_own_bug_leaves_a_report_and_no_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    guard.call(["ls", "--password", "hunter2secret"], raising(ZeroDivisionError("oops")))
    told = capsys.readouterr().err
    (report,) = (tmp_path / "expctl").iterdir()

    assert "Traceback" not in told
    assert str(report) in told
    assert "ZeroDivisionError: oops" in report.read_text()
    assert "hunter2secret" not in report.read_text()


def test_debug_shows_where_an_error_comes_from(capsys: pytest.CaptureFixture[str]) -> None:
    context.configure(context.Globals(debug=True))
    guard.call(["ls"], raising(ExpctlError("x.")))

    assert "Traceback" in capsys.readouterr().err


def test_a_closed_pipe_ends_quietly() -> None:
    code = "import sys; sys.argv = ['expctl', '--help']; from expctl.__main__ import main; main()"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)

    assert done.returncode == guard.BROKEN_PIPE
    assert done.stderr == b""


# The kernel itself must refuse the bytes, as late as when the interpreter flushes: no stand-in tells that.
# Linux always has the file; macOS has none, and a disk of our own to fill needs root there.
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no file that is always full")
def test_a_full_disk_is_said_in_one_line(repo) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "expctl", "config", "list"],
            stdout=full, stderr=subprocess.PIPE, cwd=repo.path, check=False, text=True,
        )  # fmt: skip

    assert done.returncode == 1
    room = "Hint: Make room on that disk, and repeat the command\n"
    assert done.stderr == f"Error: No space left on device\n{room}"


def test_a_missing_permission_names_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert guard.call(["ls"], raising(PermissionError(13, "Permission denied", "/some/file"))) == 1
    assert (
        capsys.readouterr().err
        == "Error: Permission denied: /some/file\nHint: See who may use it: ls -ld /some/file\n"
    )


@pytest.mark.parametrize("command", [("ls",), ("ls", "--json"), ("--help",)])
def test_closed_streams_are_no_reason_to_fail(repo, command: tuple[str, ...]) -> None:
    line = f"exec {sys.executable} -m expctl {' '.join(command)} >&- 2>&-"

    assert subprocess.run(["sh", "-c", line], cwd=repo.path, check=False).returncode in (0, 1)
