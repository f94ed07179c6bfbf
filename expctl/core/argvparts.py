"""A command in parts, each an option with what it was given, so that two commands can exchange some."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core import commandline, keys, programs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

#: Values of one option that are looked for.
_MOST = 64


class Part(NamedTuple):
    """Words that belong together.

    Attributes:
        name: The parameter that they set; empty for a word that stands alone.
        words: As they were typed.
    """

    name: str
    words: tuple[str, ...]


def exchange(
    argv: Sequence[str], other: Sequence[str], names: Collection[str], places: Sequence[tuple[str, str]] = ()
) -> tuple[str, ...] | None:
    """A command with some of its parameters as another command has them.

    Args:
        argv: The command.
        other: Where the parameters are taken from; it has the same program.
        names: The parameters, as in a manifest.
        places: Words that stand alone, and what stands in their place.

    Returns:
        The words; None where they cannot be told apart.
    """
    split = [_split(words) for words in (argv, other)]
    if split[0] is None or split[1] is None:
        return None
    (before, mine), (_, theirs) = split[0], split[1]
    wanted = {keys.plain(name) for name in names}
    words = list(before)
    done: set[str] = set()
    for part in mine:
        if part.name in wanted:
            words += _words_of(theirs, part.name) if part.name not in done else ()
            done.add(part.name)
        elif not part.name:
            words += [dict(places).get(word.removeprefix("./"), word) for word in part.words]
        else:
            words += part.words
    for name in dict.fromkeys(part.name for part in theirs if part.name in wanted - done):
        words += _words_of(theirs, name)
    return tuple(words)


def parts(words: Sequence[str]) -> Iterator[Part]:
    """The words that a program was given, option by option."""
    place = 0
    while place < len(words):
        if words[place] == "--":
            yield from (Part("", (word,)) for word in words[place:])
            return
        values, told = commandline.read_words(words[place : place + 1])
        name = next(iter(values), "")
        count = 1 + (_given(words[place : place + _MOST]) if name and not told else 0)
        yield Part(name, tuple(words[place : place + count]))
        place += count


def _given(words: Sequence[str]) -> int:
    """How many words after an option are its values."""
    _, told = commandline.read_words(words)
    count = 0
    for word, text in zip(told, words[1:], strict=False):
        if not word.name or word.name != told[0].name or word.text != text:
            break
        count += 1
    return count


def _split(argv: Sequence[str]) -> tuple[Sequence[str], list[Part]] | None:
    """The words before those of the program, and the parts of these."""
    found = programs.program_of(argv)
    at = len(argv) - len(found.words)
    if not found.script or tuple(argv[at:]) != tuple(found.words):
        return None
    return argv[:at], list(parts(found.words))


def _words_of(listed: Sequence[Part], name: str) -> list[str]:
    return [word for part in listed if part.name == name for word in part.words]
