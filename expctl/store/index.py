"""All runs that can be seen from a work tree, answered from a disposable cache.

The cache (``store.shelf``) is filled when somebody asks: files whose size, times and inode are as they were
are not opened. Whatever is wrong with it, the answer comes from the manifests themselves, and is the same.
"""

from __future__ import annotations

import contextlib
import os
from array import array
from pathlib import Path
from typing import TYPE_CHECKING

from expctl.adapters import sqlite
from expctl.core import row
from expctl.core.row import Row
from expctl.store import listing, readings, tips, trees
from expctl.store.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from expctl.core.keys import Scalar
    from expctl.store.listing import Folder
    from expctl.store.manifests import Unreadable
    from expctl.store.readings import Reading
    from expctl.store.shelf import Kept
    from expctl.store.tips import Tips
    from expctl.store.trees import Found, Tree


_NONE: array[int] = array("q")


class View:
    """The runs that can be seen, newest first, by number.

    Attributes:
        ids: By number the id of each run, in the order newest first.
        unreadable: Files in the place of manifests that cannot be believed.
    """

    def __init__(
        self,
        found: Sequence[Reading],
        extra: dict[int, Row],
        shelf: Shelf | None,
        branches: Mapping[int, str],
        root: Path | None,
    ) -> None:
        self._readings = found
        self._extra = extra
        self._shelf = shelf
        self._branches = branches
        self._root = root
        self.ids: dict[int, str] = {}
        # Days fall and so do the ids of each: in the common case nothing is left to sort.
        for reading in reversed(found):
            self.ids.update(zip(reversed(reading.numbers), reversed(reading.folder.ids), strict=True))
        self.ids.pop(0, None)
        self.ids.update((n, row.id) for n, row in extra.items() if n not in self.ids)
        if extra or len({os.path.dirname(reading.folder.path) for reading in found}) > 1 or _has_pack(found):
            self.ids = dict(sorted(self.ids.items(), key=lambda pair: pair[1], reverse=True))
        self.unreadable = _unreadable(found) if any(reading.reasons for reading in found) else []

    def columns(self) -> set[str]:
        """All columns that some run has."""
        found = {name for each in self._extra.values() for name in each.values}
        found |= {row.BRANCH} if self._branches else set()
        if self._shelf is not None:
            shapes = {shape for r in self._readings for shape in r.shapes if shape}
            try:
                return found | self._shelf.names(shapes)
            except sqlite.FAULTS as err:
                self._do_without(err)
                return self.columns()
        return found

    def column(self, name: str) -> dict[int, Scalar]:
        """The values of a column by number; other numbers than those of ``ids`` may be among them."""
        found: dict[int, Scalar] = {}
        if name == row.BRANCH:
            return {number: branch for number, branch in self._branches.items() if number in self.ids}
        if self._shelf is not None:
            try:
                found = self._shelf.column(name)
            except sqlite.FAULTS as err:
                self._do_without(err)
        for number, each in self._extra.items():
            if each.values.get(name) is not None:
                found[number] = each.values[name]
        return found

    def rows(self, numbers: Sequence[int]) -> list[Row]:
        """Whole rows, in the order asked for."""
        wanted = [n for n in numbers if n not in self._extra]
        found: dict[int, Row] = {}
        if self._shelf is not None and wanted:
            try:
                found = self._shelf.documents(wanted)
                if any(found[n].id != self.ids[n] or found[n].values["id"] != self.ids[n] for n in wanted):
                    raise LookupError("another run in its place")
            except sqlite.FAULTS as err:
                self._do_without(err)
        return [self._with_branch(n, self._extra[n] if n in self._extra else found[n]) for n in numbers]

    def _with_branch(self, number: int, found: Row) -> Row:
        branch = self._branches.get(number)
        return found if branch is None else Row(found.id, {**found.values, row.BRANCH: branch})

    def file(self, number: int) -> Path | None:
        """The file of a manifest, in the work tree or beside it; None where a pack or only a branch has it.

        Raises:
            LookupError: It is in progress, and has none.
        """
        folder = self._folder(number)
        return Path(folder.file(self.ids[number])) if isinstance(folder, listing.Folder) else None

    def content(self, number: int) -> tuple[str, bytes]:
        """The name and the bytes of a manifest that a pack has, or only a branch.

        Raises:
            LookupError: It has none, or git lost it.
        """
        from expctl.store import contents

        folder = self._folder(number)
        place = folder.ids.index(self.ids[number])
        (found,) = contents.read([(folder, place)], self._root, ())
        if found.reason:
            raise LookupError(f"{found.name}: {found.reason}")
        return found.name, found.data

    def pack(self, number: int) -> Path | None:
        """The pack of the work tree that a run lies in, if its manifest is no file."""
        folder = self._folder(number)
        return Path(folder.pack) if isinstance(folder, trees.Tree) and folder.is_here else None

    def branch(self, number: int) -> str | None:
        """The branch that has a run which the work tree lacks."""
        return self._branches.get(number)

    def forget(self, ids: Container[str]) -> None:
        """Look at some runs no more."""
        self.ids = {number: run_id for number, run_id in self.ids.items() if run_id not in ids}

    def _folder(self, number: int) -> Folder | Tree:
        for reading in self._readings:
            if number in reading.numbers:
                return reading.folder
        raise LookupError(f"run {self.ids[number]} has no manifest yet")

    def close(self) -> None:
        """Let go of the cache."""
        if self._shelf is not None:
            with contextlib.suppress(*sqlite.FAULTS):
                self._shelf.close()
            self._shelf = None

    def _do_without(self, err: Exception) -> None:
        """The cache broke after it was refreshed: read every manifest, under the numbers given out."""
        path = self._shelf.path if self._shelf is not None else None
        self.close()
        if path is not None and sqlite.is_damage(err):
            _throw_away(path)
        for reading in self._readings:
            found = readings.read_all(reading, self._root)
            for run_id, number in zip(reading.folder.ids, reading.numbers, strict=True):
                if number > 0:
                    each = found[run_id]
                    # Gone or broken since it was listed: what is left of it is its id.
                    self._extra[number] = Row(run_id, {"id": run_id}) if isinstance(each, str) else each


