"""Filter text into tokens, each with its column, so that an error can point."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Words with a meaning of their own; upper and lower case alike. A key of that name goes into backquotes.
KEYWORDS = frozenset(
    {"and", "or", "not", "in", "between", "like", "ilike", "is", "null", "true", "false", "nan", "inf", "asc"}
    | {"desc"}
)
_LONGEST = 100_000
_PATTERN = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.]))
  | (?P<name>[^\W\d]\w*)
  | (?P<digits>\w+)
  | (?P<text>'(?:[^'\\]|''|\\.)*')
  | (?P<double>"(?:[^"\\]|""|\\.)*")
  | (?P<back>`(?:[^`]|``)*`)
  | (?P<op><=|>=|<>|!=|==|=|<|>)
  | (?P<mark>[(),.*/+-])
    """,
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """One word of a filter.

    Attributes:
        kind: ``number``, ``name``, ``digits`` (a word that begins with a digit), ``text`` ('…'), ``double``
            ("…"), ``back`` (`…`), ``op``, ``mark``, ``keyword`` or ``end``.
        value: What it says: quotes taken off, keywords in lower case.
        start: Column of its first character, from 0.
        end: Column after its last.
    """

    kind: str
    value: str
    start: int
    end: int


def tokens(text: str) -> list[Token]:
    """Cut a filter into tokens; the last is ``end``.

    Raises:
        QueryError: A character or an open quote that means nothing here.
    """
    if len(text) > _LONGEST:
        raise QueryError(f"The filter is longer than {_LONGEST} characters.")
    found: list[Token] = []
    at = 0
    while at < len(text):
        match = _match(
            text, at, after_dot=bool(found) and found[-1][:2] == ("mark", ".") and found[-1].end == at
        )
        if match is None:
            raise _stray(text, at)
        kind = match.lastgroup or ""
        if kind != "space":
            found.append(_token(kind, match.group(), at, match.end()))
        at = match.end()
    return [*found, Token("end", "", len(text), len(text))]


def _match(text: str, at: int, *, after_dot: bool) -> re.Match[str] | None:
    """The token at a place; after the dot of a key, ``0`` and ``1e5`` are names and not numbers."""
    return (_AFTER_DOT.match(text, at) if after_dot else None) or _PATTERN.match(text, at)


_AFTER_DOT = re.compile(r"(?P<digits>\w+)")


def _token(kind: str, raw: str, start: int, end: int) -> Token:
    if kind in ("text", "double"):
        quote = raw[0]
        inner = raw[1:-1].replace(quote * 2, quote)
        return Token(kind, re.sub(r"\\(['\"\\])", r"\1", inner), start, end)
    if kind == "back":
        return Token(kind, raw[1:-1].replace("``", "`"), start, end)
    if kind == "name" and raw.lower() in KEYWORDS:
        return Token("keyword", raw.lower(), start, end)
    return Token(kind, raw, start, end)


def _stray(text: str, at: int) -> QueryError:
    char = text[at]
    if char in "'\"`":
        return error(text, at, f"The {char} is never closed")
    hints = {"&": "Write AND.", "|": "Write OR.", "~": "Write LIKE.", "!": "Write NOT or !=."}
    hint = hints.get(char, "A key with such a character goes into backquotes: metrics.`eval:loss`")
    return error(text, at, "This character means nothing in a filter", hint=hint)


def error(text: str, at: int, message: str, *, hint: str | None = None) -> QueryError:
    """An error that shows the text with a caret under the column."""
    from expctl.core.text import width  # the rare road

    shown = "".join(" " if char.isspace() or not char.isprintable() else char for char in text)
    return QueryError(f"{message}.\n  {shown}\n  {' ' * width(shown[:at])}^", hint=hint)


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that a mistyped or shortened one most likely means."""
    from difflib import get_close_matches  # the rare road

    names = list(known)[:20_000]
    lower = word.lower()
    exact = [name for name in names if name.lower() == lower]
    longer = [n for n in names if n.lower().startswith(lower) or _last(n).lower().startswith(lower)]
    longer = sorted(longer, key=len) if len(word) > 1 else []
    return next(iter(exact or longer or get_close_matches(word, names, n=1, cutoff=0.6)), None)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
