"""Parts of one run's world in the place of another's: data, seed, parameters, source, packages, settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from expctl.adapters import git, gitobjects
from expctl.core import argvparts, programs, relpath
from expctl.core.causes import swaps
from expctl.core.manifest import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from expctl.actions.reproducing.world import World
    from expctl.core.causes.swaps import Swap
    from expctl.project import Project

_APART = "the words of the command cannot be told apart"
#: Of the environment these say how arithmetic is done; the others what is done by.
_NOT_SET = frozenset({"blas", "simd", "libc", "pythonhashseed"})


def put(project: Project, base: World, other: World, swap: Swap, *, recreate: bool) -> World | str:
    """The first world with one part of the second one in it.

    Args:
        project: The user's.
        base: The first world; it may hold parts of the second one already.
        other: The second world.
        swap: Which part.
        recreate: Whether environments are made anew.

    Returns:
        The world; or why that cannot be.
    """
    by_kind: dict[str, Callable[[], World | str]] = {
        swaps.SOURCE: lambda: _with_source(project, base, other, swap.names),
        swaps.FILE: lambda: _with_source(project, base, other, swap.names),
        swaps.DATA: lambda: _with_data(base, other, swap.names),
        swaps.PARAMETER: lambda: _with_words(base, other, swap.names),
        swaps.SEED: lambda: _with_seed(base, other, swap.names),
        swaps.COMMAND: lambda: _with_command(base, other),
        swaps.PACKAGE: lambda: (
            _with_packages(base, other, swap.names) if recreate else _with_interpreter(project, base, other)
        ),
        swaps.SETTINGS: lambda: _with_settings(base, other),
    }
    return by_kind[swap.kind]()


def _with_source(project: Project, base: World, other: World, paths: Collection[str]) -> World | str:
    """The source tree with some of its files as the other has them."""
    one, theirs = base.code.tree, other.code.tree
    if one is None or theirs is None:
        return "a source tree was not recorded"
    if any(relpath.check(path) for path in paths):
        return "it lies outside of the repository"
    entries = {entry.path: entry for entry in git.ls_tree(project.home, theirs, *paths)}
    edits = {
        path: (entry.mode, entry.id) if (entry := entries.get(path)) is not None else None for path in paths
    }
    tree = gitobjects.graft(project.home, one, edits)
    if tree == one:
        return "it is not in the source trees"
    return base._replace(code=base.code._replace(tree=tree, dirty=True))


def _with_words(base: World, other: World, names: Collection[str]) -> World | str:
    argv = argvparts.exchange(base.argv, other.argv, names)
    return _APART if argv is None or argv == base.argv else base._replace(argv=argv)


def _with_command(base: World, other: World) -> World:
    """All words but the interpreter, which stays with the packages."""
    argv = other.argv
    if _python_of(argv) and _python_of(base.argv):
        argv = (base.argv[0], *argv[1:])
    return base._replace(argv=argv, cwd=other.cwd)


def _with_seed(base: World, other: World, names: Collection[str]) -> World | str:
    argv: tuple[str, ...] | None = base.argv
    if names:
        argv = argvparts.exchange(base.argv, other.argv, names)
    if argv is None:
        return _APART
    if argv == base.argv and base.seed == other.seed:
        return "it stands in the source or its settings, and goes with these"
    hashing = other.environment.numeric.get("pythonhashseed")
    numeric = {**base.environment.numeric, "pythonhashseed": hashing}
    return base._replace(
        argv=argv, seed=other.seed, environment=base.environment._replace(numeric=_known(numeric))
    )


def _with_data(base: World, other: World, names: Collection[str]) -> World | str:
    """Inputs as the other has them; where they have other names, the command speaks of those."""
    mine = {each.path or each.uri or "": each for each in base.data}
    theirs = {each.path or each.uri or "": each for each in other.data}
    gone = [place for place in mine if place not in theirs]
    come = [place for place in names if place in theirs and place not in mine]
    argv: tuple[str, ...] | None = base.argv
    if come and len(gone) == len(come) == 1:
        named = [
            part.name
            for part in argvparts.parts(other.argv)
            if part.name and any(come[0] in word for word in part.words)
        ]
        argv = argvparts.exchange(base.argv, other.argv, named, [(gone[0], come[0])])
    if argv is None:
        return _APART
    dropped = {*gone} if come else {name for name in names if name not in theirs}
    taken = {name: theirs[name] for name in names if name in theirs}
    data = {place: each for place, each in mine.items() if place not in dropped} | taken
    keepers = {**base.keepers, **dict.fromkeys(taken, other.run)}
    return base._replace(data=tuple(data.values()), keepers=keepers, argv=argv)


def _with_packages(base: World, other: World, names: Collection[str]) -> World | str:
    """Packages one by one, for an environment that is made; or all, by the other run's interpreter."""
    if base.packages is None or other.packages is None:
        return "a package list is not here"
    mine, theirs = ({each.name: each for each in side} for side in (base.packages, other.packages))
    chosen = {name: theirs[name] for name in names if name in theirs}
    packages = {name: each for name, each in mine.items() if name not in names} | chosen
    python = other.environment.python if "python" in names else base.environment.python
    environment = base.environment._replace(python=python)
    return base._replace(packages=[packages[name] for name in sorted(packages)], environment=environment)


def _with_interpreter(project: Project, base: World, other: World) -> World | str:
    """The command under the other run's interpreter, with all that is installed there."""
    here = project.home / base.cwd
    words = [_python_of(argv) for argv in (base.argv, other.argv)]
    if words[0] is None or words[1] is None:
        return "the command does not name its Python; with --env recreate packages are put back one by one"
    if words[0] == words[1]:
        return f"both runs used {words[0]}, which is one of the two now; --env recreate makes both anew"
    if "/" in words[1] and not os.access(here / words[1], os.X_OK):
        return f"{words[1]} is not here; --env recreate makes it anew"
    environment = base.environment._replace(python=other.environment.python)
    return base._replace(argv=(words[1], *base.argv[1:]), packages=other.packages, environment=environment)


def _with_settings(base: World, other: World) -> World:
    """Threads and variables that move the last digits."""
    kept = {name: value for name, value in base.environment.numeric.items() if name in _NOT_SET}
    set_to = {name: value for name, value in other.environment.numeric.items() if name not in _NOT_SET}
    return base._replace(environment=base.environment._replace(numeric={**kept, **set_to}))


def _python_of(argv: tuple[str, ...]) -> str | None:
    """The Python that a command begins with."""
    return argv[0] if argv and programs.is_python(os.path.basename(argv[0])) else None


def _known(values: Mapping[str, object]) -> Mapping[str, object]:
    return {name: value for name, value in values.items() if value is not None} or NOTHING
