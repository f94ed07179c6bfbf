"""Recorded runs as a table for analysis: ``search_runs`` in the words of MLflow, answered by the index."""
# ruff: noqa: PD011 - a row has values too, and is no data frame

from __future__ import annotations

import os
import warnings
from collections import Counter
from typing import TYPE_CHECKING, Any

from expctl import project
from expctl.actions import runs
from expctl.core import keys

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from expctl.core.row import Row

#: Columns that are there even when no run is: where MLflow has a name for one, it is MLflow's.
_FIRST = {
    "id": "run_id",
    "name": "run_name",
    "experiment": "experiment",
    "status": "status",
    "started_at": "start_time",
    "ended_at": "end_time",
    "duration_s": "duration_s",
    "exit_code": "exit_code",
}
_SECTIONS = ("metrics.", "params.", "tags.")


def search_runs(
    filter_string: str = "",
    order_by: Sequence[str] | str | None = None,
    max_results: int | None = 1000,
    experiment_names: Sequence[str] | str | None = None,
) -> pd.DataFrame:
    """Find runs and give them as a pandas table, one row a run.

    Args:
        filter_string: As for ``expctl compare --where``: ``metrics.f1_score > 0.85 and params.lr < 0.01``.
        order_by: Such as ``["metrics.f1_score DESC"]``; newest first when empty.
        max_results: At most so many rows; None for all.
        experiment_names: Only of these experiments; of all when None.

    Returns:
        Columns ``run_id``, ``run_name``, ``experiment``, ``status``, ``start_time`` and ``end_time`` (UTC),
        ``duration_s`` and ``exit_code``, then ``metrics.*``, ``params.*``, ``tags.*``, and all else that was
        recorded. What a run does not have is NaN or None. Parameters keep their type; MLflow's are text.

    Raises:
        ExpctlError: The filter cannot be read, or this is no git repository.
    """
    wanted = [experiment_names] if isinstance(experiment_names, str) else experiment_names
    listing = runs.select(
        project.find(os.getcwd()),
        where=filter_string,
        sort=order_by if isinstance(order_by, str) else ", ".join(order_by or ()),
        limit=max_results if wanted is None else None,
        everything=True,
    )
    if listing.unreadable:
        warnings.warn(
            f"{len(listing.unreadable)} manifest(s) cannot be read and are left out; see expctl validate",
            stacklevel=2,
        )
    found = [row for row in listing.rows if wanted is None or row.values.get("experiment") in wanted]
    return _table(found if max_results is None else found[:max_results])


def _table(rows: Sequence[Row]) -> pd.DataFrame:
    import pandas as pd  # takes a second: only a caller who wants a table waits for it

    data: dict[str, Any] = {title: [row.values.get(name) for row in rows] for name, title in _FIRST.items()}
    for title in ("start_time", "end_time"):
        data[title] = pd.to_datetime(pd.Series(data[title], dtype=object), utc=True, format="ISO8601")
    others = _others(rows)
    titles = _titles(others)
    data.update({titles[name]: [row.values.get(name) for row in rows] for name in others})
    return pd.DataFrame(data)


def _titles(names: Sequence[str]) -> dict[str, str]:
    """Columns as MLflow calls them: without backquotes, unless two would be called the same."""
    plain = {name: keys.plain(name) for name in names}
    many = Counter(plain.values())
    return {name: short if many[short] == 1 else name for name, short in plain.items()}


def _others(rows: Sequence[Row]) -> list[str]:
    """All other columns: those that people compare first, each group by name."""
    names = {name for row in rows for name in row.values if name not in _FIRST}
    order = {section: place for place, section in enumerate(_SECTIONS)}

    def place(name: str) -> tuple[int, str]:
        return order.get(name.partition(".")[0] + ".", len(order)), name

    return sorted(names, key=place)
