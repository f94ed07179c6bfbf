"""Numbers in a line: where they stand, what they are worth, and what makes one no measurement."""

from __future__ import annotations

import re
from typing import NamedTuple

#: Every number, dates and versions included: what follows one tells.
NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+(?![\d,])(?:\.\d+)?|\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
    r"|(?<![\w.])[-+]?(?:nan|NaN|NAN|inf|Inf|INF)\b"
)
_WHOLE = re.compile(r"[-+]?\d+(?:,\d{3})*\Z")
_RATIO = re.compile(r"\s?/\s?(\d+)(?![\w.])(?:\s*\(\s*\d+(?:\.\d+)?\s*%\s*\))?")
_PERCENT = re.compile(r"\s?%(?!\w)")
#: After a value: its spread. ``0.93 ± 0.02``, ``0.93 (+/- 0.02)``, ``0.93+0.02``
_SPREAD = re.compile(r"\s*(?:\(\s*)?(?:±|\+/-|\+-|\+)\s*[\d.]+(?:[eE][-+]?\d+)?\s*%?\s*\)?")
#: After a value: what makes it a duration, a size or a speed; a word with a sign after it is the next name.
_UNIT = re.compile(
    r"\s?(?:(?:[num\u00b5\u03bc]?s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|days?|[kmgt]i?b|[kmgt]?bytes?|b"
    r"|[kmg]?hz|px|x|fps|it|samples|tokens|examples|rows|params)(?:\b(?!\s*[=:])|/)|[^\s\d/,;|)]{1,12}/\w{1,12}(?![\w/]*\s*[=:]))"
    r"|/[a-z]",
    re.IGNORECASE,
)
_WRAPPED = re.compile(
    r"(?:tensor|array|Array|(?:np|numpy|jnp|torch)\.\w{1,12}|float\d*|Decimal)\(\[?['\"]?\Z"
)
_UNWRAPPED = re.compile(r"[^()]{0,120}\)")


class Value(NamedTuple):
    """A number that may be a measurement.

    Attributes:
        value: As printed; a percentage as a fraction.
        whole: Whether it was printed without a decimal point, exponent or percent sign.
        end: Where the text goes on after it.
    """

    value: float
    whole: bool
    end: int


def at(text: str, match: re.Match[str]) -> Value | None:
    """The measurement that a number stands for; None for dates, times, versions, durations, sizes, ranges."""
    word, end = match[0], match.end()
    if _glued_before(text, match.start()):
        return None
    if _WHOLE.match(word) and (ratio := _RATIO.match(text, end)):
        return _ratio(word, ratio)
    if percent := _PERCENT.match(text, end):
        share = float(_plain(word) + "e-2") if _is_simple(word) else to_float(word) / 100
        return Value(share, whole=False, end=percent.end())
    if _glued_after(text, end) or _UNIT.match(text, end):
        return None
    spread = _SPREAD.match(text, end)
    is_whole = _WHOLE.match(word) is not None
    return Value(to_float(word), whole=is_whole, end=spread.end() if spread else end)


def before_wrapper(gap: str) -> str:
    """The text before a number without ``tensor(`` and ``np.float64(`` at its end."""
    found = _WRAPPED.search(gap[-20:])
    return gap[: len(gap) - (len(gap[-20:]) - found.start())] if found else gap


def after_wrapper(text: str, end: int) -> int:
    """Where the text goes on after ``0.4, requires_grad=True)``."""
    found = _UNWRAPPED.match(text, end)
    return found.end() if found else end


def to_float(word: str) -> float:
    """The number that a word is."""
    return float(_plain(word))


def from_word(word: str) -> Value | None:
    """The value of a text that is a number and nothing else, perhaps with a percent sign."""
    match = NUMBER.match(word)
    found = at(word, match) if match else None
    return found if found is not None and found.end == len(word) else None


def _plain(word: str) -> str:
    return word.replace(",", "")


def _is_simple(word: str) -> bool:
    return not set(word.lower()) & set("einf")


def _ratio(word: str, ratio: re.Match[str]) -> Value | None:
    part, whole = to_float(word), float(ratio[1])
    if not 0 <= part <= whole or not whole:
        return None
    return Value(part / whole, whole=False, end=ratio.end())


def _glued_after(text: str, end: int) -> bool:
    """Whether a number goes on as something else: ``10:30``, ``1.2.3``, ``2026-11-22``, ``4ms``."""
    after = text[end : end + 1]
    return after.isalnum() or (after in ("_", ":", "°", ".", "-", "/") and text[end + 1 : end + 2].isdigit())


def _glued_before(text: str, start: int) -> bool:
    """Whether a number is a part of what stands before it: ``top-1``, ``10+2``, ``#5``, ``v@2``."""
    before = text[start - 1 : start]
    if before in ("#", "@", "$", "^", "~", "<", ">", "\\"):
        return True
    if text[start] in "+-" and before:
        return before.isalnum() or before in ")_"
    return before in ("-", "+", "/", ":") and start > 1 and text[start - 2].isalnum() and before != ":"
