"""Plain command lines, read without Typer: a table of options, and None for whatever is not in it.

Importing Typer takes as long as answering most questions. The commands that people wait for a hundred times a
day have a table here; what is not plain (``--help``, a mistake, an abbreviation) is left to Typer, which says
it better. Tests hold each table to what Typer knows.
"""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Value = str | bool | list[str]
    #: Option -> field, and "one" if it takes a value, "many" if it may be repeated, or a switch's value.
    Table = Mapping[str, tuple[str, str | bool]]

GLOBAL_WORDS: Table = {
    "-C": ("directory", "one"),
    "-q": ("quiet", True),
    "--quiet": ("quiet", True),
    "--no-color": ("no_color", True),
    "--debug": ("debug", True),
    "--yes": ("yes", True),
    "-y": ("yes", True),
}


def read(words: Sequence[str], at: int, table: Table, options: dict[str, Value]) -> int | None:
    """Read options into ``options`` from ``at`` on.

    Returns:
        The place of the first word that is no option; None when something is not plain.
    """
    while at < len(words) and words[at].startswith("-") and words[at] not in ("-", "--"):
        word, equals, value = words[at].partition("=") if words[at].startswith("--") else (words[at], "", "")
        if word not in table:
            return None
        field, kind = table[word]
        at += 1
        if isinstance(kind, bool):
            if equals:
                return None
            options[field] = kind
            continue
        if not equals:
            if at >= len(words):
                return None
            value = words[at]
            at += 1
        if kind == "many":
            earlier = options.setdefault(field, [])
            assert isinstance(earlier, list)
            earlier.append(value)
        else:
            options[field] = value
    return at


def read_globals(words: Sequence[str]) -> dict[str, Value] | None:
    """Read what stands before a command; None when something is not plain, or faults are to be seen whole."""
    options: dict[str, Value] = {}
    is_plain = read(words, 0, GLOBAL_WORDS, options) == len(words) and "debug" not in options
    return options if is_plain else None


def read_mixed(words: Sequence[str], table: Table, options: dict[str, Value]) -> list[str] | None:
    """Read options that may stand between other words; those, or None when something is not plain."""
    others: list[str] = []
    start = 0
    while (at := read(words, start, table, options)) is not None and at < len(words):
        if words[at] == "--":
            return [*others, *words[at + 1 :]]
        others.append(words[at])
        start = at + 1
    return None if at is None else others
