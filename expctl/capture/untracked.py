"""Which untracked files belong to a snapshot: all but secrets, large ones and what is no file."""

from __future__ import annotations

import os
import stat

from expctl.core import secretfiles
from expctl.core.manifest import LeftOut
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


#: Staged files together above this are not looked into: half a second.
_LOOKED_AT = 32 << 20


class Limits(NamedTuple):
    """How much of what git does not track yet may enter a snapshot."""

    file_bytes: int = 1 << 20
    total_bytes: int = 10 << 20
    files: int = 10_000


def choose(root: Path, paths: Iterable[str], limits: Limits) -> tuple[list[str], list[LeftOut]]:
    """Part untracked paths into those that enter the snapshot and those that are left out, and why.

    Small files go first, so that one folder of data does not push the sources out; the same files always give
    the same answer.
    """
    left_out: list[LeftOut] = []
    sized: list[tuple[int, str]] = []
    for path in paths:
        size, why = _measure(os.path.join(root, path), path, limits)
        if why:
            left_out.append(LeftOut(path=path, why=why))
        elif size is not None:
            sized.append((size, path))
    chosen: list[str] = []
    total = 0
    for size, path in sorted(sized):
        if len(chosen) >= limits.files:
            why = f"untracked, more than {limits.files} files"
        elif total + size > limits.total_bytes:
            why = f"untracked, together over {_size(limits.total_bytes)}"
        else:
            why = _read(os.path.join(root, path), limits)
        if why:
            left_out.append(LeftOut(path=path, why=why))
        else:
            chosen.append(path)
            total += size
    return chosen, left_out


def secrets_among(root: Path, paths: Iterable[str], limits: Limits) -> dict[str, str]:
    """Which files that are staged but in no commit yet look like secrets by their content, and why.

    Somebody added them on purpose, so that no limit keeps them out of the snapshot; small ones are looked at
    first, and only so many bytes before the command starts.
    """
    sized = sorted((size, path) for path in paths if (size := _size_of(os.path.join(root, path))) is not None)
    found: dict[str, str] = {}
    total = 0
    for size, path in sized:
        total += size
        if size > limits.file_bytes or total > _LOOKED_AT:
            break
        why = _read(os.path.join(root, path), limits)
        if why is not None and not why.startswith("cannot"):
            found[path] = why
    return found


def _size_of(full: str) -> int | None:
    try:
        return os.lstat(full).st_size
    except OSError:
        return None


def _measure(full: str, path: str, limits: Limits) -> tuple[int | None, str | None]:
    """The size, or why the file cannot go in; neither when it has vanished."""
    why = "a git repository of its own" if path.endswith("/") else secretfiles.by_name(path)
    if why:
        return None, why
    try:
        facts = os.lstat(full)
    except OSError as err:
        return None, None if isinstance(err, FileNotFoundError) else f"cannot be read: {err.strerror}"
    size = 0 if stat.S_ISLNK(facts.st_mode) else facts.st_size
    if not stat.S_ISLNK(facts.st_mode) and not stat.S_ISREG(facts.st_mode):
        why = "not a regular file"
    elif size > limits.file_bytes:
        why = f"untracked, over {_size(limits.file_bytes)}"
    return size, why


def _read(full: str, limits: Limits) -> str | None:
    """Why the content cannot go in."""
    try:
        if os.path.islink(full):
            return None
        handle = os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(handle, "rb", buffering=0) as file:
            return secretfiles.by_content(file.read(limits.file_bytes + 1))
    except OSError as err:
        return f"cannot be read: {err.strerror}"


def _size(size: int) -> str:
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if size >= unit:
            return f"{size / unit:.4g} {name}"
    return f"{size} bytes"
