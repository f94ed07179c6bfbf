"""Folders of manifests, read: what is unchanged from what the cache kept, the rest from the files.

What a question needs only when some file changed (manifests and their schema cost 20 ms) is imported where it
is used.
"""

from __future__ import annotations

import os
from array import array
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import sqlite
from expctl.store import listing, tips, trees
from expctl.store.shelf import Kept, can_hold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from expctl.core.row import Row
    from expctl.store.listing import Folder
    from expctl.store.shelf import Place, Shelf
    from expctl.store.trees import Found, Tree

#: Files read between two writes of the cache.
_PORTION = 1000
_CELL = 8
_CTIME = 2


class Reading(NamedTuple):
    """A folder, or a tree of a branch, while its runs are found.

    Attributes:
        folder: Its listing.
        settled: As ``folder.facts``, for the files whose row need not be looked at again; 0 for others. Of a
            tree the ids of its blobs, as bytes.
        numbers: The row of each file: on the shelf, or negative beside it; 0 for a file that cannot be read.
        shapes: Which columns each row on the shelf has; else 0.
        reasons: By id why a file cannot be read.
        stale: Whether the cache knew something else.
        wanted: The places of the files that are looked at; None for all.
    """

    folder: Folder | Tree
    settled: array[int]
    numbers: array[int]
    shapes: array[int]
    reasons: dict[str, str]
    stale: bool
    wanted: Sequence[int] | None = None

    def kept(self) -> Kept:
        """What the cache is to know of it."""
        numbers = array("q", [max(n, 0) for n in self.numbers])
        reasons = {run_id: reason for run_id, reason in self.reasons.items() if reason not in trees.PASSING}
        return Kept("\n".join(self.folder.ids), self.settled.tobytes(), numbers, self.shapes, reasons)

    def shown(self) -> Reading:
        """The same with nothing but the files that are looked at."""
        if self.wanted is None or isinstance(self.folder, listing.Folder):
            return self
        tree, places = self.folder, self.wanted
        taken = set(tree.ids) - {tree.ids[i] for i in places}
        reasons = {name: reason for name, reason in self.reasons.items() if name not in taken}
        return self._replace(
            folder=tree._replace(ids=[tree.ids[i] for i in places], blobs=[tree.blobs[i] for i in places]),
            numbers=array("q", [self.numbers[i] for i in places]),
            shapes=array("q", [self.shapes[i] for i in places]),
            reasons=reasons,
            wanted=None,
        )


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
        _settle(folder, reading, i)
        reading.numbers[i] = known.numbers[place]
        reading.shapes[i] = known.shapes[place]
        if run_id in known.reasons:
            reading.reasons[run_id] = known.reasons[run_id]
    return reading


def of_tree(found: Found) -> Reading:
    """What is known of the manifests of a branch, or of a pack."""
    tree, kept = found.tree, found.kept
    if kept is not None:
        places = range(len(tree.ids)) if found.wanted is None else found.wanted
        missing = any(not kept.numbers[i] and tree.ids[i] not in kept.reasons for i in places)
        settled = array("B", kept.facts)
        return Reading(
            tree, settled, kept.numbers, kept.shapes, kept.reasons, stale=missing, wanted=found.wanted
        )
    blank = bytes(_CELL * len(tree.ids))
    settled = array("B", bytes.fromhex("".join(tree.blobs)))
    return Reading(tree, settled, array("q", blank), array("q", blank), {}, stale=True, wanted=found.wanted)


def read_changed(
    readings: Sequence[Reading], extra: dict[int, Row], shelf: Shelf | None, seen: tips.Seen = tips.NOTHING
) -> None:
    """Read the files that the cache does not know, and tell it.

    Args:
        readings: Folders as ``compare``, trees as ``of_tree`` gave them; filled in here.
        extra: Rows that are not on the shelf, by negative number; those that it cannot hold are added here.
        shelf: The cache, if there is one.
        seen: What was found on branches.
    """
    todo = [
        (reading, i)
        for reading in readings
        if reading.stale
        for i in (range(len(reading.numbers)) if reading.wanted is None else reading.wanted)
        if not reading.numbers[i] and reading.folder.ids[i] not in reading.reasons
    ]
    for start in range(0, len(todo), _PORTION):
        portion = todo[start : start + _PORTION]
        if not _take(portion, extra, shelf, seen.root):
            shelf = None
    if shelf is not None and any(reading.stale for reading in readings):
        _keep(readings, shelf, seen)


