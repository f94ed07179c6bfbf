"""Put runs side by side: chosen by name or by filter, with the front of several goals if asked for."""

from __future__ import annotations

import dataclasses
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import goals, runs, seeing
from expctl.core import compare as comparison
from expctl.core import keys, row
from expctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from expctl.actions.seeing import Listing
    from expctl.core.compare import Comparison
    from expctl.project import Project


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
    ranked: bool = False,
    scope: seeing.Scope = seeing.EVERYWHERE,
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
        ranked: Give each run its rank by the goals, and sort by it unless ``sort`` says otherwise.
        scope: Which runs are looked at.

    Raises:
        QueryError: Filter, order, columns or goals cannot be read, or name what no run has.
        UsageError: A goal without a direction that could be guessed, or ranks without goals.
        RunNotFoundError: A reference matches nothing.
        AmbiguousRunError: A reference could mean two runs.
    """
    with seeing.see(project, scope) as seen:
        if references:
            among, wanted = runs.resolve(seen, references), None
            limit = None
        else:
            wanted = runs.wanted_experiment(project, experiment, everything=everything)
            among = seen.of_experiment(wanted)
        configured = project.config.directions
        known = seen.view.columns() if columns or pareto else ()
        if ranked and not pareto:
            raise UsageError("Ranks need goals.", hint="Name them, such as: --pareto f1:max,time_ms:min")
        objectives = goals.parse(pareto, known, configured)
        by = seen.order(sort) or [(goal.column, goal.direction == "max") for goal in objectives[:1]]
        passing = seen.matching(where, among)
        found = seen.ordered(by, passing) if by or references else seen.newest(passing, limit)
        ranks = goals.ranks(seen, found, objectives) if ranked else {}
        front = {n for n in found if ranks.get(n) == 1} if ranked else goals.front(seen, found, objectives)
        if ranked and not sort:
            found.sort(key=lambda number: ranks.get(number) or len(found))
        else:
            found.sort(key=lambda number: number not in front)
        listing = seen.listing(found, limit, len(among), experiment=wanted)
        table = comparison.compare(
            listing.rows,
            columns=_columns(columns, known),
            first=[*(goal.column for goal in objectives), *(name for name, _ in by)],
            everything=everything or all_columns,
            configured=configured,
        )
        ids = frozenset(seen.ids[number] for number in front)
        by_id = {seen.ids[number]: rank for number, rank in ranks.items() if rank is not None}
        return Compared(dataclasses.replace(table, objectives=objectives, front=ids, ranks=by_id), listing)


def _columns(text: str, known: Collection[str]) -> list[str]:
    """Columns as typed; a pattern stands for all that fit it, with or without their prefix."""
    found: list[str] = []
    for item in goals.items(text):
        if "*" in item or "?" in item:
            fitting = sorted(name for name in known if _fits(name, item))
            if not fitting:
                raise UsageError(
                    f"No column fits {item}.", hint="See what there is with: expctl compare --all"
                )
            found += fitting
        else:
            found.append(goals.resolve(item, known))
    return [name for name in dict.fromkeys(found) if name != "id"]


def _fits(name: str, pattern: str) -> bool:
    """Whether a column fits a pattern, which speaks of whole names if it begins with a prefix."""
    plain = keys.plain(name)
    if pattern.partition(".")[0] in row.PREFIXES:
        return fnmatchcase(plain, pattern)
    return fnmatchcase(plain, pattern) or fnmatchcase(plain.partition(".")[2], pattern)
