"""Packs of manifests: found in the work tree and on branches, and read once for each content."""

from __future__ import annotations

import contextlib
import os
from array import array
from typing import TYPE_CHECKING

from expctl.adapters import clock, git
from expctl.core import gittree, packfile
from expctl.errors import ManifestError
from expctl.store import listing, trees
from expctl.store.listing import Folder
from expctl.store.shelf import Kept
from expctl.store.trees import Found, Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from expctl.store.shelf import Shelf

#: What is said of a pack as a whole stands beside no run.
WHOLE = ""
_END = -len(listing.SUFFIX)
#: Packs of branches that are held in memory at once, 8 MiB each.
_AT_ONCE = 8
_CTIME = 2


def path_of(runs: str | os.PathLike[str], name: str) -> str:
    """Where a pack lies."""
    return f"{os.fspath(runs)}/{trees.PACKED}/{name}{listing.SUFFIX}"


def listed(runs: str | os.PathLike[str]) -> Folder:
    """The packs of a work tree by name, with what tells a changed file from an unchanged one."""
    folder = f"{os.fspath(runs)}/{trees.PACKED}"
    found = {}
    for name in sorted(listing.names(folder)):
        if name.endswith(listing.SUFFIX) and packfile.is_name(name[:_END]):
            with contextlib.suppress(OSError):  # removed meanwhile
                found[name[:_END]] = os.lstat(f"{folder}/{name}")
    return Folder(folder, list(found), listing.facts_of(list(found.values())))


def here(runs: str | os.PathLike[str], shelf: Shelf | None) -> list[Found]:
    """The packs of a work tree; those that look unchanged are not opened."""
    folder = listed(runs)
    if not folder.ids:
        return []
    name = os.fsencode(folder.path)
    digests = _unchanged(folder, trees.ask(shelf, [name]).get(name))
    read = {pack: _look_into(folder.file(pack)) for pack in folder.ids if pack not in digests}
    digests |= {pack: digest for pack, (digest, _) in read.items() if digest}
    known = trees.ask(shelf, [trees.pack_key(digest).encode() for digest in digests.values()])
    found, told = [], dict[bytes, "Kept"]()
    for pack in folder.ids:
        path = folder.file(pack)
        key = trees.pack_key(digests.get(pack, path))
        kept = known.get(key.encode())
        if kept is None:
            # Of what the cache has forgotten since, it knew no more than the name.
            kept = (read.get(pack) or _look_into(path))[1]
            if pack in digests:
                told[key.encode()] = kept
        found.append(Found(trees.from_kept(key, kept, path, pack=path), kept, None, ""))
    if read:
        trees.tell(shelf, {**told, name: _settled(folder, digests)})
    return found


def on_branches(
    root: str | os.PathLike[str], wanted: Mapping[str, str], shelf: Shelf | None
) -> dict[str, list[Found]]:
    """The packs that lie in some trees.

    Args:
        root: The repository.
        wanted: By the id of each tree of packs the commit or branch that has it.
        shelf: The cache; it is told what was found.
    """
    inside = _names(root, list(wanted), shelf)
    blobs = list(dict.fromkeys(blob for tree in wanted for blob in inside[tree].values()))
    known = trees.ask(shelf, [trees.pack_key(blob).encode() for blob in blobs])
    new = [blob for blob in blobs if trees.pack_key(blob).encode() not in known]
    read = dict(_read(root, list(wanted), new))
    trees.tell(
        shelf,
        {
            trees.pack_key(blob).encode(): kept
            for blob, kept in read.items()
            if kept.reasons.get(WHOLE) != trees.ABSENT
        },
    )
    found: dict[str, list[Found]] = {}
    for tree, commit in wanted.items():
        found[tree] = []
        for name, blob in inside[tree].items():
            kept = read.get(blob) or known[trees.pack_key(blob).encode()]
            where = f"{commit}:.experiments/runs/{trees.PACKED}/{name}{listing.SUFFIX}"
            shown = trees.from_kept(trees.pack_key(blob), kept, where, pack=blob)
            found[tree].append(Found(shown, kept, None, ""))
    return found


def documents(tree: Tree, root: str | os.PathLike[str] | None) -> dict[str, bytes] | str:
    """By run id the manifests of a pack; or the reason why they cannot be had."""
    if tree.is_here:
        try:
            data = _bytes(tree.pack)
        except ManifestError as err:
            return str(err)
        if gittree.blob_id(data) != tree.oid:
            return trees.CHANGED
    else:
        blobs = git.read_blobs(root, [tree.pack], limit=packfile.MOST_BYTES) if root is not None else {}
        if tree.pack not in blobs:
            return f"missing, or larger than {packfile.MOST_BYTES} bytes"
        data = blobs[tree.pack]
    return dict(_by_id(data))


def read(path: str | os.PathLike[str]) -> dict[str, bytes]:
    """By run id the manifests of a pack in the work tree; documents that are none are not among them.

    Raises:
        ManifestError: It cannot be read, or is no pack.
    """
    return read_all(path)[0]


def read_all(path: str | os.PathLike[str]) -> tuple[dict[str, bytes], dict[str, str]]:
    """The same, and by document what is wrong with the others.

    Raises:
        ManifestError: As for ``read``.
    """
    from expctl.store import manifests

    name = manifests.name_of(path)
    data = manifests.read_bytes(path, name=name, limit=packfile.MOST_BYTES)
    reasons = contents(data).reasons
    if WHOLE in reasons:
        raise ManifestError(f"{name}: {reasons[WHOLE]}.", hint=f"If git has it: git checkout -- {name}")
    return dict(_by_id(data)), reasons


