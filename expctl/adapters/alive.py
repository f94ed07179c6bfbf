"""Whether a process that was noted earlier still lives: pids are reused, hosts and containers differ."""

from __future__ import annotations

import contextlib
import functools
import os
import time

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

#: So long without a sign of life, where one is given every ten seconds.
_MISSED_S = 60.0


@functools.cache
def here() -> dict[str, str]:
    """What tells this host, this boot and this pid namespace from any other."""
    facts = {"host": os.uname().nodename, "boot": _boot(), "pid_namespace": _pid_namespace()}
    return {**facts, "machine": _machine()}


def sees(place: Mapping[str, Any]) -> bool:
    """Whether processes of a place can be seen from here: the same host, boot and pid namespace."""
    ours = here()
    return all(place.get(key) == ours[key] for key in ("host", "boot", "pid_namespace"))


def ended_with_its_boot(place: Mapping[str, Any], seen_s: float) -> bool:
    """Whether all processes of a place are gone because this very host was started again since.

    Names of hosts, and even machine ids of copied machines, may be shared. What lives elsewhere gives signs
    of life; so the last one must be older than our own boot, and some of them must be missing.

    Args:
        place: Where it ran.
        seen_s: When something there last gave a sign of life, seconds since 1970.
    """
    ours = here()
    is_ours = all(place.get(key) == ours[key] for key in ("host", "machine"))
    if not (is_ours and ours["boot"] and place.get("boot")) or place["boot"] == ours["boot"]:
        return False
    booted_s = _booted_s()
    return booted_s is not None and seen_s < booted_s and time.time() - seen_s > _MISSED_S


def start_of(pid: int) -> str | None:
    """When a process started, in the kernel's own terms; None if there is no such process."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            # The second field is the name in parentheses, and may hold spaces and parentheses itself.
            fields = file.read().rpartition(b")")[2].split()
    except FileNotFoundError:
        return None if os.path.isdir("/proc/self") else _start_by_ps(pid)
    except OSError:
        return None
    if fields[0] in (b"Z", b"X"):
        return None
    return fields[19].decode()


def lives(pid: int, started: str | None) -> bool:
    """Whether the very process still runs, and not another one that was given its number."""
    if started is None:
        return False
    now = start_of(pid)
    return now == started or (now is None and _is_hidden(pid))


def with_variable(name: str, value: str) -> Iterator[int]:
    """Processes of ours that were started with an environment variable (Linux; none elsewhere)."""
    wanted = f"{name}={value}".encode()
    with contextlib.suppress(OSError):
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as file:
                    if wanted in file.read().split(b"\0"):
                        yield int(entry)


def _is_hidden(pid: int) -> bool:
    """Whether somebody else's process is there and ``/proc`` (mounted with hidepid) does not show it."""
    if os.path.isdir(f"/proc/{pid}"):
        return False
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except (OSError, OverflowError):
        pass
    return False


def _booted_s() -> float | None:
    """When this host was started, seconds since 1970; None where that is not told."""
    try:
        return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    except (AttributeError, OSError):
        return None


def _machine() -> str:
    with contextlib.suppress(OSError), open("/etc/machine-id", encoding="ascii") as file:
        return file.read(64).strip()
    return ""


def _boot() -> str:
    with contextlib.suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()
    with contextlib.suppress(OSError):
        from expctl.adapters import process

        return process.run(["sysctl", "-n", "kern.bootsessionuuid"], cwd="/").text.strip()
    return ""


def _pid_namespace() -> str:
    with contextlib.suppress(OSError):
        name = os.readlink("/proc/self/ns/pid")
        if os.readlink("/proc/self") == str(os.getpid()):
            return name
        # /proc shows another namespace than ours (`unshare --pid` alone): not even our own number fits.
        return f"{name} {os.urandom(8).hex()}"
    return ""


def _start_by_ps(pid: int) -> str | None:
    from expctl.adapters import process

    done = process.run(["ps", "-o", "lstart=", "-p", str(pid)], cwd="/")
    return done.text.strip() or None
