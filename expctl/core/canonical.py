"""Read back, quickly, exactly what ``core.yamltext`` writes, and nothing else.

Each line is cut into tokens by one pattern, tokens become JSON text through a memory of tokens seen before,
and the JSON decoder written in C does the rest: several times the speed of PyYAML's C parser, without
importing it. Whatever is not plainly canonical gives None and goes to the safe reader, ``adapters.yaml``; a
property test holds that both agree on everything that this one accepts.
"""

from __future__ import annotations

import itertools
import json
import re

from expctl.core import yamltext
from expctl.typed import Any, NamedTuple

#: Longer text goes to the safe reader; it cannot hold more nodes than that one allows.
MAX_CHARS = 100_000
MAX_DEPTH = 32
_MEMORY = 30_000
_LONGEST_KEPT = 200
#: libyaml gives up on a key whose end is not seen within 1024 characters.
_LONGEST_KEY = 1000

_TOKEN = re.compile(
    r"'(?:[^']|'')*'"
    r'|"(?:[^"\\]|\\["\\bfnrt]|\\u(?!d[89a-f])[0-9a-f]{4}|\\U000e00[0-7][0-9a-f])*"'
    rf"|{yamltext.PLAIN}|, |: |[\[\]{{}}]"
)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,307})(?:\.[0-9]{1,400}(?:e[-+][0-9]{2,3})?)?", re.ASCII)
_TO_ZERO = str.maketrans("123456789", "000000000")
_TIME = "0000-00-00T00:00:00.000000Z"
_WORDS = {
    "null": "null",
    "true": "true",
    "false": "false",
    ".nan": "NaN",
    ".inf": "Infinity",
    "-.inf": "-Infinity",
}
_STRUCTURE = {", ": ",", ": ": ":", "{": "{", "}": "}", "[": "[", "]": "]"}
#: No word that YAML takes for something else than text is longer.
_LONGEST_WORD = len("false")
_QUICKEST = json.JSONEncoder(ensure_ascii=False).encode


class _OtherFormError(ValueError):
    """Not our canonical form: a matter for the safe reader."""


class _Line(NamedTuple):
    indent: int
    is_item: bool
    body: str  # JSON: `"key":value`, `"key":` or `value`
    opens: bool
    depth: int


def parse(text: str) -> dict[str, Any] | None:
    """Read a document in canonical form: a mapping at the top.

    Returns:
        What the safe reader would give, or None if the text is not canonical and somebody else must read it.
    """
    if len(text) > MAX_CHARS or text[-1:] != "\n" or yamltext.is_strange(text.replace("\n", "")):
        return None
    if text == "{}\n":
        return {}
    try:
        value = _DECODER.decode(_join(text[:-1].split("\n")))
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _join(lines: list[str]) -> str:
    """Turn block structure into braces: one JSON text for the whole document."""
    out = ["{"]
    levels = [(0, "}")]
    indent, closer = levels[0]
    opened = True
    first = True
    for line in lines:
        at, is_item, body, opens, depth = _LINES[line]
        if opened and not first:
            # Only a line two columns further in may follow a key without a value.
            if at != indent + 2:
                raise _OtherFormError
            out.append("[" if is_item else "{")
            indent, closer = at, "]" if is_item else "}"
            levels.append((indent, closer))
        else:
            while at < indent:
                out.append(closer)
                levels.pop()
                indent, closer = levels[-1]
            if not first:
                out.append(",")
        if at != indent or is_item is not (closer == "]") or len(levels) + depth > MAX_DEPTH:
            raise _OtherFormError
        out.append(body)
        opened, first = opens, False
    if opened:
        raise _OtherFormError
    out.extend(closer for _, closer in reversed(levels))
    return "".join(out)


