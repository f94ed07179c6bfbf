"""Remove runs: manifest, pointer, the copies in the clone, and what nobody else needs.

The bytes stay in the cache: other runs may share them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import runs
from expctl.adapters import files, git
from expctl.core import packages
from expctl.core.manifest import LIVE_STATUSES
from expctl.errors import ConflictError
from expctl.project import FOLDER
from expctl.store import live, manifests, needs, objects, packing, snapshots

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from expctl.project import Project


class Doomed(NamedTuple):
    """A run that would be removed, and what it names: its source tree and its package list."""

    id: str
    name: str | None
    status: str
    tree: str | None
    packages: str | None = None


class Removed(NamedTuple):
    """What was removed.

    Attributes:
        ids: Runs.
        files: Files that were deleted, relative to the top or absolute outside of it.
        trees: Source trees that nobody needed any more, and that were let go.
        kept: Source trees that another run, branch, tag or work tree still needs.
    """

    ids: tuple[str, ...]
    files: tuple[str, ...]
    trees: int
    kept: int = 0


def plan(project: Project, references: Sequence[str]) -> list[Doomed]:
    """Find out which runs would be removed.

    Raises:
        RunNotFoundError: A reference names no run.
        AmbiguousRunError: A reference could mean two.
        ConflictError: One of them is still running.
    """
    result: dict[str, Doomed] = {}
    for located in runs.find_many(project, references):
        runs.require_here(project, located)
        manifest = located.manifest
        if manifest.status in LIVE_STATUSES:
            raise ConflictError(
                f"Run {manifest.id} is still {manifest.status}.",
                hint="End it first; if it died on another machine: expctl doctor --seal",
            )
        tree = manifest.code.tree if manifest.code else None
        listed = manifest.environment.packages if manifest.environment else None
        result[manifest.id] = Doomed(manifest.id, manifest.name, manifest.status, tree, listed)
    return list(result.values())


def remove(project: Project, doomed: Sequence[Doomed]) -> Removed:
    """Remove runs; whoever calls this has asked.

    The manifest goes first: without it the run is gone, and what is left over is only bytes.

    Raises:
        OSError: A file cannot be deleted.
        GitError: The ref that holds source trees cannot be moved.
    """
    deleted: list[str] = []
    # What is being packed, or edited, would come back.
    with files.locked(project.state / "edit.lock"):
        deleted += _delete_files(project, doomed)
        gone = {each.id for each in doomed}
        for pack in packing.holding(project.runs, gone):
            paths = packing.write_without(project.runs, pack, gone)
            deleted += [os.path.relpath(path, project.root) for path in paths]
    deleted += _drop_lists(project, doomed)
    trees, kept = _let_go(project, doomed)
    return Removed(tuple(each.id for each in doomed), tuple(deleted), trees, kept)


def _delete_files(project: Project, doomed: Sequence[Doomed]) -> list[str]:
    deleted: list[str] = []
    for each in doomed:
        pointer = objects.pointer_path(project.runs, each.id)
        copies = (f"{project.finished}/{each.id}.yaml", f"{project.finished}/{each.id}.dvc")
        ours = (str(manifests.path_of(project.runs, each.id)), pointer)
        deleted += [os.path.relpath(path, project.root) for path in ours if _delete(path)]
        deleted += [path for path in copies if _delete(path)]
        if objects.remove_folder(project.runs, each.id):
            deleted.append(os.path.relpath(pointer.removesuffix(".dvc"), project.root) + "/")
        _drop_empty(os.path.dirname(pointer))
    return deleted


def _drop_lists(project: Project, doomed: Sequence[Doomed]) -> list[str]:
    """Delete package lists that no other manifest here names; on branches they stay with theirs."""
    listed = {each.packages for each in doomed if each.packages and packages.is_name(each.packages)}
    # A run in progress may have found the list in its place, and will name it.
    if not listed or live.list_live(project.live) or git.is_partial(project.root):
        return []
    aside = needs.in_folders([project.finished])
    here = needs.in_folders(needs.days(project.runs))
    # What is not checked out (a sparse work tree) is here all the same.
    here |= _on_tips(project, [git.resolve(project.root, "HEAD")], doomed)
    deleted = []
    for name in sorted(listed):
        word = name.rpartition("/")[2].removesuffix(".yaml")
        if word not in aside and _delete(f"{project.finished}/{name}"):
            deleted.append(f"{project.finished}/{name}")
        if word not in here | aside and _delete(f"{project.experiments}/{name}"):
            deleted.append(f"{FOLDER}/{name}")
    return deleted


def _let_go(project: Project, doomed: Sequence[Doomed]) -> tuple[int, int]:
    """How many source trees were let go, and how many are still needed."""
    candidates = {each.tree for each in doomed if each.tree is not None}
    if not candidates:
        return 0, 0
    # Where objects may lie on a server alone, what its branches need could only be told by fetching it all.
    if git.is_partial(project.root):
        return 0, len(candidates)
    unused = candidates - _needed(project, doomed)
    clone = snapshots.clone_id(project.state)
    for pattern in (snapshots.LOCAL, snapshots.SHARED):
        snapshots.unpin(project.root, project.common, unused, ref=pattern.format(clone))
    return len(unused), len(candidates) - len(unused)


def _needed(project: Project, doomed: Sequence[Doomed]) -> set[str]:
    """All that manifests name, in the work trees of this clone, on its branches and tags, and aside."""
    work_trees = git.work_trees(project.root)
    tops = [os.fspath(project.root), *(each.top for each in work_trees)]
    folders = {day for top in tops for day in needs.days(f"{top}/{FOLDER}/runs")}
    found = needs.in_folders([*folders, project.finished])
    running = [live.code_from(run.state) for run in live.list_live(project.live)]
    found |= {code.tree for code in running if code is not None and code.tree is not None}
    ours, branch = git.head(project.root)
    tips = [oid for name, oid in git.refs(project.root).items() if name != f"refs/heads/{branch}"]
    tips += [each.head for each in work_trees if each.head and each.head != ours]
    # The commit that we stand on holds the runs that are being removed, until the next one.
    return found | needs.on_tips(project.root, tips) | _on_tips(project, [ours], doomed)


def _on_tips(project: Project, tips: Iterable[str | None], doomed: Sequence[Doomed]) -> set[str]:
    gone = {each.id for each in doomed}
    return needs.on_tips(project.root, [tip for tip in tips if tip], without=gone)


def _delete(path: str) -> bool:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return False
    return True


def _drop_empty(folder: str) -> None:
    try:
        os.rmdir(folder)
    except OSError:
        # Other runs of that day are in it.
        return
