"""The processes that a command started, and those that they started: all are told when the time is up.

They have no process group of their own (see ``child``), so they are looked for by who started whom. One whose
parent has ended is known by the run's id in its environment; unless it left our session, as a server does
that shall outlive the command.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time

from expctl.adapters import alive
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


#: How often it is asked whether somebody is left, and how often KILL is sent to those who start new ones.
_STEP_S = 0.05
_BLOWS = 40


class _Process(NamedTuple):
    parent: int
    session: int | None
    start: str


class Family:
    """A process and its descendants, as they come and go.

    Args:
        pid: The first of them.
        mark: A variable of its environment that no other process has, and its value.
    """

    def __init__(self, pid: int, mark: tuple[str, str] | None) -> None:
        self._pid = pid
        self._mark = mark
        self._known: dict[int, str] = {}

    def tell(self, *numbers: int) -> None:
        """Send signals to each that is there now."""
        self._look()
        for pid, start in self._known.items():
            for number in numbers:
                # One that runs as somebody else (sudo) may not be told.
                with contextlib.suppress(PermissionError, ProcessLookupError):
                    if alive.lives(pid, start):
                        os.kill(pid, number)

    def is_alive(self) -> bool:
        """Whether any of them still runs."""
        self._look()
        return bool(self._known)

    def end(self, deadline: float, is_hurried: Callable[[float], bool]) -> None:
        """Wait until nobody is left, and end by force who is left then.

        Args:
            deadline: Until when to wait, on the monotonic clock.
            is_hurried: Waits for some seconds; whether the rest of the time shall not be waited for.
        """
        while self.is_alive() and time.monotonic() < deadline and not is_hurried(_STEP_S):
            pass
        for _ in range(_BLOWS):
            if not self.is_alive():
                return
            self.tell(signal.SIGKILL)
            time.sleep(_STEP_S)

    def _look(self) -> None:
        table = _table()
        living = {pid for pid, start in self._known.items() if pid in table and table[pid].start == start}
        living |= {self._pid} & table.keys()
        if self._mark is not None:
            ours = os.getsid(0)
            marked = {pid for pid in alive.with_variable(*self._mark) if pid in table}
            living |= {pid for pid in marked if table[pid].session == ours}
        children: dict[int, list[int]] = {}
        for pid, each in table.items():
            children.setdefault(each.parent, []).append(pid)
        pending = list(living)
        for pid in pending:
            fresh = [child for child in children.get(pid, ()) if child not in living]
            living.update(fresh)
            pending += fresh
        self._known = {pid: table[pid].start for pid in living if pid != os.getpid()}


def _table() -> dict[int, _Process]:
    """All processes that run, by number."""
    if not os.path.isdir("/proc/self"):
        return dict(_table_of_ps())
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                # The second field is the name in parentheses, and may hold anything.
                fields = file.read().rpartition(b")")[2].split()
                if fields[0] not in (b"Z", b"X"):
                    found[int(name)] = _Process(int(fields[1]), int(fields[3]), fields[19].decode())
    return found


def _table_of_ps() -> Iterator[tuple[int, _Process]]:
    from expctl.adapters import process

    for line in process.run(["ps", "-axo", "pid=,ppid=,lstart="], cwd="/").text.splitlines():
        words = line.split(None, 2)
        if len(words) == 3:  # noqa: PLR2004
            yield int(words[0]), _Process(int(words[1]), None, words[2].strip())
