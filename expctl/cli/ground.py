"""What a process stands on and may have been started without: standard streams, and word of its children."""

from __future__ import annotations

import os
import signal
import sys


def prepare() -> None:
    """Make up for what is missing, before a file is opened or a helper started.

    A closed stream (``>&-``, some supervisors) leaves its number to the first file that is opened, which then
    gets what was meant for nobody. Our stand-ins are not inherited: a command that is run finds closed what
    it would find closed without us. Where ends of children are ignored, no exit code would be heard of.
    """
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (handle := os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)) <= 2:  # noqa: PLR2004 standard error
            pass
        os.close(handle)
        sys.stdin = sys.stdin or open(0, closefd=False)  # noqa: SIM115 for as long as we live
        sys.stdout = sys.stdout or open(1, "w", closefd=False)  # noqa: SIM115
        sys.stderr = sys.stderr or open(2, "w", closefd=False)  # noqa: SIM115
    if signal.getsignal(signal.SIGCHLD) == signal.SIG_IGN:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
