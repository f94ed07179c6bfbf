"""Text from anywhere made fit for a terminal: no control byte, no hidden direction, a width that is known.

Names, paths and messages come from manifests that strangers wrote. Everything that is shown passes through
``clean``.
"""

from __future__ import annotations

import re
import unicodedata

#: C0, DEL, C1; soft hyphen and other invisible format characters; bidi controls; line and paragraph
#: separators; lone surrogates; BOM; non-characters; tags and variation selectors supplement (they can carry
#: hidden text).
_CLASS = (
    "\\x00-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b-\\u200f"
    "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ud800-\\udfff\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff"
    "\\U0001bca0-\\U0001bca3\\U0001d173-\\U0001d17a\\U000e0000-\\U000e0fff"
)
_UNFIT = re.compile(f"[{_CLASS}]")
#: The same, but for line ends and tabs.
_UNFIT_IN_LINES = re.compile("(?![\\n\\t])" + _UNFIT.pattern)
_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}
#: How many combining marks may follow one character; more only climb over the neighbouring lines.
_MARKS = 4
ELLIPSIS = "…"
#: Colour and weight, and nothing else that begins with ESC.
_SGR = re.compile("\x1b\\[[0-9;]*m")
_PLAIN = {"–": "-", "…": "~", "→": "->", "×": "x", "✓": "+", "✗": "x", "●": "o", "↑": "^", "↓": "v", "µ": "u",
          "±": "+-", "─": "-", "│": "|", "·": ".", "≤": "<=", "≥": ">=", "’": "'", "“": '"', "”": '"', "Δ":
          "d", "├": "|", "└": "`", "┤": "+", "┬": "+",
          "▁": "_", "▂": ".", "▃": "-", "▄": "=", "▅": "+", "▆": "*", "▇": "%", "█": "#"}  # fmt: skip


def clean(text: str) -> str:
    r"""One line fit for a terminal: what moves, colours or hides is shown as ``\x1b``, ``\u202e``, ``\n``."""
    if text.isascii() and text.isprintable():
        return text
    return _thin(_UNFIT.sub(_shown, text))


def clean_lines(text: str) -> str:
    """The same for a text of several lines: line ends stay, tabs become spaces."""
    if text.isascii() and text.isprintable():
        return text
    return _thin(_UNFIT_IN_LINES.sub(_shown, text.expandtabs(8) if "\t" in text else text))


def width(text: str) -> int:
    """Columns that a clean text takes: 2 for wide East Asian characters, 0 for combining marks."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def cut(text: str, columns: int, *, mark: str = ELLIPSIS) -> str:
    """The beginning of a clean text that fits, with a mark at the end where something was left out."""
    if len(text) * 2 <= columns or width(text) <= columns:
        return text
    room = columns - width(mark)
    if room < 0:
        return mark[:columns]
    return _head(text, room) + mark


def cut_middle(text: str, columns: int, *, mark: str = ELLIPSIS) -> str:
    """The beginning and the end of a clean text, which for paths and dotted names say most."""
    if width(text) <= columns:
        return text
    room = columns - width(mark)
    if room < 2:  # noqa: PLR2004 - one character on either side
        return cut(text, columns, mark=mark)
    tail = _head(text[::-1], room - room // 2)[::-1]
    return _head(text, room // 2) + mark + tail


def wrap(text: str, columns: int) -> list[str]:
    """A clean text as lines that fit, broken at blanks; a longer word stands alone on its line."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}" if lines[-1] else word
        if lines[-1] and width(longer) > columns:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def fold(text: str, columns: int) -> list[str]:
    """A clean line of code as lines that fit: broken after a blank where there is one, else anywhere.

    Unlike ``wrap`` it keeps every character, blanks at the beginning of the line included.
    """
    lines = []
    while width(text) > columns > 0:
        head = _head(text, columns) or text[:1]
        at = head.rfind(" ") + 1
        # A break within the indentation, or one that leaves the line half empty, helps nobody.
        head = head[:at] if head[:at].strip() and 2 * at > len(head) else head
        lines.append(head)
        text = text[len(head) :]
    return [*lines, text]


def pad(text: str, columns: int, *, right: bool = False) -> str:
    """A clean text filled up with spaces, on the left for numbers."""
    space = " " * (columns - width(text))
    return space + text if right else text + space


def clean_drawn(text: str) -> str:
    """A text that was drawn with colours: colours stay, every other control is shown."""
    parts = _SGR.split(text)
    return "".join(
        clean_lines(part) + seal for part, seal in zip(parts, [*_SGR.findall(text), ""], strict=True)
    )


def escape_json(text: str) -> str:
    r"""JSON text in which what a terminal would obey stands as ``\u…``, so that its value stays the same."""
    return _UNFIT_IN_LINES.sub(_json_escape, text)


def spell(text: str, encoding: str) -> str:
    r"""The text in an encoding that lacks some of its characters: our signs as ASCII, others as ``\u…``."""
    plain = "".join(_PLAIN.get(char, char) for char in text)
    return plain.encode(encoding, "backslashreplace").decode(encoding)


def _head(text: str, columns: int) -> str:
    used = 0
    for at, char in enumerate(text):
        used += _char_width(char)
        if used > columns:
            return text[:at]
    return text


def _char_width(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in ("Mn", "Me") or "\u1160" <= char <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _shown(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if char in _SHORT:
        return _SHORT[char]
    if code <= 0xFF:  # noqa: PLR2004
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004


def _thin(text: str) -> str:
    """Keep towers of combining marks low."""
    if not any(unicodedata.combining(char) for char in text):
        return text
    kept, marks = [], 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MARKS:
            kept.append(char)
    return "".join(kept)


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match.group())
    if code > 0xFFFF:  # noqa: PLR2004 - beyond the basic plane JSON wants the two halves
        code -= 0x10000
        return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
    return f"\\u{code:04x}"
