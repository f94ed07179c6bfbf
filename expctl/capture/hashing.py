"""The hash of a file or a folder as DVC computes it, remembered for as long as nothing moved.

What is remembered lies beside the live runs, one small file per input: path, size, times and inode to MD5.
Deleting it costs time and nothing else.
"""

from __future__ import annotations

import json
import os
import stat

from expctl.adapters import clock, files
from expctl.core import dvcfile
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from expctl.adapters.files import StrPath

#: What DVC never looks into.
_NOT_CONTENT = (".git", ".hg", ".dvc")
_MEMORY_LIMIT = 64 << 20
#: A file this young may change again within the same tick of a coarse clock (FAT: 2 s): its hash is not
#: remembered.
_YOUNG_NS = 2_000_000_000


class Content(NamedTuple):
    """What a path holds.

    Attributes:
        md5: Ends in ``.dir`` for a folder.
        bytes: Size, of all files together.
        nfiles: Number of files of a folder.
        newest_ns: The latest change of anything in it.
        stamp: Of a file: size, modification time, change time, inode.
        lost: Files of a folder that could not be read.
    """

    md5: str
    bytes: int
    nfiles: int | None
    newest_ns: int
    stamp: tuple[int, ...] = ()
    lost: tuple[str, ...] = ()


class Size(NamedTuple):
    """How much there is to hash."""

    bytes: int
    files: int


def stamp_of(path: StrPath) -> tuple[int, ...] | None:
    """Size, times and inode of a file, links followed; None for what is no readable file."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):
        return None
    return _stamp(facts) if stat.S_ISREG(facts.st_mode) else None


def hash_path(path: StrPath, memory: StrPath) -> Content:
    """Hash a file or a folder.

    Args:
        path: What to hash; links are followed as DVC does: to files, and to a folder only at the top.
        memory: The folder that remembers.

    Raises:
        OSError: It is not there, or a file cannot be read.
    """
    full = os.fspath(path)
    place = place_of(full, memory)
    known = _recall(place)
    fresh: dict[str, list[int | str]] = {}
    if os.path.isdir(full):
        content = _hash_folder(full, known, fresh)
    else:
        facts = os.stat(full)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(0, "not a regular file", full)
        md5, facts = _hash_file(full, "", known, fresh)
        content = Content(md5, facts.st_size, None, max(facts.st_mtime_ns, facts.st_ctime_ns), _stamp(facts))
    if fresh and fresh != known:
        _remember(place, fresh)
    return content


def place_of(path: StrPath, memory: StrPath) -> str:
    """The file that remembers the hashes of one input."""
    name = dvcfile.dir_md5([(os.fspath(path), "")]).removesuffix(".dir")
    return f"{os.fspath(memory)}/hashes/{name}.json"


def measure(folder: StrPath, *, at_most: int) -> Size:
    """The bytes and files of a folder; the walk ends once ``at_most`` bytes or 100 000 files are passed."""
    size = files_ = 0
    for _, full in _files(os.fspath(folder)):
        stamp = stamp_of(full)
        size, files_ = size + (stamp[0] if stamp else 0), files_ + 1
        if size > at_most or files_ > 100_000:  # noqa: PLR2004 - as said
            break
    return Size(size, files_)


def newest_ns(path: StrPath) -> int:
    """The latest change of anything in a folder.

    Raises:
        OSError: It is not there.
    """
    top = os.fspath(path)
    newest = os.stat(top).st_mtime_ns
    for _, full in _files(top):
        stamp = stamp_of(full)
        newest = max(newest, *stamp[1:3]) if stamp else newest
    return newest


def _hash_folder(top: str, known: dict[str, list[int | str]], fresh: dict[str, list[int | str]]) -> Content:
    entries, lost, size, newest = [], [], 0, os.stat(top).st_mtime_ns
    for name, full in _files(top):
        try:
            md5, facts = _hash_file(full, name, known, fresh)
        except OSError:
            lost.append(name)
            continue
        entries.append((name.encode("utf-8", "replace").decode(), md5))
        size += facts.st_size
        newest = max(newest, facts.st_mtime_ns, facts.st_ctime_ns)
    return Content(dvcfile.dir_md5(entries), size, len(entries), newest, (), tuple(lost))


def _files(top: str) -> Iterator[tuple[str, str]]:
    """Relative and full paths of all files of a folder; folders behind links are not entered, as in DVC."""
    pending = [""]
    while pending:
        inside = pending.pop()
        with os.scandir(f"{top}/{inside}") as found:
            for entry in sorted(found, key=lambda each: each.name):
                if entry.name in _NOT_CONTENT:
                    continue
                name = f"{inside}{entry.name}"
                if entry.is_dir(follow_symlinks=False):
                    pending.append(f"{name}/")
                elif entry.is_file():
                    yield name, entry.path


def _hash_file(
    full: str, name: str, known: dict[str, list[int | str]], fresh: dict[str, list[int | str]]
) -> tuple[str, os.stat_result]:
    facts = os.stat(full)
    stamp = list(_stamp(facts))
    memory = known.get(name)
    if memory is not None and memory[:-1] == stamp and dvcfile.is_md5(memory[-1]):
        fresh[name] = memory
        return memory[-1], facts
    begun = clock.wall_ns()
    md5, _ = files.md5_of(full)
    after = os.stat(full)
    if list(_stamp(after)) == stamp and max(facts.st_mtime_ns, facts.st_ctime_ns) < begun - _YOUNG_NS:
        fresh[name] = [*stamp, md5]
    return md5, after


def _stamp(facts: os.stat_result) -> tuple[int, ...]:
    return (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)


def _recall(place: str) -> dict[str, list[int | str]]:
    try:
        data = json.loads(files.read_plain(place, limit=_MEMORY_LIMIT))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(data, dict):
        return {}
    return {name: item for name, item in data.items() if isinstance(item, list) and item}


def _remember(place: str, fresh: dict[str, list[int | str]]) -> None:
    data = json.dumps(fresh, separators=(",", ":")).encode("ascii")
    if len(data) > _MEMORY_LIMIT:
        return
    try:
        files.write_atomic(place, data)
    except OSError:
        # A memory that cannot be kept costs the next run time, and nothing else.
        return
