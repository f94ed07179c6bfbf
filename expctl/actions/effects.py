"""Say which parameters go with a metric, over all runs that match."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import comparing, goals, runs, seeing
from expctl.core import compare, effects
from expctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from expctl.actions.seeing import Seen
    from expctl.core.effects import Effect
    from expctl.project import Project

#: More columns are not looked at; a manifest of a stranger may have a hundred thousand.
_MOST = 400
#: Fewer runs tell nothing.
_LEAST = 4
_LOOKED_AT = ("params.", "tags.", "seeds.requested")


class Effects(NamedTuple):
    """What goes with a metric.

    Attributes:
        metric: The column.
        direction: ``max`` or ``min`` where it is known.
        effects: What explains most first.
        same: Columns with one value in all runs.
        silent: Columns in which almost every run differs.
        many: Over how many runs.
        lacking: Runs that match and have no finite value of the metric.
    """

    metric: str
    direction: str | None
    effects: tuple[Effect, ...]
    same: tuple[str, ...]
    silent: tuple[str, ...]
    many: int
    lacking: int


def of_metric(  # noqa: PLR0913  the options of the command
    project: Project,
    metric: str,
    references: Sequence[str] = (),
    *,
    where: str = "",
    columns: str = "",
    experiment: str | None = None,
    everything: bool = False,
    scope: seeing.Scope = seeing.EVERYWHERE,
) -> Effects:
    """Say how much of a metric's spread goes with each parameter.

    Args:
        project: Where to look.
        metric: Any column of numbers.
        references: These runs; all when empty.
        where: Only runs that match.
        columns: What is held against it, with commas; parameters, tags and seeds when empty.
        experiment: Only runs of this one; else of the one that the settings name, if they name one.
        everything: Runs of all experiments.
        scope: Which runs are looked at.

    Raises:
        QueryError: Something cannot be read, or names what no run has.
        UsageError: Too few runs have the metric, or all have the same.
    """
    with seeing.see(project, scope) as seen:
        among, _ = runs.among(seen, references, experiment, everything=everything)
        known = seen.columns(columns)
        name = goals.resolve(metric, known)
        numbers = seen.matching(where, among)
        column = seen.column(name)
        values = {n: float(column[n]) for n in numbers if compare.is_finite(column.get(n))}  # type: ignore[arg-type]  # finite numbers
        if len(values) < _LEAST:
            raise UsageError(
                f"{len(values)} of {len(numbers)} runs have a finite {name}: too few to tell.",
                hint="Look at more runs, such as with --all, or at single ones without --effects.",
            )
        if len(set(values.values())) == 1:
            raise UsageError(f"{name} is the same in all {len(values)} runs: there is nothing to explain.")
        asked = comparing.named_columns(columns, known) or _usual(known)
        return _told(seen, name, [each for each in asked if each != name][:_MOST], values, len(numbers))


def _usual(known: Collection[str]) -> list[str]:
    return sorted(name for name in known if name.startswith(_LOOKED_AT))


def _told(seen: Seen, name: str, columns: Sequence[str], values: dict[int, float], matching: int) -> Effects:
    found, same, silent = [], [], []
    for each in columns:
        keys = seen.column(each)
        one = effects.effect(each, keys, values)
        if one is not None:
            found.append(one)
        elif len({(str(keys.get(n)), type(keys.get(n))) for n in values}) > 1:
            silent.append(each)
        elif any(keys.get(n) is not None for n in values):
            same.append(each)
    found.sort(key=lambda one: -one.share)
    direction = compare.direction_of(name, seen.project.config.directions)
    lacking = matching - len(values)
    return Effects(name, direction, tuple(found), tuple(same), tuple(silent), len(values), lacking)
