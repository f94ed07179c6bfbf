"""The door to helper processes: git, dvc and the like. The wrapped command itself is ``adapters.child``."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeVar

    Found = TypeVar("Found")


class Done(NamedTuple):
    """How a helper ended: exit code (negative for a signal), and both streams as bytes."""

    code: int
    out: bytes
    err: bytes

    @property
    def text(self) -> str:
        """Standard output as text; bytes that are not UTF-8 survive as surrogates."""
        return self.out.decode("utf-8", "surrogateescape")

    @property
    def complaint(self) -> str:
        """Standard error as text fit for a message."""
        return self.err.decode("utf-8", "replace").strip()


def run(
    argv: Sequence[str],
    *,
    cwd: str | os.PathLike[str],
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    timeout_s: float | None = None,
) -> Done:
    """Run a helper to its end, without a shell and without the terminal.

    Args:
        argv: The command and its words.
        cwd: Where it runs.
        env: Its whole environment; ours when None.
        stdin: What it reads; nothing when None.
        timeout_s: It is killed after that long.

    Raises:
        FileNotFoundError: There is no such command.
        TimeoutError: It ran for longer than ``timeout_s``.
    """
    with _unstopped():
        helper = subprocess.Popen(
            list(argv),
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    with helper:
        try:
            out, err = helper.communicate(stdin, timeout=timeout_s)
        except subprocess.TimeoutExpired as late:
            helper.kill()
            raise TimeoutError(f"{argv[0]} took longer than {timeout_s} s") from late
        except BaseException:
            helper.kill()
            raise
    return Done(helper.returncode, out, err)


def alongside(ask: Callable[[], Found]) -> Callable[[], Found]:
    """Ask a helper something while we go on.

    Args:
        ask: Asks; done at once where no thread can be had any more.

    Returns:
        Waits for the answer; raises what asking raised.
    """
    found: list[Found] = []
    faults: list[Exception] = []

    def work() -> None:
        try:
            found.append(ask())
        except Exception as err:  # noqa: BLE001 raised where the answer is wanted
            faults.append(err)

    def wait() -> Found:
        if thread.ident is not None:
            thread.join()
        if faults:
            raise faults[0]
        return found[0]

    thread = threading.Thread(target=work, daemon=True)
    try:
        thread.start()
    except RuntimeError:
        work()
    return wait


@contextlib.contextmanager
def _unstopped() -> Iterator[None]:
    """Let no Ctrl-Z fall between the fork and the exec of a helper.

    ``subprocess`` uses vfork: a helper that is stopped before its exec keeps our thread in the kernel, our
    group then never counts as stopped, and the terminal hangs until somebody sends SIGCONT from elsewhere.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def follow(argv: Sequence[str], *, cwd: str | os.PathLike[str], env: Mapping[str, str]) -> int:
    """Run a command on our own terminal, its streams ours, and give its exit code (negative for a signal).

    Raises:
        FileNotFoundError: There is no such command.
    """
    return subprocess.run(list(argv), cwd=cwd, env=env, check=False).returncode


class Aside:
    """A helper that works beside us until it is told that no more comes; what it finds it says at its end."""

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], first: bytes) -> None:
        """Start it, without a shell and without the terminal.

        Args:
            argv: The command and its words.
            env: Its whole environment.
            first: What it reads at once. After that its standard input says nothing, and ends when we end it.

        Raises:
            OSError: It could not be started.
        """
        with _unstopped():
            self._helper = subprocess.Popen(
                list(argv),
                cwd="/",
                env=env,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        assert self._helper.stdin is not None  # a pipe, see above
        with contextlib.suppress(BrokenPipeError):
            self._helper.stdin.write(first)
            self._helper.stdin.flush()

    def finish(self, timeout_s: float) -> bytes | None:
        """Let it come to its end; what it said, or None when it failed or took longer."""
        with self._helper as helper:
            try:
                out, _ = helper.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                helper.kill()
                return None
            except BaseException:
                helper.kill()
                raise
        return out if helper.returncode == 0 else None
