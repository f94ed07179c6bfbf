"""Tell how two runs differ: gather both manifests, their package lists and the code between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.actions import installed, runs
from expctl.adapters import gitobjects
from expctl.core import diff as core
from expctl.errors import ExpctlError, GitError, ManifestError
from expctl.store import environments, snapshots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.diff import Difference
    from expctl.core.manifest import Manifest
    from expctl.core.packages import Package
    from expctl.project import Project


def differ(project: Project, before: str, after: str, *, code: bool = True) -> Difference:
    """Compare two runs in all six elements.

    Args:
        project: Where they lie.
        before: Reference of the first run.
        after: Reference of the second run.
        code: Whether to make the code diff.

    Raises:
        RunNotFoundError: A reference names no run.
        AmbiguousRunError: A reference could mean two.
    """
    one = runs.find(project, before).manifest
    other = runs.find(project, after).manifest
    notes: list[str] = []
    packages = core.Sides(packages_of(project, one, notes), packages_of(project, other, notes))
    patch = _patch(project, one, other, notes) if code else None
    return core.diff(
        one, other, packages=packages, patch=patch, configured=project.config.directions, notes=notes
    )


def packages_of(project: Project, run: Manifest, notes: list[str]) -> Sequence[Package] | None:
    """The package list of a run; None where it has none, or it cannot be read, which is noted."""
    name = run.environment.packages if run.environment else None
    if name is None:
        return None
    try:
        try:
            return environments.read(project.experiments, name)
        except ManifestError:
            return installed.get(project, name, runs.find(project, run.id).branch)
    except (ExpctlError, GitError) as err:
        notes.append(f"The package list of {run.id} cannot be read: {err}")
        return None


def _patch(project: Project, one: Manifest, other: Manifest, notes: list[str]) -> str | None:
    trees = [run.code.tree if run.code else None for run in (one, other)]
    if None in trees:
        lacking = ", ".join(run.id for run, tree in zip((one, other), trees, strict=True) if tree is None)
        notes.append(f"No code diff: no source tree was recorded for {lacking}.")
        return None
    if trees[0] == trees[1]:
        return ""
    try:
        for run in (one, other):
            snapshots.ensure(project.root, run.code)
        return gitobjects.diff_trees(project.root, trees[0], trees[1])
    except GitError:
        notes.append(
            "No code diff: a source tree is not in this clone. Fetch both with: "
            f"expctl pull {one.id} {other.id}"
        )
        return None
