"""Remove runs: manifest, pointer, the copies in the clone, and the source tree if nobody else needs it.

The bytes stay in the cache: other runs may share them.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import runs
from expctl.core.manifest import LIVE_STATUSES
from expctl.errors import ConflictError
from expctl.store import manifests, objects, snapshots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.project import Project


class Doomed(NamedTuple):
    """A run that would be removed."""

    id: str
    name: str | None
    status: str
    tree: str | None


class Removed(NamedTuple):
    """What was removed.

    Attributes:
        ids: Runs.
        files: Files that were deleted, relative to the top or absolute outside of it.
        trees: Source trees that nobody needed any more, and that were let go.
    """

    ids: tuple[str, ...]
    files: tuple[str, ...]
    trees: int


def plan(project: Project, references: Sequence[str]) -> list[Doomed]:
    """Find out which runs would be removed.

    Raises:
        RunNotFoundError: A reference names no run.
        AmbiguousRunError: A reference could mean two.
        ConflictError: One of them is still running.
    """
    result: dict[str, Doomed] = {}
    for located in runs.find_many(project, references):
        manifest = located.manifest
        if manifest.status in LIVE_STATUSES:
            raise ConflictError(
                f"Run {manifest.id} is still {manifest.status}.",
                hint="End it first; if it died on another machine: expctl doctor --seal",
            )
        tree = manifest.code.tree if manifest.code else None
        result[manifest.id] = Doomed(manifest.id, manifest.name, manifest.status, tree)
    return list(result.values())


def remove(project: Project, doomed: Sequence[Doomed]) -> Removed:
    """Remove runs; whoever calls this has asked.

    The manifest goes first: without it the run is gone, and what is left over is only bytes.

    Raises:
        OSError: A file cannot be deleted.
        GitError: The ref that holds source trees cannot be moved.
    """
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
    return Removed(tuple(each.id for each in doomed), tuple(deleted), _let_go(project, doomed))


def _let_go(project: Project, doomed: Sequence[Doomed]) -> int:
    candidates = {each.tree for each in doomed if each.tree is not None}
    if not candidates:
        return 0
    rest = runs.select(project, limit=None, everything=True).rows
    unused = candidates - {str(row.values.get("code.tree")) for row in rest}
    clone = snapshots.clone_id(project.state)
    for pattern in (snapshots.LOCAL, snapshots.SHARED):
        snapshots.unpin(project.root, project.common, unused, ref=pattern.format(clone))
    return len(unused)


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
