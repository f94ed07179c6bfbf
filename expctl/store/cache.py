"""A DVC cache written by hand: each file's name is the MD5 of its content.

Layout and modes are DVC 3's, so stock ``dvc push``, ``pull``, ``status`` and ``gc`` work on what stands here.
Files come in by reflink, else as a copy, never as a hard link: a program that opens its checkpoint again
would rewrite the past. Objects are not flushed to the disk one by one (10 000 small files would take a
minute); they are checked by their hash whenever they are read again, and a size that differs makes the next
``put`` write anew.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat

from expctl.adapters import clock, reflink
from expctl.adapters import files as door
from expctl.core import dvcfile
from expctl.errors import ExpctlError
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    from expctl.adapters.files import StrPath

_CHUNK = 1 << 20
_SMALL = 256 << 10
_ATTEMPTS = 3
_READ_ONLY = 0o444
_STALE_NS = 24 * 3600 * 10**9
_SHARED = 0o2020
_DIR_LIMIT = 256 << 20


class DamagedError(ExpctlError):
    """Bytes are not what their name says."""

    exit_code = 6


class Put(NamedTuple):
    """A file that is now in the cache.

    Attributes:
        md5: Of the bytes in the cache, whatever became of the source since.
        bytes: Size.
        torn: Whether the source kept changing while it was copied: a mixture of two states may be kept.
    """

    md5: str
    bytes: int
    torn: bool = False


def path_of(cache: StrPath, md5: str) -> str:
    """Where an object lies, or would lie.

    Raises:
        ValueError: Not a content address. Nothing else may ever become a path.
    """
    if not dvcfile.is_md5(md5):
        raise ValueError(f"not an MD5: {md5!r}")
    return f"{os.fspath(cache)}/files/md5/{md5[:2]}/{md5[2:]}"


def has(cache: StrPath, md5: str) -> bool:
    """Whether the object is there; its content is not looked at."""
    return os.path.isfile(path_of(cache, md5))


def is_whole(cache: StrPath, md5: str) -> bool:
    """Whether the object is there and its bytes are what its name says."""
    try:
        return door.md5_of(path_of(cache, md5))[0] == md5.removesuffix(".dir")
    except OSError:
        return False


def put_file(cache: StrPath, source: StrPath) -> Put:
    """Bring a file into the cache, reading it once.

    A file that changes while it is read is read again, three times at most.

    Raises:
        OSError: It cannot be read, is a link or no regular file, or the cache cannot be written.
    """
    handle = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", os.fspath(source))
        for _ in range(_ATTEMPTS):
            os.lseek(handle, 0, os.SEEK_SET)
            put = _put_small(cache, handle) if before.st_size <= _SMALL else _put_large(cache, handle)
            after = os.fstat(handle)
            if _same(before, after) and put.bytes == after.st_size:
                return put
            before = after
        return put._replace(torn=True)
    finally:
        os.close(handle)


def put_bytes(cache: StrPath, data: bytes, *, suffix: str = "") -> Put:
    """Bring bytes into the cache; ``suffix`` is ``.dir`` for a directory object."""
    digest = door.new_md5()
    digest.update(data)
    md5 = digest.hexdigest() + suffix
    if not _is_there(cache, md5, len(data)):
        with _Beside(cache) as beside:
            view = memoryview(data)
            while view:
                view = view[os.write(beside.handle, view) :]
            beside.settle(md5)
    return Put(md5, len(data))


def get(cache: StrPath, md5: str, target: StrPath) -> int:
    """Bring an object's bytes out, as a reflink or copy of their own, and check them on the way.

    Args:
        cache: The cache's folder.
        md5: What to bring.
        target: Where to; its folder exists, a file there is replaced whole.

    Returns:
        The size in bytes.

    Raises:
        FileNotFoundError: The cache does not have it.
        DamagedError: Its bytes are not what its name says; nothing was written.
    """
    source = os.open(path_of(cache, md5), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    beside = f"{os.fspath(target)}.{os.getpid()}-{os.urandom(4).hex()}.tmp"
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
        try:
            found, size = _copy(source, handle)
        finally:
            os.close(handle)
        if found != md5.removesuffix(".dir"):
            raise DamagedError(
                f"The cached bytes of {md5} are damaged.",
                hint=f"Remove {path_of(cache, md5)} and fetch them again with: expctl pull",
            )
        os.replace(beside, target)
    finally:
        os.close(source)
        with contextlib.suppress(OSError):
            os.unlink(beside)
    return size


def read_dir(cache: StrPath, md5: str) -> list[tuple[str, str]]:
    """The (path, md5) pairs of a directory object, checked against its name.

    Raises:
        FileNotFoundError: The cache does not have it.
        DamagedError: Its bytes are not what its name says, or are no directory object.
    """
    data = door.read_plain(path_of(cache, md5), limit=_DIR_LIMIT)
    digest = door.new_md5()
    digest.update(data)
    if digest.hexdigest() != md5.removesuffix(".dir"):
        raise DamagedError(
            f"The cached directory object {md5} is damaged.", hint="Fetch it again with: expctl pull"
        )
    try:
        return dvcfile.parse_dir(data)
    except ValueError as err:
        raise DamagedError(f"The cached object {md5} is {err}.") from err


def used_bytes(cache: StrPath) -> int:
    """What all objects take together."""
    total = 0
    for _, size in walk(cache):
        total += size
    return total


def walk(cache: StrPath) -> Iterator[tuple[str, int]]:
    """All objects: content address and size in bytes."""
    top = f"{os.fspath(cache)}/files/md5"
    with contextlib.suppress(OSError):
        for part in os.scandir(top):
            with contextlib.suppress(NotADirectoryError):
                for entry in os.scandir(part.path):
                    if dvcfile.is_md5(part.name + entry.name):
                        yield part.name + entry.name, entry.stat(follow_symlinks=False).st_size


def _put_small(cache: StrPath, source: int) -> Put:
    data = b""
    while chunk := os.read(source, _SMALL + 1):
        data += chunk
    return put_bytes(cache, data)


def _put_large(cache: StrPath, source: int) -> Put:
    sweep(cache)
    with _Beside(cache) as beside:
        md5, size = _copy(source, beside.handle)
        if not _is_there(cache, md5, size):
            beside.settle(md5)
    return Put(md5, size)


def sweep(cache: StrPath) -> None:
    """Remove what killed processes left; by age alone, for other machines may share the cache."""
    with contextlib.suppress(OSError):
        for entry in os.scandir(f"{os.fspath(cache)}/expctl-tmp"):
            with contextlib.suppress(OSError):  # gone meanwhile, or another user's
                if entry.stat(follow_symlinks=False).st_mtime_ns < clock.wall_ns() - _STALE_NS:
                    os.unlink(entry.path)


def _copy(source: int, target: int) -> tuple[str, int]:
    """Copy and hash in one pass. A clone is hashed itself: it stands still whatever happens to the source."""
    digest = door.new_md5()
    cloned = reflink.clone(source, target)
    buffer = memoryview(bytearray(_CHUNK))
    size = 0
    while count := os.readv(target if cloned else source, [buffer]):
        digest.update(buffer[:count])
        size += count
        written = count if cloned else 0
        while written < count:
            written += os.write(target, buffer[written:count])
    return digest.hexdigest(), size


class _Beside:
    """An open, empty file on the cache's file system; removed at the end unless it became an object.

    It lies outside of ``files/``: DVC takes everything in there for an object.
    """

    def __init__(self, cache: StrPath) -> None:
        self._cache = cache
        self._name = f"{os.fspath(cache)}/expctl-tmp/{os.getpid()}-{os.urandom(8).hex()}"
        self._moved = False

    def __enter__(self) -> Self:
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            self.handle = os.open(self._name, flags, 0o600)
        except FileNotFoundError:
            _make_folder(os.path.dirname(self._name))
            self.handle = os.open(self._name, flags, 0o600)
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.handle)
        if not self._moved:
            with contextlib.suppress(OSError):
                os.unlink(self._name)

    def settle(self, md5: str) -> None:
        """Make it the object of that name."""
        os.fchmod(self.handle, _READ_ONLY)
        target = path_of(self._cache, md5)
        try:
            os.rename(self._name, target)
        except FileNotFoundError:
            _make_folder(os.path.dirname(target))
            os.rename(self._name, target)
        self._moved = True


def _make_folder(path: str) -> None:
    """Make a folder of the cache; one that a group shares (``cache.shared``) hands that on to its folders."""
    if os.path.isdir(path):
        return
    above = os.path.dirname(path) or "."
    _make_folder(above)
    with contextlib.suppress(FileExistsError):
        os.mkdir(path)
        mode = os.stat(above).st_mode
        if mode & _SHARED == _SHARED:
            os.chmod(path, stat.S_IMODE(mode))


def _is_there(cache: StrPath, md5: str, size: int) -> bool:
    try:
        return os.stat(path_of(cache, md5)).st_size == size
    except FileNotFoundError:
        return False


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_size, one.st_mtime_ns, one.st_ctime_ns) == (
        other.st_size,
        other.st_mtime_ns,
        other.st_ctime_ns,
    )
