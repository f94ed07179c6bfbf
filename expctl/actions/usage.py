"""What the command and all its processes use, sampled beside it: memory, processor time, GPUs."""

from __future__ import annotations

import time

from expctl.adapters import gpu, usage
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

#: How often to look at most; and a look that took long is made so rarely that a thousandth of one core goes
#: into it.
_PAUSE_S = 1.0
_SHARE = 0.001


class Usage:
    """The peaks of one run."""

    def __init__(self, pid: int) -> None:
        self._tree = usage.Tree(pid)
        self._gpus = gpu.watch()
        self._cpu_s = 0.0
        self._memory_bytes = 0
        self._gpu_bytes: int | None = None
        self._gpu_shares: list[float] = []
        self._is_whole_device = False

    def look(self) -> float:
        """Look once; how many seconds to wait before the next time."""
        began_s = time.thread_time()
        used = self._tree.look()
        if used is not None:
            self._cpu_s = max(self._cpu_s, used.cpu_s)
            self._memory_bytes = max(self._memory_bytes, used.memory_bytes)
        if self._gpus is not None:
            self._look_at_gpus(self._gpus, used.pids if used is not None else ())
        return max(_PAUSE_S, (time.thread_time() - began_s) / _SHARE)

    def _look_at_gpus(self, gpus: gpu.Watch, pids: tuple[int, ...]) -> None:
        seen = gpus.look(pids)
        if seen is None:
            return
        self._gpu_bytes = max(self._gpu_bytes or 0, seen.memory_bytes)
        self._gpu_shares.append(seen.utilization)
        self._is_whole_device |= seen.is_whole_device

    def facts(self, seen: Mapping[str, Any]) -> dict[str, Any]:
        """What the run used.

        Args:
            seen: ``cpu_s`` and ``max_rss_bytes`` as the kernel told them at the end of the command: of all
                that was waited for, and of the largest process.
        """
        facts: dict[str, Any] = {
            "cpu_s": max(self._cpu_s, seen.get("cpu_s") or 0.0),
            "max_rss_bytes": max(self._memory_bytes, seen.get("max_rss_bytes") or 0),
        }
        if self._gpu_bytes is not None and self._gpu_shares:
            facts["gpu_max_memory_bytes"] = self._gpu_bytes
            facts["gpu_utilization"] = round(sum(self._gpu_shares) / len(self._gpu_shares), 3)
        return facts

    @property
    def notes(self) -> list[str]:
        """What must be said about it."""
        if not self._is_whole_device:
            return []
        return [
            "GPU memory and utilization are those of whole GPUs, for their processes cannot be told apart"
        ]
