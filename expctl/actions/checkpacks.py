"""Check packs of manifests, and the pointers beside them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from expctl.core import packfile
from expctl.core.fields import Fault
from expctl.errors import ManifestError
from expctl.store import manifests, packpointers, packs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from expctl.project import Project


def faults(project: Project, name: str) -> list[Fault]:
    """Everything that is wrong with a pack, or with the pointer of one.

    Args:
        project: The repository.
        name: Relative to its top.

    Raises:
        ManifestError: It cannot be read at all.
    """
    stem, suffix = os.path.splitext(os.path.basename(name))
    if not packfile.is_name(stem):
        return [Fault("", "its name is not that of a pack")]
    path = project.root / name
    if suffix == packpointers.SUFFIX:
        packpointers.read(path)
        there = os.path.lexists(packs.path_of(project.runs, stem))
        return [] if there else [Fault("", "the pack that it belongs to is missing")]
    data = manifests.read_bytes(path, name=name, limit=packfile.MOST_BYTES)
    return [*_of_pack(project, data, name), *_misnamed(path, data, stem)]


def manifest_faults(project: Project, data: bytes, name: str, expected: str | None) -> list[Fault]:
    """Everything that is wrong with a manifest, wherever it lies; its package list must be there."""
    found = manifests.faults(data, name=name, expect_id=expected)
    if found:
        return found
    environment = manifests.parse(data, name=name).environment
    listed = environment.packages if environment else None
    if listed and expected and not os.path.lexists(project.experiments / listed):
        return [Fault("environment.packages", f"{listed} is missing")]
    return []


def _of_pack(project: Project, data: bytes, name: str) -> Iterator[Fault]:
    for place, reason in packs.contents(data).reasons.items():
        yield Fault(place, reason)
    try:
        parts = packfile.split(data)
    except ValueError:
        return  # said above
    for part in parts:
        run_id = packfile.id_of(part)
        if run_id is not None:
            for each in manifest_faults(project, part, name, run_id):
                yield Fault(".".join(filter(None, (run_id, each.path))), each.message)


def _misnamed(path: Path, data: bytes, stem: str) -> Iterator[Fault]:
    try:
        outs = packpointers.read(path.with_suffix(packpointers.SUFFIX))
    except ManifestError:
        return  # said of the pointer
    expected = packfile.name_of(data, outs)
    if stem != expected:
        yield Fault("", f"its name is not the beginning of the SHA-256 of it and its pointer, {expected}")
