"""The records: brought back where they are lost, and each read once for all that it needs."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from expctl.actions import packing, placing, setup
from expctl.actions.checkup.check import Check, refused
from expctl.adapters import files, git
from expctl.core import runid
from expctl.errors import ConflictError, GitError, ManifestError
from expctl.store import cache, index, manifests, objects, packs, snapshots

#: So many files cost git some milliseconds.
_MANY = 2000

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from expctl.core.manifest import Manifest
    from expctl.project import Project


def bring_back(project: Project) -> Check:
    """Copies whose records are nowhere else come back; those of published records may go."""
    names = {entry.id: entry for entry in manifests.scan_flat(project.finished)}
    here = {entry.id for entry in manifests.scan(project.runs)}
    here.update(run_id for run_id, _, _ in _packed(project, []))
    published = _on_upstream(project)
    back = 0
    lacking = names.keys() - here - published
    for run_id in sorted(lacking - _committed(project) if lacking else ()):
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
    faults, trees, pointers = list[str](), set[str](), list[str]()
    for run_id, read in _all(project, faults):
        try:
            manifest = read()
        except ManifestError as err:
            faults.append(str(err))
            continue
        if manifest.code and manifest.code.tree:
            trees.add(manifest.code.tree)
        if manifest.outputs or any(item.stored for item in manifest.artifacts):
            pointers.append(run_id)
    return [_readable(faults), *_bytes(project, pointers), _trees(project, trees)]


def _all(project: Project, faults: list[str]) -> Iterator[tuple[str, Callable[[], Manifest]]]:
    """By run id how each manifest of the work tree is read, those in packs last."""
    seen = set()
    for entry in manifests.scan(project.runs):
        seen.add(entry.id)
        yield entry.id, partial(manifests.read, Path(entry.path), expect_id=entry.id)
    for run_id, name, data in _packed(project, faults):
        if run_id not in seen:
            seen.add(run_id)
            yield run_id, partial(manifests.parse, data, name=f"{name}#{run_id}", expect_id=run_id)


def _packed(project: Project, faults: list[str]) -> Iterator[tuple[str, str, bytes]]:
    """Each run in a pack of the work tree, with the pack's name and its manifest."""
    for pack in packs.listed(project.runs).ids:
        name = manifests.name_of(packs.path_of(project.runs, pack))
        try:
            held = packs.read(packs.path_of(project.runs, pack))
        except ManifestError as err:
            faults.append(f"{name}: {err}")
            continue
        yield from ((run_id, name, data) for run_id, data in held.items())


def look_at_number(project: Project) -> list[Check]:
    """Say from when on packing would make the user's own git quicker."""
    files = packing.count_files(project)
    if files < _MANY:
        return []
    said = f"old runs are {files} files, at which git looks for each status"
    return [Check("files", fine=True, said=said, hint="Fold them into a few with: expctl pack")]


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
    return index.ids_of(project.index, project.root, tip) if tip else set()


def _committed(project: Project) -> set[str]:
    """The ids of all runs on branches."""
    tips = set(git.refs(project.root, "refs/heads", "refs/remotes").values())
    return {run_id for tip in tips for run_id in index.ids_of(project.index, project.root, tip)}


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
            pointer = objects.pointer_of(project.runs, run_id)
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
