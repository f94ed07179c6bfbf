"""A private index: a copy of the user's, with what stands beside it, in the folder of one run.

Three files: the copy; ``-dirty``, a small index of the files that differ from it; ``-aside``, names of all
entries of the copy that are not what the snapshot holds.
"""

from __future__ import annotations

import os

from expctl.adapters import gitindex, process
from expctl.adapters.gitcall import SOURCE
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from pathlib import Path

#: Our own records are no source.
FOLDER = ".experiments"
DIRTY = "-dirty"
_ASIDE = "-aside"
_UNMARKED = "unmarked-index"


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


def status(root: Path, index: str, memory: Path | None = None) -> gitindex.Status:
    """What differs, files that the user told git to overlook included, where they are there.

    Args:
        root: Top of the work tree.
        index: The private index.
        memory: A folder that remembers what was learnt of a large one.
    """
    # Git would refresh the indexes of submodules as well, and those are the user's own.
    refresh = not os.path.lexists(os.path.join(root, ".gitmodules"))
    entries = gitindex.read_small(index)
    if entries is None:
        found, assumed, skipped = _status_and_veiled(root, index, memory, refresh=refresh)
    else:
        found = gitindex.status(root, SOURCE, index=index, refresh=refresh)
        source = [entry for entry in entries if _is_source(entry.path)]
        assumed = [entry.path for entry in source if entry.assumed]
        skipped = [entry.path for entry in source if entry.skipped]
    there = False
    for option, paths in (("--no-assume-unchanged", assumed), ("--no-skip-worktree", skipped)):
        if present := [path for path in paths if os.path.lexists(os.path.join(root, path))]:
            gitindex.set_bit(root, index, option, present)
            there = True
    return gitindex.status(root, SOURCE, index=index, refresh=refresh) if there else found


def _status_and_veiled(
    root: Path, index: str, memory: Path | None, *, refresh: bool
) -> tuple[gitindex.Status, list[str], list[str]]:
    """Both at once: in a large repository each takes a while."""
    from expctl.adapters import gitahead  # a small repository does without

    unmarked = gitindex.is_unmarked(index, memory and memory / _UNMARKED)
    said = gitahead.take(os.fspath(root), index)
    if unmarked and said is not None:
        return gitindex.parse_status(said.decode("utf-8", "surrogateescape")), [], []
    if unmarked:
        return gitindex.status(root, SOURCE, index=index, refresh=refresh), [], []
    veiled = process.alongside(lambda: gitindex.veiled(root, index, SOURCE))
    found = gitindex.status(root, SOURCE, index=index, refresh=refresh)
    return found, *veiled()


def differing(root: Path, index: str) -> list[str]:
    """Files whose bytes are not those of the snapshot, new ones not."""
    aside = _read_aside(index)
    found = [path for path in _differing(root, index, aside) if path not in aside]
    if os.path.exists(index + DIRTY):
        found += _differing(root, index + DIRTY, frozenset())
    return sorted(found)


def _differing(root: Path, index: str, aside: Container[str]) -> list[str]:
    entries = gitindex.read_small(index)
    if entries is not None and all(
        entry.path in aside or not _is_source(entry.path) or gitindex.holds(root, index, entry)
        for entry in entries
    ):
        return []
    return gitindex.differing(root, index, SOURCE)


def _is_source(path: str) -> bool:
    return path != FOLDER and not path.startswith(FOLDER + "/")


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
