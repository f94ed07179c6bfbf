"""Where every error ends: one line and a hint for a fault the user can mend, a report for one of ours.

This file has the only broad ``except`` of the command line.
"""

from __future__ import annotations

import errno
import os
import sys

from expctl.cli import ground
from expctl.errors import WAYS_OUT, ExpctlError
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

INTERRUPTED = 130
OUR_BUG = 70
#: What a shell reports for a program that SIGPIPE ended, as git is.
BROKEN_PIPE = 141
#: What the owner of the machine can mend: a full disk, a missing permission, a failing device, too many open
#: files.
_MENDABLE = frozenset((
    errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE
))  # fmt: skip


def call(words: list[str], work: Callable[[list[str]], int]) -> int:
    """Do the work and turn whatever it raises into words and an exit code.

    Args:
        words: The command line, for the report and to see whether errors are wanted as JSON.
        work: Gets the words, gives the exit code.
    """
    ground.prepare()
    try:
        code = work(words)
        flush()
    except SystemExit as err:
        code = err.code if isinstance(err.code, int) else int(bool(err.code))
    except (Exception, KeyboardInterrupt) as err:  # noqa: BLE001 - see the docstring
        try:
            code = _end_of(err, words)
        except Exception:  # noqa: BLE001 - so broken an expctl cannot even say how
            sys.stderr.write(f"Error: expctl itself failed: {type(err).__name__}: {err}\n")
            code = OUR_BUG
    return code


def _end_of(err: BaseException, words: list[str]) -> int:
    """Say what was raised, and give its exit code."""
    if isinstance(err, KeyboardInterrupt):
        return INTERRUPTED
    if isinstance(err, BrokenPipeError):
        _close_pipes()
        return BROKEN_PIPE
    if isinstance(err, OSError) and err.errno in _MENDABLE:
        err = _of_the_machine(err)
    return _tell(err, words) if isinstance(err, ExpctlError) else _crash(err, words)


def _tell(err: ExpctlError, words: list[str]) -> int:
    from expctl.cli import console, context
    from expctl.cli import words as spelling

    try:
        if spelling.wants_json(words):
            fact = {
                "error": str(err),
                "kind": type(err).__name__,
                "hint": err.hint,
                "exit_code": err.exit_code,
            }
            console.json(fact, file=sys.stderr)
        else:
            console.error(str(err))
            if err.hint:
                console.hint(err.hint)
        if context.debug():
            import traceback

            console.say("".join(traceback.format_exception(err)))
        flush()
    except OSError:
        pass
    _close_pipes()
    return err.exit_code


def _of_the_machine(err: OSError) -> ExpctlError:
    """A fault of disk or permissions as an error: what, and where."""
    where = f": {os.fspath(err.filename)!s}" if err.filename else ""
    hint = WAYS_OUT.get(err.strerror or "")
    if hint is None and err.filename and isinstance(err, PermissionError):
        hint = f"See who may use it: ls -ld {os.fspath(err.filename)!s}"
    return ExpctlError(f"{err.strerror}{where}", hint=hint)


def _crash(err: BaseException, words: list[str]) -> int:
    import traceback

    from expctl.cli import console, context

    story = "".join(traceback.format_exception(err))
    if context.debug():
        console.say(story)
    path = _write_report(story, words)
    reason = traceback.format_exception_only(err)[-1].strip()
    console.error(f"expctl itself failed: {reason}")
    report = f"Please report it with the file\n  {path}" if path else "See where with: expctl --debug …"
    console.hint(f"{report}\nWhether anything is left to mend says: expctl doctor")
    return OUR_BUG


def _write_report(story: str, words: list[str]) -> str | None:
    """Write what a developer needs, the typed words redacted; None where nothing can be written."""
    import platform
    import time

    from expctl.version import VERSION

    lines = [
        f"expctl {VERSION}, Python {platform.python_version()}, {platform.platform()}",
        f"at {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}",
        f"words: {_redacted(words)}",
        "",
        story,
    ]
    for folder in _report_folders():
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            path = os.path.join(
                folder, f"crash-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}.txt"
            )
            with open(path, "x", encoding="utf-8", errors="backslashreplace") as file:
                file.write("\n".join(lines))
        except OSError:
            continue
        return path
    return None


def _report_folders() -> list[str]:
    from expctl.cli import context

    project = context.found()
    state = os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state")
    mine = [os.path.join(project.state, "crashes")] if project is not None else []
    last = os.path.join("/tmp", f"expctl-{os.getuid()}")  # noqa: S108 - the file is made with "x"
    return [*mine, os.path.join(state, "expctl"), last]


def _redacted(words: list[str]) -> list[str]:
    try:
        from expctl.core import redact

        return list(redact.redact_argv(words)[0])
    except Exception:  # noqa: BLE001 - a report must never fail for want of a nicety
        return words[:1]


def flush() -> None:
    """Hand everything to the reader now, so that a closed pipe is met where it can be answered."""
    for stream in (sys.stdout, sys.stderr):
        if stream is not None and not stream.closed:
            stream.flush()


def _close_pipes() -> None:
    """Point streams that fail at nothing, so that Python's own flush at exit does not complain."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        except (AttributeError, ValueError):  # closed before we began
            continue
