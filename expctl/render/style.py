"""Styled text: spans that become plain text or text with colours.

Only weight and the terminal's own 16 colours are used, so that dark and light themes both stay readable, and
nothing is told by colour alone. Drawing needs no library: ``rich`` would cost as much time as reading 10 000
runs.
"""

from __future__ import annotations

from expctl.core.text import clean, width
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MISSING = "–"
#: Name -> SGR parameters.
CODES = {
    "": "",
    "strong": "1",
    "faint": "2",
    "good": "32",
    "best": "1;32",
    "bad": "31",
    "warn": "33",
    "note": "36",
    "key": "1;36",
    "curve1": "34",
    "curve2": "33",
    "curve3": "32",
    "curve4": "35",
    "curve5": "36",
    "curve6": "31",
}
#: Status of a run -> style.
STATUS = {
    "completed": "good",
    "failed": "bad",
    "killed": "bad",
    "lost": "bad",
    "interrupted": "warn",
    "unknown": "warn",
    "running": "note",
}


class Span(NamedTuple):
    """A piece of one line in one style. The text is clean: make spans of data with ``data``."""

    text: str
    style: str = ""


Line = tuple[Span, ...]


class Page:
    """Lines ready to be printed; ``console.out`` knows how."""

    def __init__(self, lines: Iterable[Line]) -> None:
        self.spans: Sequence[Line] = list(lines)

    def lines(self, *, color: bool) -> list[str]:
        """The lines as text, with SGR codes or without."""
        return [paint(line, color=color) for line in self.spans]


def data(value: object, style: str = "") -> Span:
    """A span of something that came from a file: cleaned."""
    return Span(clean(str(value)), style)


def line(*parts: Span | str) -> Line:
    """A line of spans and of plain words of our own."""
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)


def span_width(spans: Sequence[Span]) -> int:
    """Columns that the spans take."""
    return sum(width(span.text) for span in spans)


def paint(spans: Sequence[Span], *, color: bool) -> str:
    """One line as text; blanks at its end are left out."""
    if not color:
        return "".join(span.text for span in spans).rstrip()
    kept = list(spans)
    while kept and not kept[-1].text.strip():
        kept.pop()
    return "".join(
        f"\x1b[{CODES[style]}m{text}\x1b[0m" if text and CODES[style] else text for text, style in kept
    )


def status(word: str) -> Span:
    """A status in its colour."""
    return data(word, STATUS.get(word, ""))
