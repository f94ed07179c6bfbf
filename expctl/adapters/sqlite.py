"""The door to SQLite: files that are caches and may be thrown away at any time."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from sqlite3 import Connection

#: What reading a cache can raise. A flipped bit gives UnicodeDecodeError or ValueError where one expects
#: sqlite3.Error, and a file that somebody else wrote anything at all.
FAULTS: tuple[type[Exception], ...] = (
    sqlite3.Error,
    OSError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AttributeError,
    RecursionError,
    MemoryError,
)
#: Result codes that speak of the moment and not of the content: https://www.sqlite.org/rescode.html
_PASSING = frozenset(
    {
        sqlite3.SQLITE_PERM,
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_INTERRUPT,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_AUTH,
    }
)


def connect(path: str | os.PathLike[str], *, wait_s: float) -> Connection:
    """Open a cache, making it if it is missing. Transactions begin where the caller says BEGIN.

    Args:
        path: Its folder must exist.
        wait_s: How long to wait for somebody else who is writing.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    base = sqlite3.connect(os.fspath(path), timeout=wait_s, isolation_level=None)
    # A database that a stranger could have put there must not run its own functions, nor break ours by bad
    # cells: https://www.sqlite.org/security.html. Temporary results stay in memory.
    for setting in ("trusted_schema=OFF", "cell_size_check=ON", "temp_store=MEMORY", "synchronous=NORMAL"):
        base.execute(f"PRAGMA {setting}")
    return base


def look_into(path: str | os.PathLike[str]) -> Connection:
    """Open a cache to read what is there, without making, waiting for, or changing anything.

    Raises:
        sqlite3.Error: There is none, or somebody is writing.
    """
    place = quote(os.path.abspath(path))
    base = sqlite3.connect(f"file:{place}?mode=ro", uri=True, timeout=0.05, isolation_level=None)
    base.execute("PRAGMA trusted_schema=OFF")
    return base


def is_damage(err: BaseException) -> bool:
    """Whether a fault tells that the content is bad, so that the file had better go."""
    if isinstance(err, sqlite3.Error):
        code: int | None = getattr(err, "sqlite_errorcode", None)
        return code is None or code & 0xFF not in _PASSING
    return not isinstance(err, (OSError, MemoryError))


def discard(path: str | os.PathLike[str]) -> None:
    """Throw a cache away, with its journals.

    Raises:
        OSError: It cannot be removed; a folder in its place stays.
    """
    for name in (
        os.fspath(path),
        f"{os.fspath(path)}-journal",
        f"{os.fspath(path)}-wal",
        f"{os.fspath(path)}-shm",
    ):
        if os.path.lexists(name):
            os.unlink(name)
