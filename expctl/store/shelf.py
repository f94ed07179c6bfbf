"""The SQLite file behind the index: rows by content, their values by column, and what each folder held.

Rows are kept by the hash of the manifest's bytes, so that the same manifest in another work tree, or back
after a ``git switch``, is not parsed again. Nothing here is a fact of its own: every method may raise any of
``sqlite.FAULTS``, after which the caller does without.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from array import array
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.adapters import sqlite
from expctl.core.row import Row
from expctl.version import VERSION

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence

    from expctl.core.keys import Scalar

#: Another layout of the file, or of rows, is another number; so is another release, whose rows may differ.
_MARK = zlib.crc32(f"4 {VERSION}".encode()) & 0x7FFF_FFFF
_WAIT_S = 1.0
_LAYOUT = """
CREATE TABLE rows (number INTEGER PRIMARY KEY, digest BLOB UNIQUE, id TEXT, shape INTEGER, doc TEXT);
CREATE TABLE shapes (shape INTEGER PRIMARY KEY, keys BLOB UNIQUE);
CREATE TABLE keys (key INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE cells (key INTEGER, number INTEGER, value, PRIMARY KEY (key, number)) WITHOUT ROWID;
CREATE TABLE folders (path BLOB PRIMARY KEY, ids TEXT, facts BLOB, numbers BLOB, shapes BLOB, reasons TEXT);
"""
_INT64 = 1 << 63
_AT_ONCE = 900
_BY_PLACE = itemgetter(0, 1)
#: So many rows that no folder holds may stay: the branch that they are on may be switched back to.
_SPARE = 5000


class Kept(NamedTuple):
    """What the shelf knows of a folder, as it was when it was last read.

    Attributes:
        ids: Run ids, joined by line ends, rising.
        facts: ``listing.WIDTH`` numbers a file, as bytes; in a tree the ids of the blobs.
        numbers: The row of each file; 0 for one that cannot be read.
        shapes: Which columns each row has; 0 likewise.
        reasons: By id why a file cannot be read.
    """

    ids: str
    facts: bytes
    numbers: array[int]
    shapes: array[int]
    reasons: dict[str, str]


class Place(NamedTuple):
    """Where a row stands on the shelf, and which columns it has."""

    number: int
    shape: int


class Shelf:
    """An open index file."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self._base = sqlite.connect(path, wait_s=_WAIT_S)
        self._keys: dict[str, int] = {}
        self._shapes: dict[bytes, int] = {}
        (mark,) = self._base.execute("PRAGMA user_version").fetchone()
        if mark != _MARK:
            self._begin_anew()

    def _begin_anew(self) -> None:
        self._base.execute("BEGIN IMMEDIATE")
        with self._base:  # commits, or rolls back
            (mark,) = self._base.execute("PRAGMA user_version").fetchone()
            if mark == _MARK:  # somebody else was quicker
                return
            for (name,) in self._base.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table'"
            ).fetchall():
                self._base.execute(f'DROP TABLE "{name}"')
            for statement in _LAYOUT.split(";"):
                self._base.execute(statement)
            self._base.execute(f"PRAGMA user_version = {_MARK}")

    def close(self) -> None:
        """Let go of the file."""
        self._base.close()

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: all that is put and kept inside, or nothing."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            self._keys = dict(self._base.execute("SELECT name, key FROM keys"))
            self._shapes = {}
            yield
            self._base.execute("COMMIT")
        except BaseException:
            with contextlib.suppress(*sqlite.FAULTS):
                self._base.execute("ROLLBACK")
            raise

    def put(self, rows: Mapping[bytes, Row]) -> dict[bytes, Place]:
        """Put rows on the shelf, by the hash of what they were made of, unless they stand there already."""
        places = {digest: place for digest, (_, place) in self.find(list(rows)).items()}
        (last,) = self._base.execute("SELECT max(number) FROM rows").fetchone()
        documents, cells = [], []
        for number, (digest, row) in enumerate(_without(rows, places), (last or 0) + 1):
            keys = [self._key(name) for name in row.values]
            places[digest] = Place(number, self._shape(keys))
            documents.append((number, digest, row.id, places[digest].shape, json.dumps(dict(row.values))))
            pairs = zip(keys, row.values.values(), strict=True)
            cells += [(key, number, _to_cell(value)) for key, value in pairs if value is not None]
        self._base.executemany(
            "INSERT INTO rows (number, digest, id, shape, doc) VALUES (?, ?, ?, ?, ?)", documents
        )
        # In the order in which they will lie: each column is one place of the file.
        cells.sort(key=_BY_PLACE)
        self._base.executemany("INSERT INTO cells VALUES (?, ?, ?)", cells)
        return places

    def keep(self, path: bytes, kept: Kept) -> None:
        """Remember what a folder holds."""
        facts = (
            path,
            kept.ids,
            kept.facts,
            kept.numbers.tobytes(),
            kept.shapes.tobytes(),
            json.dumps(kept.reasons),
        )
        self._base.execute("INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?, ?, ?)", facts)

    def forget(self, gone: Callable[[bytes], bool]) -> None:
        """Drop what is known of folders that are gone."""
        for (path,) in self._base.execute("SELECT path FROM folders").fetchall():
            if gone(path):
                self._base.execute("DELETE FROM folders WHERE path = ?", (path,))

    def is_bloated(self) -> bool:
        """Whether most rows belong to no folder. Rows are never taken off: somebody may be reading them."""
        held: set[int] = set()
        for (numbers,) in self._base.execute("SELECT numbers FROM folders"):
            held.update(array("q", numbers))
        (count,) = self._base.execute("SELECT count(*) FROM rows").fetchone()
        return bool(count > _SPARE + 3 * len(held))

    def folders(self, paths: Sequence[bytes]) -> dict[bytes, Kept]:
        """What is known of folders, by path."""
        found = {}
        asked = "SELECT path, ids, facts, numbers, shapes, reasons FROM folders WHERE path IN "
        for path, ids, facts, numbers, shapes, reasons in self._among(asked, paths):
            kept = Kept(ids, facts, array("q", numbers), array("q", shapes), json.loads(reasons))
            if not len(kept.numbers) == len(kept.shapes) == (ids.count("\n") + 1 if ids else 0):
                raise ValueError("lists of unlike length")
            found[path] = kept
        return found

    def find(self, digests: Sequence[bytes]) -> dict[bytes, tuple[str, Place]]:
        """Rows that stand here, by hash: id and place."""
        asked = "SELECT digest, id, number, shape FROM rows WHERE digest IN "
        return {d: (run_id, Place(n, shape)) for d, run_id, n, shape in self._among(asked, digests)}

    def names(self, shapes: Iterable[int]) -> set[str]:
        """The columns that rows of some shapes have."""
        wanted = set(shapes)
        keys: set[int] = set()
        for shape, packed in self._base.execute("SELECT shape, keys FROM shapes"):
            if shape in wanted:
                keys.update(array("q", packed))
                wanted.discard(shape)
        if wanted:
            raise LookupError("a shape is missing")
        return {name for name, key in self._base.execute("SELECT name, key FROM keys") if key in keys}

    def column(self, name: str) -> dict[int, Scalar]:
        """The values of a column by row, of all rows on the shelf that have it."""
        found = self._base.execute("SELECT key FROM keys WHERE name = ?", (name,)).fetchone()
        if found is None:
            return {}
        cells: dict[int, Any] = dict(
            self._base.execute("SELECT number, value FROM cells WHERE key = ?", found)
        )
        if bytes in set(map(type, cells.values())):
            cells = {n: json.loads(v) if isinstance(v, bytes) else v for n, v in cells.items()}
        return cells

    def documents(self, numbers: Sequence[int]) -> dict[int, Row]:
        """Whole rows, by number."""
        asked = "SELECT number, id, doc FROM rows WHERE number IN "
        return {n: Row(run_id, json.loads(doc)) for n, run_id, doc in self._among(asked, numbers)}

    def _among(self, asked: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Ask for any number of values: SQLite takes no more than 999 at once on old systems."""
        found = []
        for start in range(0, len(values), _AT_ONCE):
            some = values[start : start + _AT_ONCE]
            found += self._base.execute(f"{asked}({','.join('?' * len(some))})", some).fetchall()
        return found

    def _key(self, name: str) -> int:
        if name not in self._keys:
            self._keys[name] = (
                self._base.execute("INSERT INTO keys (name) VALUES (?)", (name,)).lastrowid or 0
            )
        return self._keys[name]

    def _shape(self, keys: list[int]) -> int:
        packed = array("q", sorted(keys)).tobytes()
        if packed not in self._shapes:
            self._base.execute("INSERT OR IGNORE INTO shapes (keys) VALUES (?)", (packed,))
            (shape,) = self._base.execute("SELECT shape FROM shapes WHERE keys = ?", (packed,)).fetchone()
            self._shapes[packed] = shape
        return self._shapes[packed]


def _without(rows: Mapping[bytes, Row], known: Container[bytes]) -> Iterator[tuple[bytes, Row]]:
    return ((digest, row) for digest, row in rows.items() if digest not in known)


def can_hold(row: Row) -> bool:
    """Whether a row can stand on the shelf: SQLite has no column names with half characters."""
    return all(name.isascii() or _is_whole(name) for name in row.values)


def _is_whole(text: str) -> bool:
    return text == text.encode("utf-8", "replace").decode()


def _to_cell(value: Scalar) -> Any:
    """A value as SQLite keeps it without a loss; the rare rest as bytes of JSON."""
    kind = value.__class__
    if kind is float and value == value:  # noqa: PLR0124  SQLite makes NULL of NaN
        return value
    if isinstance(value, str) and (value.isascii() or _is_whole(value)):
        return value
    if kind is int and isinstance(value, int) and -_INT64 <= value < _INT64:
        return value
    return json.dumps(value).encode()
