"""Put runs side by side: chosen by name or by filter, with the front of several goals if asked for."""

from __future__ import annotations

import dataclasses
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import goals, runs, seeing
from expctl.core import compare as comparison
from expctl.core import keys, row
from expctl.core.sparks import MARK
from expctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from expctl.actions.seeing import Listing, Seen
    from expctl.core.compare import Comparison, Objective
    from expctl.core.sparks import Curve
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
    baseline: str = "",
    curves: str = "",
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
        baseline: The run that the metrics of the others are held against; it comes first.
        curves: Metrics with commas whose curves are shown; so are those of columns that end in ``~``.

    Raises:
        QueryError: Filter, order, columns or goals cannot be read, or name what no run has.
        UsageError: A goal without a direction that could be guessed, or ranks without goals.
        RunNotFoundError: A reference matches nothing.
        AmbiguousRunError: A reference could mean two runs.
    """
    with seeing.see(project, scope) as seen:
        among, wanted = runs.among(seen, references, experiment, everything=everything)
        limit = None if references else limit
        known = seen.columns(columns, pareto) if columns or pareto or curves else ()
        by = seen.order(sort)
        passing = seen.matching(where, among)
        goal = _Goal.read(seen, pareto, known, ranked=ranked)
        found = _ordered(seen, passing, by or goal.order, limit, is_named=bool(references))
        goal = goal.judged(seen, found)
        found.sort(key=goal.place(len(found), is_sorted=bool(sort)))
        base = runs.resolve(seen, [baseline])[0] if baseline else None
        if base is not None:
            found = [base, *(number for number in found if number != base)]
        named = named_columns(columns, known)
        first = [*(each.column for each in goal.objectives), *(name for name, _ in by or goal.order)]
        listing = seen.listing(found, limit, len(among), experiment=wanted, also=[*named, *first])
        table = comparison.compare(
            listing.rows,
            columns=named,
            first=first,
            everything=everything or all_columns,
            configured=project.config.directions,
            curves=_curve_columns(curves, known),
        )
        table = dataclasses.replace(
            table,
            objectives=goal.objectives,
            front=frozenset(seen.ids[number] for number in goal.front),
            ranks={seen.ids[number]: rank for number, rank in goal.ranks.items() if rank is not None},
            baseline=listing.rows[0] if base is not None else None,
            curves=_curves(seen, table, found),
        )
        return Compared(table, listing)


class _Goal(NamedTuple):
    """What a front is made of, and who is on it."""

    objectives: tuple[Objective, ...] = ()
    ranked: bool = False
    ranks: Mapping[int, int | None] = {}
    front: AbstractSet[int] = frozenset()

    @classmethod
    def read(cls, seen: Seen, pareto: str, known: Collection[str], *, ranked: bool) -> _Goal:
        if ranked and not pareto:
            raise UsageError("Ranks need goals.", hint="Name them, such as: --pareto f1:max,time_ms:min")
        return cls(goals.parse(pareto, known, seen.project.config.directions), ranked)

    @property
    def order(self) -> list[tuple[str, bool]]:
        """The best of the first goal first."""
        return [(goal.column, goal.direction == "max") for goal in self.objectives[:1]]

    def judged(self, seen: Seen, numbers: Sequence[int]) -> _Goal:
        if self.ranked:
            ranks = goals.ranks(seen, numbers, self.objectives)
            return self._replace(ranks=ranks, front={n for n in numbers if ranks.get(n) == 1})
        return self._replace(front=goals.front(seen, numbers, self.objectives))

    def place(self, last: int, *, is_sorted: bool) -> Callable[[int], int]:
        """Where a run comes: by its rank, or before all that are not on the front."""
        if self.ranked and not is_sorted:
            return lambda number: self.ranks.get(number) or last
        return lambda number: number not in self.front


def _ordered(
    seen: Seen, numbers: Sequence[int], by: Sequence[tuple[str, bool]], limit: int | None, *, is_named: bool
) -> list[int]:
    """Runs sorted by columns; else as they were named, or the newest first."""
    return seen.ordered(by, numbers) if by or is_named else seen.newest(numbers, limit)


def _curve_columns(text: str, known: Collection[str]) -> list[str]:
    if not text:
        return []
    from expctl.actions import sparks

    return sparks.columns(text, known)


def _curves(seen: Seen, table: Comparison, numbers: Sequence[int]) -> dict[str, dict[str, Curve]]:
    wanted = [column.name for column in table.columns if column.is_curve]
    if not wanted:
        return {}
    from expctl.actions import sparks

    shown = {each.id: number for each, number in zip(table.rows, numbers, strict=False)}
    return sparks.read(seen, shown, wanted)


def named_columns(text: str, known: Collection[str]) -> list[str]:
    """Columns as typed; a pattern stands for all that fit it, with or without their prefix."""
    found: list[str] = []
    for item in goals.items(text):
        if item.endswith(MARK) and item.removesuffix(MARK) not in known:
            found += _curve_columns(item, known)
        elif "*" in item or "?" in item:
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
