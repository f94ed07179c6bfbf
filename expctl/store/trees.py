"""Manifests that lie in something which never changes: the tree of a day on a branch, or a pack.

The cache knows both by what git calls their content, so neither is ever looked into twice.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import sqlite
from expctl.store import listing
from expctl.store.shelf import Kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from expctl.store.shelf import Shelf

#: The folder of packs, beside those of days.
PACKED = "packed"
#: Why a manifest is not looked at that only a server has: fetching each would take minutes.
ABSENT = "not in this partial clone"
#: Why a manifest is not shown whose pack was replaced while it was read; the next look sees the new one.
CHANGED = "changed while it was being read"
#: What the cache is not to keep: it is no fault of the content.
PASSING = (ABSENT, CHANGED)
_TREE, _PACK, _TIP = "tree:", "pack:", "tip:"
_CELL = 8


class Tree(NamedTuple):
    """Some manifests; in the place of ``listing.Folder``.

    Attributes:
        path: What the cache knows it by.
        ids: Run ids, rising.
        blobs: The id that git gives each manifest's content.
        where: How it is told: a folder as git takes it (``origin/main:.experiments/runs/2026-11-22``), or a
            pack.
        pack: The pack that they lie in: the path of a file, or the id of a blob; empty for a folder.
    """

    path: str
    ids: list[str]
    blobs: list[str]
    where: str
    pack: str = ""

    def file(self, run_id: str) -> str:
        """How one manifest is told; that of a folder as ``git show`` takes it."""
        if self.pack:
            return f"{self.where}#{run_id}" if run_id else self.where
        return f"{self.where}/{run_id}{listing.SUFFIX}"

    @property
    def is_here(self) -> bool:
        """Whether it is a file of the work tree."""
        return self.pack.startswith("/")

    @property
    def oid(self) -> str:
        """What git calls it."""
        return self.path.partition(":")[2]


class Found(NamedTuple):
    """A tree, and which of its runs nobody else has.

    Attributes:
        tree: All of its manifests.
        kept: What the cache knows of it.
        wanted: The places of those runs in ``tree.ids``; None for all.
        branch: The name to show.
    """

    tree: Tree
    kept: Kept | None
    wanted: list[int] | None
    branch: str

    def run_ids(self) -> list[str]:
        """The ids of those runs."""
        ids = self.tree.ids
        return ids if self.wanted is None else [ids[i] for i in self.wanted]

    def is_faulty(self) -> bool:
        """Whether it is a pack with something to complain of."""
        return bool(self.tree.pack and self.kept is not None and self.kept.reasons)


def lacking(found: Found, taken: set[str], branch: str = "") -> Found:
    """The same with nothing but the runs that nobody else has; ``taken`` learns of them."""
    places = [i for i, run_id in enumerate(found.tree.ids) if run_id not in taken]
    taken.update(found.tree.ids)
    return found._replace(wanted=None if len(places) == len(found.tree.ids) else places, branch=branch)


def key(tree: str) -> str:
    """What the cache knows a tree by: no folder is called so."""
    return _TREE + tree


def pack_key(blob: str) -> str:
    """What the cache knows a pack by."""
    return _PACK + blob


def tip_key(commit: str) -> bytes:
    """What the cache knows a commit by."""
    return (_TIP + commit).encode()


def is_key(path: bytes) -> bool:
    """Whether the cache speaks of a commit, a tree or a pack, and not of a folder."""
    return path.startswith((_TREE.encode(), _PACK.encode(), _TIP.encode()))


def ask(shelf: Shelf | None, names: Sequence[bytes]) -> dict[bytes, Kept]:
    """What the cache knows, by the names that it has for things."""
    try:
        return shelf.folders(names) if shelf is not None and names else {}
    except sqlite.FAULTS:
        return {}


def tell(shelf: Shelf | None, facts: Mapping[bytes, Kept]) -> None:
    """Let the cache know what things hold that never change."""
    if shelf is None or not facts:
        return
    try:
        with shelf.writing():
            for name, kept in facts.items():
                shelf.keep(name, kept)
    except sqlite.FAULTS:
        return


def nothing_but(reasons: dict[str, str]) -> Kept:
    """What the cache keeps of something that holds no manifests itself: names, and what git calls each."""
    return Kept("", b"", array("q"), array("q"), reasons)


def unread(tree: Tree, reasons: dict[str, str] | None = None) -> Kept:
    """What the cache is to know of a tree before any of its manifests was read."""
    numbers, shapes = (array("q", bytes(_CELL * len(tree.ids))) for _ in range(2))
    return Kept("\n".join(tree.ids), bytes.fromhex("".join(tree.blobs)), numbers, shapes, reasons or {})


def from_kept(path: str, kept: Kept, where: str, pack: str = "") -> Tree:
    """A tree as the cache knows it."""
    run_ids = kept.ids.split("\n") if kept.ids else []
    digits = len(kept.facts) * 2 // len(run_ids) if run_ids else 0
    hexes = kept.facts.hex()
    blobs = [hexes[at : at + digits] for at in range(0, len(hexes), digits or 1)]
    return Tree(path, run_ids, blobs, where, pack)


def days_of(run_ids: Iterable[str]) -> set[str]:
    """The folders that the manifests of runs would lie in."""
    days = {run_id[:8] for run_id in run_ids}
    return {f"{day[:4]}-{day[4:6]}-{day[6:]}" for day in days if len(day) == len("20261122")}
