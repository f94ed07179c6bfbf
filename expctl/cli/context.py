"""What holds for the whole command line: the project it was typed in, and the global options.

``configure`` is called once, by Typer's callback or by the quick road of ``run``.
"""

from __future__ import annotations

import os
import sys

from expctl.errors import UsageError
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from expctl.project import Project


class Globals(NamedTuple):
    """Global options.

    Attributes:
        directory: As if expctl had been started there (``-C``).
        quiet: Say nothing but results, warnings and errors.
        no_color: Never colour.
        debug: Show tracebacks.
        yes: Answer every question with yes.
    """

    directory: str | None = None
    quiet: bool = False
    no_color: bool = False
    debug: bool = False
    yes: bool = False


class _State:
    given = Globals()
    project: Project | None = None


def configure(given: Globals) -> None:
    """Set the global options; forgets the project found before."""
    _State.given = given
    _State.project = None


def directory() -> str:
    """The absolute folder that the command works in.

    Raises:
        UsageError: There is none.
    """
    return absolute(_State.given.directory or "")


def absolute(folder: str) -> str:
    """A folder as typed, absolute.

    Raises:
        UsageError: It is relative to one that was removed under our feet.
    """
    try:
        return os.path.join(os.getcwd(), folder)
    except FileNotFoundError:
        if os.path.isabs(folder):
            return folder
        raise UsageError("The folder that you are in is gone.", hint="Go to another one first: cd") from None


def current() -> Project:
    """The project around the folder that the command works in.

    Raises:
        NotARepositoryError: There is none.
        UsageError: ``-C`` names no folder.
    """
    if _State.project is None:
        from expctl import project

        start = os.path.normpath(directory())
        if not os.path.isdir(start):
            raise UsageError(f"-C: there is no folder {start}.")
        _State.project = project.find(start)
    return _State.project


def forget() -> None:
    """Find the project anew when it is next asked for: its settings may have changed."""
    _State.project = None


def found() -> Project | None:
    """The project, if one was already found; nothing is looked for."""
    return _State.project


def quiet() -> bool:
    """Whether ``-q`` was given."""
    return _State.given.quiet


def no_color() -> bool:
    """Whether ``--no-color`` was given."""
    return _State.given.no_color


def debug() -> bool:
    """Whether ``--debug`` was given."""
    return _State.given.debug


def assume_yes() -> bool:
    """Whether ``--yes`` was given."""
    return _State.given.yes


def confirm(question: str) -> bool:
    """Ask a yes-or-no question on the terminal; ``--yes`` answers it.

    Raises:
        UsageError: There is nobody to ask.
    """
    if assume_yes():
        return True
    if not (_is_terminal(sys.stdin) and _is_terminal(sys.stderr)):
        raise UsageError(
            "This needs a yes, and there is no terminal to ask on.", hint="Say it beforehand with: --yes"
        )
    from expctl.core import text

    sys.stderr.write(f"{text.clean_lines(question)} [y/N] ")
    sys.stderr.flush()
    answer = sys.stdin.readline()
    if not answer:
        sys.stderr.write("\n")
    return answer.strip().lower() in ("y", "yes")


def _is_terminal(stream: object) -> bool:
    try:
        return bool(stream.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError, OSError):
        return False
