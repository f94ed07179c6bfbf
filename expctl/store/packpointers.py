"""The pointers of packs: what each packed run left behind as bytes."""

from __future__ import annotations

import contextlib
import functools
import os
from typing import TYPE_CHECKING

from expctl.adapters import git
from expctl.core import dvcfile, gittree, packfile
from expctl.errors import ManifestError
from expctl.store import listing, manifests, trees

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from expctl.adapters.files import StrPath
    from expctl.core.dvcfile import Out

SUFFIX = ".dvc"
_PACKED = f".experiments/runs/{trees.PACKED}"
_KEYS = {"wdir", "outs", "meta", "desc"}


def path_of(runs: StrPath, name: str) -> str:
    """Where the pointer of a pack lies: beside it."""
    return f"{os.fspath(runs)}/{trees.PACKED}/{name}{SUFFIX}"


def find(runs: StrPath, run_id: str) -> Out | None:
    """What a packed run left; None where no pack knows of anything.

    Raises:
        ManifestError: It is not in those that can be read, and one cannot be read.
    """
    outs, faults = _known(_facts(runs))
    if run_id not in outs and faults:
        raise ManifestError(faults[0])
    return outs.get(run_id)


def everything(runs: StrPath) -> Mapping[str, Out]:
    """By run id what all packed runs left, as far as the pointers can be read."""
    return _known(_facts(runs))[0]


def on_branches(root: StrPath, tips: Iterable[str], wanted: Collection[str]) -> dict[str, Out]:
    """What some runs left, as packs on the tips of branches tell it; of several the first that can be read.

    Args:
        root: The repository.
        tips: Commits.
        wanted: Ids of runs.
    """
    found: dict[str, Out] = {}
    read_already: set[str] = set()
    for tree in git.read_objects(root, [f"{tip}:{_PACKED}" for tip in tips]).values():
        for blob in _pointers_in(tree):
            if blob in read_already or len(found) == len(wanted):
                continue
            read_already.add(blob)
            data = git.read_blobs(root, [blob], limit=packfile.POINTER_BYTES).get(blob, b"")
            with contextlib.suppress(ManifestError):
                known = parse(data, name=blob)
                found = {each: known[each] for each in wanted if each in known} | found
    return found


def _pointers_in(tree: tuple[str, str, bytes]) -> list[str]:
    """The blobs of the pointers in a tree of packs."""
    oid, kind, raw = tree
    return [
        entry.id
        for entry in (gittree.parse(raw, id_bytes=len(oid) // 2) if kind == "tree" else ())
        if entry.mode in gittree.FILE_MODES
        and entry.path.endswith(SUFFIX)
        and packfile.is_name(entry.path[: -len(SUFFIX)])
    ]


def alone(runs: StrPath) -> list[str]:
    """Where pointers lie whose pack is missing."""
    folder = f"{os.fspath(runs)}/{trees.PACKED}"
    there = set(listing.names(folder))
    stems = (name.removesuffix(SUFFIX) for name in sorted(there) if name.endswith(SUFFIX))
    return [
        path_of(runs, stem) for stem in stems if packfile.is_name(stem) and stem + listing.SUFFIX not in there
    ]


def read(path: StrPath) -> dict[str, Out]:
    """By run id what the runs of one pack left; none where there is no pointer.

    DVC is never given this file: only pointers to single runs that are made of it.

    Raises:
        ManifestError: It is not a plain pointer to folders of runs.
    """
    name = manifests.name_of(path)
    if not os.path.lexists(path):
        return {}
    data = manifests.read_bytes(path, name=name, limit=packfile.POINTER_BYTES)
    return parse(data, name=name)


def parse(data: bytes, *, name: str) -> dict[str, Out]:
    """The same from the bytes of a pointer.

    Raises:
        ManifestError: As for ``read``.
    """
    found = packfile.parse_pointer(data.decode("ascii", "replace"))
    if found is None:
        from expctl.adapters import yaml  # only for one that DVC, or a person, wrote anew

        plain = yaml.parse(data, name=name)
        listed = plain.get("outs") if isinstance(plain, dict) else None
        outs = dvcfile.outs_of(plain)
        is_plain = isinstance(plain, dict) and plain.keys() <= _KEYS
        if is_plain and isinstance(listed, list) and len(listed) == len(outs) <= packfile.MOST_RUNS:
            found = packfile.outs_by_run(plain.get("wdir"), outs)
    if found is None:
        raise ManifestError(f"{name}: not a plain DVC pointer to the folders of runs")
    return found


def _facts(runs: StrPath) -> tuple[tuple[str, int, int, int, int], ...]:
    folder = f"{os.fspath(runs)}/{trees.PACKED}"
    found = []
    for name in sorted(listing.names(folder)):
        if name.endswith(SUFFIX) and packfile.is_name(name[: -len(SUFFIX)]):
            path = f"{folder}/{name}"
            with contextlib.suppress(OSError):  # removed meanwhile
                facts = os.lstat(path)
                found.append((path, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino))
    return tuple(found)


@functools.lru_cache(2)  # asked once for each of 10 000 runs
def _known(facts: tuple[tuple[str, int, int, int, int], ...]) -> tuple[dict[str, Out], list[str]]:
    outs: dict[str, Out] = {}
    faults = []
    for path, *_ in facts:
        try:
            outs = read(path) | outs
        except ManifestError as err:
            faults.append(str(err))
    return outs, faults
