"""Folders of manifests, read: what is unchanged from what the cache kept, the rest from the files.

What a question needs only when some file changed (manifests and their schema cost 20 ms) is imported where it
is used.
"""

from __future__ import annotations

import os
from array import array
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import sqlite
from expctl.errors import ManifestError
from expctl.store import listing
from expctl.store.shelf import Kept, can_hold

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.row import Row
    from expctl.store.listing import Folder
    from expctl.store.shelf import Place, Shelf

#: Files read between two writes of the cache.
_PORTION = 1000
#: A file changed so shortly before it was read may change again without its times telling: file systems count
#: in ticks of up to 2 s (FAT). It is looked at again the next time, as git does with its index.
_FRESH_NS = 2_000_000_000
_CELL = 8
_CTIME = 2


class Reading(NamedTuple):
    """A folder while its runs are found.

    Attributes:
        folder: Its listing.
        settled: As ``folder.facts``, for the files whose row need not be looked at again; 0 for others.
        numbers: The row of each file: on the shelf, or negative beside it; 0 for a file that cannot be read.
        shapes: Which columns each row on the shelf has; else 0.
        reasons: By id why a file cannot be read.
        stale: Whether the cache knew something else.
    """

    folder: Folder
    settled: array[int]
    numbers: array[int]
    shapes: array[int]
    reasons: dict[str, str]
    stale: bool

    def kept(self) -> Kept:
        """What the cache is to know of it."""
        numbers = array("q", [max(n, 0) for n in self.numbers])
        return Kept("\n".join(self.folder.ids), self.settled.tobytes(), numbers, self.shapes, self.reasons)


class _Content(NamedTuple):
    """A file's name for messages, its bytes and their hash; or the reason why they cannot be had."""

    name: str
    data: bytes
    digest: bytes
    reason: str


def compare(folder: Folder, known: Kept | None) -> Reading:
    """What is still known of a folder: files that look unchanged keep their row; the others have number 0."""
    facts = folder.facts.tobytes()
    if known is not None and known.facts == facts and known.ids == "\n".join(folder.ids):
        return Reading(folder, folder.facts, known.numbers, known.shapes, known.reasons, stale=False)
    blank = bytes(_CELL * len(folder.ids))
    settled = array("q", bytes(len(facts)))
    reading = Reading(folder, settled, array("q", blank), array("q", blank), {}, stale=True)
    if known is None or not known.ids:
        return reading
    size = _CELL * listing.WIDTH
    before = {run_id: place for place, run_id in enumerate(known.ids.split("\n"))}
    for i, run_id in enumerate(folder.ids):
        place = before.get(run_id)
        if (
            place is None
            or known.facts[size * place : size * (place + 1)] != facts[size * i : size * (i + 1)]
        ):
            continue
        _settle(reading, i)
        reading.numbers[i] = known.numbers[place]
        reading.shapes[i] = known.shapes[place]
        if run_id in known.reasons:
            reading.reasons[run_id] = known.reasons[run_id]
    return reading


def read_changed(readings: Sequence[Reading], extra: dict[int, Row], shelf: Shelf | None) -> None:
    """Read the files that the cache does not know, and tell it.

    Args:
        readings: Folders as ``compare`` gave them; filled in here.
        extra: Rows that are not on the shelf, by negative number; those that it cannot hold are added here.
        shelf: The cache, if there is one.
    """
    todo = [
        (reading, i)
        for reading in readings
        if reading.stale
        for i, (run_id, number) in enumerate(zip(reading.folder.ids, reading.numbers, strict=True))
        if not number and run_id not in reading.reasons
    ]
    for start in range(0, len(todo), _PORTION):
        portion = todo[start : start + _PORTION]
        if not _take(portion, extra, shelf):
            shelf = None
    if shelf is not None and any(reading.stale for reading in readings):
        _keep(readings, shelf)


def read(folder: Folder, run_id: str) -> Row | str:
    """The row of one manifest, or the reason why there is none."""
    return _parsed(run_id, _bytes(folder, run_id))


