"""The wrapped command: started, watched, its streams passed through, its end reported.

The child keeps our session, process group and standard input, so that job control, ``breakpoint()`` and
password prompts work as without us. An output stream that is a terminal gets a pty, any other a pipe; two
that lead to one place share one. Bytes pass unchanged and are copied into the log. Signals typed on the
terminal reach the child without us; only those that were sent to us alone are forwarded.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import signal
import subprocess
import threading
import time

from expctl.adapters import streams
from expctl.errors import CannotStartError, CommandNotFoundError, NotExecutableError
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Self

    from expctl.adapters.family import Family

#: Signals that end the child when they are sent to us alone, and those that only tell it something.
_FORWARDED = (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
_WATCHED = (*_FORWARDED, signal.SIGWINCH, signal.SIGCHLD)
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_TYPED = (signal.SIGINT, signal.SIGQUIT)
#: Why a command cannot be started that are none of the command's.
_SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN)
#: How long a grandchild that holds the streams open may keep us after the child's end.
_DRAIN_S = 2.0
#: Between TERM and KILL when the time is up.
_GRACE_S = 10.0
#: A signal that comes while we are not waiting may go to another thread of ours: look after it this often.
_PATIENCE_S = 1.0
#: ``si_code`` of a signal that the kernel made, such as the terminal's Ctrl-C (asm-generic/siginfo.h).
_SI_KERNEL = 0x80


class Ending(NamedTuple):
    """How the child ended.

    Attributes:
        exit_code: 0-255; 128 + n when signal n ended it; 124 when the time was up.
        signal: The signal that ended it, or None.
        received: The last of INT, TERM and HUP that reached us while it ran, or None.
        duration_s: Wall time.
        cpu_s: User and system time of the child and the descendants that it waited for.
        max_rss_bytes: Peak resident memory of the largest single process among them.
        log_cut: Whether the middle of the output is not in the log.
        log_fault: Why the log could not be written, or None.
        shown_fault: Why some output could not be shown, or None.
        held: Whether processes that it left behind still hold its output.
        ragged: Whether its last line, where messages go, is not ended.
        log_hidden: In how many places of the log a secret was taken out.
    """

    exit_code: int
    signal: int | None
    received: int | None
    duration_s: float
    cpu_s: float
    max_rss_bytes: int
    timed_out: bool
    log_cut: bool
    log_fault: str | None
    shown_fault: str | None = None
    held: bool = False
    ragged: bool = False
    log_hidden: int = 0


class Plan(NamedTuple):
    """What to start, and where its output is copied, without the secrets.

    Attributes:
        mark: A variable of ``env`` that no other process has, and its value: known by it are those of its
            processes that have lost their parents.
    """

    argv: Sequence[str]
    cwd: str
    env: Mapping[str, str]
    log: str | None
    log_limit: int
    timeout_s: float | None = None
    secrets: tuple[str, ...] = ()
    mark: tuple[str, str] | None = None


def run(plan: Plan, *, started: Callable[[int], None]) -> Ending:
    """Run a command to its end.

    Args:
        plan: What to run.
        started: Called with the child's process id as soon as it runs; must not raise.

    Raises:
        CommandNotFoundError: There is no such command (127).
        NotExecutableError: It may not be executed (126).
        CannotStartError: We have no descriptors or threads left to start anything (125).
    """
    import resource  # noqa: F401 wait4 loads it: once the child runs, nothing may be lacking

    with _Signals() as signals:
        try:
            pump = streams.Pump(plan.log, limit=plan.log_limit, secrets=plan.secrets)
        except (OSError, RuntimeError) as err:
            why = getattr(err, "strerror", None) or err
            raise CannotStartError(f"Cannot watch a command: {why}.") from err
        begin = time.monotonic()
        try:
            process = _start(plan, pump)
        except BaseException:
            pump.abandon()
            raise
        signals.begin()
        pump.begin()
        started(process.pid)
        watch = _Watch(process, signals, pump, plan)
        code, usage = watch.until_end()
        duration_s = time.monotonic() - begin
        held = pump.finish(_DRAIN_S)
        for source, target in held:
            streams.carry_on(source, target)
    return Ending(
        exit_code=124 if watch.timed_out else code if code >= 0 else 128 - code,
        signal=-code if code < 0 else None,
        received=watch.received,
        duration_s=duration_s,
        cpu_s=usage.ru_utime + usage.ru_stime,
        max_rss_bytes=usage.ru_maxrss * (1 if os.uname().sysname == "Darwin" else 1024),
        timed_out=watch.timed_out,
        log_cut=pump.log.cut,
        log_fault=pump.log.fault,
        shown_fault=pump.fault,
        held=bool(held),
        ragged=pump.is_ragged,
        log_hidden=pump.log.hidden,
    )


def _start(plan: Plan, pump: streams.Pump) -> subprocess.Popen[bytes]:
    argv = list(plan.argv)
    try:
        return _spawn(argv, plan, pump)
    except OSError as err:
        if err.errno == errno.ENOEXEC:
            # A script without "#!": execvp(3) and every shell hand it to sh.
            return _spawn(["/bin/sh", *argv], plan, pump)
        if not os.path.isdir(plan.cwd):
            raise NotExecutableError(f"The folder {plan.cwd} is gone.") from err
        if isinstance(err, FileNotFoundError) or not argv[0]:
            raise CommandNotFoundError(
                f"{argv[0] or repr('')}: command not found.",
                hint="Write the command as you would type it after --",
            ) from err
        why = os.strerror(err.errno or 0)
        if err.errno in _SHORTAGES:
            raise CannotStartError(f"Cannot start {argv[0]}: {why}.") from err
        raise NotExecutableError(f"{argv[0]}: {why}.") from err


def _spawn(argv: list[str], plan: Plan, pump: streams.Pump) -> subprocess.Popen[bytes]:
    out, err = pump.child_stdout, pump.child_stderr
    # What else is open here is the command's: <(…), 3>log, make's jobserver. Ours exec closes (PEP 446).
    return subprocess.Popen(argv, cwd=plan.cwd, env=plan.env, stdout=out, stderr=err, close_fds=False)


class _Watch:
    """Waits for the child's end, passing on what arrives meanwhile."""

    def __init__(
        self, process: subprocess.Popen[bytes], signals: _Signals, pump: streams.Pump, plan: Plan
    ) -> None:
        self.process = process
        self.signals = signals
        self.pump = pump
        self.mark = plan.mark
        self.deadline = math.inf if plan.timeout_s is None else time.monotonic() + plan.timeout_s
        self.received: int | None = None
        self.family: Family | None = None

    def until_end(self) -> tuple[int, os.struct_rusage]:  # type: ignore[name-defined]
        """The child's exit code, negative for a signal, and what it used."""
        while True:
            pid, status, usage = os.wait4(self.process.pid, os.WNOHANG)
            if pid:
                code = os.waitstatus_to_exitcode(status)
                self.process.returncode = code
                if self.family is not None:
                    self.family.end(self.deadline, self._is_hurried)
                return code, usage
            self._heed_time()
            patience_s = min(_PATIENCE_S, max(0.0, self.deadline - time.monotonic()))
            for number, typed in self.signals.wait(patience_s):
                self._heed(number, typed=typed)

    def _heed_time(self) -> None:
        if time.monotonic() < self.deadline:
            return
        number = signal.SIGKILL if self.timed_out else signal.SIGTERM
        if self.family is None:
            from expctl.adapters.family import Family  # most runs have no limit

            self.family = Family(self.process.pid, self.mark)
        # One that is stopped would hear the rest only later.
        self.family.tell(number, signal.SIGCONT)
        self.deadline = time.monotonic() + _GRACE_S

    def _is_hurried(self, patience_s: float) -> bool:
        """Wait for a moment; whether somebody wants an end now."""
        numbers = [number for number, _ in self.signals.wait(patience_s) if number in _ENDING]
        self.received = numbers[-1] if numbers else self.received
        return bool(numbers)

    @property
    def timed_out(self) -> bool:
        """Whether it was ended because its time was up."""
        return self.family is not None

    def _heed(self, number: int, *, typed: bool) -> None:
        if number == signal.SIGWINCH:
            # The child was told by the kernel, perhaps before its pty had the new size: tell it again.
            self.pump.resize()
            self._send(signal.SIGWINCH)
        elif number != signal.SIGCHLD:
            if number in _ENDING:
                self.received = number
                if self.family is not None:
                    self.deadline = 0.0  # whoever asks twice does not want to wait
            if not typed:
                self._send(number)

    def _send(self, number: int) -> None:
        # One that runs as somebody else (sudo) may not be told; it is waited for all the same.
        with contextlib.suppress(PermissionError, ProcessLookupError):
            os.kill(self.process.pid, number)


