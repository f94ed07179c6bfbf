"""Packs written, and written anew without some runs.

A new pack is whole on the disk before anything that it stands for goes; so whenever this is stopped, each run
lies somewhere, and perhaps twice, which makes it no second run.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import files
from expctl.core import packfile
from expctl.errors import ManifestError
from expctl.store import objects, packpointers, packs, trees

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from expctl.core.dvcfile import Out


class Held(NamedTuple):
    """What a pack of the work tree holds.

    Attributes:
        name: Its name.
        documents: By run id the manifests.
        outs: By run id what each left as bytes.
        is_whole: Whether all that is in it is understood, so that it may be written anew.
    """

    name: str
    documents: dict[str, bytes]
    outs: dict[str, Out]
    is_whole: bool


def held(runs: Path, name: str) -> Held:
    """Read a pack and its pointer.

    Raises:
        ManifestError: One of them cannot be read.
    """
    documents, reasons = packs.read_all(packs.path_of(runs, name))
    return Held(name, documents, packpointers.read(packpointers.path_of(runs, name)), is_whole=not reasons)


def holding(runs: Path, run_ids: Collection[str]) -> list[Held]:
    """The packs that hold any of some runs; those that cannot be read hold none."""
    found = []
    for name in packs.listed(runs).ids:
        with contextlib.suppress(ManifestError):
            each = held(runs, name)
            if any(run_id in each.documents for run_id in run_ids):
                found.append(each)
    return found


def write(runs: Path, documents: Mapping[str, bytes], outs: Mapping[str, Out]) -> str:
    """Write a pack, its pointer first, and give its name; one that is there stays.

    Raises:
        DvcError: A link stands where the folder of packs should.
        OSError: The disk is full, or the folder cannot be written.
    """
    objects.make_real_folders(runs.parent, f"{runs.name}/{trees.PACKED}")
    data = packfile.join(documents[run_id] for run_id in sorted(documents))
    inside = {run_id: outs[run_id] for run_id in documents if run_id in outs}
    name = packfile.name_of(data, inside)
    texts = (
        [(packpointers.path_of(runs, name), packfile.pointer_text(inside).encode("ascii"))] if inside else []
    )
    try:
        for path, text in (*texts, (packs.path_of(runs, name), data)):
            if not _holds(path, text):
                files.write_atomic(path, text)
    except OSError:
        if not os.path.lexists(packs.path_of(runs, name)):
            drop(runs, name)  # a pointer alone would be a fault that the next commit takes along
        raise
    return name


def drop(runs: Path, name: str) -> list[str]:
    """Remove a pack whose runs lie elsewhere, or are to go. The files that went, absolute."""
    gone = []
    # A pack without its pointer is taken apart by whoever packs next; a pointer alone would stay.
    for path in (packpointers.path_of(runs, name), packs.path_of(runs, name)):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
            gone.append(path)
    with contextlib.suppress(OSError):  # other packs are in it
        os.rmdir(os.path.dirname(packs.path_of(runs, name)))
    return gone


def write_without(runs: Path, pack: Held, run_ids: Collection[str]) -> list[str]:
    """Write a pack anew without some runs, and remove it. The files that went, absolute.

    Raises:
        ManifestError: There is more in it than is understood.
        OSError: The disk is full, or the folder cannot be written.
    """
    if not pack.is_whole:
        raise ManifestError(
            f"{packs.path_of(runs, pack.name)} cannot be written anew: parts are not understood.",
            hint="See which with: expctl validate",
        )
    rest = {run_id: data for run_id, data in pack.documents.items() if run_id not in run_ids}
    if rest:
        write(runs, rest, pack.outs)
    return drop(runs, pack.name)


def _holds(path: str, data: bytes) -> bool:
    try:
        return files.read_plain(path, limit=len(data)) == data
    except OSError:
        return False
