"""The door to the machine: processor, memory, kernel and container, from files that cost next to nothing."""

from __future__ import annotations

import os
import re
import sys

_CPUINFO_HEAD = 8192
_MOUNTS = 1 << 20
_SIMD = ("avx512f", "avx2", "avx", "sse4_2", "asimd", "neon")
#: cgroup v1 writes this kind of number where it means "no limit".
_NO_LIMIT = 1 << 60


def platform() -> str:
    """Kernel and machine, such as ``Linux-6.1-x86_64``; the patch level does not move results."""
    facts = os.uname()
    numbers = facts.release.split("-", 1)[0].split(".")
    release = ".".join(numbers[:2]) if all(number.isdigit() for number in numbers[:2]) else facts.release
    return f"{facts.sysname}-{release}-{facts.machine}"


def file_system(path: str) -> str:
    """The kind of file system that a folder lies on, such as ``ext4``; "" where it is not known."""
    best, kind = "", ""
    real = os.path.realpath(path)
    for line in _mounts().splitlines():
        before, _, after = line.partition(" - ")
        fields = before.split()
        if len(fields) < 5 or not after:  # noqa: PLR2004 - the mount point is the fifth, proc(5)
            continue
        place = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[4])
        if len(place) >= len(best) and (real == place or real.startswith(place.rstrip("/") + "/")):
            best, kind = place, after.split()[0]
    return kind


def libc() -> str | None:
    """Name and version of the C library, whose mathematics moves last digits: ``glibc 2.36``."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION")
    except (ValueError, OSError):
        return None


def cpu_model() -> str | None:
    """The processor as it names itself."""
    facts = _cpuinfo()
    for field in ("model name", "Model", "cpu model", "Hardware", "cpu"):
        if name := facts.get(field):
            return " ".join(name.split())
    if sys.platform == "darwin":
        return _sysctl("machdep.cpu.brand_string")
    if "CPU implementer" in facts and "CPU part" in facts:
        return f"implementer {facts['CPU implementer']} part {facts['CPU part']}"
    return None


def simd() -> str | None:
    """The widest vector instructions, which numeric libraries choose their kernels by."""
    facts = _cpuinfo()
    flags = set((facts.get("flags") or facts.get("Features", "")).split())
    return next((name for name in _SIMD if name in flags), None)


def cpu_cores() -> int:
    """Cores that a process here may use: affinity and the container's quota respected; at least 1."""
    try:
        cores = len(os.sched_getaffinity(0))
    except (AttributeError, OSError):  # no such call on macOS
        cores = os.cpu_count() or 1
    quota = _cpu_quota()
    return max(1, min(cores, quota)) if quota else cores


def memory_bytes() -> int | None:
    """Main memory that a process may use: the machine's, or the container's limit if that is less."""
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None
    limit = _number(_cgroup("memory.max", "memory/memory.limit_in_bytes"))
    return min(size, limit) if limit and limit < _NO_LIMIT else size


def container() -> str | None:
    """Digest of the container image, where the inside can know it.

    Podman tells the image's id. Docker tells nothing of it: its container id is another one on every start,
    would make equal runs differ, and is not taken.
    """
    for line in _read("/run/.containerenv").splitlines():
        image = line.removeprefix("imageid=").strip('"')
        if line.startswith("imageid=") and len(image) == 64 and not image.strip("0123456789abcdef"):  # noqa: PLR2004
            return f"sha256:{image}"
    return None


def _mounts() -> str:
    # Buffered: the kernel gives a page at a time, and the last mount counts as much as the first.
    try:
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            return file.read(_MOUNTS)
    except OSError:
        return ""


def _cpu_quota() -> int | None:
    quota, _, period = _cgroup("cpu.max").partition(" ")
    if not quota:
        quota, period = _cgroup("cpu/cpu.cfs_quota_us"), _cgroup("cpu/cpu.cfs_period_us")
    allowed, per = _number(quota), _number(period)
    return -(-allowed // per) if allowed and per else None


def _cgroup(*names: str) -> str:
    """The first of these files of our control group: its own folder, else the root of the namespace."""
    lines = _read("/proc/self/cgroup").splitlines()
    own = next((line.removeprefix("0::/") for line in lines if line.startswith("0::/")), "")
    for name in names:
        for folder in (f"/sys/fs/cgroup/{own}" if own else None, "/sys/fs/cgroup"):
            if folder and ".." not in folder and (text := _read(f"{folder}/{name}").strip()):
                return text
    return ""


def _cpuinfo() -> dict[str, str]:
    """What the kernel says of the first processors: the first value of each name."""
    facts: dict[str, str] = {}
    for line in _read("/proc/cpuinfo", _CPUINFO_HEAD).splitlines():
        name, _, value = line.partition(":")
        facts.setdefault(name.strip(), value.strip())
    return facts


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _read(path: str, size: int = 4096) -> str:
    # Unbuffered and short: /proc/cpuinfo of a large machine takes milliseconds to make in full.
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(size).decode("utf-8", "replace")
    except OSError:
        return ""


def _sysctl(name: str) -> str | None:
    from expctl.adapters import process  # only macOS needs it

    try:
        done = process.run(["/usr/sbin/sysctl", "-n", name], cwd="/", timeout_s=5)
    except OSError:
        return None
    return done.text.strip() or None