class _Signals:
    """The signals that reach us while the child runs.

    Handlers (not SIG_IGN: that would be inherited) note what comes while the child is being started; from
    then on the signals are blocked and waited for, because only ``sigtimedwait`` tells who sent one.
    """

    def __init__(self) -> None:
        self._noted: list[int] = []
        self._before: dict[int, signal._HANDLER] = {}
        self._mask: set[int | signal.Signals] | None = None
        self._exact = hasattr(signal, "sigtimedwait")
        self._arrived = threading.Event()

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in _WATCHED:
                # What our parent had ignored (nohup) stays ignored, for us and for the child; but where the
                # ends of children are ignored nobody could wait for one.
                if signal.getsignal(number) != signal.SIG_IGN or number == signal.SIGCHLD:
                    self._before[number] = signal.signal(number, self._note)
        return self

    def begin(self) -> None:
        if self._exact:
            self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED)

    def wait(self, timeout_s: float) -> Iterator[tuple[int, bool]]:
        """The signals that came, each with whether the terminal sent it to the child as well."""
        while self._noted:
            number = self._noted.pop(0)
            yield number, number in _TYPED and streams.in_foreground()
        if self._exact:
            info = signal.sigtimedwait(_WATCHED, timeout_s)
            if info is not None:
                yield info.si_signo, info.si_code == _SI_KERNEL
        else:
            self._arrived.wait(min(timeout_s, 0.1))
            self._arrived.clear()

    def __exit__(self, *exc: object) -> None:
        if self._mask is not None:
            while signal.sigtimedwait(_WATCHED, 0) is not None:
                pass  # what came after the child's end was meant for it
        # Still blocked: Python complains of one that comes while its handler is being taken away.
        for number, handler in self._before.items():
            signal.signal(number, handler)
        if self._mask is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def _note(self, number: int, _frame: object) -> None:
        self._noted.append(number)
        self._arrived.set()
