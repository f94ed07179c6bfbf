"""A screen that is drawn anew now and then, and leaves the terminal as it was.

The alternate screen keeps what stood there; ``q`` and Ctrl-C end it, Ctrl-Z leaves it until ``fg``. Without a
terminal that can do this, nothing here is used.
"""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING

from expctl.cli import console

if TYPE_CHECKING:
    from types import FrameType
    from typing import Any, Self

_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l"
_HOME, _TO_LINE_END, _TO_SCREEN_END = "\x1b[H", "\x1b[K", "\x1b[J"
_ENDED = 128


def is_possible() -> bool:
    """Whether the output is a terminal that takes more than lines."""
    return console.is_terminal(sys.stdout) and os.environ.get("TERM", "") not in ("", "dumb")


class Screen:
    """The terminal, as long as the block lasts."""

    def __init__(self) -> None:
        self._settings: list[Any] | None = None
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP):
            handler = self._suspend if number == signal.SIGTSTP else self._end
            self._handlers[number] = signal.signal(number, handler)
        self._begin()
        return self

    def __exit__(self, *_: object) -> None:
        self._restore()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)

    def draw(self, thing: Any) -> None:
        """Draw a page (``lines(color=…)``), in one write so that nothing flickers."""
        lines = thing.lines(color=console.colored(sys.stdout))
        _write(_HOME + "".join(f"{text}{_TO_LINE_END}\n" for text in lines[:-1])
               + "".join(f"{text}{_TO_LINE_END}" for text in lines[-1:]) + _TO_SCREEN_END)  # fmt: skip

    def wait(self, seconds: float) -> bool:
        """Wait; False when the person wants to leave."""
        if self._settings is None:
            threading.Event().wait(seconds)
            return True
        ready, _, _ = select.select([sys.stdin], [], [], seconds)
        return not ready or os.read(sys.stdin.fileno(), 1) not in (b"q", b"Q", b"")

    def _begin(self) -> None:
        import termios

        with contextlib.suppress(OSError, ValueError, termios.error):
            if console.is_terminal(sys.stdin) and os.tcgetpgrp(0) == os.getpgrp():
                self._settings = termios.tcgetattr(0)
                quiet = termios.tcgetattr(0)
                quiet[3] &= ~(termios.ECHO | termios.ICANON)
                termios.tcsetattr(0, termios.TCSADRAIN, quiet)
        _write(_ENTER)

    def _restore(self) -> None:
        import termios

        _write(_LEAVE)
        if self._settings is not None:
            with contextlib.suppress(OSError, termios.error):
                termios.tcsetattr(0, termios.TCSADRAIN, self._settings)
            self._settings = None

    def _suspend(self, number: int, _: FrameType | None) -> None:
        self._restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        # Here again after `fg`.
        signal.signal(number, self._suspend)
        self._begin()

    def _end(self, number: int, _: FrameType | None) -> None:
        raise SystemExit(_ENDED + number)


def _write(text: str) -> None:
    # Past Python's buffer, which a signal handler must not enter twice.
    left = text.encode(sys.stdout.encoding or "ascii", "backslashreplace")
    with contextlib.suppress(OSError, ValueError):  # the terminal is gone: there is nothing to restore
        while left:
            left = left[os.write(sys.stdout.fileno(), left) :]
