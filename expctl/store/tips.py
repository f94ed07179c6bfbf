"""Manifests on the tips of branches: found by the ids of trees and blobs, whatever is checked out.

History is never walked, and what was read once is never read again: a tree never changes.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import git
from expctl.core import gittree, runid
from expctl.store import listing, trees
from expctl.store.trees import Found, Tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from expctl.adapters.git import Branch
    from expctl.store.shelf import Shelf

#: Where manifests lie in a commit.
RUNS = ".experiments/runs"
_FOLDER = re.compile(rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}|{trees.PACKED}", re.ASCII)
_MAIN = ("main", "master", "trunk")


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


def of_branches(branches: Iterable[Branch], root: Path, *, head: str | None) -> Tips:
    """All branches but the one that is checked out: main ones first, own ones before tracked ones.

    Where a sparse work tree lacks the runs of the one that is checked out, that comes before all.

    Args:
        branches: As git lists them.
        root: The repository.
        head: The commit that is checked out; None when its runs shall be looked at as well.
    """

    def place(branch: Branch) -> tuple[bool, bool, bool, str]:
        is_main = branch.is_default or branch.name.rpartition("/")[2] in _MAIN
        return not branch.is_head, not is_main, branch.is_remote, branch.name

    tips = [Tip(one.name, one.commit) for one in sorted(branches, key=place) if one.commit != head]
    return Tips(root, tips, head, all_known=True)


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
    keys = {trees.key(tree).encode() for some in days.values() for tree in some.values()}
    keys.update(map(trees.tip_key, commits))
    seen = Seen(asked.root, [], keys if asked.all_known else None)
    ours = days.get(asked.head or "", {})
    first: dict[str, tuple[str, Tip]] = {}
    for tip in asked.tips:
        for day, tree in days[tip.commit].items():
            if ours.get(day) != tree:
                first.setdefault(tree, (day, tip))
    if first:
        seen.found.extend(_lacking(asked.root, first, ours, shelf, set(known)))
        keys.update(each.tree.path.encode() for each in seen.found)
    return seen


def _lacking(
    root: Path,
    first: Mapping[str, tuple[str, Tip]],
    ours: Mapping[str, str],
    shelf: Shelf | None,
    taken: set[str],
) -> list[Found]:
    """What some trees have that is neither known nor in those of the commit that is checked out."""
    packed = {tree: tip.name or tip.commit for tree, (day, tip) in first.items() if day == trees.PACKED}
    held = _packs(root, packed, ours, shelf)
    committed = [pack.tree for pack in held.pop("", [])]
    taken.update(run_id for tree in committed for run_id in tree.ids)
    places = {tree: (day, tip.name or tip.commit) for tree, (day, tip) in first.items() if tree not in packed}
    # A run is in the folder of its day, so no other day can have it.
    days_asked = {day for day, _ in places.values()}
    inside = {run_id for packs in held.values() for pack in packs for run_id in pack.tree.ids}
    days_asked |= trees.days_of(inside - taken)
    same_days = {tree: (day, "HEAD") for day, tree in ours.items() if day in days_asked}
    listed = _listed(root, places | same_days, shelf)
    taken.update(run_id for tree in same_days for run_id in listed[tree].tree.ids)
    known = {pack.path for pack in committed}
    found = [
        trees.lacking(each, taken, tip.name)
        for tree, (_, tip) in first.items()
        for each in (held[tree] if tree in packed else [listed[tree]])
        if each.tree.path not in known
    ]
    return [each for each in found if each.run_ids() or each.is_faulty()]


def _packs(
    root: Path, packed: Mapping[str, str], ours: Mapping[str, str], shelf: Shelf | None
) -> dict[str, list[Found]]:
    """The packs in some trees; under an empty name those of the commit that is checked out."""
    own = ours.get(trees.PACKED)
    if not packed and own is None:
        return {}
    from expctl.store import packs  # many repositories have none

    found = packs.on_branches(root, {**packed, **({own: "HEAD"} if own else {})}, shelf)
    return found | ({"": found[own]} if own else {})


def ids(root: Path, commit: str, shelf: Shelf | None) -> set[str]:
    """The ids of all runs that a commit holds."""
    days = _days(root, [commit], shelf)[commit]
    folders = {tree: (day, commit) for day, tree in days.items() if day != trees.PACKED}
    listed = _listed(root, folders, shelf)
    found = [*listed.values(), *_packs(root, {}, days, shelf).get("", [])]
    return {run_id for each in found for run_id in each.tree.ids}


def contents(root: Path, wanted: Sequence[tuple[Tree, int]], *, limit: int) -> dict[str, bytes | None]:
    """Contents of manifests by their ids; without those above the limit. None: only a server has it."""
    blobs = dict.fromkeys(tree.blobs[i] for tree, i in wanted)
    absent: set[str] = set()
    if git.is_partial(root):
        within = dict.fromkeys(tree.oid for tree, _ in wanted)
        absent = git.missing(root, list(within)) & blobs.keys()
    here = git.read_blobs(root, [blob for blob in blobs if blob not in absent], limit=limit)
    return {**here, **dict.fromkeys(absent)}


def _days(root: Path, commits: Sequence[str], shelf: Shelf | None) -> dict[str, dict[str, str]]:
    """For each commit the tree of each day that it has runs of."""
    kept = trees.ask(shelf, [trees.tip_key(commit) for commit in commits])
    known = {
        commit: kept[trees.tip_key(commit)].reasons for commit in commits if trees.tip_key(commit) in kept
    }
    new = [commit for commit in dict.fromkeys(commits) if commit not in known]
    read = git.read_objects(root, [f"{commit}:{RUNS}" for commit in new])
    told = {commit: _days_of(read.get(f"{commit}:{RUNS}")) for commit in new}
    trees.tell(shelf, {trees.tip_key(commit): trees.nothing_but(days) for commit, days in told.items()})
    return known | told


def _days_of(found: tuple[str, str, bytes] | None) -> dict[str, str]:
    """The trees of a commit's runs by day, and that of its packs; empty where it has no runs."""
    if found is None or found[1] != "tree":
        return {}
    entries = gittree.parse(found[2], id_bytes=len(found[0]) // 2)
    return {
        entry.path: entry.id for entry in entries if entry.kind == "tree" and _FOLDER.fullmatch(entry.path)
    }


def _listed(root: Path, wanted: Mapping[str, tuple[str, str]], shelf: Shelf | None) -> dict[str, Found]:
    """The manifests of some trees, by their ids; each comes with its day and where it is."""
    kept = trees.ask(shelf, [trees.key(tree).encode() for tree in wanted])
    new = [tree for tree in wanted if trees.key(tree).encode() not in kept]
    read = git.read_objects(root, new)
    found: dict[str, Found] = {}
    for tree, (day, where) in wanted.items():
        path, key = f"{where}:{RUNS}/{day}", trees.key(tree)
        known = kept.get(key.encode())
        if known is None:
            pairs = _manifests(read.get(tree), day.replace("-", ""))
            listed = Tree(key, list(pairs), list(pairs.values()), path)
        else:
            listed = trees.from_kept(key, known, path)
        found[tree] = Found(listed, known, None, "")
    trees.tell(
        shelf, {trees.key(tree).encode(): trees.unread(found[tree].tree) for tree in new if tree in read}
    )
    return found


def _manifests(found: tuple[str, str, bytes] | None, day: str) -> dict[str, str]:
    """By run id the blob of each manifest in a tree."""
    if found is None or found[1] != "tree":
        return {}
    end = -len(listing.SUFFIX)
    return {
        run_id: entry.id
        for entry in gittree.parse(found[2], id_bytes=len(found[0]) // 2)
        if entry.mode in gittree.FILE_MODES
        and entry.path.endswith(listing.SUFFIX)
        and runid.is_valid(run_id := entry.path[:end])
        and run_id.startswith(day)
    }


def is_sparse(git_dir: str | os.PathLike[str]) -> bool:
    """Whether a work tree may lack files that nobody removed."""
    return os.path.exists(os.path.join(git_dir, "info", "sparse-checkout"))
