"""The words that a program is given, understood: its flags, and what they are given.

No program is asked how it reads its words, so this is the reading that fits most: ``--lr 0.1``, ``--lr=0.1``,
``--flag``, ``--no-flag``, ``-b 32``, ``--layers 64 64``, ``lr=0.1``, ``model.depth=3``, ``+new=1``.
"""

from __future__ import annotations

import re

from expctl.core.params import type_word
from expctl.core.programs import NUMBER, PAIR
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_FLAG = r"(?s)--?([A-Za-z_][\w.\-/]*)(?:=(.*))?"
_GLUED = r"(?a)-([A-Za-z])(\d+(?:\.\d+)?)"
_PLAIN = r"(?a)[A-Za-z_]\w*"


class Word(NamedTuple):
    """One thing that the program was told.

    Attributes:
        name: Of the option, dashes stripped; "" for a positional word.
        text: The word, or what the option was given.
    """

    name: str
    text: str


def read_words(words: Sequence[str]) -> tuple[dict[str, Any], list[Word]]:
    """Read the words that a program was given.

    Returns:
        Typed values by option, dashes turned to ``_`` as argparse does; and every word with the option that
        it belongs to.
    """
    values: dict[str, Any] = {}
    told: list[Word] = []
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word == "--":
            told += [Word("", rest) for rest in words[place:]]
            break
        flag = None if re.fullmatch(NUMBER, word) else re.fullmatch(_FLAG, word)
        if flag and flag[2] is None and not re.fullmatch(_GLUED, word):
            given = [] if _is_sweep(flag[1], words[place : place + 1]) else _given_to(words, place)
            place += len(given)
            told += [Word(flag[1], text) for text in given]
            _set_flag(values, flag[1], given)
        elif pair := flag or re.fullmatch(_GLUED, word) or re.fullmatch(PAIR, word):
            name, text = (re.fullmatch(_GLUED, word) or pair).groups()
            told.append(Word(name, text))
            _put(values, name if word[0] != "-" else name.replace("-", "_"), _typed(text))
        else:
            told.append(Word("", word))
    return values, told


def _given_to(words: Sequence[str], place: int) -> list[str]:
    """The words of the option before ``place``: one, or all of one shape in a row (``--layers 64 64``)."""
    if place >= len(words) or not _is_value(words[place]):
        return []
    given = [words[place]]
    shape = next((shape for shape in (NUMBER, _PLAIN) if re.fullmatch(shape, given[0])), None)
    for word in words[place + 1 :]:
        # A wrong guess shows in the record; a value that is left out would not.
        if shape is None or not re.fullmatch(shape, word):
            break
        given.append(word)
    return given


def _is_sweep(name: str, after: Sequence[str]) -> bool:
    """``-m lr=0.1,0.01``: Hydra's flag takes nothing."""
    return name in ("m", "multirun") and bool(after) and re.fullmatch(PAIR, after[0]) is not None


def _is_value(word: str) -> bool:
    return not word.startswith("-") or word == "-" or re.fullmatch(NUMBER, word) is not None


def _set_flag(values: dict[str, Any], name: str, given: list[str]) -> None:
    key = name.replace("-", "_")
    if len(given) > 1:
        _put(values, key, [type_word(text) for text in given])
    elif given:
        _put(values, key, _typed(given[0]))
    elif key.startswith("no_") and len(key) > len("no_"):
        values[key.removeprefix("no_")] = False
    else:
        values[key] = True


def _put(values: dict[str, Any], key: str, value: Any) -> None:
    """Set a value; an option that is given again makes a list."""
    if key not in values:
        values[key] = value
    else:
        before = values[key] if isinstance(values[key], list) else [values[key]]
        values[key] = [*before, *(value if isinstance(value, list) else [value])]


def _typed(text: str) -> Any:
    if text[:1] == "[" and text[-1:] == "]":
        inside = text[1:-1].strip()
        return [type_word(item.strip().strip("'\"")) for item in inside.split(",")] if inside else []
    return type_word(text)
