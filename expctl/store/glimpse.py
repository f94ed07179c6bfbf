"""A glimpse of the index for a shell that completes a word: as it was left, not brought up to date."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import sqlite

if TYPE_CHECKING:
    from pathlib import Path

#: More names help nobody.
_MOST = 2000


class Glimpse(NamedTuple):
    """What the index knows.

    Attributes:
        columns: Names of columns, rising.
        names: Names of runs, newest first, each once.
        experiments: Names of experiments, rising.
    """

    columns: list[str]
    names: list[str]
    experiments: list[str]


def look(index: Path, *, runs: bool = False) -> Glimpse:
    """Look into an index; nothing is there if it cannot be read.

    Args:
        index: The file.
        runs: Whether names of runs and experiments are wanted too.
    """
    try:
        with contextlib.closing(sqlite.look_into(index)) as base:
            known = base.execute("SELECT name FROM keys ORDER BY name LIMIT 20000")
            columns = [str(name) for (name,) in known]
            names: list[str] = []
            experiments: list[str] = []
            if runs:
                asked = "SELECT value FROM cells JOIN keys USING (key) WHERE name = ?"
                newest = f"{asked} AND typeof(value) = 'text' ORDER BY number DESC LIMIT {_MOST}"
                names = list(dict.fromkeys(str(name) for (name,) in base.execute(newest, ("name",))))
                some = {str(name) for (name,) in base.execute(newest, ("experiment",))}
                experiments = sorted(some)
            return Glimpse(columns, names, experiments)
    except sqlite.FAULTS:
        return Glimpse([], [], [])
