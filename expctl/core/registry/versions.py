"""Semantic versions with a ``v`` in front, as GTO's tags hold them: checked, ordered, counted up.

Source: https://semver.org/spec/v2.0.0.html, sections 2, 9, 10 and 11.
"""

from __future__ import annotations

import re

_NUMBER = r"(?:0|[1-9][0-9]*)"
_PRE = rf"(?:{_NUMBER}|[0-9]*[a-zA-Z-][0-9a-zA-Z-]*)"
#: Without the ``v``; the names of tags are matched by the same text.
SEMVER = (
    rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}"
    rf"(?:-{_PRE}(?:\.{_PRE})*)?"
    r"(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?"
)
_VERSION = re.compile(rf"v{SEMVER}", re.ASCII)
#: A number of more digits is nobody's version, and int() of a long text is slow.
_LONGEST = 100
FIRST = "v1.0.0"
PARTS = ("major", "minor", "patch")

#: What sorts versions: numbers, then whether it is a release, then the words of the pre-release.
Key = tuple[tuple[int, ...], bool, tuple[tuple[bool, int, str], ...]]


def is_valid(text: str) -> bool:
    """Whether the text is a version and nothing else: ``v1.2.0``, ``v2.0.0-rc.1``."""
    return len(text) <= _LONGEST and _VERSION.fullmatch(text) is not None


def key(version: str) -> Key:
    """What versions are sorted by, oldest first; build words (``+cpu``) do not count.

    Raises:
        ValueError: Not a version.
    """
    if not is_valid(version):
        raise ValueError(f"not a version: {version!r}")
    numbers, _, pre = version[1:].partition("+")[0].partition("-")
    words = tuple(
        # Numbers come before words, and by their size; words by their letters.
        (False, int(word), "") if word.isdigit() else (True, 0, word)
        for word in pre.split(".")
        if pre
    )
    return tuple(int(number) for number in numbers.split(".")), not pre, words


def latest(known: list[str]) -> str | None:
    """The highest of some versions; None when there is none."""
    return max(known, key=key, default=None)


def bump(version: str | None, part: str) -> str:
    """The version that comes after another.

    Args:
        version: The highest so far; None before the first.
        part: ``major``, ``minor`` or ``patch``.

    Returns:
        The next release; of a pre-release the release that it announced, where that is enough.
    """
    if version is None:
        return FIRST
    (major, minor, patch), is_release, _ = key(version)
    at = PARTS.index(part)
    numbers = [major, minor, patch]
    if is_release or any(numbers[at + 1 :]):
        numbers[at] += 1
        numbers[at + 1 :] = [0] * (2 - at)
    return "v" + ".".join(map(str, numbers))
