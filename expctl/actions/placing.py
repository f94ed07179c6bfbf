"""Where a record goes: into the work tree in which its run started, or aside, into the git directory.

What stands in the work tree came with a branch or was left by a script: a link is never written through, and
a file in the place of a record is somebody else's.
"""

from __future__ import annotations

import contextlib
import os
import stat

from expctl.adapters import files
from expctl.core import runid
from expctl.project import FOLDER
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from expctl.project import Project


class Place(NamedTuple):
    """The files of one record.

    Attributes:
        manifest: Its manifest; the pointer lies beside it.
        experiments: Where ``environments/`` lies.
        fault: Why this is not the work tree; None when it is.
    """

    manifest: Path
    experiments: Path
    fault: str | None = None

    @property
    def pointer(self) -> Path:
        """The pointer to the run's files."""
        return self.manifest.with_suffix(".dvc")


def choose(project: Project, root: Path, run_id: str) -> Place:
    """The work tree, if it can take the record."""
    fault = _fault(os.fspath(root), runid.day_of(run_id))
    if fault is not None:
        return aside(project, run_id, fault)
    experiments = root / FOLDER
    return Place(experiments / "runs" / runid.day_of(run_id) / f"{run_id}.yaml", experiments)


def aside(project: Project, run_id: str, fault: str) -> Place:
    """The git directory, from which ``doctor`` brings records back."""
    return Place(project.finished / f"{run_id}.yaml", project.finished, fault)


def put(project: Project, place: Place, content: bytes) -> Place:
    """Write a manifest.

    Returns:
        Where it lies.

    Raises:
        OSError: Neither the work tree nor the git directory takes it.
    """
    try:
        files.write_atomic(place.manifest, content)
    except OSError as err:
        if place.fault is not None:
            raise
        # The work tree is full or read-only: the git directory may still take it.
        place = aside(project, place.manifest.stem, f"{place.manifest}: {err.strerror}")
        files.write_atomic(place.manifest, content)
    return place


def tidy(place: Place) -> None:
    """Remove what a killed writer left beside the record, half written."""
    start = f".{place.manifest.stem}."
    with contextlib.suppress(OSError):
        for name in os.listdir(place.manifest.parent):
            if name.startswith(start) and name.endswith(".tmp"):
                os.unlink(place.manifest.parent / name)


def _fault(root: str, day: str) -> str | None:
    folder = root
    if not os.path.isdir(folder):
        return f"{folder} is gone"
    for part in (FOLDER, "runs", day):
        try:
            mode = os.lstat(f"{folder}/{part}").st_mode
        except FileNotFoundError:
            break
        except OSError as err:
            return f"{folder}/{part}: {err.strerror}"
        folder = f"{folder}/{part}"
        if not stat.S_ISDIR(mode):
            return f"{folder} is {'a link' if stat.S_ISLNK(mode) else 'no folder'}"
    return None if os.access(folder, os.W_OK | os.X_OK) else f"{folder} cannot be written"
