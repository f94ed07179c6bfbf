"""The machine and the environment that a command runs in now, against those that it ran in."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions.reproducing import command
from expctl.adapters import host, interpreter
from expctl.capture import environment
from expctl.core import redact, surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from expctl.actions.reproducing.world import World
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
    outer = {name: value for name, value in os.environ.items() if name not in env}
    cwd = project.home / world.cwd
    given = [entry for entry in outer.get("PYTHONPATH", "").split(os.pathsep) if entry]
    moved = dict(
        zip(given, ([*command.python_path(project, copy, [each])][:1] for each in given), strict=True)
    )
    entries = [found[0] if found else entry for entry, found in moved.items()]
    python = interpreter.find(argv, cwd, outer)
    if python is not None:
        try:
            asked = interpreter.ask(python, cwd, outer, cache=project.state / "cache")
        except (OSError, ValueError):
            asked = None
        mine = [each for each in asked.path if "site-packages" not in each] if asked else []
        entries = [*command.python_path(project, copy, mine), *_editable(project, asked, copy), *entries]
    wanted = os.pathsep.join(dict.fromkeys(entries))
    return wanted if wanted != outer.get("PYTHONPATH", "") else None


def _editable(project: Project, asked: interpreter.Interpreter | None, copy: Path) -> list[str]:
    """Places of packages that are installed from the user's tree by an import hook, which names no folder."""
    from expctl.adapters import installed

    found = installed.packages(asked.path, asked.prefix, root=project.home) if asked else ()
    sources = [each.source or "" for each in found]
    places = [each.removeprefix("editable:") for each in sources if each.startswith("editable:")]
    tops = [copy / place for place in places if (project.home / place).is_dir()]
    return [str(top / "src" if (top / "src").is_dir() else top) for top in tops if top.is_dir()]


def gaps(project: Project, world: World, argv: tuple[str, ...], env: Mapping[str, str | None]) -> list[Gap]:
    """How the environment differs from the recorded one, most important first."""
    now = {**{k: v for k, v in os.environ.items() if k not in env}, **{k: v for k, v in env.items() if v}}
    probed = environment.probe(
        argv, project.home / world.cwd, now, cache=project.state / "cache", root=project.home
    )
    return surroundings.compare(
        surroundings.Side(world.environment, world.packages),
        surroundings.Side(probed.environment, probed.packages),
    )
