"""A small canvas for the terminal: dots in braille, eight to a character, or one sign each in plain ASCII.

What lies above what is drawn later wins a cell's colour. Nothing is told by colour alone: curves end in
letters, points carry signs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from expctl.render.style import Span

if TYPE_CHECKING:
    from expctl.render.style import Line

#: Dots of a braille character by row and column, as bits (Unicode 15, chapter 21.1).
_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800
#: A terminal that can write this can draw in braille.
PROBE = "\u28ff"


class Canvas:
    """A field of characters that dots, lines and signs are put on; (0, 0) is its lower left corner.

    Args:
        columns: Its width in characters.
        rows: Its height in lines.
        braille: Eight dots a character; otherwise one sign a character.
    """

    def __init__(self, columns: int, rows: int, *, braille: bool = True) -> None:
        self.columns, self.rows, self.braille = columns, rows, braille
        self.wide, self.high = (columns * 2, rows * 4) if braille else (columns, rows)
        self._dots: dict[tuple[int, int], int] = {}
        self._signs: dict[tuple[int, int], str] = {}
        self._styles: dict[tuple[int, int], str] = {}

    def dot(self, x: float, y: float, style: str = "", sign: str = "*") -> None:
        """Put a dot.

        Args:
            x: From 0, the left edge, to 1.
            y: From 0, the lower edge, to 1; outside of these nothing is put.
            style: A name of ``style.CODES``.
            sign: What stands for it where there is no braille.
        """
        if 0 <= x <= 1 and 0 <= y <= 1:
            self._set(round(x * (self.wide - 1)), round(y * (self.high - 1)), style, sign)

    def line(self, start: tuple[float, float], end: tuple[float, float], style: str, sign: str = "*") -> None:
        """Put a straight line between two places, both ends included."""
        x0, y0 = start[0] * (self.wide - 1), start[1] * (self.high - 1)
        x1, y1 = end[0] * (self.wide - 1), end[1] * (self.high - 1)
        steps = max(1, math.ceil(max(abs(x1 - x0), abs(y1 - y0))))
        for step in range(steps + 1):
            part = step / steps
            self._set(round(x0 + (x1 - x0) * part), round(y0 + (y1 - y0) * part), style, sign)

    def sign(self, x: float, y: float, text: str, style: str = "") -> None:
        """Put one character, above all dots."""
        if 0 <= x <= 1 and 0 <= y <= 1:
            cell = self.cell(x, y)
            self._signs[cell] = text
            self._styles[cell] = style

    def cell(self, x: float, y: float) -> tuple[int, int]:
        """The character that a place lies in: its column, and its row from below."""
        per_column, per_row = (2, 4) if self.braille else (1, 1)
        return round(x * (self.wide - 1)) // per_column, round(y * (self.high - 1)) // per_row

    def is_free(self, x: float, y: float) -> bool:
        """Whether no sign stands there."""
        return self.cell(x, y) not in self._signs

    def lines(self) -> list[Line]:
        """The canvas from top to bottom, each line as wide as the canvas."""
        return [self._row(row) for row in range(self.rows - 1, -1, -1)]

    def _set(self, x: int, y: int, style: str, sign: str) -> None:
        if not (0 <= x < self.wide and 0 <= y < self.high):
            return
        if self.braille:
            cell = (x // 2, y // 4)
            self._dots[cell] = self._dots.get(cell, 0) | _BITS[3 - y % 4][x % 2]
            if cell not in self._signs:
                self._styles[cell] = style
        elif (x, y) not in self._signs:
            self._dots[x, y] = ord(sign)
            self._styles[x, y] = style

    def _row(self, row: int) -> Line:
        spans: list[Span] = []
        for column in range(self.columns):
            cell = (column, row)
            dots = self._dots.get(cell)
            text = self._signs.get(cell) or (
                " " if dots is None else chr(_BLANK + dots) if self.braille else chr(dots)
            )
            style = self._styles.get(cell, "")
            if spans and spans[-1].style == style:
                spans[-1] = Span(spans[-1].text + text, style)
            else:
                spans.append(Span(text, style))
        return tuple(spans)
