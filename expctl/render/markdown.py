"""Words of strangers in Markdown: they stand as text, and mean nothing to it or to the host that shows it."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from expctl.core.text import clean
from expctl.render import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.keys import Scalar

#: Text that means nothing to Markdown. All other text stands as code: hosts look for mentions and references
#: after rendering, where escapes and entities no longer stop them, but never within code.
_INERT = re.compile(r"(?:[^\W_](?:[\w .,+/%=-]*[^\W_])?)?")
_INERT_WORD = re.compile(r"(?:[^\W_]|(?<=[^\W_])_(?=[^\W_])|[.,:;+%=()→-])*")
#: What hosts make links of, though every character of it is plain.
_LINKED = re.compile(r"www\.|gh-[0-9]", re.IGNORECASE)
#: Ends of a part of a sentence, which are not of the word before.
_STOPS = ".,:;"
_TICKS = re.compile("`+")


def cell(value: Scalar) -> str:
    """A value in a table."""
    if value is None:
        return ""
    text = clean(numbers.exact(value))
    inert = _INERT.fullmatch(text) and "__" not in text and not _LINKED.search(text)
    return text if inert or not isinstance(value, str) else code(text, in_table=True)


def prose(text: str) -> str:
    """A sentence of our own that quotes values, behind something else on its line: plain words stay words."""
    words = clean(text).split(" ")
    told = []
    for is_plain, part in itertools.groupby(words, _is_plain):
        piece = " ".join(part)
        quoted = piece if is_plain else piece.rstrip(_STOPS)
        told.append(piece if is_plain else code(quoted) + piece[len(quoted) :])
    return " ".join(told)


def _is_plain(word: str) -> bool:
    return bool(word) and _INERT_WORD.fullmatch(word) is not None and not _LINKED.search(word)


def code(text: str, *, in_table: bool = False) -> str:
    """A code span, which nothing in the text can end; in a table not even a bar does."""
    text = clean(text)
    if not text.strip():
        return ""
    fence = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    # Blanks on both sides are taken away again when it is shown.
    space = " " if text[0] in "` " or text[-1] in "` " else ""
    shown = f"{fence}{space}{text}{space}{fence}"
    return shown.replace("|", "\\|") if in_table else shown


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[bool]) -> str:
    """A table of cells that are Markdown already."""
    lines = [header, ["---:" if side else "---" for side in right], *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
