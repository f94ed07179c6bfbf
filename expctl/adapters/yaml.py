"""The door to YAML that somebody else wrote: read without trust.

``parse`` walks the events of the parser and builds plain values itself. Nothing is ever constructed: PyYAML's
loaders follow tags and aliases, take the last of two equal keys, read ``12:30:45`` as a number, and the one
in C dies of deep nesting with a signal that nobody can catch. Scalars are those of YAML 1.2's core schema,
keys are always text.
"""

from __future__ import annotations

import importlib
import re
from typing import Any

import yaml

from expctl.errors import ManifestError

LIMIT = 1 << 20
MAX_DEPTH = 32
MAX_NODES = 50_000
#: Beyond this many digits Python refuses to read a whole number, with an error of its own.
_MAX_DIGITS = 400

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
    **{sign + word: float(sign + "inf") for sign in ("", "+", "-") for word in (".inf", ".Inf", ".INF")},
}
_WHOLE = re.compile(r"[-+]?[0-9]+", re.ASCII)
_REAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", re.ASCII)
_OTHER_BASE = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)", re.ASCII)
_CONFLICT = re.compile(r"^(?:<{7} |={7}$|>{7} |\|{7} )", re.MULTILINE)
_SURROGATE = re.compile("[\ud800-\udfff]")
_POINTERS = (
    (b"version https://git-lfs.github.com/spec/", "a Git LFS pointer; fetch the file with: git lfs pull"),
    (b"/annex/objects/", "a git-annex pointer"),
    (b"../.git/annex/objects/", "a git-annex pointer"),
    (b"\xff\xfe", "UTF-16, not UTF-8"),
    (b"\xfe\xff", "UTF-16, not UTF-8"),
    (b"\xef\xbb\xbf", "it starts with a byte order mark; save it as plain UTF-8"),
)
try:
    _Parser: Any = importlib.import_module("yaml.cyaml").CParser
except ImportError:  # PyYAML without libyaml: the same answers, ten times slower
    _Parser = None


class _RefusedError(Exception):
    """Why a document is not read; ``parse`` adds the name of the file."""


def parse(data: bytes, *, name: str, limit: int = LIMIT) -> Any:
    """Read a document that nobody vouches for, such as a manifest.

    Args:
        data: One YAML document in UTF-8.
        name: What to call it in a message.
        limit: Most bytes that are looked at.

    Returns:
        Nested dictionaries with text keys, lists, and str, int, float, bool or None.

    Raises:
        ManifestError: ``name: reason``, on one line. Tags, anchors, aliases, merge keys, directives, a second
            document, equal keys, more than 32 levels or 50 000 nodes are refused.
    """
    try:
        return _Builder(_text(data, limit)).document()
    except _RefusedError as err:
        raise ManifestError(f"{name}: {err}") from None
    except yaml.MarkedYAMLError as err:
        at = f"line {err.problem_mark.line + 1}: " if err.problem_mark else ""
        problem = "a merge conflict" if _has_conflict(data) else f"not YAML: {at}{err.problem or err.context}"
        raise ManifestError(f"{name}: {problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as err:
        raise ManifestError(f"{name}: not YAML: {_first_line(err)}") from None


def _text(data: bytes, limit: int) -> str:
    if len(data) > limit:
        raise _RefusedError(f"larger than {limit} bytes")
    if not data.strip():
        raise _RefusedError("empty")
    for start, what in _POINTERS:
        if data.startswith(start):
            raise _RefusedError(what)
    if b"\0" in data:
        raise _RefusedError("filled with zeros" if not data.strip(b"\0") else "it holds a NUL byte")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as err:
        raise _RefusedError(f"not UTF-8 at byte {err.start}") from None


def _has_conflict(data: bytes) -> bool:
    return _CONFLICT.search(data.decode("utf-8", "replace")) is not None


def _first_line(err: BaseException) -> str:
    return (str(err) or type(err).__name__).splitlines()[0]


class _Builder:
    """Turns events into values, and refuses on the way what a document may not hold."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.nodes = 0
        self.parser = _Parser(text) if _Parser else yaml.SafeLoader(text)

    def document(self) -> Any:
        get = self.parser.get_event
        get()  # the start of the stream
        start = get()
        if isinstance(start, yaml.StreamEndEvent):
            raise _RefusedError("empty")
        if start.version or start.tags:
            raise _RefusedError("a %directive is not allowed")
        value = self.node(get(), 0)
        get()  # the end of the document
        if not isinstance(get(), yaml.StreamEndEvent):
            raise _RefusedError("more than one document")
        return value

    def node(self, event: Any, depth: int) -> Any:
        """One value; calls itself for what lies inside, at most 32 deep."""
        self.count(1)
        kind = event.__class__
        if kind is yaml.AliasEvent:
            raise self.refuse(event, "an alias is not allowed")
        if event.anchor is not None or event.tag is not None:
            raise self.refuse(event, "an anchor is not allowed" if event.anchor else "a tag is not allowed")
        if kind is yaml.ScalarEvent:
            return self.scalar(event)
        if depth >= MAX_DEPTH:
            raise self.refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        return self.mapping(depth + 1) if kind is yaml.MappingStartEvent else self.sequence(depth + 1)

    def mapping(self, depth: int) -> dict[str, Any]:
        get, end = self.parser.get_event, yaml.MappingEndEvent
        found: dict[str, Any] = {}
        while (event := get()).__class__ is not end:
            key = self.key(event)
            value = self.node(get(), depth)
            if key in found:
                raise self.refuse(event, f"the key {key[:80]!r} stands twice")
            found[key] = value
        return found

    def sequence(self, depth: int) -> list[Any]:
        get, end = self.parser.get_event, yaml.SequenceEndEvent
        found = []
        while (event := get()).__class__ is not end:
            found.append(self.node(event, depth))
        return found

    def key(self, event: Any) -> str:
        if event.__class__ is not yaml.ScalarEvent:
            raise self.refuse(event, "a key that is not text")
        self.count(1)
        key = self.checked(event)
        if event.anchor is not None or event.tag is not None:
            raise self.refuse(event, "a tag or anchor on a key is not allowed")
        if key == "<<" and event.implicit[0]:
            raise self.refuse(event, "a merge key is not allowed")
        return key

    def scalar(self, event: Any) -> Any:
        text = self.checked(event)
        # implicit[0]: written plainly, so that its look decides.
        if not event.implicit[0]:
            return text
        if text in _WORDS:
            return _WORDS[text]
        return _number(text) if text[0] in "0123456789.+-" else text

    def checked(self, event: Any) -> str:
        text: str = event.value
        if _SURROGATE.search(text):
            raise self.refuse(event, "half of a surrogate pair is not a character")
        return text

    def count(self, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MAX_NODES:
            raise _RefusedError(f"more than {MAX_NODES} values")

    def refuse(self, event: Any, what: str) -> _RefusedError:
        if _CONFLICT.search(self.text):
            return _RefusedError("a merge conflict")
        return _RefusedError(f"line {event.start_mark.line + 1}: {what}")


def _number(text: str) -> Any:
    """What YAML 1.2's core schema makes of a plain scalar that starts like a number."""
    if _WHOLE.fullmatch(text):
        if len(text) > _MAX_DIGITS:
            raise _RefusedError("a number with too many digits")
        return int(text)
    if _REAL.fullmatch(text):
        return float(text)
    if _OTHER_BASE.fullmatch(text):
        if len(text) > _MAX_DIGITS:
            raise _RefusedError("a number with too many digits")
        return int(text, 0)
    return text
