"""Manifests on the tips of branches: found by the ids of trees and blobs, whatever is checked out.

History is never walked, and what was read once is never read again: a tree never changes.
"""

from __future__ import annotations

import os
import re
from array import array
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import git, sqlite
from expctl.core import gittree, runid
from expctl.store import listing
from expctl.store.shelf import Kept

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from expctl.adapters.git import Branch
    from expctl.store.shelf import Shelf

#: Where manifests lie in a commit.
RUNS = ".experiments/runs"
#: Why a manifest is not looked at that only a server has: fetching each would take minutes.
ABSENT = "not in this partial clone"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_PLAIN = ("100644", "100755")
_MAIN = ("main", "master", "trunk")
_KEY = "tree:"
_TIP = b"tip:"
_NONE: array[int] = array("q")
_CELL = 8


class Tip(NamedTuple):
    """A commit whose runs are looked at.

    Attributes:
        name: The branch that it is the tip of; empty when that is not to be told.
        commit: Its id.
    """

    name: str
    commit: str


class Tips(NamedTuple):
    """The commits whose runs are looked at beside those of a work tree.

    Attributes:
        root: The repository.
        tips: Of one run on several of them the first one's manifest counts.
        head: The commit that is checked out. Its runs are those of the work tree: one that is missing there
            was removed. None where nothing was removed.
        all_known: Whether these are all tips that there are, so that others may be forgotten.
    """

    root: Path
    tips: Sequence[Tip]
    head: str | None = None
    all_known: bool = False


class Tree(NamedTuple):
    """The manifests of one day on a branch; in the place of ``listing.Folder``.

    Attributes:
        path: What the cache knows it by.
        ids: Run ids by file name, rising.
        blobs: The id of each manifest's content.
        where: The folder as git takes it: ``origin/main:.experiments/runs/2026-11-22``.
    """

    path: str
    ids: list[str]
    blobs: list[str]
    where: str

    def file(self, run_id: str) -> str:
        """A manifest as ``git show`` takes it."""
        return f"{self.where}/{run_id}{listing.SUFFIX}"


def of_branches(branches: Iterable[Branch], root: Path, *, head: str | None) -> Tips:
    """All branches but the one that is checked out: main ones first, own ones before tracked ones.

    Args:
        branches: As git lists them.
        root: The repository.
        head: The commit that is checked out; None when its runs shall be looked at as well.
    """

    def place(branch: Branch) -> tuple[bool, bool, str]:
        is_main = branch.is_default or branch.name.rpartition("/")[2] in _MAIN
        return not is_main, branch.is_remote, branch.name

    tips = [Tip(one.name, one.commit) for one in sorted(branches, key=place) if one.commit != head]
    return Tips(root, tips, head, all_known=True)


class Found(NamedTuple):
    """A day of a branch, and which of its runs nobody else has.

    Attributes:
        tree: All of its manifests.
        kept: What the cache knows of it.
        wanted: The places of those runs in ``tree.ids``.
        branch: The name to show.
    """

    tree: Tree
    kept: Kept | None
    wanted: list[int]
    branch: str


class Seen(NamedTuple):
    """What was found on branches.

    Attributes:
        root: The repository; None where nothing was looked at.
        found: Days with runs that nobody else has.
        keys: What the cache knows all branches and their days by; None where not all were looked at.
    """

    root: Path | None
    found: list[Found]
    keys: set[bytes] | None


NOTHING = Seen(None, [], None)


def look(asked: Tips, shelf: Shelf | None, known: Iterable[str]) -> Seen:
    """Find the runs on branches that are not known otherwise.

    Args:
        asked: Where to look.
        shelf: The cache; it is told what was found.
        known: Ids of the runs that are in the work tree, or in progress.
    """
    commits = list(dict.fromkeys([*(tip.commit for tip in asked.tips), *filter(None, [asked.head])]))
    days = _days(asked.root, commits, shelf)
    keys = {key(tree).encode() for some in days.values() for tree in some.values()}
    keys.update(map(_tip_key, commits))
    seen = Seen(asked.root, [], keys if asked.all_known else None)
    ours = days.get(asked.head or "", {})
    first: dict[str, tuple[str, Tip]] = {}
    for tip in asked.tips:
        for day, tree in days[tip.commit].items():
            if ours.get(day) != tree:
                first.setdefault(tree, (day, tip))
    if not first:
        return seen
    places = {tree: (day, tip.name or tip.commit) for tree, (day, tip) in first.items()}
    # A run is in the folder of its day, so no other day can have it.
    days_asked = {day for day, _ in first.values()}
    same_days = {tree: (day, "HEAD") for day, tree in ours.items() if day in days_asked}
    listed = _listed(asked.root, places | same_days, shelf)
    taken = {*known, *(run_id for tree in same_days for run_id in listed[tree][0].ids)}
    for tree, (_, tip) in first.items():
        manifests, kept = listed[tree]
        wanted = [i for i, run_id in enumerate(manifests.ids) if run_id not in taken]
        if wanted:
            taken.update(manifests.ids)
            seen.found.append(Found(manifests, kept, wanted, tip.name))
    return seen


