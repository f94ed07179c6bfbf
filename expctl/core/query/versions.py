"""Versions: which columns hold them, and how they compare: 3.9 comes before 3.10, and 2.0rc1 before 2.0."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from expctl.core import row
from expctl.core.query import values

if TYPE_CHECKING:
    Key = list[tuple[int, int, str]]

_LONGEST = 64
_VERSION = re.compile(r"v?(?P<rest>[0-9].*)", re.ASCII | re.DOTALL)
_EARLY = frozenset({"a", "alpha", "b", "beta", "c", "dev", "pre", "preview", "rc"})
_COLUMNS = ("environment.python", "environment.cuda")


def is_version(column: str) -> bool:
    """Whether a column holds versions."""
    return column in _COLUMNS or column.startswith(f"{row.PACKAGES}.")


def comparison(op: str, wanted: str) -> values.Holds:
    """A test of versions. Equal is what is written alike."""
    if op in ("=", "!="):
        return values.comparison(op, wanted)
    limit, compare = key(wanted), values.OPERATIONS[op]

    def test(value: values.Value) -> bool:
        found = key(values.text_of(value))
        return limit is not None and found is not None and compare(found, limit)

    return test


def key(text: str) -> Key | None:
    """A key that sorts versions; None for what is none."""
    match = _VERSION.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    parts = re.findall(r"[0-9]+|[a-z]+", match["rest"].lower())
    keys = [(2, int(part), "") if part.isdigit() else (0 if part in _EARLY else 3, 0, part) for part in parts]
    return [*keys, (1, 0, "")]