def _unreadable(found: Sequence[Reading]) -> list[Unreadable]:
    from expctl.store.manifests import Unreadable

    return sorted(
        Unreadable(_name(reading.folder, run_id), reason)
        for reading in found
        for run_id, reason in reading.reasons.items()
    )


def _name(folder: Folder | Tree, run_id: str) -> str:
    from expctl.store.manifests import name_of

    path = folder.file(run_id)
    return name_of(path) if isinstance(folder, listing.Folder) or folder.is_here else path


def _has_pack(found: Sequence[Reading]) -> bool:
    """Whether some runs may stand in another order than their folders."""
    return any(isinstance(reading.folder, trees.Tree) and reading.folder.pack for reading in found)


def look(
    path: Path,
    *,
    runs: Path | None = None,
    finished: Path | None = None,
    live: Iterable[Row] = (),
    branches: Tips | None = None,
) -> View:
    """See all runs: bring the cache up to date, and answer.

    Args:
        path: The index file; whatever lies there, no fault of it is an error.
        runs: The folder of days in the work tree.
        finished: Copies of manifests; not those of runs that are in the work tree or on a branch.
        live: Rows of runs in progress; those that have a manifest already are passed over.
        branches: Commits whose runs are looked at as well, as far as they are not known from elsewhere.
    """
    folders = listing.of_days(runs) if runs is not None else []
    copies = (
        listing.flat(finished, without=folders) if finished is not None else listing.Folder("", [], _NONE)
    )
    shelf, known = _open(path, [*folders, copies])
    here = {run_id for folder in folders for run_id in folder.ids}
    packed = _packed(runs, shelf, here)
    seen = tips.NOTHING
    if branches is not None and (branches.tips or branches.head):
        seen = tips.look(branches, shelf, here)
    # What a branch has is changed there: a copy of it would hide that.
    elsewhere = {run_id for each in (*packed, *seen.found) for run_id in each.run_ids()}
    copies = listing.lacking(copies, elsewhere) if elsewhere and copies.ids else copies
    folders += [copies] if copies.ids else []
    running = [
        each
        for each in live
        if not any(each.id in folder.ids for folder in folders) and each.id not in elsewhere
    ]
    extra = {-1 - place: each for place, each in enumerate(running)}
    found = [readings.compare(folder, known.get(os.fsencode(folder.path))) for folder in folders]
    found += [readings.of_tree(each) for each in (*packed, *seen.found)]
    readings.read_changed(found, extra, shelf, seen)
    shown = [reading.shown() for reading in found]
    named = {
        number: each.branch
        for each, reading in zip(seen.found, shown[len(folders) + len(packed) :], strict=True)
        for number in reading.numbers
        if number and each.branch
    }
    return View(shown, extra, shelf, named, seen.root)


def _packed(runs: Path | None, shelf: Shelf | None, here: set[str]) -> list[Found]:
    """The packs of the work tree, with the runs that are no files; ``here`` learns of those."""
    if runs is None or not os.path.isdir(f"{runs}/{trees.PACKED}"):
        return []
    from expctl.store import packs  # many repositories have none

    return [trees.lacking(each, here) for each in packs.here(runs, shelf)]


def ids_of(path: Path, root: Path, commit: str) -> set[str]:
    """The ids of all runs that a commit holds."""
    shelf, _ = _open(path, ())
    try:
        return tips.ids(root, commit, shelf)
    finally:
        if shelf is not None:
            with contextlib.suppress(*sqlite.FAULTS):
                shelf.close()


def _open(path: Path, folders: Sequence[Folder]) -> tuple[Shelf | None, dict[bytes, Kept]]:
    """The cache and what it knows of the folders; a damaged one is made anew, once."""
    keys = [os.fsencode(folder.path) for folder in folders]
    for _ in range(2):
        shelf = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            shelf = Shelf(path)
            return shelf, shelf.folders(keys)
        except sqlite.FAULTS as err:
            if shelf is not None:
                with contextlib.suppress(*sqlite.FAULTS):
                    shelf.close()
            if not sqlite.is_damage(err) or not _throw_away(path):
                break
    return None, {}


def _throw_away(path: str | os.PathLike[str]) -> bool:
    try:
        sqlite.discard(path)
    except OSError:
        return False
    return True
