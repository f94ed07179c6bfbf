"""The machine and the environment that a command runs in now, against those that it ran in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions.reproducing import command
from expctl.adapters import git, host, installed, interpreter
from expctl.capture import environment
from expctl.core import redact, surroundings
from expctl.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from expctl.actions.reproducing.world import World
    from expctl.adapters.interpreter import Interpreter
    from expctl.core.surroundings import Gap
    from expctl.project import Project

#: They say where to run, not how to count.
_PLACES = frozenset({"CUDA_VISIBLE_DEVICES"})
#: What an outer git may have left, and would lead a program in the copy to the user's repository.
_GIT = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX")


class Setting(NamedTuple):
    """The variables of a command that are not as ours, and what should be known of them."""

    env: dict[str, str | None]
    notes: tuple[str, ...] = ()


def setting(world: World) -> Setting:
    """The variables that move results, as they were."""
    numeric = world.environment.numeric
    env: dict[str, str | None] = dict.fromkeys((*_GIT, "EXPCTL_SEED"))
    if not numeric:
        return Setting(env, ("nothing is known of the variables that move results: yours hold",))
    notes = []
    for name in environment.VARIABLES:
        was = numeric.get(name.lower())
        if name not in _PLACES and redact.HIDDEN not in str(was):
            env[name] = None if was is None else str(was)
    hashing = numeric.get("pythonhashseed")
    if hashing is not None:
        env["PYTHONHASHSEED"] = None if hashing == "random" else str(hashing)
    threads, cores = numeric.get("threads"), host.cpu_cores()
    if (
        isinstance(threads, int)
        and threads != cores
        and not any(env.get(each) for each in environment.THREADS)
    ):
        env["OMP_NUM_THREADS"] = str(threads)
        notes.append(
            f"OMP_NUM_THREADS={threads}: it ran with so many threads, and there are {cores} cores here"
        )
    return Setting(env, tuple(notes))


def with_own_source(
    project: Project, world: World, argv: tuple[str, ...], copy: Path, env: Mapping[str, str | None]
) -> str | None:
    """The ``PYTHONPATH`` by which packages installed from the user's tree are imported from the copy.

    An editable install leads to the user's files, which are not the source that is to run; what stands on
    ``PYTHONPATH`` comes before it.

    Returns:
        None where nothing need be changed.
    """
    now = _with(env)
    given = [entry for entry in now.get("PYTHONPATH", "").split(os.pathsep) if entry]
    entries = [next(command.python_path(project, copy, [entry]), entry) for entry in given]
    asked = _ask(project, argv, _folder(project, world), now)
    if asked is not None:
        mine = [folder for folder in asked.path if "site-packages" not in folder]
        entries = [*command.python_path(project, copy, mine), *_editable(project, asked, copy), *entries]
    wanted = os.pathsep.join(dict.fromkeys(entries))
    return wanted if wanted != now.get("PYTHONPATH", "") else None


def _folder(project: Project, world: World) -> Path:
    """Where the command ran; the top where the work tree has no such folder now."""
    folder = project.home / world.cwd
    return folder if folder.is_dir() else project.home


def _with(env: Mapping[str, str | None]) -> dict[str, str]:
    """Our variables, but for those that are told otherwise."""
    kept = {name: value for name, value in os.environ.items() if name not in env}
    return kept | {name: value for name, value in env.items() if value is not None}


def _ask(project: Project, argv: tuple[str, ...], cwd: Path, env: Mapping[str, str]) -> Interpreter | None:
    """The interpreter that a command will use; None where it uses none or none that answers."""
    python = interpreter.find(argv, cwd, env)
    if python is None:
        return None
    try:
        return interpreter.ask(python, cwd, env, cache=project.state / "cache")
    except (OSError, ValueError):
        return None


def _editable(project: Project, asked: Interpreter, copy: Path) -> list[str]:
    """Places of packages that are installed from the user's tree by an import hook, which names no folder."""
    found = installed.packages(asked.path, asked.prefix, root=project.home)
    sources = [each.source or "" for each in found]
    places = [each.removeprefix("editable:") for each in sources if each.startswith("editable:")]
    tops = [copy / place for place in places if (project.home / place).is_dir()]
    return [str(top / "src" if (top / "src").is_dir() else top) for top in tops if top.is_dir()]


def _came_with_branch(project: Project, program: str | None) -> bool:
    """Whether a program is a file of the repository: nobody has said yes yet to its being started."""
    if program is None:
        return False
    inside = os.path.relpath(os.path.realpath(program), os.path.realpath(project.home))
    named = os.path.relpath(program, project.home)
    try:
        return any(git.ls_tree(project.home, "HEAD", path) for path in (inside, named) if path[:3] != "../")
    except GitError:
        return False  # no commit yet


def gaps(project: Project, world: World, argv: tuple[str, ...], env: Mapping[str, str | None]) -> list[Gap]:
    """How the environment differs from the recorded one, most important first."""
    if _came_with_branch(project, interpreter.find(argv, _folder(project, world), _with(env))):
        return []
    probed = environment.probe(
        argv, _folder(project, world), _with(env), cache=project.state / "cache", root=project.home
    )
    return surroundings.compare(
        surroundings.Side(world.environment, world.packages),
        surroundings.Side(probed.environment, probed.packages),
    )
