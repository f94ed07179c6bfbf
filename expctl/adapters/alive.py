"""Whether a process that was noted earlier still lives: pids are reused, hosts and containers differ."""

from __future__ import annotations

import contextlib
import functools
import os

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@functools.cache
def here() -> dict[str, str]:
    """What tells this host, this boot and this pid namespace from any other."""
    return {"host": os.uname().nodename, "boot": _boot(), "pid_namespace": _pid_namespace()}


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
    return started is not None and start_of(pid) == started


def with_variable(name: str, value: str) -> Iterator[int]:
    """Processes of ours that were started with an environment variable (Linux; none elsewhere)."""
    wanted = f"{name}={value}".encode()
    with contextlib.suppress(OSError):
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError), open(f"/proc/{entry}/environ", "rb") as file:
                    if wanted in file.read().split(b"\0"):
                        yield int(entry)


def _boot() -> str:
    with contextlib.suppress(OSError), open("/proc/sys/kernel/random/boot_id", encoding="ascii") as file:
        return file.read().strip()
    with contextlib.suppress(OSError):
        from expctl.adapters import process

        return process.run(["sysctl", "-n", "kern.bootsessionuuid"], cwd="/").text.strip()
    return ""


def _pid_namespace() -> str:
    with contextlib.suppress(OSError):
        return os.readlink("/proc/self/ns/pid")
    return ""


def _start_by_ps(pid: int) -> str | None:
    from expctl.adapters import process

    done = process.run(["ps", "-o", "lstart=", "-p", str(pid)], cwd="/")
    return done.text.strip() or None
