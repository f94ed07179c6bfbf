"""The points that a run logged, wherever they are: in its live folder, in this clone, or on the remote."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.actions import runbytes, setup
from expctl.adapters import files
from expctl.core import dvcfile, series
from expctl.core.manifest import FINAL_STATUSES
from expctl.errors import ExpctlError, IncompleteError
from expctl.store import cache

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        from expctl.capture.metrics import live

        return live.read(project.live / run.id).points
    md5 = run.outputs.get("series")
    if not dvcfile.is_md5(md5) or md5 is None:
        return {}
    folder = setup.cache_dir(project)
    if not cache.has(folder, md5):
        if not fetch:
            return {}
        _bring(project, run.id)
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


def _bring(project: Project, run_id: str) -> None:
    try:
        runbytes.ensure(project, [run_id])
    except FileNotFoundError as err:
        raise IncompleteError(f"The pointer of run {run_id} is not in this work tree.") from err
