"""The door to configuration that people wrote for their programs: YAML, JSON, TOML, INI, Python constants.

Unlike manifests, such YAML may use anchors, merge keys and tags. It is read from parser events, never
composed: the C composer recurses and dies on deep nesting. Aliases are expanded up to a bound, tags are
ignored, nothing is executed.
"""

from __future__ import annotations

from expctl.core import params
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

LIMIT = 1 << 20
_DEEPEST = 64
#: Values that one document may hold, aliases expanded: an alias bomb stops here.
_MOST_VALUES = 200_000
_NO_SECTION, _NOWHERE = "\x1f", "\x1e"
_TEXT_TAGS = ("tag:yaml.org,2002:str", "!")


def parse_yaml(data: bytes) -> Any:
    """The first document of a YAML file, scalars as YAML 1.2 has them, keys as text.

    Raises:
        ValueError: It cannot be read; the message is the reason.
    """
    import yaml

    loader = getattr(yaml, "CLoader", yaml.Loader)
    try:
        events = yaml.parse(data, Loader=loader)
        return _Builder(yaml).build(events)
    except (yaml.YAMLError, UnicodeDecodeError) as err:
        mark = getattr(err, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark else ""
        problem = getattr(err, "problem", None) or getattr(err, "reason", None) or "bad characters"
        raise ValueError(f"is not YAML: {problem}{where}") from err


def parse_json(data: bytes) -> Any:
    """A JSON document.

    Raises:
        ValueError: It cannot be read; the message is the reason.
    """
    import json

    try:
        return json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as err:
        raise ValueError("is not UTF-8") from err
    except RecursionError as err:
        raise ValueError("is nested too deep") from err
    except json.JSONDecodeError as err:
        raise ValueError(f"is not JSON: {err.msg} in line {err.lineno}") from err


def parse_toml(data: bytes) -> Any:
    """A TOML document.

    Raises:
        ValueError: It cannot be read; the message is the reason.
    """
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as err:
        raise ValueError("is not UTF-8") from err
    except RecursionError as err:
        raise ValueError("is nested too deep") from err
    except tomllib.TOMLDecodeError as err:
        raise ValueError(f"is not TOML: {err}") from err


def parse_python(data: bytes) -> Any:
    """The constants that a Python file assigns at its top level, without running it.

    Raises:
        ValueError: It cannot be read; the message is the reason.
    """
    from expctl.core import pyconstants

    try:
        return pyconstants.read(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as err:
        raise ValueError(f"is not Python: {err}") from err


def parse_ini(data: bytes) -> Any:
    """Sections with typed values; what stands before the first section, as LightGBM has it, is not in one.

    Raises:
        ValueError: It cannot be read; the message is the reason.
    """
    import configparser

    parser = configparser.RawConfigParser(
        strict=False, inline_comment_prefixes=("#", ";"), default_section=_NOWHERE
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # as its documentation has it
    try:
        parser.read_string(f"[{_NO_SECTION}]\n" + data.decode("utf-8-sig"))
    except UnicodeDecodeError as err:
        raise ValueError("is not UTF-8") from err
    except configparser.Error as err:
        raise ValueError(f"is not INI: {str(err).splitlines()[0]}") from err
    found = {
        section: {name: params.type_word(text.strip()) for name, text in parser[section].items()}
        for section in parser.sections()
    }
    top: dict[str, Any] = dict(found.pop(_NO_SECTION, {}))
    return {**top, **found}


class _Builder:
    """Builds plain values out of parser events, with a bound on depth and on size."""

    def __init__(self, yaml: Any) -> None:
        self.yaml = yaml
        self.anchors: dict[str, tuple[Any, int]] = {}
        self.count = 0

    def build(self, events: Iterator[Any]) -> Any:
        """The value of the first document; None when there is none."""
        for event in events:
            if isinstance(event, self.yaml.DocumentStartEvent):
                return self._node(next(events), events, 0)[0]
        return None

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> tuple[Any, int]:
        """A value and how many values it holds."""
        if depth > _DEEPEST:
            raise ValueError("is nested too deep")
        if isinstance(event, self.yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise ValueError(f"uses the anchor {event.anchor!r} before it is there")
            value, size = self.anchors[event.anchor]
            self._grow(size)
            return value, size
        self._grow(1)
        if isinstance(event, self.yaml.ScalarEvent):
            value, size = _scalar(event), 1
        elif isinstance(event, self.yaml.SequenceStartEvent):
            value, size = self._sequence(events, depth)
        else:
            value, size = self._mapping(events, depth)
        if event.anchor:
            self.anchors[event.anchor] = value, size
        return value, size

    def _sequence(self, events: Iterator[Any], depth: int) -> tuple[Any, int]:
        items: list[Any] = []
        total = 1
        while not isinstance(event := next(events), self.yaml.SequenceEndEvent):
            item, size = self._node(event, events, depth + 1)
            items.append(item)
            total += size
        return items, total

    def _mapping(self, events: Iterator[Any], depth: int) -> tuple[Any, int]:
        found: dict[str, Any] = {}
        merged: list[Any] = []
        total = 1
        while not isinstance(event := next(events), self.yaml.MappingEndEvent):
            is_merge = isinstance(event, self.yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
            key, key_size = self._node(event, events, depth + 1)
            value, size = self._node(next(events), events, depth + 1)
            total += key_size + size
            if is_merge:
                merged += value if isinstance(value, list) else [value]
            else:
                found[_key(event, key)] = value
        for mapping in merged:
            if isinstance(mapping, dict):
                found = {**mapping, **found}
        return found, total

    def _grow(self, by: int) -> None:
        self.count += by
        if self.count > _MOST_VALUES:
            raise ValueError(f"holds more than {_MOST_VALUES} values")


def _scalar(event: Any) -> Any:
    # implicit[0]: a plain word without a tag. Anything quoted is text.
    if not event.implicit[0] or event.tag in _TEXT_TAGS:
        return event.value
    return params.type_word(event.value) if event.value else None


def _key(event: Any, key: Any) -> str:
    return event.value if hasattr(event, "value") else str(key)
