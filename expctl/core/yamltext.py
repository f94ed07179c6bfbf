"""Write YAML in one canonical form that every YAML 1.1 and 1.2 reader reads alike.

The same data gives the same bytes: order as given, LF, a final newline, floats by ``repr``, no anchors. A
string that any reader would take for something else is quoted, and characters that a terminal or a reviewer
could be fooled by are escaped. Our own emitter, because importing PyYAML costs a third of the time that
starting ``expctl run`` may take.
"""

from __future__ import annotations

import functools
import re

from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

#: Mappings and lists that fit into this many columns stand on one line.
WIDTH = 100

# What follows the first character of a plain scalar: a colon only before a word, a space only between words.
# Possessive, so that a long text that fits nowhere is not tried twice.
# A question mark is not among it: libyaml takes the one in `[a?]` for a sign of its own.
_REST = r"[\w./@%+=~^$()<>!*&|;-]++|:(?=[\w./])| (?=[\w./@%+=~^$()<>!*&|-])"
#: Text that needs no quotes in block or flow style, unless ``is_ambiguous`` says otherwise.
PLAIN = rf"(?!---|\.\.\.)(?:[\w./(]|-(?=[\w./-]))(?:{_REST})*"
#: Characters that are never written as they are: controls, other line ends, no-break and zero-width spaces,
#: marks that turn the direction of text, what YAML calls not printable, surrogates, invisible tags.
STRANGE = (
    "\x00-\x1f\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffc\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f"
)

_DIGITS = "0123456789"
_WORD = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_" + _DIGITS)
#: ASCII text of nothing but these is plain, if only its spaces stand alone and its beginning is.
_EASY = dict.fromkeys(map(ord, [*_WORD, *"./@%+=~^$()<>!*&|- "]))
_STARTS = _WORD | {*"./("}
_BEHIND_DASH = _WORD | {*"./-"}
#: Null and truth values of YAML 1.1 and 1.2, as far as their first character may begin plain text.
_WORDS = frozenset(("null", "true", "false", "yes", "no", "on", "off", "y", "n"))
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r", "\b": "\\b", "\f": "\\f", '"': '\\"', "\\": "\\\\"}


class Timestamp(str):
    """A time that is written without quotes, so that readers with a time type see one."""

    __slots__ = ()


def dump(data: Mapping[str, Any], *, inline: Container[str] = ()) -> str:
    """Write a mapping as a YAML document.

    Args:
        data: Strings, numbers, truth values, None, lists and mappings; anything else by its ``str``.
        inline: Keys at the top whose mappings stand on one line if they fit; others are in block style.

    Raises:
        RecursionError: The data holds itself or is nested a thousand deep.
    """
    return "".join(f"{line}\n" for line in _document(data, inline)) or "{}\n"


def scalar(value: object) -> str:
    """Write one value that is no mapping or list."""
    if isinstance(value, str):
        return str(value) if type(value) is Timestamp else text(value)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return _whole(value)
    if isinstance(value, float):
        return _real(value)
    return text(str(value))


def text(value: str) -> str:
    """Write a string, in quotes where it needs them. Lone surrogates become U+FFFD."""
    if not value.isascii():
        value = re.sub("[\ud800-\udfff]", "\ufffd", value)
    if _is_plain(value) and not is_ambiguous(value):
        return value
    if not is_strange(value):
        return "'" + value.replace("'", "''") + "'"
    return '"' + re.sub(f'["\\\\{STRANGE}]', _escape, value) + '"'


