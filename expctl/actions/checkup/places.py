"""The tools, git's own locks, and the folder of the records."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

from expctl.actions import setup
from expctl.actions.checkup.check import Check, refused
from expctl.adapters import clock, dvc, git
from expctl.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from expctl.project import Project

_MIN_GIT = (2, 31)
_LOCK_S = 60.0
_OLD_S = 3600.0


def look_at_git(project: Project) -> Check:
    """Whether git is new enough."""
    version = git.version(project.root)
    if version < _MIN_GIT:
        return Check(
            "git", fine=False, said=f"{_dotted(version)} is older than {_dotted(_MIN_GIT)}", hint="Update git"
        )
    shallow = (project.common / "shallow").exists()
    return Check("git", fine=True, said=_dotted(version) + (", a shallow clone" if shallow else ""))


def look_at_locks(project: Project) -> list[Check]:
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


def look_at_folder(project: Project) -> Check:
    """Make again what is missing of ``.experiments``, and remove what was left half written."""
    if not os.path.lexists(project.experiments):
        return Check(".experiments", fine=True, said="not made yet; the first run makes it")
    ignored = setup.ignored_cache(project)
    try:
        made = setup.ensure(project)
    except (ConfigError, OSError) as err:
        return refused(".experiments", err)
    swept = _sweep(project)
    said = f"made again: {', '.join(made)}" if made else "complete"
    said += f"; {swept} half-written files removed" if swept else ""
    said += f"; {ignored}" if ignored else ""
    return Check(".experiments", fine=True, said=said)


def look_at_dvc() -> Check:
    """Whether dvc can be started."""
    words = dvc.program()
    if shutil.which(words[0]) is None:
        return Check(
            "dvc", fine=False, said=f"{words[0]} cannot be started", hint="pip install dvc, or set EXPCTL_DVC"
        )
    return Check("dvc", fine=True, said=" ".join(words))


def _sweep(project: Project) -> int:
    """Remove what killed writers left half written; what is young may be somebody's at work."""
    top, removed = project.experiments, 0
    ours = () if top.is_symlink() else (top, top / ".dvc", top / "environments", *(top / "runs").glob("*/"))
    for folder in (*ours, project.state, project.finished):
        for path in folder.glob(".*.tmp") if not folder.is_symlink() else ():
            with contextlib.suppress(OSError):
                if _age_s(path) > _OLD_S:
                    path.unlink()
                    removed += 1
    return removed


def _age_s(path: Path) -> float:
    try:
        return clock.wall_ns() / 1e9 - path.lstat().st_mtime
    except OSError:
        return 0.0


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
