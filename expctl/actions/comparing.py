"""Put runs side by side: chosen by name or by filter, with the front of several goals if asked for."""

from __future__ import annotations

import dataclasses
import re
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import runs, seeing
from expctl.core import compare as comparison
from expctl.core import keys, query, row
from expctl.core.compare import Comparison, Objective
from expctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from expctl.actions.seeing import Listing, Seen
    from expctl.project import Project

#: A comma that separates, as against one inside backquotes.
_COMMA = re.compile(r",(?=(?:[^`]*`[^`]*`)*[^`]*\Z)")


class Compared(NamedTuple):
    """Runs side by side, and what there was to choose from."""

    comparison: Comparison
    listing: Listing


def compare(  # noqa: PLR0913  the options of the command
    project: Project,
    references: Sequence[str] = (),
    *,
    where: str = "",
    sort: str = "",
    limit: int | None = 20,
    columns: str = "",
    experiment: str | None = None,
    everything: bool = False,
    all_columns: bool = False,
    pareto: str = "",
) -> Compared:
    """Compare runs.

    Args:
        project: Where to look.
        references: These runs, in this order and whatever their experiment; all when empty.
        where: Only those that match.
        sort: Such as ``metrics.f1 DESC``; newest first by default, with goals the first goal's best first.
        limit: At most so many; None for all. Runs that were named are all shown.
        columns: Names with commas; ``*`` stands for any text.
        experiment: Only runs of this one; else of the one that the settings name, if they name one.
        everything: Runs of all experiments, and all columns.
        all_columns: All columns, constant ones too.
        pareto: Goals such as ``f1_score:max,inference_time_ms:min``: the front of all that match comes first.

    Raises:
        QueryError: Filter, order, columns or goals cannot be read, or name what no run has.
        UsageError: A goal without a direction that could be guessed.
        RunNotFoundError: A reference matches nothing.
        AmbiguousRunError: A reference could mean two runs.
    """
    with seeing.see(project) as seen:
        if references:
            among, wanted = runs.resolve(seen, references), None
            limit = None
        else:
            wanted = runs.wanted_experiment(project, experiment, everything=everything)
            among = seen.of_experiment(wanted)
        configured = project.config.directions
        known = seen.view.columns() if columns or pareto else ()
        goals = _goals(pareto, known, configured)
        by = seen.order(sort) or [(goal.column, goal.direction == "max") for goal in goals[:1]]
        passing = seen.matching(where, among)
        found = seen.ordered(by, passing) if by or references else seen.newest(passing, limit)
        front = _front(seen, found, goals)
        found.sort(key=lambda number: number not in front)
        listing = seen.listing(found, limit, len(among), experiment=wanted)
        table = comparison.compare(
            listing.rows,
            columns=_columns(columns, known),
            first=[*(goal.column for goal in goals), *(name for name, _ in by)],
            everything=everything or all_columns,
            configured=configured,
        )
        ids = frozenset(seen.ids[number] for number in front)
        return Compared(dataclasses.replace(table, objectives=goals, front=ids), listing)


def _goals(text: str, known: Collection[str], configured: Mapping[str, str]) -> tuple[Objective, ...]:
    """Goals as typed: a column and ``max`` or ``min``, which may be left out where it can be told."""
    found: dict[str, Objective] = {}
    for item in _items(text):
        name, _, way = item.rpartition(":")
        if not name or "`" in way:
            name, way = item, ""
        elif way.lower() not in ("max", "min"):
            raise UsageError(f'"{way}" is neither max nor min.', hint=f"Write {name}:max or {name}:min")
        column = _resolve(name, known)
        direction = way.lower() or comparison.direction_of(column, configured)
        if direction is None:
            raise UsageError(
                f"Nobody has said whether {column} is better high or low.",
                hint=f"Write {name}:max or {name}:min",
            )
        found[column] = Objective(column=column, direction=direction)
    return tuple(found.values())


def _front(seen: Seen, numbers: Sequence[int], goals: Sequence[Objective]) -> set[int]:
    """Numbers of the runs that no other beats; a run without a finite value of each goal is not on it."""
    if not goals:
        return set()
    from expctl.core import pareto

    columns = [(seen.column(goal.column), -1 if goal.direction == "max" else 1) for goal in goals]
    points: dict[int, list[float]] = {}
    for number in numbers:
        point = [column.get(number) for column, _ in columns]
        if all(map(comparison.is_finite, point)):
            points[number] = [value * sign for value, (_, sign) in zip(point, columns, strict=True)]  # type: ignore[operator, misc]  # finite numbers
    marks = pareto.front(list(points.values()))
    return {number for number, mark in zip(points, marks, strict=True) if mark}


def _columns(text: str, known: Collection[str]) -> list[str]:
    """Columns as typed; a pattern stands for all that fit it, with or without their prefix."""
    found: list[str] = []
    for item in _items(text):
        if "*" in item or "?" in item:
            fitting = sorted(name for name in known if _fits(name, item))
            if not fitting:
                raise UsageError(
                    f"No column fits {item}.", hint="See what there is with: expctl compare --all"
                )
            found += fitting
        else:
            found.append(_resolve(item, known))
    return [name for name in dict.fromkeys(found) if name != "id"]


def _fits(name: str, pattern: str) -> bool:
    """Whether a column fits a pattern, which speaks of whole names if it begins with a prefix."""
    plain = keys.plain(name)
    if pattern.partition(".")[0] in row.PREFIXES:
        return fnmatchcase(plain, pattern)
    return fnmatchcase(plain, pattern) or fnmatchcase(plain.partition(".")[2], pattern)


def _resolve(name: str, known: Collection[str]) -> str:
    from expctl.core.query.names import Names

    (wanted,) = query.parse_sort(name).keys
    return Names(known).find(wanted.key, name)


def _items(text: str) -> list[str]:
    return [item.strip() for item in _COMMA.split(text) if item.strip()]