def _read_line(line: str) -> _Line:
    body = line.lstrip(" ")
    indent = len(line) - len(body)
    if body.startswith("- "):
        text, depth = _value(_tokens(body[2:]))
        return _Line(indent, is_item=True, body=text, opens=False, depth=depth)
    opens = body.endswith(":")
    tokens = _tokens(body[:-1] if opens else body)
    key = _SCALARS[tokens[0]]
    if (
        key[0] != '"'
        or len(tokens[0]) > _LONGEST_KEY
        or (len(tokens) != 1 if opens else tokens[1:2] != [": "])
    ):
        raise _OtherFormError
    if opens:
        return _Line(indent, is_item=False, body=key + ":", opens=True, depth=0)
    text, depth = _value(tokens[2:])
    return _Line(indent, is_item=False, body=f"{key}:{text}", opens=False, depth=depth)


def _tokens(text: str) -> list[str]:
    tokens = _TOKEN.findall(text)
    # What the pattern did not know was skipped: then the lengths differ.
    if not tokens or sum(map(len, tokens)) != len(text):
        raise _OtherFormError
    return tokens


def _value(tokens: list[str]) -> tuple[str, int]:
    """JSON text and depth of one value that begins and ends on its line; the decoder checks its grammar."""
    if not tokens:
        raise _OtherFormError
    depth = 0
    if len(tokens) > 1:
        opening, closing = ("{", "}") if tokens[0] == "{" else ("[", "]")
        if tokens[0] != opening or tokens[-1] != closing:
            raise _OtherFormError
        # Most lines hold one pair of brackets: then counting, which is done in C, is all that there is to do.
        is_flat = tokens.count("{") + tokens.count("[") == 1 == tokens.count("}") + tokens.count("]")
        depth = 1 if is_flat else _depth(tokens)
        if max(map(len, tokens)) > _LONGEST_KEY and any(
            mark == ": " and len(key) > _LONGEST_KEY for key, mark in itertools.pairwise(tokens)
        ):
            raise _OtherFormError
    return "".join(map(_SCALARS.__getitem__, tokens)), depth


def _depth(tokens: list[str]) -> int:
    depth = deepest = 0
    for place, part in enumerate(tokens, 1 - len(tokens)):
        if part in ("{", "["):
            depth += 1
            deepest = max(deepest, depth)
        elif part in ("}", "]"):
            depth -= 1
            if depth <= 0 and place:
                raise _OtherFormError
    if depth:
        raise _OtherFormError
    return deepest


class _Scalars(dict[str, str]):
    """Token of YAML to text of JSON."""

    def __missing__(self, token: str) -> str:
        found = _to_json(token)
        if len(token) <= _LONGEST_KEPT:
            if len(self) > _MEMORY:
                self.clear()
                self.update(_STRUCTURE)
            self[token] = found
        return found


def _to_json(token: str) -> str:
    first = token[0]
    if first.isalpha() and len(token) > _LONGEST_WORD:
        return f'"{token}"'
    if first == '"':
        # YAML's escapes are JSON's, but for invisible tags, which JSON writes as two halves.
        return re.sub(r"\\(?:U000e00..|.)", _halved, token) if "\\U" in token else token
    if first == "'":
        return _QUICKEST(token[1:-1].replace("''", "'"))
    if _NUMBER.fullmatch(token):
        return token
    if token in _WORDS:
        return _WORDS[token]
    if yamltext.is_ambiguous(token) and token.translate(_TO_ZERO) != _TIME:
        raise _OtherFormError
    return f'"{token}"'


def _halved(match: re.Match[str]) -> str:
    return match[0].replace("\\U000e00", "\\udb40\\udc")


class _Lines(dict[str, _Line]):
    """Lines seen before: most lines of ten thousand manifests are the same."""

    def __missing__(self, line: str) -> _Line:
        found = _read_line(line)
        if len(line) <= _LONGEST_KEPT:
            if len(self) > _MEMORY:
                self.clear()
            self[line] = found
        return found


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _OtherFormError
    return found


_SCALARS = _Scalars(_STRUCTURE)
_LINES = _Lines()
_DECODER = json.JSONDecoder(object_pairs_hook=_without_twins)
