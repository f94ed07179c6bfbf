"""Tables: columns under group headings, fitted to a width, drawn as lines of spans.

What gives way first when the width is short: blank space, then long heads (wrapped at ``_`` and ``.``), then
long texts (cut), then whole columns, least important first. Nothing is cut where the width is not known, as
in a pipe.
"""

from __future__ import annotations

import itertools
import re

from expctl.core.text import cut, cut_middle, width
from expctl.render.style import Line, Span, span_width
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Between two columns; between two groups.
GAP, GROUP_GAP = 2, 3
#: From loose to tight: how wide a head may be, and how wide a text.
_LEVELS = ((10_000, 10_000), (18, 48), (14, 32), (12, 24), (10, 18), (9, 16))
_HEAD_LINES = 3
#: A piece of a head between two joints is not cut up to this width.
_PIECE = 12
_BREAKS = re.compile(r"[^_./:\- ]*[_./:\- ]?")


class Column(NamedTuple):
    """One column.

    Attributes:
        head: Its name, clean.
        cells: One line of spans a row.
        group: The heading that it shares with its neighbours; empty for none.
        sign: Stands after the head and is never cut, such as an arrow.
        right: Numbers stand to the right.
        rank: Columns with the highest rank go first when the width is short.
        keep: Its cells are never cut.
    """

    head: str
    cells: Sequence[Line]
    group: str = ""
    sign: str = ""
    right: bool = False
    rank: int = 0
    keep: bool = False


class Drawn(NamedTuple):
    """A table as lines, and the columns that found no place."""

    lines: list[Line]
    hidden: list[Column]


class _Fitted:
    """A column, the lines of its head, and how wide it is drawn."""

    __slots__ = ("column", "columns", "heads")

    def __init__(self, column: Column, heads: list[str], columns: int) -> None:
        self.column = column
        self.heads = heads
        self.columns = columns


def draw(columns: Sequence[Column], columns_wide: int, *, indent: int = 0) -> Drawn:
    """Draw a table.

    Args:
        columns: At least one; all with the same number of cells.
        columns_wide: The width of the terminal.
        indent: Blanks before each line.

    Returns:
        Heads, a rule, and the rows, none wider than asked for where that can be done; and what was left out.
    """
    fitted, hidden = _fit(columns, columns_wide - indent)
    margin = (Span(" " * indent),) if indent else ()
    lines = [*_group_line(fitted), *_head_lines(fitted), _rule(fitted)]
    lines += [_row(fitted, row) for row in range(len(columns[0].cells))]
    return Drawn([margin + line for line in lines], hidden)


def _fit(columns: Sequence[Column], room: int) -> tuple[list[_Fitted], list[Column]]:
    kept = list(columns)
    hidden: list[Column] = []
    tightest = len(_LEVELS) - 1
    while len(kept) > 1 and _total(_at_level(kept, tightest)) > room:
        worst = max(range(len(kept)), key=lambda i: (kept[i].rank, i))
        hidden.insert(0, kept.pop(worst))
    for level in range(len(_LEVELS)):
        fitted = _at_level(kept, level)
        if _total(fitted) <= room:
            _widen(fitted, room)
            return fitted, hidden
    return _at_level(kept, tightest), hidden


def _widen(fitted: Sequence[_Fitted], room: int) -> None:
    """Give what is left of the width to texts that are cut, the most important column first."""
    spare = room - _total(fitted)
    for item in sorted(fitted, key=lambda item: item.column.rank):
        wanted = max((span_width(cell) for cell in item.column.cells), default=0) - item.columns
        given = max(0, min(wanted, spare))
        item.columns += given
        spare -= given


def _at_level(columns: Sequence[Column], level: int) -> list[_Fitted]:
    head_room, text_room = _LEVELS[level]
    fitted = []
    for column in columns:
        widest = max((span_width(cell) for cell in column.cells), default=0)
        if not column.keep:
            widest = min(widest, text_room)
        heads = _wrap(column.head, column.sign, max(head_room, widest))
        fitted.append(_Fitted(column, heads, max(widest, *(width(head) for head in heads))))
    _make_room_for_groups(fitted)
    return fitted