def _take(portion: Sequence[tuple[Reading, int]], extra: dict[int, Row], shelf: Shelf | None) -> bool:
    """Read some files and put their rows on the shelf, or beside it. Says whether the shelf took them."""
    from expctl.adapters import clock

    now_ns = int(clock.now().timestamp() * 1e9)
    contents = [_bytes(reading.folder, reading.folder.ids[i]) for reading, i in portion]
    there = _there(shelf, [content.digest for content in contents])
    new: list[tuple[Reading, int, bytes, Row]] = []
    for (reading, i), content in zip(portion, contents, strict=True):
        run_id = reading.folder.ids[i]
        if reading.folder.facts[listing.WIDTH * i + _CTIME] < now_ns - _FRESH_NS:
            _settle(reading, i)
        known_id, place = there.get(content.digest, ("", None))
        if place is not None and known_id == run_id:
            reading.numbers[i], reading.shapes[i] = place
            continue
        found = _parsed(run_id, content)
        if isinstance(found, str):
            reading.reasons[run_id] = found
        else:
            new.append((reading, i, content.digest, found))
    places = _put(shelf, {digest: row for _, _, digest, row in new if can_hold(row)})
    for reading, i, digest, row in new:
        place = (places or {}).get(digest)
        if place is None:
            reading.numbers[i] = min(extra, default=0) - 1
            extra[reading.numbers[i]] = row
            _settle(reading, i, at_all=False)
        else:
            reading.numbers[i], reading.shapes[i] = place
    return places is not None


def _there(shelf: Shelf | None, digests: Sequence[bytes]) -> dict[bytes, tuple[str, Place]]:
    try:
        return shelf.find(digests) if shelf is not None else {}
    except sqlite.FAULTS:
        return {}


def _put(shelf: Shelf | None, rows: dict[bytes, Row]) -> dict[bytes, Place] | None:
    """The places of rows on the shelf; None if it cannot be written."""
    if shelf is None:
        return None
    try:
        with shelf.writing():
            return {digest: shelf.put(digest, row) for digest, row in rows.items()}
    except sqlite.FAULTS:
        return None


def _keep(readings: Sequence[Reading], shelf: Shelf) -> None:
    try:
        with shelf.writing():
            for reading in readings:
                if reading.stale:
                    shelf.keep(os.fsencode(reading.folder.path), reading.kept())
            shelf.forget(lambda path: not os.path.isdir(path))
        if shelf.is_bloated():
            sqlite.discard(
                shelf.path
            )  # it stays readable as long as it is open, and is made anew the next time
    except sqlite.FAULTS:
        return  # locked, full or read-only: the next question reads these files again


def _settle(reading: Reading, i: int, *, at_all: bool = True) -> None:
    ends = slice(listing.WIDTH * i, listing.WIDTH * (i + 1))
    reading.settled[ends] = reading.folder.facts[ends] if at_all else array("q", [0] * listing.WIDTH)


def _bytes(folder: Folder, run_id: str) -> _Content:
    import hashlib

    from expctl.store import manifests

    path = folder.file(run_id)
    name = manifests.name_of(path)
    try:
        data = manifests.read_bytes(path, name=name)
    except ManifestError as err:
        return _Content(name, b"", b"", _bare(err, name))
    return _Content(name, data, hashlib.sha1(data, usedforsecurity=False).digest(), "")


def _parsed(run_id: str, content: _Content) -> Row | str:
    """The row of a manifest, or the reason why there is none."""
    if content.reason:
        return content.reason
    from expctl.core import row as rows
    from expctl.store import manifests

    try:
        return rows.from_manifest(manifests.parse(content.data, name=content.name, expect_id=run_id))
    except ManifestError as err:
        return _bare(err, content.name)


def _bare(err: ManifestError, name: str) -> str:
    """A reason without the name of the file, which stands beside it."""
    return str(err).removeprefix(f"{name}: ")
