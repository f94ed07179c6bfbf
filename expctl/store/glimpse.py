"""A glimpse of the index for a shell that completes a word: as it was left, not brought up to date.

Each function opens the index, reads one column, and gives nothing where that cannot be done.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from expctl.adapters import sqlite

if TYPE_CHECKING:
    from pathlib import Path

#: More than this helps nobody.
_MOST = 20_000
_COLUMNS = "SELECT name FROM keys ORDER BY name"
_ALL = "SELECT DISTINCT value FROM cells JOIN keys USING (key) WHERE name = ? ORDER BY value"
_BEGUN = """\
SELECT value FROM cells JOIN keys USING (key) WHERE name = ? AND substr(value, 1, ?) = ? ORDER BY number DESC
"""
_SUFFIXED = """\
SELECT value FROM cells JOIN keys USING (key) WHERE name = ? AND substr(value, -6, ?) = ? ORDER BY number DESC
"""


def columns(index: Path) -> list[str]:
    """Names of columns, rising."""
    return _ask(index, _COLUMNS)


def names(index: Path, begun: str) -> list[str]:
    """Names of runs that begin so, newest first, each once."""
    return _ask(index, _BEGUN, "name", len(begun), begun)


def ids(index: Path, begun: str) -> list[str]:
    """Ids of runs whose suffix begins so, newest first; those of other branches are among them."""
    return _ask(index, _SUFFIXED, "id", len(begun), begun)


def experiments(index: Path) -> list[str]:
    """Names of experiments, rising."""
    return _ask(index, _ALL, "experiment")


def _ask(index: Path, question: str, *given: str | int) -> list[str]:
    """The texts of an answer, each once; none where the index cannot be read."""
    try:
        with contextlib.closing(sqlite.look_into(index)) as base:
            found = base.execute(question, given).fetchmany(_MOST)
            return list(dict.fromkeys(value for (value,) in found if isinstance(value, str)))
    except sqlite.FAULTS:
        return []
