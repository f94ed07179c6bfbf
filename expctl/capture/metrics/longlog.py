"""A long log is read beside the command that writes it, by a process of its own at the lowest priority.

In a thread of ours it would take turns with the one that carries the command's output, and slow that down.
Only logs that could not be read in a moment at the end are worth a process. Nothing is lost when one fails:
the log is then read at the end, as any other.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import threading
from concurrent import futures
from typing import TYPE_CHECKING, Any

from expctl.adapters import process
from expctl.capture.metrics import output
from expctl.core.output import columns, options
from expctl.core.output.reader import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from expctl.capture.metrics.gather import Printed
    from expctl.core.series import Points

#: It reads on for two seconds after the end; putting a million readings together takes it several.
_MOST_SECONDS = 30.0
#: Told where expctl lies, for that may be known to this process alone.
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from expctl.capture.metrics import longlog; longlog.main()"
)
_PLACE = os.path.abspath(__file__).rpartition(f"{os.sep}expctl{os.sep}")[0]


class Follower:
    """The reader of one log, seen from here."""

    def __init__(self, log: Path, *, asked: Any, params: Mapping[str, Any]) -> None:
        """Start it.

        Args:
            log: The file that grows.
            asked: The setting ``metrics_from_output``.
            params: The run's parameters, as they are known by now.

        Raises:
            OSError: It could not be started.
        """
        task = json.dumps([os.fspath(log), asked, output.numeric(params)]).encode() + b"\n"
        env = {name: value for name, value in os.environ.items() if not name.startswith("EXPCTL_")}
        # -P: what lies in the present folder is not ours.
        self._aside = process.Aside([sys.executable, "-P", "-c", _PROGRAM, _PLACE], env=env, first=task)

    def finish(self) -> Printed | None:
        """The command has ended: the points by metric, and notes; None where it failed."""
        data = self._aside.finish(_MOST_SECONDS)
        with contextlib.suppress(ValueError):
            return columns.decode(data) if data else None
        return None


def main() -> None:
    """The process: a task on standard input, whose end is that of the command; the answer on the output."""
    log, asked, params = json.loads(sys.stdin.buffer.readline())
    notes: list[str] = []
    ended = threading.Event()
    with open(log, "rb") as file, futures.ThreadPoolExecutor(1) as threads:
        following = output.Following(file, Reader(options.parse(asked), params), notes, ended.wait)
        beside = threads.submit(read_at_leisure, following, ended)
        select.select([sys.stdin], [], [])
        ended.set()
        beside.result()
        # From here on somebody waits: this thread has the priority of any other program.
        following.read()
    found = following.found
    points = iter(()) if output.is_data(len(found), notes) else _noted(found, notes)
    for part in columns.encode(points, notes):
        sys.stdout.buffer.write(part)


def read_at_leisure(following: output.Following, ended: threading.Event) -> None:
    """Read at the lowest priority while the command runs."""
    with contextlib.suppress(OSError):
        if sys.platform == "linux":
            # There each thread has its own, which an ordinary user can lower and never raise again.
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        else:
            os.nice(19)
    following.read(ended.is_set)


def _noted(found: columns.Columns, notes: list[str]) -> Iterator[tuple[str, Points]]:
    begun_again: dict[str, int] = {}
    yield from found.points(begun_again)
    output.note_fits(begun_again, notes)
