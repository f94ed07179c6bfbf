"""The records: brought back where they are lost, and each read once for all that it needs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from expctl.actions import placing, setup
from expctl.actions.checkup.check import Check, refused
from expctl.adapters import files, git
from expctl.core import runid
from expctl.errors import ConflictError, GitError, ManifestError
from expctl.store import cache, manifests, objects, snapshots

if TYPE_CHECKING:
    from expctl.project import Project


def bring_back(project: Project) -> Check:
    """Copies whose records are nowhere else come back; those of published records may go."""
    names = {entry.id: entry for entry in manifests.scan_flat(project.finished)}
    here = {entry.id for entry in manifests.scan(project.runs)}
    published = _on_upstream(project)
    back = 0
    for run_id in sorted(names.keys() - here - published):
        if _is_committed(project, run_id):
            continue
        place = placing.choose(project, project.root, run_id)
        if place.fault is not None:
            return Check("records", fine=False, said=f"{place.fault}; {run_id} lies in {project.finished}")
        try:
            _restore(project, run_id)
        except OSError as err:
            return refused("records", err)
        back += 1
    for run_id in names.keys() & published:
        for suffix in (".yaml", ".dvc"):
            (project.finished / f"{run_id}{suffix}").unlink(missing_ok=True)
    said = f"{back} brought back from the git directory" if back else "all in place"
    return Check("records", fine=True, said=said)


def look_at_records(project: Project) -> list[Check]:
    """Each manifest is read once: is it whole, are its bytes here, is its source tree?"""
    faults, trees, pointers = [], set[str](), []
    for entry in manifests.scan(project.runs):
        try:
            manifest = manifests.read(Path(entry.path), expect_id=entry.id)
        except ManifestError as err:
            faults.append(str(err))
            continue
        if manifest.code and manifest.code.tree:
            trees.add(manifest.code.tree)
        if manifest.outputs or any(item.stored for item in manifest.artifacts):
            pointers.append(entry.id)
    return [_readable(faults), *_bytes(project, pointers), _trees(project, trees)]


def _restore(project: Project, run_id: str) -> None:
    for suffix in (".dvc", ".yaml"):
        copy = project.finished / f"{run_id}{suffix}"
        if copy.exists():
            target = project.runs / runid.day_of(run_id) / copy.name
            files.write_atomic(target, copy.read_bytes())
    kept = project.finished / "environments"
    for copy in kept.iterdir() if kept.is_dir() else ():
        target = project.experiments / "environments" / copy.name
        if not target.exists():
            files.write_atomic(target, copy.read_bytes())


def _on_upstream(project: Project) -> set[str]:
    remote = git.default_remote(project.root)
    tip = remote and git.resolve(project.root, f"refs/remotes/{remote}/HEAD")
    return _ids_in(project.root, tip) if tip else set()


def _is_committed(project: Project, run_id: str) -> bool:
    path = f".experiments/runs/{runid.day_of(run_id)}/{run_id}.yaml"
    tips = set(git.refs(project.root, "refs/heads", "refs/remotes").values())
    return any(git.ls_tree(project.root, tip, path) for tip in tips)


def _ids_in(root: Path, tip: str) -> set[str]:
    entries = git.ls_tree(root, tip, ".experiments/runs", recursive=True)
    names = (os.path.splitext(os.path.basename(entry.path))[0] for entry in entries)
    return {name for name in names if runid.is_valid(name)}


def _readable(faults: list[str]) -> Check:
    if not faults:
        return Check("manifests", fine=True, said="all can be read")
    said = f"{len(faults)} cannot be read; the first: {faults[0]}"
    return Check("manifests", fine=False, said=said, hint="See all faults with: expctl validate")


def _bytes(project: Project, run_ids: list[str]) -> list[Check]:
    where = setup.cache_dir(project)
    cache.sweep(where)
    away = 0
    broken, damaged = list[str](), list[Check]()
    for run_id in run_ids:
        try:
            pointer = objects.read_pointer(objects.pointer_path(project.runs, run_id), run_id)
        except FileNotFoundError:
            broken.append(f"{run_id} has no pointer")
            continue
        except ManifestError as err:
            broken.append(str(err))
            continue
        try:
            away += pointer.md5 is None or bool(objects.missing(where, pointer.md5))
        except (cache.DamagedError, OSError) as err:
            damaged.append(_damage(run_id, cache.path_of(where, pointer.md5 or ""), err))
    if broken:
        hint = f"{len(broken)} in all; git can bring pointers back"
        return [*damaged, Check("kept files", fine=False, said=broken[0], hint=hint)]
    here = f"of {len(run_ids) - away - len(damaged)} runs in this clone"
    said = here if not away else f"{here}, of {away} elsewhere (expctl pull RUN brings them)"
    return [*damaged, Check("kept files", fine=True, said=said)]


def _damage(run_id: str, path: str, err: cache.DamagedError | OSError) -> Check:
    why = err.strerror or "cannot be read" if isinstance(err, OSError) else "is damaged"
    said = f"the list of the files of {run_id}, {path}, {why}"
    return Check(
        "kept files", fine=False, said=said, hint=f"If it is elsewhere too: rm {path} && expctl pull {run_id}"
    )


def _trees(project: Project, trees: set[str]) -> Check:
    listed = sorted(trees)
    here = {tree for tree, exists in zip(listed, git.exist(project.root, listed), strict=True) if exists}
    known = len(here)
    said = f"{known} of {len(trees)} in this clone"
    try:
        # What was not held when its run was recorded (a full disk, a held lock) is held from now on.
        ref = snapshots.LOCAL.format(snapshots.clone_id(project.state))
        snapshots.pin_all(
            project.root, project.common, here - snapshots.pinned(project.root, ref=ref), ref=ref
        )
    except (GitError, ConflictError, OSError) as err:
        return Check("source trees", fine=False, said=f"{said}, not safe from git gc: {err}")
    return Check("source trees", fine=True, said=said if known == len(trees) else f"{said} (expctl pull RUN)")
