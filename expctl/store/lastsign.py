"""When a run that ended or died was last seen alive, by the times of the files in its live folder."""

from __future__ import annotations

import os

from expctl.store import live
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from expctl.store.live import LiveRun

#: What others write into the folder, and what a seal that failed has left there.
_FROM_OTHERS = frozenset(("lock", "met.jsonl", "output.clean"))
_ENDINGS = frozenset(("outcome", "outcome.json"))


def last_seen_ns(run: LiveRun) -> int:
    """The last moment at which a run may have lived, in nanoseconds since 1970.

    A child that outlives its expctl gives no sign but what it logs.
    """
    try:
        names = os.listdir(run.folder)
    except OSError:  # finished meanwhile
        names = []
    times = {name: _changed_ns(run.folder / name) for name in names}
    # Who seals a lost run writes its end, and did not see it.
    if run.outcome is not None and run.outcome["status"] != "lost":
        ended_ns = max((times[name] for name in _ENDINGS & times.keys()), default=0)
        if ended_ns:
            return ended_ns
    signs = [time for name, time in times.items() if name not in _FROM_OTHERS | _ENDINGS]
    return max(signs, default=int(run.state["started_ns"])) + round(live.BEAT_S * 1e9)


def _changed_ns(path: os.PathLike[str]) -> int:
    try:
        return os.lstat(path).st_mtime_ns
    except OSError:
        return 0
