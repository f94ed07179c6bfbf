"""The points that a run logged, wherever they are: in its live folder, in this clone, or on the remote."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from expctl.actions import runbytes, setup
from expctl.adapters import files
from expctl.core import dvcfile, series
from expctl.core.manifest import FINAL_STATUSES
from expctl.errors import ExpctlError, IncompleteError
from expctl.store import cache

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from expctl.core.manifest import Manifest
    from expctl.core.series import Points
    from expctl.project import Project

#: Millions of points.
_LIMIT = 128 << 20


def read(project: Project, run: Manifest, *, fetch: bool = True) -> Mapping[str, Points]:
    """The series of a run by metric; of one in progress what was logged so far.

    Args:
        project: Where it was recorded.
        run: The run.
        fetch: Bring them where they are only on the remote; otherwise such a run has none.

    Raises:
        DvcError: There is no remote, or DVC failed.
        IncompleteError: The remote lacks them, or this work tree the pointer.
        DamagedError: The bytes in this clone are not what the manifest says.
    """
    if run.status not in FINAL_STATUSES:
        return _growing(project, run)
    md5 = _md5(run)
    if md5 is None:
        return {}
    folder = setup.cache_dir(project)
    if not cache.has(folder, md5):
        if not fetch:
            return {}
        bring(project, [run])
    if not cache.has(folder, md5):
        raise IncompleteError(f"The series of run {run.id} are not among what it kept.")
    if not cache.is_whole(folder, md5):
        raise cache.DamagedError(
            f"The cached series of run {run.id} are damaged.", hint=f"Remove {cache.path_of(folder, md5)}"
        )
    try:
        return series.decode(files.read_plain(cache.path_of(folder, md5), limit=_LIMIT))
    except OSError as err:
        raise ExpctlError(f"The series of run {run.id} cannot be read: {err.strerror}.") from err


def bring(project: Project, some: Iterable[Manifest]) -> None:
    """Fetch the series of runs that this clone lacks, and nothing else of what they kept.

    Raises:
        DvcError: There is no remote, or DVC failed.
        IncompleteError: The pointer of one is neither in this work tree nor on a branch.
    """
    folder = setup.cache_dir(project)
    lacking = [run.id for run in some if (md5 := _md5(run)) and not cache.has(folder, md5)]
    if not lacking:
        return
    try:
        runbytes.fetch_parts(project, lacking, "series")
    except FileNotFoundError as err:
        name = os.path.basename(err.filename or "").removesuffix(".dvc")
        raise IncompleteError(
            f"The pointer of run {name} is neither in this work tree nor on a branch.",
            hint="Fetch the branch that has it with: git fetch",
        ) from err


def _md5(run: Manifest) -> str | None:
    md5 = run.outputs.get("series")
    return md5 if dvcfile.is_md5(md5) else None


def _growing(project: Project, run: Manifest) -> Mapping[str, Points]:
    """What a run in progress logged and printed so far."""
    from expctl.capture.metrics import live, output

    folder = project.live / run.id
    asked = project.config.metrics_from_output
    printed = output.read(folder / "output.log", asked=asked, params=run.params, notes=[])
    return {**printed, **live.read(folder).points}