def _make_room_for_groups(fitted: Sequence[_Fitted]) -> None:
    """Widen the last column of a group that is narrower than its heading."""
    for name, members in itertools.groupby(fitted, key=lambda item: item.column.group):
        group = list(members)
        extent = sum(item.columns for item in group) + GAP * (len(group) - 1)
        group[-1].columns += max(0, width(name) - extent)


def _total(fitted: Sequence[_Fitted]) -> int:
    gaps = sum(len(_gap(a, b)) for a, b in itertools.pairwise(fitted))
    return sum(item.columns for item in fitted) + gaps


def _gap(left: _Fitted, right: _Fitted) -> str:
    return " " * (GAP if left.column.group == right.column.group else GROUP_GAP)


def _wrap(head: str, sign: str, room: int) -> list[str]:
    """Break a head at its joints into at most three lines; a piece is cut only where it is very long."""
    tail = f" {sign}" if sign else ""
    if width(head) + width(tail) <= room:
        return [head + tail]
    pieces = [piece for piece in _BREAKS.findall(head) if piece]
    room = max(room, min(_PIECE, max(width(piece) for piece in pieces)))
    lines = [""]
    for piece in pieces:
        if lines[-1] and width(lines[-1]) + width(piece) > room:
            lines.append("")
        lines[-1] += piece
    if len(lines) > _HEAD_LINES:
        lines = [*lines[: _HEAD_LINES - 1], "".join(lines[_HEAD_LINES - 1 :])]
    lines = [cut_middle(line.rstrip(), room) for line in lines]
    lines[-1] += tail
    return lines


def _group_line(fitted: Sequence[_Fitted]) -> list[Line]:
    if not any(item.column.group for item in fitted):
        return []
    spans: list[Span] = []
    for name, extent, gap in _groups(fitted):
        spans += [*_padded((Span(cut(name, extent), "faint"),), extent, right=False), Span(gap)]
    return [tuple(spans)]


def _rule(fitted: Sequence[_Fitted]) -> Line:
    """A line under the heads, whole under each group."""
    spans: list[Span] = []
    for _, extent, gap in _groups(fitted):
        spans += [Span("─" * extent, "faint"), Span(gap)]
    return tuple(spans)


def _groups(fitted: Sequence[_Fitted]) -> list[tuple[str, int, str]]:
    """Each run of neighbours with the same group: name, width, the gap behind it."""
    found: list[tuple[str, int, str]] = []
    for at, item in enumerate(fitted):
        gap = _gap(item, fitted[at + 1]) if at + 1 < len(fitted) else ""
        if at and fitted[at - 1].column.group == item.column.group:
            name, extent, before = found.pop()
            found.append((name, extent + len(before) + item.columns, gap))
        else:
            found.append((item.column.group, item.columns, gap))
    return found


def _head_lines(fitted: Sequence[_Fitted]) -> list[Line]:
    tall = max(len(item.heads) for item in fitted)
    lines = []
    for at in range(tall):
        spans: list[Span] = []
        for i, item in enumerate(fitted):
            missing = tall - len(item.heads)
            text = item.heads[at - missing] if at >= missing else ""
            spans += _padded((Span(text, "strong"),), item.columns, right=item.column.right)
            if i + 1 < len(fitted):
                spans.append(Span(_gap(item, fitted[i + 1])))
        lines.append(tuple(spans))
    return lines


def _row(fitted: Sequence[_Fitted], row: int) -> Line:
    spans: list[Span] = []
    for i, item in enumerate(fitted):
        cell = _shortened(item.column.cells[row], item.columns)
        spans += _padded(cell, item.columns, right=item.column.right)
        if i + 1 < len(fitted):
            spans.append(Span(_gap(item, fitted[i + 1])))
    return tuple(spans)


def _padded(cell: Line, columns: int, *, right: bool) -> Line:
    space = Span(" " * (columns - span_width(cell)))
    return (space, *cell) if right else (*cell, space)


def _shortened(cell: Line, columns: int) -> Line:
    if span_width(cell) <= columns:
        return cell
    kept: list[Span] = []
    room = columns
    for span in cell:
        text = cut(span.text, room)
        kept.append(Span(text, span.style))
        room -= width(text)
        if text != span.text or room <= 0:
            break
    return tuple(kept)
