"""What manifests name, wherever they stand: in folders, and on the tips of branches and tags.

Nothing here believes a manifest, or reads one: whatever names a source tree or a package list keeps it, be it
torn, of a newer schema, or in the middle of a conflict. So a fault can only keep too much.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING

from expctl.adapters import files, git
from expctl.core import gittree, packfile
from expctl.store import manifests

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from expctl.adapters.files import StrPath

_RUNS = ".experiments/runs"
_SUFFIX = ".yaml"
#: The ids of trees, and what the names of package lists are made of.
_WORD = re.compile(rb"[0-9a-f]{12,64}")
_PACK = b"---\n"
#: Files that are in memory at once; packs have up to 8 MiB each.
_AT_ONCE = 1000
_PACKS_AT_ONCE = 8


def in_folders(folders: Iterable[StrPath], *, without: Container[str] = ()) -> set[str]:
    """Words that may be ids, in all manifests directly in some folders.

    Args:
        folders: Missing ones have none.
        without: Ids of runs whose manifests do not count.
    """
    found: set[str] = set()
    for folder in folders:
        for name in _listed(folder):
            if name.endswith(_SUFFIX) and name.removesuffix(_SUFFIX) not in without:
                found |= _words(_content(os.path.join(folder, name)), without)
    return found


def days(runs: StrPath) -> list[str]:
    """The folders under ``runs`` that hold manifests, or packs of them."""
    return [os.path.join(runs, name) for name in _listed(runs)]


def on_tips(root: StrPath, tips: Iterable[str], *, without: Container[str] = ()) -> set[str]:
    """The same for the manifests that commits and tags hold; each file is read once, whoever holds it.

    Args:
        root: The repository.
        tips: Ids of commits, or of tags; what holds no runs has none.
        without: Ids of runs whose manifests do not count.

    Raises:
        GitError: git cannot read its objects.
    """
    tops = [f"{tip}:{_RUNS}" for tip in dict.fromkeys(tips)]
    folders = {entry.id for entry in _entries(root, tops) if entry.kind == "tree"}
    blobs = {
        entry.id: name
        for entry in _entries(root, sorted(folders))
        if entry.path.endswith(_SUFFIX) and (name := entry.path.removesuffix(_SUFFIX)) not in without
    }
    packs = sorted(blob for blob, name in blobs.items() if packfile.is_name(name))
    loose = sorted(blobs.keys() - set(packs))
    found: set[str] = set()
    for some, limit, at_once in (
        (loose, manifests.LIMIT, _AT_ONCE),
        (packs, packfile.MOST_BYTES, _PACKS_AT_ONCE),
    ):
        for start in range(0, len(some), at_once):
            for data in git.read_blobs(root, some[start : start + at_once], limit=limit).values():
                found |= _words(data, without)
    return found


def _entries(root: StrPath, trees: list[str]) -> Iterator[gittree.TreeEntry]:
    for oid, kind, raw in git.read_objects(root, trees).values():
        if kind == "tree":
            yield from gittree.parse(raw, id_bytes=len(oid) // 2)


def _words(data: bytes, without: Container[str]) -> set[str]:
    """Words of a manifest, or of all in a pack but some."""
    if data.startswith(_PACK):
        with contextlib.suppress(ValueError):  # whatever it is, it counts whole
            parts = packfile.split(data)
            data = b"\n".join(part for part in parts if (packfile.id_of(part) or "") not in without)
    return {word.decode("ascii") for word in _WORD.findall(data)}


def _content(path: str) -> bytes:
    try:
        return files.read_plain(path, limit=packfile.MOST_BYTES)
    except OSError:  # gone meanwhile, or nothing that a manifest could be
        return b""


def _listed(folder: StrPath) -> list[str]:
    try:
        return [] if os.path.islink(folder) else os.listdir(folder)
    except OSError:
        return []
