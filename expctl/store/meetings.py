"""Which other runs worked in the same work tree at the same time: what was written then may be theirs.

A run that ends tells those that still go on, by a line in their live folders. So whoever ends knows all that
overlapped with it: those that told, and those that are still there.
"""

from __future__ import annotations

import contextlib
import json
import os

from expctl.adapters import files
from expctl.core import runid
from expctl.store import live
from expctl.store.lastsign import last_seen_ns
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from expctl.store.live import LiveRun

_MET = "met.jsonl"
_LIMIT = 8 << 20
_NEVER = 1 << 62
#: A line in somebody's folder stays short, whatever was typed.
_MOST_WORDS = 100
_LONGEST = 300


class Met(NamedTuple):
    """Another run, of the same work tree.

    Attributes:
        id: Its id.
        started_ns: When it started, nanoseconds since 1970.
        ended_ns: When it ended; far in the future while it goes on.
        named: Paths that its command line names, relative to the top.
        wrote: Folders, relative to the top, in which its Python processes were seen to write.
    """

    id: str
    started_ns: int
    ended_ns: int
    named: tuple[str, ...]
    wrote: tuple[str, ...] = ()

    def lived_at(self, moment_ns: int) -> bool:
        """Whether it may have written a file that changed at a moment."""
        # All three are times of files: the coarse clock is the same.
        return self.started_ns <= moment_ns <= self.ended_ns


def others(run: LiveRun, live_folder: Path) -> list[Met]:
    """The runs that overlapped with one that ends now."""
    # First those that are there: one that goes between the two looks has told before.
    alive = (each for each in live.list_live(live_folder) if each.id != run.id and each.root == run.root)
    # A job of a sweep is not another run: it lived in the sweep's.
    there = [each for each in alive if not each.state.get("scope")]
    met = {each.id: of(each) for each in there}
    met.update((each.id, each) for each in _told(run.folder))
    return [each for each in met.values() if each.ended_ns >= run.state["started_ns"]]


def tell(ended: Met, neighbours: Iterable[Met], live_folder: Path) -> None:
    """Tell the runs that go on that one has ended."""
    line = json.dumps(ended).encode()
    for each in neighbours:
        if each.ended_ns == _NEVER:
            with contextlib.suppress(OSError):
                files.append_line(live_folder / each.id / _MET, line)


def of(run: LiveRun) -> Met:
    """What a run says of itself."""
    return Met(run.id, run.state["started_ns"], _end_of(run), tuple(_named(run)))


def _end_of(run: LiveRun) -> int:
    if run.outcome is None and not run.is_dead:
        return _NEVER
    return last_seen_ns(run)


def _named(run: LiveRun) -> Iterator[str]:
    """Paths beneath the top that the words of the command line could mean, without a look at the disk."""
    top = os.fspath(run.root)
    for word in run.state["argv"][1:_MOST_WORDS]:
        text = word.rpartition("=")[2] if isinstance(word, str) else ""
        path = os.path.normpath(os.path.join(top, run.state["cwd"], text))
        if 0 < len(text) <= _LONGEST and path.startswith(top + "/"):
            yield path[len(top) + 1 :]


def _told(folder: Path) -> Iterator[Met]:
    try:
        lines = files.read_plain(folder / _MET, limit=_LIMIT).splitlines()
    except OSError:
        return
    for line in lines:
        with contextlib.suppress(ValueError, TypeError, RecursionError):
            run_id, started_ns, ended_ns, named, wrote = json.loads(line)
            if runid.is_valid(run_id):
                paths = tuple(map(str, named)), tuple(map(str, wrote))
                yield Met(run_id, int(started_ns), min(int(ended_ns), _NEVER - 1), *paths)
