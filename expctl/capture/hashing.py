"""The hash of a file or a folder as DVC computes it, remembered for as long as nothing moved.

What is remembered lies beside the live runs, one small file per input: path, size, times and inode to MD5.
Deleting it costs time and nothing else.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat

from expctl.adapters import clock, files
from expctl.core import dvcfile
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
        newest_ns: The latest change of anything in it, folders inside included: a file that is gone leaves
            no other trace.
        stamp: As ``stamp_of`` gives it.
        lost: Files of a folder that could not be read.
        entries: Of a folder: each file's path inside it, and its MD5.
    """

    md5: str
    bytes: int
    nfiles: int | None
    newest_ns: int
    stamp: tuple[int, ...] = ()
    lost: tuple[str, ...] = ()
    entries: tuple[tuple[str, str], ...] = ()


class Size(NamedTuple):
    """How much there is to hash."""

    bytes: int
    files: int


def stamp_of_file(path: StrPath) -> tuple[int, ...] | None:
    """Size, modification time, change time and inode, links followed; None for what is no readable file."""
    try:
        facts = os.stat(path)
    except (OSError, ValueError):
        return None
    return _stamp(facts) if stat.S_ISREG(facts.st_mode) else None


def stamp_of(path: StrPath) -> tuple[int, ...] | None:
    """What moves whenever the content does; None for what cannot be read.

    Returns:
        Of a file as ``stamp_of_file``; of a folder the number of files and a hash of all names and stamps.
    """
    try:
        return _stamp_of_folder(os.fspath(path)) if os.path.isdir(path) else stamp_of_file(path)
    except OSError:
        return None


def hash_path(path: StrPath, memory: StrPath, digest: Callable[[str], str] | None = None) -> Content:
    """Hash a file or a folder.

    Args:
        path: What to hash; links are followed as DVC does: to files, and to a folder only at the top.
        memory: The folder that remembers.
        digest: How to hash one file that is not remembered; at full speed if None.

    Raises:
        OSError: It is not there, or a file cannot be read.
    """
    full = os.fspath(path)
    hasher = _Hasher(_recall(place := place_of(full, memory)), digest or (lambda each: files.md5_of(each)[0]))
    if os.path.isdir(full):
        content = _hash_folder(full, hasher)
    else:
        facts = os.stat(full)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(0, "not a regular file", full)
        md5, facts = hasher.hash(full, "")
        content = Content(md5, facts.st_size, None, max(facts.st_mtime_ns, facts.st_ctime_ns), _stamp(facts))
    if hasher.fresh and hasher.fresh != hasher.known:
        _remember(place, hasher.fresh, os.path.dirname(os.path.dirname(os.path.abspath(memory))))
    return content


def place_of(path: StrPath, memory: StrPath) -> str:
    """The file that remembers the hashes of one input."""
    name = dvcfile.dir_md5([(os.fspath(path), "")]).removesuffix(".dir")
    return f"{os.fspath(memory)}/hashes/{name}.json"


def measure(folder: StrPath, *, at_most: int) -> Size:
    """The bytes and files of a folder; the walk ends once ``at_most`` bytes or 100 000 files are passed."""
    size = files_ = 0
    for _, full in _files(os.fspath(folder)):
        with contextlib.suppress(OSError):
            size += os.stat(full).st_size
        files_ += 1
        if size > at_most or files_ > 100_000:  # noqa: PLR2004 - as said
            break
    return Size(size, files_)


def _hash_folder(top: str, hasher: _Hasher) -> Content:
    entries, lost, size, stamp = [], list[str](), 0, _FolderStamp()
    newest = [os.stat(top).st_mtime_ns]
    for name, full in _files(top, newest):
        try:
            md5, facts = hasher.hash(full, name)
        except OSError:
            lost.append(name)
            stamp.add(name, full)
            continue
        stamp.add(name, full, facts)
        entries.append((name.encode("utf-8", "replace").decode(), md5))
        size += facts.st_size
        newest.append(max(facts.st_mtime_ns, facts.st_ctime_ns))
    md5 = dvcfile.dir_md5(entries)
    return Content(md5, size, len(entries), max(newest), stamp.value(), tuple(lost), tuple(entries))


class _FolderStamp:
    """The stamp of a folder, file by file in the order of the walk."""

    def __init__(self) -> None:
        self._digest = files.new_md5()
        self._count = 0

    def add(self, name: str, full: str, facts: os.stat_result | None = None) -> None:
        try:
            stamp = _stamp(facts or os.stat(full))
        except OSError:
            stamp = ()
        self._digest.update(f"{name}\0{stamp}\0".encode("utf-8", "surrogateescape"))
        self._count += 1

    def value(self) -> tuple[int, int]:
        return self._count, int.from_bytes(self._digest.digest()[:6], "big")


def _stamp_of_folder(top: str) -> tuple[int, ...]:
    stamp = _FolderStamp()
    for name, full in _files(top):
        stamp.add(name, full)
    return stamp.value()


def _files(top: str, changed_ns: list[int] | None = None) -> Iterator[tuple[str, str]]:
    """Relative and full paths of all files of a folder; folders behind links are not entered, as in DVC.

    Args:
        top: The folder.
        changed_ns: Gets when each folder beneath last gained or lost a name.
    """
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
                    if changed_ns is not None:
                        changed_ns.append(entry.stat(follow_symlinks=False).st_mtime_ns)
                elif entry.is_file():
                    yield name, entry.path


class _Hasher:
    """Hashes files one by one, unless they are remembered."""

    def __init__(self, known: dict[str, list[int | str]], digest: Callable[[str], str]) -> None:
        self.known = known
        self.fresh: dict[str, list[int | str]] = {}
        self._digest = digest

    def hash(self, full: str, name: str) -> tuple[str, os.stat_result]:
        facts = os.stat(full)
        stamp = list(_stamp(facts))
        memory = self.known.get(name)
        if memory is not None and memory[:-1] == stamp and dvcfile.is_md5(memory[-1]):
            self.fresh[name] = memory
            return memory[-1], facts
        begun = clock.wall_ns()
        md5 = self._digest(full)
        after = os.stat(full)
        if list(_stamp(after)) == stamp and max(facts.st_mtime_ns, facts.st_ctime_ns) < begun - _YOUNG_NS:
            self.fresh[name] = [*stamp, md5]
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


def _remember(place: str, fresh: dict[str, list[int | str]], top: str) -> None:
    data = json.dumps(fresh, separators=(",", ":")).encode("ascii")
    if len(data) > _MEMORY_LIMIT:
        return
    try:
        # A command may have removed the repository meanwhile, which then is not made again.
        files.write_atomic(place, data, top=top)
    except OSError:
        # A memory that cannot be kept costs the next run time, and nothing else.
        return
