"""Draw something again and again until it is interrupted, with as little flicker as can be."""

from __future__ import annotations

import contextlib
import gc
import io
import sys
import time
from typing import TYPE_CHECKING

from expctl.cli import console, context
from expctl.errors import ExpctlError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

#: Between two looks, at least; and so many times as long as a look takes.
_PAUSE_S, _EASE = 1.0, 8
_HOME, _END_OF_LINE, _BENEATH = "\x1b[H", "\x1b[K", "\x1b[J"


def redraw(draw: Callable[[], None]) -> None:
    """Draw on a terminal whenever the picture has changed; ends with Ctrl-C.

    Args:
        draw: Prints what is to be seen.

    Raises:
        UsageError: There is no terminal.
    """
    if not console.is_terminal(sys.stdout):
        raise UsageError("--watch needs a terminal to draw on.")
    gc.enable()  # switched off for short commands, and this is none
    before = ""
    with contextlib.suppress(KeyboardInterrupt):
        while True:
            start = time.monotonic()
            picture = _picture(draw)
            if picture != before:
                lines = picture.split("\n")
                top = _HOME if before else _HOME + _BENEATH
                sys.stdout.write(top + (_END_OF_LINE + "\n").join(lines) + _BENEATH)
                sys.stdout.flush()
                before = picture
            time.sleep(max(_PAUSE_S, _EASE * (time.monotonic() - start)))
    sys.stdout.write("\n")


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


def _picture(draw: Callable[[], None]) -> str:
    """All that is printed, results and remarks, cut to the height of the terminal."""
    page = _Copy(sys.stdout)  # type: ignore[arg-type]
    with contextlib.redirect_stdout(page), contextlib.redirect_stderr(page):
        try:
            context.forget()
            draw()
        except ExpctlError as err:  # a file that is being written, a ref that is being fetched
            console.error(str(err))
    return _fitting(page.getvalue().rstrip("\n"))


def _fitting(text: str) -> str:
    import shutil

    lines = text.split("\n")
    rows = shutil.get_terminal_size().lines - 1
    return "\n".join(lines[:rows])
