"""A private index: a copy of the user's, with what stands beside it, in the folder of one run.

Three files: the copy; ``-dirty``, a small index of the files that differ from it; ``-aside``, names of all
entries of the copy that are not what the snapshot holds.
"""

from __future__ import annotations

import os
import threading

from expctl.adapters import gitindex
from expctl.errors import GitError
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: Our own records are no source.
FOLDER = ".experiments"
DIRTY = "-dirty"
_ASIDE = "-aside"
#: ``top``: whatever the folder git runs in.
_SOURCE = f":(top,exclude){FOLDER}"


def copy(source: str, target: str) -> None:
    """Copy the user's index with its time.

    Git trusts an entry whose file is older than the index. A copy that were younger would hide an edit made
    in the same second as the user's last ``git add``.
    """
    try:
        handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:  # nothing was ever added
        return
    with open(handle, "rb", buffering=0) as file:
        facts = os.fstat(handle)
        data = file.read()
    with open(target, "wb", buffering=0) as twin:
        twin.write(data)
    os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def status(root: Path, index: str) -> gitindex.Status:
    """What differs, files that the user told git to overlook included, where they are there."""
    # Git would refresh the indexes of submodules as well, and those are the user's own.
    refresh = not os.path.lexists(os.path.join(root, ".gitmodules"))
    veiled: list[tuple[str, list[str]]] = []
    faults: list[Exception] = []

    def look() -> None:
        try:
            veiled.extend(_veiled(root, index))
        except (GitError, OSError) as err:
            faults.append(err)

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    try:
        found = gitindex.status(root, _SOURCE, index=index, refresh=refresh)
    finally:
        looking.join()
    if faults:
        raise faults[0]
    if not veiled:
        return found
    for option, paths in veiled:
        gitindex.set_bit(root, index, option, paths)
    return gitindex.status(root, _SOURCE, index=index, refresh=refresh)


def _veiled(root: Path, index: str) -> list[tuple[str, list[str]]]:
    """What to clear: for an option of ``update-index`` the paths; nothing in nearly every repository."""
    if not os.path.exists(index):
        return []
    found = zip(
        ("--no-assume-unchanged", "--no-skip-worktree"), gitindex.veiled(root, index, _SOURCE), strict=True
    )
    there = [
        (option, [path for path in paths if os.path.lexists(os.path.join(root, path))])
        for option, paths in found
    ]
    return [(option, paths) for option, paths in there if paths]


def differing(root: Path, index: str) -> list[str]:
    """Files whose bytes are not those of the snapshot, new ones not."""
    aside = _read_aside(index)
    found = [path for path in gitindex.differing(root, index, _SOURCE) if path not in aside]
    if os.path.exists(index + DIRTY):
        found += gitindex.differing(root, index + DIRTY, _SOURCE)
    return sorted(found)


def set_aside(index: str, paths: Sequence[str]) -> None:
    """Remember which entries of the private index are not what the snapshot holds."""
    if paths:
        with open(index + _ASIDE, "wb") as file:
            file.write("\0".join(paths).encode("utf-8", "surrogateescape"))


def _read_aside(index: str) -> set[str]:
    try:
        with open(index + _ASIDE, "rb") as file:
            return set(file.read().decode("utf-8", "surrogateescape").split("\0"))
    except FileNotFoundError:
        return set()
