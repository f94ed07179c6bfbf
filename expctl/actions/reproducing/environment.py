"""The environment of a run made anew: its Python, and exactly the packages that it had."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import venvs
from expctl.core import relpath, requirements
from expctl.errors import IncompleteError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from expctl.actions.reproducing.world import World


class Made(NamedTuple):
    """An environment.

    Attributes:
        folder: Where it lies.
        editable: Places in the repository whose packages are installed from each copy.
        notes: What is in it otherwise than it was.
    """

    folder: str
    editable: tuple[str, ...]
    notes: tuple[str, ...]


def lacks(world: World) -> list[str]:
    """Why an environment cannot be made; empty when it can be tried."""
    version = world.environment.python
    if version is None:
        return ["it is not known which Python it used, so its environment cannot be made anew"]
    if world.packages is None:
        return ["its package list is not here, so its environment cannot be made anew"]
    return [] if venvs.find_python(version) is not None else [f"Python {version} is not here"]


def remarks(world: World) -> list[str]:
    """What would be made, in one sentence, and what would differ."""
    if lacks(world):
        return []
    version = world.environment.python or ""
    python = venvs.find_python(version)
    needed = requirements.of(world.packages or ())
    tool = "uv" if venvs.uv() else "pip"
    series = python.version if python else version
    said = [f"a new environment: Python {series}, {len(needed.lines)} packages, by {tool}"]
    if python is not None and python.version != version:
        said.append(f"it ran under Python {version}, and only {python.version} is here")
    said += [f"installed from your repository: {place}" for place in needed.editable]
    return [*said, *needed.notes]


def make(world: World, place: Path, *, wheels: str | None, say: Callable[[str], None]) -> Made:
    """Make the environment of a world.

    Args:
        world: Whose.
        place: Where it is made; must not exist.
        wheels: A folder to install from, and from no index.
        say: Told before what takes long.

    Raises:
        IncompleteError: The Python is not here, or a package cannot be had.
    """
    python = venvs.find_python(world.environment.python or "")
    if python is None or world.packages is None:
        raise IncompleteError("; ".join(lacks(world)))
    needed = requirements.of(world.packages)
    interpreter = venvs.make(place, python)
    if needed.lines:
        say(f"installing {len(needed.lines)} packages into a new environment of Python {python.version}")
        listed = place.parent / "requirements.txt"
        listed.write_text(needed.text, encoding="utf-8")
        venvs.install(interpreter, listed, wheels=None if wheels is None else os.path.abspath(wheels))
    return Made(str(place), needed.editable, needed.notes)


def add_own_source(made: Made, copy: Path) -> list[str]:
    """Install what the repository itself holds from a copy of it; what cannot be is imported from there.

    Returns:
        Why something could not be installed.
    """
    notes = []
    for place in made.editable:
        inside = place == "." or relpath.check(place) is None
        folder = copy / place
        if not inside or not folder.is_dir():
            notes.append(f"{place} was installed from a folder that is not in the source tree")
            continue
        why = venvs.install_source(f"{made.folder}/bin/python", folder)
        if why is not None:
            notes.append(f"{place} is on PYTHONPATH, since it cannot be installed: {why}")
    return notes


def variables(made: Made) -> dict[str, str | None]:
    """What activating the environment sets."""
    path = os.pathsep.join([f"{made.folder}/bin", *filter(None, [os.environ.get("PATH", os.defpath)])])
    # uv takes the environment that it is told to, and changes nothing in it.
    uv = {"UV_PROJECT_ENVIRONMENT": made.folder, "UV_NO_SYNC": "1"}
    return {"PATH": path, "VIRTUAL_ENV": made.folder, "PYTHONHOME": None, "CONDA_PREFIX": None, **uv}
