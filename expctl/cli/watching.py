"""What a command prints, drawn again and again on a screen of its own."""

from __future__ import annotations

import contextlib
import gc
import io
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

from expctl.cli import console, context, screen
from expctl.errors import ExpctlError, UsageError
from expctl.render import style

if TYPE_CHECKING:
    from collections.abc import Callable

#: Between two looks, at least; and so many times as long as a look takes.
_PAUSE_S, _EASE = 1.0, 8


def redraw(draw: Callable[[], None]) -> None:
    """Draw on a screen of its own, again and again; ends with ``q`` and Ctrl-C and leaves the last picture.

    Args:
        draw: Prints what is to be seen.

    Raises:
        UsageError: There is no terminal that can do this.
    """
    if not screen.is_possible():
        raise UsageError("--watch needs a terminal to draw on.")
    gc.enable()  # switched off for short commands, and this is none
    picture = _Picture("")
    with contextlib.suppress(KeyboardInterrupt), screen.Screen() as shown:
        while True:
            start = time.monotonic()
            picture = _picture(draw)
            shown.draw(picture)
            if not shown.wait(max(_PAUSE_S, _EASE * (time.monotonic() - start))):
                break
    sys.stdout.write(picture.text + "\n")


class _Picture(NamedTuple):
    """What was printed, as the screen takes it: its colours are in it, and how to leave stands beneath."""

    text: str

    def lines(self, *, color: bool) -> list[str]:
        leave = style.paint([style.Span("q ends this.", "faint")], color=color)
        return [*self.text.split("\n"), leave]


class _Copy(io.StringIO):
    """What stands in for the terminal while a picture is made."""

    def __init__(self, terminal: io.TextIOBase) -> None:
        super().__init__()
        self._terminal = terminal

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._terminal.encoding or "utf-8"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._terminal.fileno()


def _picture(draw: Callable[[], None]) -> _Picture:
    """All that is printed, results and remarks, cut to the height of the terminal."""
    page = _Copy(sys.stdout)  # type: ignore[arg-type]
    with contextlib.redirect_stdout(page), contextlib.redirect_stderr(page):
        try:
            context.forget()
            draw()
        except ExpctlError as err:  # a file that is being written, a ref that is being fetched
            console.error(str(err))
    return _Picture(_fitting(page.getvalue().rstrip("\n")))


def _fitting(text: str) -> str:
    import shutil

    lines = text.split("\n")
    rows = shutil.get_terminal_size().lines - 1
    return "\n".join(lines[:rows])
