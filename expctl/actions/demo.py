"""The demo: a repository of its own, a training script that knows nothing of expctl, and real runs of it.

What happens is written in ``expctl/demo/walk.txt``: a line with ``#`` is told, every other line is a command,
run as a person would type it, with its output on the terminal.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from expctl.adapters import clock, git, process
from expctl.errors import ExpctlError

if TYPE_CHECKING:
    from collections.abc import Sequence

FILES = Path(__file__).resolve().parents[1] / "demo"
_COPIED = ("train.py", "prepare.py", "edges.patch", "config/experiment.yaml")
_IGNORED = "/metrics.json\n/model.joblib\n__pycache__/\n"
#: Variables of the surrounding git or expctl command that would lead the demo's commands out of its folder.
_DROPPED = ("GIT_", "EXPCTL_")
_KEPT = ("GIT_AUTHOR_", "GIT_COMMITTER_", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "GIT_EXEC_PATH")


class Listener(Protocol):
    """Hears what happens, before it happens."""

    def title(self, text: str) -> None:
        """A new act begins."""

    def command(self, line: str) -> None:
        """A command is about to run."""


class Line(NamedTuple):
    """One line of the walk: a title, or a command."""

    title: str = ""
    command: str = ""


class Walked(NamedTuple):
    """What the demo left behind: its folder, the number of runs recorded, the time it took in seconds."""

    folder: Path
    runs: int
    duration_s: float


def walk(folder: Path, listener: Listener, lines: Sequence[Line] | None = None) -> Walked:
    """Make the demo's repository and run every command of the walk in it.

    Args:
        folder: Where; made if missing.
        listener: Is told every title and command.
        lines: What happens; the whole walk when None.

    Raises:
        ExpctlError: The folder is not empty, scikit-learn is missing, or a command failed.
    """
    start = clock.monotonic_s()
    _check_libraries()
    _copy_files(folder)
    env = _environment()
    runs = 0
    for line in read_walk() if lines is None else lines:
        if line.title:
            listener.title(line.title)
            continue
        _run(line.command, folder, env, listener)
        runs += line.command.startswith("expctl run ")
        if line.command.startswith("git init "):
            _introduce(folder, env, listener)
    return Walked(folder, runs, clock.monotonic_s() - start)


def read_walk() -> list[Line]:
    """The lines of the walk, in order."""
    text = (FILES / "walk.txt").read_text(encoding="utf-8")
    if not shutil.which("python", path=os.path.dirname(sys.executable)):
        # Some systems have only python3; what is shown must be what can be typed.
        text = re.sub(r"(^|-- )python ", rf"\1{os.path.basename(sys.executable)} ", text, flags=re.MULTILINE)
    return [
        Line(title=line[1:].strip()) if line.startswith("#") else Line(command=line)
        for line in text.splitlines()
        if line
    ]


def _check_libraries() -> None:
    if importlib.util.find_spec("sklearn") is None:
        raise ExpctlError(
            "The demo trains with scikit-learn, which is not installed beside expctl.",
            hint=f"Install it with: {shlex.quote(sys.executable)} -m pip install scikit-learn",
        )


def _copy_files(folder: Path) -> None:
    """Put the project's files into a folder that is new or empty."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ExpctlError(
            f"{folder} exists and is not empty.",
            hint=f"Name another folder, such as: expctl demo {shlex.quote(f'{folder.name}-2')}",
        )
    try:
        for name in _COPIED:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(FILES / name, folder / name)
        (folder / ".gitignore").write_text(_IGNORED, encoding="utf-8")
    except OSError as err:
        raise ExpctlError(f"The demo cannot write into {folder}: {err.strerror}.") from err


def _environment() -> dict[str, str]:
    """The user's environment, with our interpreter first on the PATH and their hooks out of the play."""
    env = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(_DROPPED) or name.startswith(_KEPT)
    }
    env["PATH"] = os.path.dirname(sys.executable) + os.pathsep + env.get("PATH", os.defpath)
    env["DVC_NO_ANALYTICS"] = "1"
    env["GIT_PAGER"] = "cat"
    settings = {"commit.gpgSign": "false", "core.hooksPath": os.devnull}
    env["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (name, value) in enumerate(settings.items()):
        env[f"GIT_CONFIG_KEY_{number}"], env[f"GIT_CONFIG_VALUE_{number}"] = name, value
    return env


def _introduce(folder: Path, env: dict[str, str], listener: Listener) -> None:
    """Give the demo's repository an author, where the user has not told git who they are."""
    asked = git.call(folder, "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT", check=False)
    if asked.code:
        for line in ("git config user.name 'expctl demo'", "git config user.email demo@example.com"):
            _run(line, folder, env, listener)


def _run(line: str, folder: Path, env: dict[str, str], listener: Listener) -> None:
    listener.command(line)
    code = process.follow(_argv(shlex.split(line)), cwd=folder, env=env)
    if code:
        raise ExpctlError(
            f"The demo stopped: this command ended with exit code {code}.\n  {line}",
            hint=f"What was done until then is in {folder}",
        )


def _argv(words: Sequence[str]) -> list[str]:
    """The command with our own tools in place of their names: they need not be on the PATH."""
    if words[0] in ("expctl", "dvc"):
        return [sys.executable, "-m", *words]
    if words[0] in ("python", os.path.basename(sys.executable)):
        return [sys.executable, *words[1:]]
    return list(words)