def read_all(reading: Reading, root: Path | None) -> dict[str, Row | str]:
    """The rows of the manifests that are looked at, by id, or the reasons why there are none."""
    from expctl.store import contents

    places = range(len(reading.folder.ids)) if reading.wanted is None else reading.wanted
    found: dict[str, Row | str] = {}
    for start in range(0, len(places), _PORTION):
        portion = [(reading.folder, i) for i in places[start : start + _PORTION]]
        for (_, i), content in zip(portion, contents.read(portion, root, {}), strict=True):
            run_id = reading.folder.ids[i]
            found[run_id] = contents.parsed(run_id, content)
    return found


def _take(
    portion: Sequence[tuple[Reading, int]], extra: dict[int, Row], shelf: Shelf | None, root: Path | None
) -> bool:
    """Read some files and put their rows on the shelf, or beside it. Says whether the shelf took them."""
    from expctl.adapters import clock
    from expctl.store import contents

    now_ns = int(clock.now().timestamp() * 1e9)
    files = [(reading.folder, i) for reading, i in portion]
    there = _there(shelf, [blob for blob in map(contents.known_digest, files) if blob])
    read = contents.read(files, root, there)
    there |= _there(shelf, [content.digest for content in read if content.digest not in there])
    new: list[tuple[Reading, int, bytes, Row]] = []
    for (reading, i), content in zip(portion, read, strict=True):
        run_id = reading.folder.ids[i]
        if isinstance(reading.folder, listing.Folder) and (
            reading.folder.facts[listing.WIDTH * i + _CTIME] < now_ns - listing.FRESH_NS
        ):
            _settle(reading.folder, reading, i)
        known_id, place = there.get(content.digest, ("", None))
        if place is not None and known_id == run_id:
            reading.numbers[i], reading.shapes[i] = place
            continue
        found = contents.parsed(run_id, content)
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
            if isinstance(reading.folder, listing.Folder):
                _settle(reading.folder, reading, i, at_all=False)
        else:
            reading.numbers[i], reading.shapes[i] = place
    return places is not None


def _there(shelf: Shelf | None, digests: Sequence[bytes]) -> dict[bytes, tuple[str, Place]]:
    try:
        return shelf.find(digests) if shelf is not None and digests else {}
    except sqlite.FAULTS:
        return {}


def _put(shelf: Shelf | None, rows: dict[bytes, Row]) -> dict[bytes, Place] | None:
    """The places of rows on the shelf; None if it cannot be written."""
    if shelf is None:
        return None
    try:
        with shelf.writing():
            return shelf.put(rows)
    except sqlite.FAULTS:
        return None


def _keep(readings: Sequence[Reading], shelf: Shelf, seen: tips.Seen) -> None:
    ours = {os.fsencode(reading.folder.path) for reading in readings}

    def is_gone(path: bytes) -> bool:
        """Whether a folder is no more, or something is on no branch and no pack of this work tree."""
        if trees.is_key(path):
            return seen.keys is not None and path not in seen.keys | ours
        return not os.path.isdir(path)

    try:
        with shelf.writing():
            for reading in readings:
                if reading.stale:
                    shelf.keep(os.fsencode(reading.folder.path), reading.kept())
            shelf.forget(is_gone)
        if shelf.is_bloated():
            sqlite.discard(
                shelf.path
            )  # it stays readable as long as it is open, and is made anew the next time
    except sqlite.FAULTS:
        return  # locked, full or read-only: the next question reads these files again


def _settle(folder: Folder, reading: Reading, i: int, *, at_all: bool = True) -> None:
    ends = slice(listing.WIDTH * i, listing.WIDTH * (i + 1))
    reading.settled[ends] = folder.facts[ends] if at_all else array("q", [0] * listing.WIDTH)
