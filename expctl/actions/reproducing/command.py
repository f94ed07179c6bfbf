"""The command of a run, as it has to be typed in a copy: its interpreter, and paths into the user's tree."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import programs, redact
from expctl.core.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from expctl.actions.reproducing.world import World
    from expctl.project import Project

#: Stands in a record for bytes that are no text.
_NO_TEXT = "\ufffd"


class Command(NamedTuple):
    """What is started.

    Attributes:
        argv: Its words.
        notes: What was changed in them, and why.
    """

    argv: tuple[str, ...]
    notes: tuple[str, ...] = ()


def lacks(world: World) -> list[str]:
    """Why a command cannot be typed again; empty when it can."""
    hidden = [place for place, word in enumerate(world.argv) if redact.HIDDEN in word]
    if hidden:
        return [f"word {hidden[0]} of its command holds a secret, which was not recorded"]
    torn = [place for place, word in enumerate(world.argv) if _NO_TEXT in word]
    if torn:
        why = "is not UTF-8, which no record holds; rename what it names, and record it again"
        return [f"word {torn[0]} of its command, {clean(world.argv[torn[0]])}, {why}"]
    return [] if world.argv else ["it has no command: it was a process that recorded itself"]


def translate(project: Project, world: World, copy: Path, *, venv: str | None = None) -> Command:
    """The command as it runs in a copy of the source tree, with the interpreter that is here.

    Args:
        project: The user's.
        world: Whose command.
        copy: Top of the copy.
        venv: The environment that was made for it; otherwise the one that is here.
    """
    notes: list[str] = []
    here, there = project.home / world.cwd, copy / world.cwd
    argv = [_moved(word, project, copy) for word in world.argv]
    if argv != list(world.argv):
        notes.append("paths into your work tree lead into the copy instead")
    for place, word in enumerate(argv):
        if place == 0 or _is_of_venv(here, word):
            argv[place] = _of_new(word, venv, there, copy) if venv else _program(word, here, there, notes)
    return Command(tuple(argv), tuple(notes))


def _moved(word: str, project: Project, copy: Path) -> str:
    """A word whose path into the user's tree leads into the copy, if the copy has it."""
    for top in dict.fromkeys((os.fspath(project.home), os.path.realpath(project.home))):
        head, sign, path = word.partition(f"{top}/")
        if sign and (not head or head.endswith("=")) and not _is_of_venv(project.home, f"{top}/{path}"):
            return f"{head}{copy}/{path}"
        if word == top:
            return str(copy)
    return word


def _program(word: str, here: Path, there: Path, notes: list[str]) -> str:
    """The program that a word names: in the copy, else in the user's tree, else of the same name."""
    if "/" not in word or os.path.lexists(there / word):
        return word
    if os.access(mine := os.path.normpath(here / word), os.X_OK):
        if not os.path.isabs(word):
            notes.append(f"{word} is that of your work tree")
        return mine
    name = os.path.basename(word)
    plain = "python" if programs.is_python(name) else name
    notes.append(f"{word} is not here: {plain} of your PATH instead")
    return plain


def _of_new(word: str, venv: str, there: Path, copy: Path) -> str:
    """The program of a new environment that a path names, as a bare word: ``PATH`` begins there."""
    is_of_copy = not os.path.isabs(word) or word.startswith(f"{copy}/")
    if "/" not in word or (is_of_copy and os.path.lexists(there / word)):
        return word
    name = os.path.basename(word)
    if os.access(f"{venv}/bin/{name}", os.X_OK):
        return name
    return "python" if programs.is_python(name) else word


def _is_of_venv(here: Path, word: str) -> bool:
    """Whether a word names a program of a virtual environment."""
    return "/bin/" in word and os.path.isfile(here / os.path.dirname(os.path.dirname(word)) / "pyvenv.cfg")


def python_path(project: Project, copy: Path, entries: Sequence[str]) -> Iterator[str]:
    """Of folders to import from those in the user's tree, as folders of the copy that are there."""
    for top in dict.fromkeys((os.fspath(project.home), os.path.realpath(project.home))):
        for entry in entries:
            if entry == top or entry.startswith(f"{top}/"):
                moved = f"{copy}{entry[len(top) :]}"
                if os.path.isdir(moved):
                    yield moved
