"""Read one run as it is kept: its manifest as a file, and what it printed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from expctl.actions import runs, setup
from expctl.errors import IncompleteError
from expctl.store import cache, manifests

if TYPE_CHECKING:
    from expctl.project import Project


def manifest_text(project: Project, reference: str) -> str:
    """The manifest of a run as it stands in its file.

    Raises:
        RunNotFoundError: The reference names no run.
        AmbiguousRunError: It could mean two.
    """
    return manifests.encode(runs.find(project, reference).manifest).decode()


def log_path(project: Project, reference: str) -> Path:
    """The file that holds what a run printed: the growing one of a run in progress, else the kept one.

    Raises:
        RunNotFoundError: The reference names no run.
        AmbiguousRunError: It could mean two.
        IncompleteError: Nothing was kept, or not in this clone.
    """
    run = runs.find(project, reference).manifest
    growing = project.live / run.id / "output.log"
    if growing.is_file():
        return growing
    md5 = run.outputs.get("log")
    if md5 is None:
        raise IncompleteError(f"No output was kept of run {run.id}.")
    folder = setup.cache_dir(project)
    if not cache.has(folder, md5):
        raise IncompleteError(
            f"The output of run {run.id} is not in this clone.", hint=f"Fetch it with: expctl pull {run.id}"
        )
    return Path(cache.path_of(folder, md5))
