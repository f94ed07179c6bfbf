"""The child's output streams: a pty or a pipe each, passed through byte for byte and copied into the log."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import signal
import subprocess
import threading
import time

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from expctl.core.secretsieve import Sieve

_CHUNK = 1 << 16
_ERROR = 2
#: So much of the end of a long output is kept.
_END = 1 << 18


class _Stream(NamedTuple):
    source: int
    target: int
    is_terminal: bool
    #: Whether it leads where our own messages go.
    is_ours: bool


class Pump:
    """Carries the child's standard output and error to ours.

    Attributes:
        child_stdout: The descriptor that becomes the child's standard output.
        child_stderr: The same for standard error.
        log: Where everything is copied to.
        fault: Why something could not be shown (a full disk behind ``> file``), or None.
    """

    def __init__(self, log: str | None, *, limit: int, secrets: Sequence[str] = ()) -> None:
        self.fault: str | None = None
        self.log = Log(log, limit=limit, secrets=secrets)
        self._streams: list[_Stream] = []
        self._childs: list[int] = []
        self._ended = b"\n"
        self._stop_at: float | None = None
        self._wake_read, self._wake_write = os.pipe()
        try:
            self.child_stdout = self._open(1)
            # One way for both where both lead to one place: two would lose the order of what is written.
            self.child_stderr = self.child_stdout if _same_file(1, _ERROR) else self._open(_ERROR)
            # Before there is a child: a thread that cannot be started must not leave one behind.
            self._thread = threading.Thread(target=self._carry, name="output", daemon=True)
            self._thread.start()
        except BaseException:
            self._close(
                [*self._childs, *(s.source for s in self._streams), self._wake_read, self._wake_write]
            )
            self.log.close()
            raise

    def begin(self) -> None:
        """The child runs: let go of its ends, so that its end ends the streams."""
        self._close(self._childs)

    def finish(self, drain_s: float) -> list[tuple[int, int]]:
        """The child has ended: carry what is left, for at most ``drain_s`` seconds.

        Returns:
            Streams that somebody whom the child started still holds, each as what to read and where it goes.
        """
        self._stop(drain_s)
        return [(stream.source, stream.target) for stream in self._streams]

    def abandon(self) -> None:
        """There is no child after all."""
        self._close(self._childs)
        self._stop(0.0)

    @property
    def is_ragged(self) -> bool:
        """Whether what the child wrote last, where our own messages go, does not end its line."""
        return self._ended != b"\n"

    def _stop(self, drain_s: float) -> None:
        self._stop_at = time.monotonic() + drain_s
        self._close([self._wake_write])  # its end is what wakes the thread
        self._thread.join()
        self._close([self._wake_read])
        self.log.close()

    def resize(self) -> None:
        """Give each pty the size of the terminal that it stands for."""
        for stream in self._streams:
            if stream.is_terminal:
                _copy_size(stream.target, stream.source)

    def _open(self, target: int) -> int:
        pair = _open_pty(target) if os.isatty(target) else None
        source, end = pair or os.pipe()
        is_ours = target == _ERROR or _same_file(target, _ERROR)
        self._streams.append(_Stream(source, target, pair is not None, is_ours))
        self._childs.append(end)
        return end

    def _carry(self) -> None:
        # Signals are for the thread that waits for the child, which takes them one by one.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        with selectors.DefaultSelector() as selector:
            for stream in self._streams:
                selector.register(stream.source, selectors.EVENT_READ, stream)
            selector.register(self._wake_read, selectors.EVENT_READ, None)
            while self._streams:
                patience = None if self._stop_at is None else max(0.0, self._stop_at - time.monotonic())
                ready = selector.select(patience)
                if not ready and self._stop_at is not None:
                    break
                for key, _ in ready:
                    if key.data is None:
                        selector.unregister(self._wake_read)
                    elif not self._carry_some(key.data):
                        selector.unregister(key.data.source)
                        os.close(key.data.source)
                        self._streams.remove(key.data)

    def _carry_some(self, stream: _Stream) -> bool:
        """Carry one chunk; False when the stream is at its end, or nobody reads ours."""
        try:
            chunk = os.read(stream.source, _CHUNK)
        except OSError:
            # EIO: the last holder of the pty's other end is gone.
            return False
        if not chunk:
            return False
        self.log.write(chunk)
        try:
            _write_all(stream.target, chunk)
        except OSError as err:
            # EPIPE: the reader left (`| head`). Closing our end gives the child the SIGPIPE that it would
            # have had.
            if err.errno == errno.EPIPE:
                return False
            # Anything else (a full disk, a closed terminal): the child goes on, and the log with it.
            self.fault = err.strerror
        if stream.is_ours:
            self._ended = chunk[-1:]
        return True

    @staticmethod
    def _close(handles: Iterable[int]) -> None:
        for handle in handles:
            with contextlib.suppress(OSError):
                os.close(handle)


class Log:
    """A copy of the output, up to a limit; a fault of the disk ends the copy and never the run.

    Of output that is too long the middle is left out: how a program ended stands in its last lines. Secrets
    that are known are taken out on the way, so that the copy holds them at no time.
    """

    def __init__(self, path: str | None, *, limit: int, secrets: Sequence[str] = ()) -> None:
        self.cut = False
        self._sieve: Sieve | None = None
        if secrets:
            from expctl.core import secretsieve  # most environments hold none

            self._sieve = secretsieve.Sieve(secrets)
        self.fault: str | None = None
        self._most_at_end = min(_END, limit // 2)
        self._left = limit - self._most_at_end
        #: What came after the limit, as far back as there is room for, and how many bytes there were.
        self._end = bytearray()
        self._beyond = 0
        self._handle: int | None = None
        if path is not None:
            try:
                self._handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            except OSError as err:
                self.fault = err.strerror

    def write(self, chunk: bytes) -> None:
        """Append as much as the limit leaves."""
        self._append(chunk if self._sieve is None else self._sieve.feed(chunk))

    @property
    def hidden(self) -> int:
        """In how many places a secret was taken out."""
        return 0 if self._sieve is None else self._sieve.hits

    def _append(self, chunk: bytes) -> None:
        if len(chunk) > self._left:
            self._beyond += len(chunk) - self._left
            self._end += chunk[self._left :]
            if len(self._end) > 2 * self._most_at_end:
                del self._end[: len(self._end) - self._most_at_end]
            chunk = chunk[: self._left]
        self._left -= len(chunk)
        self._put(chunk)

    def _put(self, data: bytes | bytearray) -> None:
        if self._handle is not None:
            try:
                _write_all(self._handle, data)
            except OSError as err:
                self.fault = err.strerror
                self._let_go()

    def close(self) -> None:
        """Write what was held back and how the output ended, and let go of the file."""
        if self._sieve is not None:
            self._append(self._sieve.rest())
        self.cut = self._beyond > self._most_at_end
        if self.cut and self._most_at_end:
            # What is kept begins with a whole line.
            del self._end[: self._end.find(b"\n", len(self._end) - self._most_at_end) + 1]
            missing = self._beyond - len(self._end)
            self._put(b"\n[expctl: %d bytes of output are left out here]\n" % missing)
        self._put(self._end)
        self._let_go()

    def _let_go(self) -> None:
        if self._handle is not None:
            with contextlib.suppress(OSError):
                os.close(self._handle)
            self._handle = None


def in_foreground() -> bool:
    """Whether a key typed on our terminal reaches our process group."""
    for handle in (0, 1, 2):
        with contextlib.suppress(OSError):
            return os.tcgetpgrp(handle) == os.getpgrp()
    return False


def carry_on(source: int, target: int) -> None:
    """Let somebody else carry a stream that outlives us.

    Otherwise the next line of a server that the command left running would end that server by SIGPIPE, which
    would not happen without us.
    """
    with contextlib.suppress(OSError):
        carrier = subprocess.Popen(
            ["cat"], stdin=source, stdout=target, stderr=subprocess.DEVNULL, start_new_session=True
        )
        carrier.returncode = 0  # nobody waits for it
    os.close(source)


def _same_file(one: int, other: int) -> bool:
    try:
        return os.path.sameopenfile(one, other)
    except OSError:
        return False


def _open_pty(terminal: int) -> tuple[int, int] | None:
    """A pty like a terminal; None where there are no more (or no ``/dev/pts``), and a pipe must do."""
    import termios

    try:
        master, end = os.openpty()
    except OSError:
        return None
    settings = termios.tcgetattr(end)
    # The user's terminal does its own output processing; a second one would turn \n into \r\r\n.
    settings[1] &= ~termios.OPOST
    settings[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG)
    termios.tcsetattr(end, termios.TCSANOW, settings)
    os.set_inheritable(master, False)  # noqa: FBT003
    _copy_size(terminal, end)
    return master, end


def _copy_size(source: int, target: int) -> None:
    import fcntl
    import termios

    with contextlib.suppress(OSError):
        size = fcntl.ioctl(source, termios.TIOCGWINSZ, b"\0" * 8)
        fcntl.ioctl(target, termios.TIOCSWINSZ, size)


def _write_all(handle: int, data: bytes | bytearray) -> None:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(handle, view) :]
        except BlockingIOError:
            with selectors.DefaultSelector() as selector:
                selector.register(handle, selectors.EVENT_WRITE)
                selector.select()
