"""Make files of packed runs again, byte for byte."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import committing, runs
from expctl.adapters import files
from expctl.core import dvcfile, runid
from expctl.store import manifests, objects, packing, packs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from expctl.project import Project
    from expctl.store.packing import Held


class Unpacked(NamedTuple):
    """Runs that are files again, and the files that came, relative to the top."""

    runs: tuple[str, ...]
    files: tuple[str, ...]


def unpack(project: Project, references: Sequence[str] = (), *, everything: bool = False) -> Unpacked:
    """Take runs out of their packs.

    Args:
        project: Where.
        references: Runs; one that is a file already stays as it is.
        everything: All of them.

    Raises:
        RunNotFoundError: A reference means no run.
        ConflictError: A run is on another branch only; a merge, rebase, … is under way.
        ManifestError: A pack cannot be written anew.
        DvcError: A link stands where a folder should.
        OSError: The disk is full, or the folder cannot be written.
    """
    committing.check_idle(project)
    wanted = None if everything else _named(project, references)
    with files.locked(project.state / "edit.lock"):
        names = packs.listed(project.runs).ids
        held = (
            [packing.held(project.runs, name) for name in names]
            if wanted is None
            else packing.holding(project.runs, wanted)
        )
        paths: list[str] = []
        done: dict[str, None] = {}
        for each in held:
            chosen = [run_id for run_id in each.documents if wanted is None or run_id in wanted]
            paths += [path for run_id in chosen for path in _lay_out(project, each, run_id)]
            done.update(dict.fromkeys(chosen))
        if paths:
            files.sync_all()
        for each in held:
            packing.write_without(project.runs, each, done)
    return Unpacked(tuple(sorted(done)), tuple(os.path.relpath(path, project.root) for path in paths))


def _lay_out(project: Project, pack: Held, run_id: str) -> Iterator[str]:
    """Write what a packed run was; a file that is there goes before the pack, and stays."""
    objects.make_real_folders(project.experiments, f"runs/{runid.day_of(run_id)}")
    path = manifests.path_of(project.runs, run_id)
    texts = [(str(path), pack.documents[run_id])]
    if run_id in pack.outs:
        texts.insert(0, (str(path.with_suffix(".dvc")), dvcfile.pointer_text(pack.outs[run_id]).encode()))
    for name, text in texts:
        if not os.path.lexists(name):
            files.write_unsynced(name, text)
            yield name


def _named(project: Project, references: Sequence[str]) -> set[str]:
    found = runs.find_many(project, references)
    for located in found:
        runs.require_here(project, located)
    return {located.manifest.id for located in found}