def ids(root: Path, commit: str, shelf: Shelf | None) -> set[str]:
    """The ids of all runs that a commit holds."""
    days = _days(root, [commit], shelf)[commit]
    listed = _listed(root, {tree: (day, commit) for day, tree in days.items()}, shelf)
    return {run_id for tree, _ in listed.values() for run_id in tree.ids}


def contents(root: Path, wanted: Sequence[tuple[Tree, int]], *, limit: int) -> dict[str, bytes | None]:
    """Contents of manifests by their ids; without those above the limit. None: only a server has it."""
    blobs = dict.fromkeys(tree.blobs[i] for tree, i in wanted)
    absent: set[str] = set()
    if git.is_partial(root):
        trees = dict.fromkeys(tree.path.removeprefix(_KEY) for tree, _ in wanted)
        absent = git.missing(root, list(trees)) & blobs.keys()
    here = git.read_blobs(root, [blob for blob in blobs if blob not in absent], limit=limit)
    return {**here, **dict.fromkeys(absent)}


def key(tree: str) -> str:
    """What the cache knows a tree by: no folder is called so."""
    return _KEY + tree


def is_key(path: bytes) -> bool:
    """Whether the cache speaks of a commit or a tree and not of a folder."""
    return path.startswith((_KEY.encode(), _TIP))


def _tip_key(commit: str) -> bytes:
    return _TIP + commit.encode()


def _days(root: Path, commits: Sequence[str], shelf: Shelf | None) -> dict[str, dict[str, str]]:
    """For each commit the tree of each day that it has runs of."""
    kept = _kept(shelf, [_tip_key(commit) for commit in commits])
    known = {commit: kept[_tip_key(commit)].reasons for commit in commits if _tip_key(commit) in kept}
    new = [commit for commit in dict.fromkeys(commits) if commit not in known]
    read = git.read_objects(root, [f"{commit}:{RUNS}" for commit in new])
    told = {commit: _days_of(read.get(f"{commit}:{RUNS}")) for commit in new}
    _tell(shelf, {_tip_key(commit): Kept("", b"", _NONE, _NONE, days) for commit, days in told.items()})
    return known | told


def _days_of(found: tuple[str, str, bytes] | None) -> dict[str, str]:
    """The trees of a commit's runs by day; empty where it has no runs."""
    if found is None or found[1] != "tree":
        return {}
    entries = gittree.parse(found[2], id_bytes=len(found[0]) // 2)
    return {entry.path: entry.id for entry in entries if entry.kind == "tree" and _DAY.fullmatch(entry.path)}


def _kept(shelf: Shelf | None, names: Sequence[bytes]) -> dict[bytes, Kept]:
    try:
        return shelf.folders(names) if shelf is not None else {}
    except sqlite.FAULTS:
        return {}


def _tell(shelf: Shelf | None, facts: Mapping[bytes, Kept]) -> None:
    """Let the cache know what commits and trees hold; none of it can change."""
    if shelf is None or not facts:
        return
    try:
        with shelf.writing():
            for name, kept in facts.items():
                shelf.keep(name, kept)
    except sqlite.FAULTS:
        return


def _listed(
    root: Path, wanted: Mapping[str, tuple[str, str]], shelf: Shelf | None
) -> dict[str, tuple[Tree, Kept | None]]:
    """The manifests of some trees, by their ids; each comes with its day and where it is."""
    kept = _kept(shelf, [key(tree).encode() for tree in wanted])
    new = [tree for tree in wanted if key(tree).encode() not in kept]
    read = git.read_objects(root, new)
    found: dict[str, tuple[Tree, Kept | None]] = {}
    for tree, (day, where) in wanted.items():
        path = f"{where}:{RUNS}/{day}"
        known = kept.get(key(tree).encode())
        if known is None:
            pairs = _manifests(read.get(tree), day.replace("-", ""))
            found[tree] = Tree(key(tree), list(pairs), list(pairs.values()), path), None
            continue
        run_ids = known.ids.split("\n") if known.ids else []
        digits = len(known.facts) * 2 // len(run_ids) if run_ids else 0
        hexes = known.facts.hex()
        blobs = [hexes[at : at + digits] for at in range(0, len(hexes), digits or 1)]
        found[tree] = Tree(key(tree), run_ids, blobs, path), known
    _tell(shelf, {key(tree).encode(): _unread(found[tree][0]) for tree in new if tree in read})
    return found


def _unread(tree: Tree) -> Kept:
    """What the cache is to know of a tree before any of its manifests was read."""
    blank = array("q", bytes(_CELL * len(tree.ids)))
    return Kept("\n".join(tree.ids), bytes.fromhex("".join(tree.blobs)), blank, blank, {})


def _manifests(found: tuple[str, str, bytes] | None, day: str) -> dict[str, str]:
    """By run id the blob of each manifest in a tree."""
    if found is None or found[1] != "tree":
        return {}
    end = -len(listing.SUFFIX)
    return {
        run_id: entry.id
        for entry in gittree.parse(found[2], id_bytes=len(found[0]) // 2)
        if entry.mode in _PLAIN
        and entry.path.endswith(listing.SUFFIX)
        and runid.is_valid(run_id := entry.path[:end])
        and run_id.startswith(day)
    }


def is_sparse(git_dir: str | os.PathLike[str]) -> bool:
    """Whether a work tree may lack files that nobody removed."""
    return os.path.exists(os.path.join(git_dir, "info", "sparse-checkout"))
