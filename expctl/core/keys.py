"""Dotted keys: nested values laid flat for tables and queries, and names taken apart again.

``{"training": {"lr": 0.1}}`` becomes ``training.lr``. A part of a name that holds a dot itself, a backquote,
or nothing at all stands in backquotes (``data.`data/train.csv`.md5``), so that every name can be taken apart
again.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    Scalar = str | int | float | bool | None

#: An integer with more bits is kept as text: Python refuses to print it, and no database column holds it.
_MOST_BITS = 1024
#: What stays as it is; whole numbers may be too large.
_SCALARS: frozenset[Any] = frozenset((str, float, bool))
_PART = re.compile(r"`((?:[^`]|``)*)`(?=\.|\Z)|([^.]*)", re.DOTALL)


def join(*parts: str) -> str:
    """Put a name together from its parts; ``split`` is the inverse."""
    return ".".join([quote(part) for part in parts])


def quote(part: str) -> str:
    """One part of a name as it stands in a flat name."""
    if part and "." not in part and "`" not in part:
        return part
    return "`" + part.replace("`", "``") + "`"


def split(name: str) -> tuple[str, ...]:
    """Take a name apart, into one part at least. A backquote that nothing closes counts as itself."""
    parts = []
    at = 0
    while True:
        match = _PART.match(name, at)
        assert match is not None  # the second half matches anything
        quoted, plain = match.groups()
        parts.append(plain if quoted is None else quoted.replace("``", "`"))
        at = match.end() + 1
        if at > len(name):
            return tuple(parts)


def plain(name: str) -> str:
    """A name without its backquotes: what people type, and not always unique."""
    return ".".join(split(name)) if "`" in name else name


def flatten(nested: Mapping[str, Any], *above: str) -> dict[str, Scalar]:
    """Lay nested values flat.

    Lists of plain values stay together as JSON text; a list that holds a mapping is numbered:
    ``layers.0.units``. An empty mapping or list shows as ``{}`` or ``[]``.

    Args:
        nested: Mappings, lists and plain values, as in a manifest.
        above: The parts that every name begins with.
    """
    found: dict[str, Scalar] = {}
    above_all = "".join(f"{quote(part)}." for part in above)
    for key, value in nested.items():
        _lay(value, above_all + quote(str(key)), found)
    return found


def _lay(value: Any, name: str, found: dict[str, Scalar]) -> None:
    if value.__class__ in _SCALARS:
        found[name] = value
    elif isinstance(value, dict) and value:
        for key, inner in value.items():
            _lay(inner, f"{name}.{quote(str(key))}", found)
    elif isinstance(value, (list, tuple)) and any(_holds_mapping(inner) for inner in value):
        for number, inner in enumerate(value):
            _lay(inner, f"{name}.{number}", found)
    elif isinstance(value, (dict, list, tuple)):
        found[name] = json.dumps(value, ensure_ascii=False, default=str)
    else:
        found[name] = scalar(value)


def _holds_mapping(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return any(_holds_mapping(inner) for inner in value)
    return isinstance(value, dict)


def scalar(value: Any) -> Scalar:
    """A value as a table keeps it; whatever is no plain value becomes its text."""
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return hex(value)
    if value is None or isinstance(value, (str, int, float)):
        return value
    return str(value)
