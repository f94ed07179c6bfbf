"""A walk through commands, as it is told: titles, and each command as it would be typed."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import text as words

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Longer lines are hard to read, however wide the terminal is.
_WIDEST = 100
#: A word as a shell divides them, quotes and all.
_WORD = re.compile(r"(?:[^\s'\"]|'[^']*'|\"[^\"]*\")+")
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
    """A command after a dollar sign; a long one goes on after a backslash, so that it can be copied."""

    text: str
    columns: int

    def lines(self, *, color: bool = False) -> Iterator[str]:
        """The lines, broken between the words of a shell."""
        for at, row in enumerate(self._rows()):
            line = f"{_BOLD}{row}{_OFF}" if color else row
            lead = f"{_CYAN}${_OFF} " if color else "$ "
            yield lead + line if at == 0 else f"    {line}"

    def _rows(self) -> list[str]:
        line = words.clean(self.text)
        pieces = _WORD.findall(line)
        if words.width(line) + len("$ ") <= self.columns or " ".join(pieces) != line:
            return [line]
        rows: list[str] = []
        for word in pieces:
            longer = f"{rows[-1]} {word}" if rows else word
            if rows and words.width(longer) > self.columns - len("     \\"):
                rows.append(word)
            else:
                rows[-1:] = [longer]
        return [f"{row} \\" for row in rows[:-1]] + rows[-1:]
