"""A ``git status`` that is started before anything else, while Python still loads what a run needs.

In a large repository the user waits for git; loading takes half as long, and needs nothing from it. Whether
git looked at what is asked for turns out when it is asked for.
"""

from __future__ import annotations

import os

from expctl.adapters.gitcall import GUARDS, PRIVATE, SOURCE, STATUS, environment

#: Any of these moves the repository, or the index.
_MOVES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES")
_CHUNK = 1 << 16


#: Where git looks, what the index was then (size, time, inode), its process, and the pipe to hear of it.
#: (No named tuple: to load what makes one takes as long as all else before git starts.)
_started: list[tuple[str, tuple[int, int, int], int, int]] = []


def start(root: str) -> None:
    """Let git look at a work tree, unless something in the environment leads it elsewhere.

    Args:
        root: Its top, where ``.git/index`` is a file.
    """
    if any(name in os.environ for name in _MOVES):
        return
    try:
        facts = _facts(os.stat(f"{root}/.git/index"))
        here, there = os.pipe()
    except OSError:
        return
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, there, 1),
        (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
    ]
    words = ("git", "-C", root, *GUARDS, *PRIVATE, *STATUS, "--", SOURCE)
    try:
        pid = os.posix_spawnp("git", words, environment(), file_actions=actions)
    except (OSError, ValueError):  # the way without it tells what is wrong
        os.close(here)
    else:
        _started.append((root, facts, pid, here))
    finally:
        os.close(there)


def take(root: str, copy: str) -> bytes | None:
    """What git said; None where it was not asked, failed, or looked at something else.

    Args:
        root: Top of the work tree.
        copy: A copy of the index with its time: what git should have looked at.
    """
    if not _started:
        return None
    place, facts, pid, pipe = _started.pop()
    try:
        is_same = place == root and facts[:2] == _facts(os.stat(copy))[:2]
        said = _read(pipe) if is_same else b""
    finally:
        os.close(pipe)  # it ends by itself when nobody listens
        status = _ended(pid)
    # Somebody may have changed the index before git came to read it.
    is_same = is_same and not status and _facts(os.stat(f"{root}/.git/index")) == facts
    return said if is_same else None


def _ended(pid: int) -> int:
    """How a process ended; not well, where the system was told to forget that (SIGCHLD ignored)."""
    try:
        return os.waitpid(pid, 0)[1]
    except ChildProcessError:
        return 1


def _read(pipe: int) -> bytes:
    parts = []
    while chunk := os.read(pipe, _CHUNK):
        parts.append(chunk)
    return b"".join(parts)


def _facts(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ino
