"""The door to virtual environments: made and filled by uv where it is there, else by venv and pip.

Nothing is downloaded but packages: a Python version that is not here is said, not fetched.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import sys
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import process
from expctl.core import redact
from expctl.errors import IncompleteError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.adapters.files import StrPath

_QUESTION = "import json, platform, sys; print(json.dumps([platform.python_version(), sys.executable]))"
_ASK_S = 20.0
#: Would lead the tools elsewhere than to the environment that they are told of.
_SCRUBBED = ("VIRTUAL_ENV", "PYTHONHOME", "PYTHONPATH", "CONDA_PREFIX", "UV_PYTHON", "UV_PROJECT_ENVIRONMENT")
_SHOWN_LINES = 6
_VERSION = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,4}){1,2}[0-9a-z+]{0,20}", re.ASCII)
#: From the next version on for certain pip knows ``--python``.
_OLD_PIP = 22


class Python(NamedTuple):
    """An interpreter that is here: where, and its version."""

    executable: str
    version: str


def uv() -> str | None:
    """The program uv, if it is here."""
    return shutil.which("uv")


@functools.cache
def find_python(version: str) -> Python | None:
    """An interpreter of a version, else of its series (``3.11``); None when there is none here."""
    if not _VERSION.fullmatch(version):  # came with a record, and would be a part of a program's name
        return None
    series = ".".join(version.split(".")[:2])
    found: list[Python] = []
    for place in _places(version, series):
        python = _asked(place)
        if python is not None and python.version == version:
            return python
        if python is not None and python.version.split(".")[:2] == series.split("."):
            found.append(python)
    return found[0] if found else None


def make(folder: StrPath, python: Python) -> str:
    """Make an empty environment.

    Returns:
        Its interpreter.

    Raises:
        IncompleteError: It cannot be made.
    """
    tool = uv()
    if tool is not None:
        words = [tool, "venv", "--quiet", "--no-project", "--python", python.executable, os.fspath(folder)]
    else:
        # To bring pip into it takes longer than all else, where another one can do its work.
        without = ("--without-pip",) if _pip_elsewhere() else ()
        words = [python.executable, "-I", "-m", "venv", *without, os.fspath(folder)]
    done = _run(words, os.path.dirname(folder))
    if done.code:
        raise IncompleteError(
            f"The environment cannot be made: {_last(done)}",
            hint="Install uv, or the package of your system that has venv",
        )
    return f"{os.fspath(folder)}/bin/python"


def install(python: str, requirements: StrPath, *, wheels: str | None = None) -> None:
    """Install exactly what a file of requirements lists; what they depend on is in the list.

    Args:
        python: The environment's interpreter.
        requirements: In pip's format.
        wheels: A folder to install from, and from no index.

    Raises:
        IncompleteError: Something cannot be had; the message holds the tool's own words.
    """
    offline = () if wheels is None else ("--no-index", "--find-links", wheels)
    words = ("--no-deps", *offline, "-r", os.fspath(requirements))
    done = _pip(python, "install", *words)
    if done.code:
        raise IncompleteError(
            f"The packages cannot be installed: {_last(done)}",
            hint="Use what is here with --env current, or bring the wheels along with --wheels DIR",
        )


def install_source(python: str, folder: StrPath) -> str | None:
    """Install a package from its source so that it is imported from there; why not, if it cannot be."""
    done = _pip(python, "install", "--no-deps", "-e", os.fspath(folder))
    return _last(done) if done.code else None


def _pip(python: str, verb: str, *words: str) -> process.Done:
    tool = uv()
    if tool is not None:
        return _run([tool, "pip", verb, "--quiet", "--python", python, *words], os.path.dirname(python))
    quiet = ("--quiet", "--disable-pip-version-check", "--no-input")
    other = _pip_elsewhere()
    pip = [python, "-I", "-m", "pip"] if other is None else [other, "-I", "-m", "pip", "--python", python]
    return _run([*pip, verb, *quiet, *words], os.path.dirname(python))


@functools.cache
def _pip_elsewhere() -> str | None:
    """An interpreter whose pip can install into another environment; None for none."""
    base: str = getattr(sys, "_base_executable", "")
    places = (sys.executable, base, shutil.which("python3"), shutil.which("python"))
    for place in filter(None, places):
        words = _run([place, "-I", "-m", "pip", "--version"], "/").text.split()
        if (
            words[:1] == ["pip"]
            and words[1].split(".")[0].isdigit()
            and int(words[1].split(".")[0]) > _OLD_PIP
        ):
            return place
    return None


def _places(version: str, series: str) -> list[str]:
    names = [f"python{version}", f"python{series}", "python3", "python"]
    found = [sys.executable, *(place for name in names if (place := shutil.which(name)))]
    if (tool := uv()) is not None:
        for wanted in (version, series):
            done = _run([tool, "python", "find", "--no-project", wanted], os.getcwd())
            found += done.text.split("\n")[:1] if done.code == 0 else []
    return list(dict.fromkeys(found))


def _asked(place: str) -> Python | None:
    try:
        done = process.run(
            [place, "-I", "-S", "-c", _QUESTION], cwd="/", env=_environment(), timeout_s=_ASK_S
        )
        version, executable = json.loads(done.out)
    except (OSError, ValueError, TypeError):
        return None
    return Python(str(executable), str(version))


def _run(words: Sequence[str], folder: str) -> process.Done:
    try:
        return process.run(words, cwd=folder, env=_environment())
    except OSError as err:
        return process.Done(127, b"", f"{words[0]}: {err.strerror}".encode())


def _environment() -> Mapping[str, str]:
    env = {name: value for name, value in os.environ.items() if name not in _SCRUBBED}
    env["UV_PYTHON_DOWNLOADS"] = "never"
    # Who told pip where packages are has told uv as well.
    for theirs, ours in (("PIP_INDEX_URL", "UV_DEFAULT_INDEX"), ("PIP_EXTRA_INDEX_URL", "UV_INDEX")):
        if theirs in env:
            env.setdefault(ours, env[theirs])
    return env


def _last(done: process.Done) -> str:
    lines = [line.strip() for line in done.complaint.splitlines() if line.strip()]
    said = [line for line in lines if line.startswith(("ERROR:", "error:"))] or lines[-_SHOWN_LINES:]
    text = " ".join(said) or f"it ended with code {done.code}"
    return redact.redact_text(text)[0]
