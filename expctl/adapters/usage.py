"""The door to what running processes use: a process and all that descend from it, read from ``/proc``.

Elsewhere than on Linux there is no such folder, and nothing is seen.
"""

from __future__ import annotations

import contextlib
import os

from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Children stand in the file of the thread that started them, mostly the first: every so often all are read.
_ALL_THREADS_EVERY = 8
_MOST_PROCESSES = 2_000
#: Fields of ``/proc/PID/stat`` behind the name (proc(5) counts from 1, and two stand before it).
_STATE, _PARENT, _TIMES, _RSS = 0, 1, slice(11, 15), 21


class Used(NamedTuple):
    """What a tree of processes uses at a moment.

    Attributes:
        pids: All processes of it that live.
        cpu_s: Processor time of these, and of those that they waited for.
        memory_bytes: Resident memory; what several processes share is counted once, where the kernel tells.
    """

    pids: tuple[int, ...]
    cpu_s: float
    memory_bytes: int


def own() -> dict[str, Any]:
    """What this process and its children that ended have used: processor seconds, peak memory in bytes."""
    import resource  # only a run that is the present process asks

    times = os.times()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1 if os.uname().sysname == "Darwin" else 1024
    return {"cpu_s": sum(times[:4]), "max_rss_bytes": peak * unit}


class Tree:
    """A process and its descendants, looked at again and again."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._looks = 0
        self._known: set[int] = set()
        self._ticks = os.sysconf("SC_CLK_TCK")
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._has_lists = os.path.exists("/proc/thread-self/children")

    def look(self) -> Used | None:
        """What it uses now; None when nothing can be seen."""
        cpu_ticks = rss_pages = 0
        living: list[int] = []
        for pid in self._members():
            fields = _stat(pid)
            if fields is None or fields[_STATE] in (b"Z", b"X"):
                continue
            living.append(pid)
            cpu_ticks += sum(map(int, fields[_TIMES]))
            rss_pages += int(fields[_RSS])
        self._looks += 1
        self._known = set(living)
        if not living:
            return None
        memory = rss_pages * self._page if len(living) == 1 else self._shared_once(living)
        return Used(tuple(living), cpu_ticks / self._ticks, memory)

    def _members(self) -> list[int]:
        if not self._has_lists:
            return _descendants(self._pid)
        found, at = [self._pid], 0
        while at < len(found) and len(found) < _MOST_PROCESSES:
            found += [pid for pid in self._children(found[at]) if pid not in found]
            at += 1
        # One whose parent is gone hangs from another process now.
        return found + [pid for pid in self._known if pid not in found]

    def _children(self, pid: int) -> Iterator[int]:
        threads = [str(pid)]
        if self._looks % _ALL_THREADS_EVERY == 0:
            with contextlib.suppress(OSError):
                threads = os.listdir(f"/proc/{pid}/task")
        for thread in threads:
            yield from map(int, _read(f"/proc/{pid}/task/{thread}/children").split())

    def _shared_once(self, pids: list[int]) -> int:
        """The sum of proportional set sizes; of a process that may not be asked, its resident set."""
        total = 0
        for pid in pids:
            text = _read(f"/proc/{pid}/smaps_rollup")
            at = text.find(b"\nPss:")
            if at >= 0:
                total += int(text[at + 5 : text.index(b"kB", at)]) * 1024
            elif fields := _stat(pid):
                total += int(fields[_RSS]) * self._page
        return total


def _descendants(top: int) -> list[int]:
    """The same without lists of children, which a kernel may have been built without: all processes."""
    children: dict[int, list[int]] = {}
    with contextlib.suppress(OSError):
        for name in os.listdir("/proc"):
            if name.isdigit() and (fields := _stat(int(name))):
                children.setdefault(int(fields[_PARENT]), []).append(int(name))
    found = [top]
    for pid in found:
        found += children.get(pid, [])
    return found


def _stat(pid: int) -> list[bytes] | None:
    # The second field is the name in parentheses, and may hold spaces and parentheses itself.
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return fields if len(fields) > _RSS else None


def _read(path: str) -> bytes:
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return b""
    try:
        return os.read(handle, 1 << 16)
    except OSError:  # it ended between the two
        return b""
    finally:
        os.close(handle)
