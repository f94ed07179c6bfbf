"""The door to files: written whole or not at all, read without following links, locked, hashed, copied."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import functools
import os
import stat
import sys

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import hashlib
    from collections.abc import Iterator

StrPath = str | os.PathLike[str]
_CHUNK = 1 << 20


def write_atomic(
    path: StrPath, data: bytes, *, mode: int = 0o644, exclusive: bool = False, top: StrPath | None = None
) -> None:
    """Write a file so that a reader, and a crash, see all of it or nothing.

    Written beside, flushed to the disk, moved into place, and the folder flushed (ALICE, OSDI 2014: a rename
    without these orders loses the content on common file systems).

    Args:
        path: Its folder is made if missing.
        data: The whole content.
        mode: Permission bits before the umask.
        exclusive: Refuse to replace a file that exists.
        top: A folder above that must be there: nothing but what lies beneath it is made.

    Raises:
        FileExistsError: ``exclusive`` and the file is there.
        OSError: The disk is full, or the folder cannot be written.
    """
    folder, beside = _beside(path, top)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
    try:
        try:
            _write_all(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        if exclusive:
            os.link(beside, path)
            os.unlink(beside)
        else:
            os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise
    sync_folder(folder)


def write_unsynced(path: StrPath, data: bytes) -> None:
    """Write a file so that a reader sees all of it or nothing.

    Whether a crash of the machine does, too, is for ``sync_all`` to see to: flushed one by one, 20 000 files
    take minutes.

    Raises:
        OSError: The disk is full, or the folder cannot be written.
    """
    _, beside = _beside(path)
    try:
        with open(beside, "xb") as file:
            file.write(data)
        os.replace(beside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(beside)
        raise


def _beside(path: StrPath, top: StrPath | None = None) -> tuple[str, str]:
    """The folder of a file, made if missing, and a name in it for what will be moved into its place."""
    folder, name = os.path.split(os.fspath(path))
    folder = folder or "."
    if top is None:
        os.makedirs(folder, exist_ok=True)
    else:
        _make_beneath(os.fspath(top), folder)
    return folder, os.path.join(folder, f".{name[:100]}.{os.getpid()}-{os.urandom(4).hex()}.tmp")


def _make_beneath(top: str, folder: str) -> None:
    inside = os.path.relpath(folder, top)
    for end in [at for at, char in enumerate(inside) if char == "/"] + [len(inside)]:
        with contextlib.suppress(FileExistsError):
            os.mkdir(os.path.join(top, inside[:end]))


def sync_all() -> None:
    """Flush all that was written to the disk."""
    os.sync()


def sync_folder(folder: StrPath) -> None:
    """Flush a folder's entries to the disk, where the file system knows how."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def is_ours(path: StrPath) -> bool:
    """Whether something belongs to the user who asks; False when it is not there."""
    try:
        return os.stat(path).st_uid == os.geteuid()
    except OSError:
        return False


def remove_folder(folder: StrPath) -> None:
    """Remove a folder of ours and all that is in it, links themselves and not what they lead to.

    ``shutil.rmtree`` without the import of ``shutil``, which every recorded run would wait for. What cannot
    be removed stays.
    """
    for top, folders, names in os.walk(folder, topdown=False):
        for name in names:
            with contextlib.suppress(OSError):
                os.unlink(f"{top}/{name}")
        for name in folders:
            with contextlib.suppress(OSError):
                # A link to a folder is listed among the folders.
                (os.unlink if os.path.islink(f"{top}/{name}") else os.rmdir)(f"{top}/{name}")
    with contextlib.suppress(OSError):
        os.rmdir(folder)


def append_line(path: StrPath, line: bytes) -> None:
    """Append one line in one write, so that lines of several processes never mix."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        os.write(handle, line.rstrip(b"\n") + b"\n")
    finally:
        os.close(handle)


def read_plain(path: StrPath, *, limit: int) -> bytes:
    """Read a regular file that is no link and not larger than ``limit`` bytes.

    Raises:
        OSError: Missing, a link (ELOOP), not a regular file (EINVAL), or too large (EFBIG).
    """
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode):
            raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))
        if facts.st_size > limit:
            raise OSError(errno.EFBIG, f"larger than {limit} bytes", os.fspath(path))
        data = b""
        while len(data) <= limit and (chunk := os.read(handle, limit + 1 - len(data))):
            data += chunk
    finally:
        os.close(handle)
    if len(data) > limit:
        raise OSError(errno.EFBIG, f"larger than {limit} bytes", os.fspath(path))
    return data


def new_md5() -> hashlib._Hash:
    """An MD5, DVC's content address, of nothing yet."""
    return _no_bytes().copy()


@functools.cache
def _no_bytes() -> hashlib._Hash:
    # Copied for each file: making a new one costs OpenSSL a lookup that is dearer than hashing 4 KiB.
    import hashlib  # loads OpenSSL, 3 ms: only runs with data or outputs wait for it

    return hashlib.md5(usedforsecurity=False)


def md5_of(path: StrPath) -> tuple[str, int]:
    """The MD5 and the size in bytes of a file, following links."""
    digest = new_md5()
    size = 0
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


@contextlib.contextmanager
def locked(path: StrPath, *, wait: bool = True, make: bool = True) -> Iterator[bool]:
    """Hold a lock file (flock) for the time of a read-change-write.

    Args:
        path: The lock file; made if missing, never removed.
        wait: Wait for it; otherwise give False at once when somebody else holds it.
        make: Make its folder, and those above, if missing.

    Yields:
        Whether the lock is held.
    """
    if make:
        os.makedirs(os.path.dirname(os.fspath(path)) or ".", exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield False
            return
        yield True
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def reading_position(descriptor: int) -> int | None:
    """Where the readers of a file or a pipe stand, whoever they are: it grows while they read.

    Of a pipe no more is known than how much waits in it, and what a writer adds makes the number smaller:
    that it has grown tells that something was read, that it has not tells nothing.

    Returns:
        None where it cannot be told.
    """
    try:
        kind = os.fstat(descriptor).st_mode
        if stat.S_ISREG(kind):
            return os.lseek(descriptor, 0, os.SEEK_CUR)
        if stat.S_ISFIFO(kind):
            import termios  # mostly it is a terminal, or nothing

            waiting = fcntl.ioctl(descriptor, termios.FIONREAD, bytes(4))
            return -int.from_bytes(waiting, sys.byteorder)
    except OSError:
        pass
    return None
