"""Look for trouble in this clone, mend what can be mended without asking, and say how to mend the rest."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import placing, sealing, setup
from expctl.adapters import clock, dvc, files, git
from expctl.core import runid
from expctl.errors import ConfigError, ConflictError, GitError, ManifestError
from expctl.store import cache, live, manifests, objects, snapshots

if TYPE_CHECKING:
    from expctl.project import Project

_MIN_GIT = (2, 31)
_LOCK_S = 60.0


class Check(NamedTuple):
    """One thing that was looked at.

    Attributes:
        name: What.
        fine: Whether nothing is to be mended.
        said: What was found.
        hint: The command that mends it.
    """

    name: str
    fine: bool
    said: str
    hint: str | None = None


def examine(project: Project, *, seal: tuple[str, ...] = ()) -> list[Check]:
    """Look at everything, in the order in which one thing rests on another.

    Args:
        project: Where.
        seal: Runs of other hosts that their owner knows to be lost.
    """
    return [
        _git(project),
        *_locks(project),
        _folder(project),
        *_live(project, seal),
        _brought_back(project),
        *_records(project),
        _dvc(),
    ]


def _git(project: Project) -> Check:
    version = git.version(project.root)
    if version < _MIN_GIT:
        return Check(
            "git", fine=False, said=f"{_dotted(version)} is older than {_dotted(_MIN_GIT)}", hint="Update git"
        )
    shallow = (project.common / "shallow").exists()
    return Check("git", fine=True, said=_dotted(version) + (", a shallow clone" if shallow else ""))


def _locks(project: Project) -> list[Check]:
    """Locks that a killed git left: they are not ours to remove, and stop every commit."""
    branch = git.head(project.root)[1]
    names = (
        project.git_dir / "index.lock",
        project.git_dir / "HEAD.lock",
        project.common / "packed-refs.lock",
    )
    held = [*names, *([project.common / f"refs/heads/{branch}.lock"] if branch else [])]
    return [
        Check(
            "git",
            fine=False,
            said=f"{path} is there for over a minute, so git cannot commit",
            hint=f"If no git command runs in this repository: rm {path}",
        )
        for path in held
        if _age_s(path) > _LOCK_S
    ]


def _age_s(path: Path) -> float:
    try:
        return clock.wall_ns() / 1e9 - path.lstat().st_mtime
    except OSError:
        return 0.0


def _folder(project: Project) -> Check:
    if not os.path.lexists(project.experiments):
        return Check(".experiments", fine=True, said="not made yet; the first run makes it")
    try:
        made = setup.ensure(project)
    except (ConfigError, OSError) as err:
        return _refused(".experiments", err)
    swept = placing.sweep(project)
    said = f"made again: {', '.join(made)}" if made else "complete"
    said += f"; {swept} half-written files removed" if swept else ""
    return Check(".experiments", fine=True, said=said)


def _refused(name: str, err: ConfigError | OSError) -> Check:
    if isinstance(err, ConfigError):
        return Check(name, fine=False, said=str(err).rstrip("."), hint=err.hint)
    return Check(name, fine=False, said=f"{err.strerror}: {err.filename}", hint="Look at the disk")


def _live(project: Project, seal: tuple[str, ...]) -> list[Check]:
    sealed = [*sealing.seal_dead(project), *sealing.seal_lost(project, list(seal))]
    checks = [
        Check(
            "dead runs", fine=True, said=f"finished the record of {done.manifest.id} ({done.manifest.status})"
        )
        for done in sealed
    ]
    left = live.list_live(project.live)
    dead = {run.id: sealing.why_not(project, run) for run in left if run.is_dead}
    unknown = [run.id for run in left if run.id not in dead and run.status == "unknown"]
    running = len(left) - len(dead) - len(unknown)
    checks += [
        Check(
            "dead runs",
            fine=False,
            said=f"{run_id} cannot be finished: {why}",
            hint=f"What is left of it lies in {project.live / run_id}",
        )
        for run_id, why in dead.items()
        if why is not None
    ]
    checks += [
        Check(
            "live runs",
            fine=False,
            said=f"nothing was heard of {run_id} for over 10 minutes, and its host is another one",
            hint=f"If it is lost: expctl doctor --seal {run_id}",
        )
        for run_id in unknown
    ]
    return [*checks, Check("live runs", fine=True, said=f"{running} running")]


def _brought_back(project: Project) -> Check:
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
            return _refused("records", err)
        back += 1
    for run_id in names.keys() & published:
        for suffix in (".yaml", ".dvc"):
            (project.finished / f"{run_id}{suffix}").unlink(missing_ok=True)
    said = f"{back} brought back from the git directory" if back else "all in place"
    return Check("records", fine=True, said=said)


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


def _records(project: Project) -> list[Check]:
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
    return [_readable(faults), _bytes(project, pointers), _trees(project, trees)]


def _readable(faults: list[str]) -> Check:
    if not faults:
        return Check("manifests", fine=True, said="all can be read")
    said = f"{len(faults)} cannot be read; the first: {faults[0]}"
    return Check("manifests", fine=False, said=said, hint="See all faults with: expctl validate")


def _bytes(project: Project, run_ids: list[str]) -> Check:
    where = setup.cache_dir(project)
    cache.sweep(where)
    away, broken = 0, []
    for run_id in run_ids:
        try:
            pointer = objects.read_pointer(objects.pointer_path(project.runs, run_id), run_id)
        except FileNotFoundError:
            broken.append(f"{run_id} has no pointer")
        except ManifestError as err:
            broken.append(str(err))
        else:
            away += pointer.md5 is None or bool(objects.missing(where, pointer.md5))
    if broken:
        return Check(
            "kept files",
            fine=False,
            said=broken[0],
            hint=f"{len(broken)} in all; git can bring pointers back",
        )
    here = f"of {len(run_ids) - away} runs in this clone"
    said = here if not away else f"{here}, of {away} elsewhere (expctl pull RUN brings them)"
    return Check("kept files", fine=True, said=said)


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


def _dvc() -> Check:
    words = dvc.program()
    if shutil.which(words[0]) is None:
        return Check(
            "dvc", fine=False, said=f"{words[0]} cannot be started", hint="pip install dvc, or set EXPCTL_DVC"
        )
    return Check("dvc", fine=True, said=" ".join(words))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