def contents(data: bytes) -> Kept:
    """What a pack holds: the runs whose manifests begin as they should, and what is wrong with the rest."""
    try:
        parts = packfile.split(data)
    except ValueError as err:
        return trees.nothing_but({WHOLE: str(err)})
    from expctl.store import manifests

    found: dict[str, str] = {}
    reasons: dict[str, str] = {}
    for number, document in enumerate(parts, 1):
        run_id = packfile.id_of(document)
        if run_id is None:
            reasons[f"document {number}"] = "no manifest: its second line gives no run id"
        elif run_id in found:
            reasons[f"document {number}"] = f"run {run_id} stands in this pack twice"
        elif len(document) > manifests.LIMIT:
            reasons[f"document {number}"] = f"larger than {manifests.LIMIT} bytes"
        else:
            found[run_id] = gittree.blob_id(document)
    ids = sorted(found)
    tree = Tree("", ids, [found[run_id] for run_id in ids], "")
    return trees.unread(tree, reasons)


def _by_id(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The first manifest of each run, so that the last word is that of ``contents``."""
    for document in reversed(packfile.split(data)):
        run_id = packfile.id_of(document)
        if run_id is not None:
            yield run_id, document


def _unchanged(folder: Folder, known: Kept | None) -> dict[str, str]:
    """By name what git calls the content of each pack that looks as it did."""
    if (
        known is None
        or len(known.facts) != len(known.ids.split("\n")) * listing.WIDTH * folder.facts.itemsize
    ):
        return {}
    before, facts = array("q", known.facts), folder.facts
    places = {name: at for at, name in enumerate(known.ids.split("\n"))}
    width = listing.WIDTH
    return {
        name: known.reasons[name]
        for at, name in enumerate(folder.ids)
        if name in known.reasons
        and (there := places.get(name)) is not None
        and before[width * there : width * (there + 1)] == facts[width * at : width * (at + 1)]
    }


def _settled(folder: Folder, digests: dict[str, str]) -> Kept:
    """What the cache is to know of the folder; a pack that was just written is looked at again."""
    facts = array("q", folder.facts)
    now_ns = int(clock.now().timestamp() * 1e9)
    for at in range(len(folder.ids)):
        if not facts[listing.WIDTH * at + _CTIME] < now_ns - listing.FRESH_NS:
            facts[listing.WIDTH * at] = -1
    blank = array("q", bytes(facts.itemsize * len(folder.ids)))
    return Kept("\n".join(folder.ids), facts.tobytes(), blank, blank, digests)


def _look_into(path: str) -> tuple[str, Kept]:
    """What git calls the content of a file, and what it holds; no name where it cannot be read."""
    try:
        data = _bytes(path)
    except ManifestError as err:
        return "", trees.nothing_but({WHOLE: str(err)})
    return gittree.blob_id(data), contents(data)


def _bytes(path: str | os.PathLike[str]) -> bytes:
    from expctl.store import manifests  # costs 20 ms; needed only for packs that changed

    try:
        return manifests.read_bytes(path, name="", limit=packfile.MOST_BYTES)
    except ManifestError as err:
        raise ManifestError(str(err).removeprefix(": ")) from err


def _names(
    root: str | os.PathLike[str], wanted: Sequence[str], shelf: Shelf | None
) -> dict[str, dict[str, str]]:
    """For each tree of packs by name the blob of each."""
    kept = trees.ask(shelf, [trees.key(tree).encode() for tree in wanted])
    new = [tree for tree in wanted if trees.key(tree).encode() not in kept]
    told = {}
    for tree, (oid, kind, raw) in git.read_objects(root, new).items():
        entries = gittree.parse(raw, id_bytes=len(oid) // 2) if kind == "tree" else []
        told[tree] = {
            entry.path[:_END]: entry.id
            for entry in entries
            if entry.mode in gittree.FILE_MODES
            and entry.path.endswith(listing.SUFFIX)
            and packfile.is_name(entry.path[:_END])
        }
    trees.tell(shelf, {trees.key(tree).encode(): trees.nothing_but(some) for tree, some in told.items()})
    known = {tree: kept[name].reasons for tree in wanted if (name := trees.key(tree).encode()) in kept}
    return {tree: {} for tree in wanted} | known | told


def _read(
    root: str | os.PathLike[str], within: Sequence[str], blobs: Sequence[str]
) -> Iterator[tuple[str, Kept]]:
    absent: set[str] = set()
    if blobs and git.is_partial(root):
        absent = git.missing(root, list(within)) & set(blobs)
    there = [blob for blob in blobs if blob not in absent]
    for start in range(0, len(there), _AT_ONCE):
        some = there[start : start + _AT_ONCE]
        data = git.read_blobs(root, some, limit=packfile.MOST_BYTES)
        for blob in some:
            why = f"larger than {packfile.MOST_BYTES} bytes"
            yield blob, contents(data[blob]) if blob in data else trees.nothing_but({WHOLE: why})
    yield from ((blob, trees.nothing_but({WHOLE: trees.ABSENT})) for blob in absent)
