"""A real terminal for tests: an interactive bash that leads its own session on a pty."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Terminal:
    """Types keys and reads the screen's bytes, as a person would.

    Every wait is for a text that must appear, with a limit far above what it takes.
    """

    LIMIT_S = 120.0

    def __init__(self, cwd: Path, *, columns: int = 100, rows: int = 30) -> None:
        self.seen = ""
        self._marks = 0
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(cwd)
            os.environ.update(PS1="$ ", TERM="xterm", HISTFILE="", BASH_SILENCE_DEPRECATION_WARNING="1")
            os.execvp("bash", ["bash", "--noprofile", "--norc", "-i"])
        self.resize(columns, rows)
        self.wait_for(r"\$ $")

    def type(self, keys: str) -> None:
        os.write(self.master, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait_for(self, pattern: str) -> str:
        """Read until the pattern appears in what has not been looked at yet; give the text up to its end."""
        end = time.monotonic() + self.LIMIT_S
        while not (match := re.search(pattern, self.seen)):
            left = end - time.monotonic()
            assert left > 0, f"{pattern!r} never came; on the screen: {self.seen[-2000:]!r}"
            if select.select([self.master], [], [], left)[0]:
                try:
                    self.seen += os.read(self.master, 1 << 16).decode(errors="replace")
                except OSError:
                    raise AssertionError(
                        f"the terminal closed; on the screen: {self.seen[-2000:]!r}"
                    ) from None
        text, self.seen = self.seen[: match.end()], self.seen[match.end() :]
        return text

    def run(self, command: str) -> str:
        """Type a command, wait for its end, give what it printed."""
        mark = self._mark()
        self.type(f"{command}; echo {mark[:4]}''{mark[4:]}\n")
        return self.wait_for(mark)

    def exit_code(self, command: str) -> int:
        mark = self._mark()
        self.type(f"{command}; echo {mark[:4]}''{mark[4:]}=$?=\n")
        text = self.wait_for(mark + r"=(\d+)=")
        return int(re.search(mark + r"=(\d+)=", text).group(1))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            os.close(self.master)
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def _mark(self) -> str:
        self._marks += 1
        return f"mark{self._marks}end"
