"""The quick road of ``expctl run``: its words read without Typer, whose import costs more than the record."""

from __future__ import annotations

import contextlib
import os
import sys

from expctl.cli import plain
from expctl.errors import CannotStartError, ExpctlError, UsageError
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence

    from expctl.actions.record import Recorded
    from expctl.actions.request import Request

RUN_WORDS: plain.Table = {
    "-e": ("experiment", "one"),
    "--experiment": ("experiment", "one"),
    "-n": ("name", "one"),
    "--name": ("name", "one"),
    "-t": ("tag", "many"),
    "--tag": ("tag", "many"),
    "--note": ("note", "many"),
    "--param": ("param", "many"),
    "--data": ("data", "many"),
    "--artifact": ("artifact", "many"),
    "--keep": ("keep", "many"),
    "--no-keep": ("no_keep", True),
    "--metrics": ("metrics", "many"),
    "--seed": ("seed", "one"),
    "--commit": ("commit", True),
    "--no-commit": ("commit", False),
    "--timeout": ("timeout", "one"),
    "--no-hooks": ("hooks", False),
    "--strict": ("strict", True),
}


class Words(NamedTuple):
    """The options of one ``expctl run`` as typed, and the command after them."""

    options: dict[str, plain.Value]
    argv: tuple[str, ...]


def run(argv: Sequence[str]) -> int | None:
    """Do ``expctl run`` if the words are plain.

    Args:
        argv: The words after ``expctl``.

    Returns:
        The exit code; None when Typer must read the words.
    """
    words = read_words(argv)
    if words is None or words.options.get("debug"):
        return None
    options = words.options
    try:
        request = to_request(options, words.argv)
        return execute(
            request, directory=str(options.get("directory", ".")), quiet=bool(options.get("quiet"))
        )
    except ExpctlError as err:
        return complain(err)


def read_words(argv: Sequence[str]) -> Words | None:
    """Read global options, the word ``run``, its options and the command; None when anything is not plain."""
    options: dict[str, plain.Value] = {}
    at = plain.read(argv, 0, plain.GLOBAL_WORDS, options)
    if at is None or at >= len(argv) or argv[at] != "run":
        return None
    at = plain.read(argv, at + 1, RUN_WORDS, options)
    if at is None:
        return None
    if at < len(argv) and argv[at] == "--":
        at += 1
    return Words(options, tuple(argv[at:])) if at < len(argv) else None


def to_request(options: dict[str, plain.Value], argv: Sequence[str]) -> Request:
    """Turn words into what was asked for.

    Raises:
        UsageError: A number is none, or ``K=V`` has no ``=``.
    """
    from expctl.actions.request import Request

    def many(field: str) -> list[str]:
        value = options.get(field, [])
        return value if isinstance(value, list) else [str(value)]

    def text(field: str) -> str | None:
        value = options.get(field)
        return None if value is None else str(value)

    commit = options.get("commit")
    return Request(
        argv=tuple(argv),
        experiment=text("experiment"),
        name=text("name"),
        tags=_pairs(many("tag"), "--tag"),
        notes=tuple(many("note")),
        params=_pairs(many("param"), "--param"),
        data=tuple(many("data")),
        artifacts=tuple(many("artifact")),
        keep=tuple(many("keep")),
        no_keep=bool(options.get("no_keep")),
        metrics=tuple(many("metrics")),
        seed=_seed(text("seed")),
        commit=None if commit is None else bool(commit),
        timeout_s=_seconds(text("timeout")),
        hooks=False if options.get("hooks") is False else None,
        strict=bool(options.get("strict")),
    )


def execute(request: Request, *, directory: str, quiet: bool) -> int:
    """Record the run, say in one line how it went, and give the child's exit code.

    Raises:
        CannotStartError: The child was not started, for whatever reason: 125, 126 or 127.
    """
    import signal
    import threading

    from expctl import project
    from expctl.cli import context

    started = threading.Event()
    # While git finds the repository, the rest is loaded; what the end needs, while git looks at the files.
    # It takes no signal: only who waits for the command may hear that it ended.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    with contextlib.suppress(RuntimeError):  # no threads left: then one after the other
        threading.Thread(target=_load, args=(started,), daemon=True).start()
    signal.pthread_sigmask(signal.SIG_SETMASK, mask)
    say = None if quiet else _say
    try:
        found = project.find(os.path.normpath(context.absolute(directory)))
        from expctl.actions import record

        done = record.record(found, request, say=say, started=started.set)
    except CannotStartError:
        raise
    except ExpctlError as err:
        raise CannotStartError(str(err), hint=err.hint) from err
    except OSError as err:
        where = f": {os.fspath(err.filename)!s}" if err.filename else ""
        raise CannotStartError(f"{err.strerror}{where}") from err
    from expctl.actions.probes import attempt

    faults: list[str] = []
    if not quiet:
        with contextlib.suppress(KeyboardInterrupt):  # the child's exit code counts
            attempt(faults, "expctl: the run has ended", lambda: _sum_up(done), None)
    for fault in faults:
        _write(f"{fault}\n")
    return done.exit_code


def _load(started: threading.Event) -> None:
    """Load what the end needs: a command may remove expctl itself, with the environment that it is in.

    In a large repository that is loaded in the command's first milliseconds, which one that begins with the
    removal could win.
    """
    __import__("expctl.actions.record")
    if "expctl.adapters.gitahead" in sys.modules:
        # In a large repository git keeps all cores busy, and what comes before the command waits for it.
        started.wait()
    for name in ("actions.finishing", "cli.runlines", "core.text"):
        __import__(f"expctl.{name}")


def _sum_up(done: Recorded) -> None:
    from expctl.cli import runlines

    if done.ragged:
        _write("\n")
    for line in runlines.lines_of(done, columns=_columns()):
        _say(line)


def complain(err: ExpctlError) -> int:
    """Say what is wrong and what to type, as ``cli.guard`` does."""
    from expctl.core.text import clean

    sys.stderr.write(f"Error: {clean(str(err))}\n")
    if err.hint:
        first, *rest = err.hint.split("\n")
        sys.stderr.write("\n".join([f"Hint: {clean(first)}", *(clean(line) for line in rest)]) + "\n")
    return err.exit_code


def _say(line: str) -> None:
    from expctl.core.text import clean

    _write(f"expctl: {clean(line)}\n")


def _write(text: str) -> None:
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        # Nobody listens any more; the exit code still has to be the child's.
        return


def _columns() -> int | None:
    """How wide a line may be behind ``expctl: ``; None when nobody looks."""
    try:
        return max(20, os.get_terminal_size(2).columns - len("expctl: "))
    except OSError:
        return None


def _pairs(words: list[str], option: str) -> dict[str, str]:
    pairs: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key.strip():
            raise UsageError(
                f"{option} takes KEY=VALUE, not {word!r}.", hint=f"For instance: {option} dataset=v3"
            )
        pairs[key.strip()] = value
    return pairs


def _seed(text: str | None) -> int | None:
    if text is None:
        return None
    # PYTHONHASHSEED and numpy take 32 bits.
    if not text.isascii() or not text.isdigit() or int(text) >= 1 << 32:
        raise UsageError(f"--seed takes a whole number from 0 to 4294967295, not {text!r}.")
    return int(text)


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise UsageError(f"--timeout takes seconds above 0, not {text!r}.")
    return value
