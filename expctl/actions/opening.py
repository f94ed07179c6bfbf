"""The first step of a run: its live folder, and git's look at the work tree.

Git looks while the rest of expctl is loaded and the request is read: in a large repository its look is most
of the wait before the command starts. What is imported here delays it, and is kept small.
"""

from __future__ import annotations

import os

from expctl.adapters import clock
from expctl.capture.privateindex import Looking
from expctl.core import runid
from expctl.errors import CannotStartError
from expctl.store import live
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from expctl.project import Project


class Opened(NamedTuple):
    """A run that has a place.

    Attributes:
        folder: Its live folder; the name is the run's id.
        started: When this was.
        looking: Git's look at the work tree, under way.
        said: What its owner should know now.
    """

    folder: Path
    started: datetime
    looking: Looking
    said: tuple[str, ...]

    def give_up(self) -> None:
        """Leave nothing behind of a run that does not start."""
        self.looking.wait()
        live.remove(self.folder)


def open_run(project: Project) -> Opened:
    """Make the live folder of a run, and let git look.

    Raises:
        CannotStartError: There is no place to write the record.
    """
    said = _set_up(project)
    folder = _folder(project, started := clock.now())
    return Opened(folder, started, Looking(project.root, project.git_dir, folder), tuple(said))


def _set_up(project: Project) -> list[str]:
    for folder in (project.experiments, project.runs):
        if os.path.islink(folder):
            raise CannotStartError(
                f"{folder} is a link; the record would be written outside of the repository."
            )
    if (project.experiments / ".gitattributes").is_file():
        return []
    from expctl.actions import setup

    try:
        made = setup.ensure(project)
    except OSError as err:
        raise CannotStartError(f"Cannot make {project.experiments}: {err.strerror}.") from err
    return ["made .experiments/ (see expctl init)"] if made else []


def _folder(project: Project, started: datetime) -> Path:
    for _ in range(100):
        try:
            return live.create(project.live, runid.make(started, clock.noise(6)))
        except FileExistsError:
            continue
        except OSError as err:
            raise CannotStartError(f"Cannot write into {project.live}: {err.strerror}.") from err
    raise CannotStartError("No free run id after 100 tries.")
