"""A walk through commands, as it is told: titles, and each command as it would be typed."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import text as words

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Longer lines are hard to read, however wide the terminal is.
_WIDEST = 100
_BOLD, _CYAN, _OFF = "\x1b[1m", "\x1b[36m", "\x1b[0m"


class Title(NamedTuple):
    """What comes next, in a sentence or two, with a blank line before it."""

    text: str
    columns: int

    def lines(self, *, color: bool = False) -> Iterator[str]:
        """The lines, wrapped at words."""
        yield ""
        for line in textwrap.wrap(words.clean(self.text), min(self.columns, _WIDEST)):
            yield f"{_BOLD}{line}{_OFF}" if color else line


class Command(NamedTuple):
    """A command after a dollar sign, never cut: people copy it."""

    text: str

    def lines(self, *, color: bool = False) -> Iterator[str]:
        """The one line."""
        line = words.clean(self.text)
        yield f"{_CYAN}${_OFF} {_BOLD}{line}{_OFF}" if color else f"$ {line}"