def is_ambiguous(value: str) -> bool:
    """Whether YAML 1.1 or 1.2 may take plain text for null, a truth value, a number or a time."""
    # By hand, although a pattern says it in five lines: compiling that one takes 4 ms of every run.
    low = value.lower()
    if low[0].isalpha():
        return low in _WORDS
    body = low[1:] if low[0] in "+-" else low
    if body[:2] in ("0x", "0o", "0b"):
        return not body[2:].strip("abcdef_" + _DIGITS)
    mantissa, _, exponent = body.partition("e")
    if not mantissa.strip("._:" + _DIGITS) and not exponent.strip("+-_" + _DIGITS):
        return mantissa.count(".") <= 1 and mantissa.strip(".:") != ""
    day = low.partition("t")[0].partition(" ")[0]
    is_day = day[4:5] == "-" and day.count("-") == 2 and not day.strip("-" + _DIGITS)  # noqa: PLR2004
    return is_day or body in (".inf", ".nan")


def is_strange(value: str) -> bool:
    """Whether a text holds a character that is never written as it is."""
    # Nearly all text is plain ASCII: then the large pattern is never compiled.
    if value.isascii() and value.isprintable():
        return False
    return _strange().search(value) is not None


def flow(value: Any) -> str:
    """Write a value on one line."""
    if _is_mapping(value):
        return "{" + ", ".join([f"{_key(key)}: {flow(item)}" for key, item in value.items()]) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join([flow(item) for item in value]) + "]"
    return scalar(value)


def _document(data: Mapping[str, Any], inline: Container[str]) -> Iterator[str]:
    for key, value in data.items():
        head = f"{_key(key)}:"
        if not _is_branch(value) or not value:
            yield f"{head} {flow(value)}"
        elif key in inline and len(line := f"{head} {flow(value)}") <= WIDTH:
            yield line
        else:
            yield head
            yield from _block(value, "  ")


def _block(value: Any, indent: str) -> Iterator[str]:
    """Lines of a mapping or list that is not empty; items of a list always stand on one line each."""
    if not _is_mapping(value):
        for item in value:
            yield f"{indent}- {flow(item)}"
        return
    for key, item in value.items():
        head = f"{indent}{_key(key)}:"
        line = f"{head} {flow(item)}"
        if len(line) <= WIDTH or not _is_branch(item) or not item:
            yield line
        else:
            yield head
            yield from _block(item, indent + "  ")


def _key(key: object) -> str:
    return text(key if isinstance(key, str) else str(key))


def _is_branch(value: object) -> bool:
    return isinstance(value, (list, tuple)) or _is_mapping(value)


def _is_mapping(value: object) -> bool:
    # collections.abc would be one more import on the hot road; whatever has items() is a mapping to us.
    return isinstance(value, dict) or (hasattr(value, "items") and not isinstance(value, type))


def _whole(value: int) -> str:
    # Beyond this Python itself refuses to write decimal digits (CVE-2020-10735), and readers to read them.
    return int.__repr__(value) if value.bit_length() <= 1024 else text(hex(value))  # noqa: PLR2004


def _real(value: float) -> str:
    if value != value:  # noqa: PLR0124 - the one test for NaN that needs no import
        return ".nan"
    if value in (float("inf"), float("-inf")):
        return ".inf" if value > 0 else "-.inf"
    digits = float.__repr__(value)
    mantissa, mark, exponent = digits.partition("e")
    # YAML 1.1 wants a point: 1e-05 would be read as a string.
    return f"{mantissa}.0e{exponent}" if mark and "." not in mantissa else digits


def _is_plain(value: str) -> bool:
    # Nearly all text is easy: then the pattern is never compiled.
    if value.isascii() and not value.translate(_EASY):
        begins = value[:1] in _STARTS or (value[:1] == "-" and value[1:2] in _BEHIND_DASH)
        return begins and value[:3] not in ("---", "...") and "  " not in value and value[-1] != " "
    return _plain().fullmatch(value) is not None


@functools.cache
def _plain() -> re.Pattern[str]:
    return re.compile(PLAIN)


@functools.cache
def _strange() -> re.Pattern[str]:
    return re.compile(f"[{STRANGE}]")


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    return _SHORT.get(char) or (f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}")  # noqa: PLR2004
