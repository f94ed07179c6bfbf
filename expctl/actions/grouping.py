"""Put runs together by what they share, and average their metrics: the noise of seeds becomes a spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import comparing, goals, runs, seeing
from expctl.core import groups, twins
from expctl.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from expctl.actions.seeing import Seen
    from expctl.core.groups import Grouping
    from expctl.project import Project

#: So many runs tell in which order metrics are logged, and which repeat others.
_SAMPLE = 20


class Grouped(NamedTuple):
    """Groups, and what there was to choose from.

    Attributes:
        grouping: The groups that are shown.
        ids: For each of them the ids of its runs, newest first.
        total: How many groups there are.
        runs: How many runs they hold.
        looked_at: Runs that were looked at, matching or not.
        unreadable: How many manifests cannot be believed.
        repeats: Metrics that are left out because they say what a shown one says, by its name.
    """

    grouping: Grouping
    ids: list[list[str]]
    total: int
    runs: int
    looked_at: int
    unreadable: int
    repeats: Mapping[str, tuple[str, ...]] = {}


def group(  # noqa: PLR0913  the options of the command
    project: Project,
    by: str,
    references: Sequence[str] = (),
    *,
    where: str = "",
    sort: str = "",
    limit: int | None = 20,
    columns: str = "",
    experiment: str | None = None,
    everything: bool = False,
    scope: seeing.Scope = seeing.EVERYWHERE,
) -> Grouped:
    """Group runs.

    Args:
        project: Where to look.
        by: Columns with commas: ``params.model,params.lr``.
        references: These runs; all when empty.
        where: Only runs that match.
        sort: By a key, or by the mean of a column; by the keys when empty.
        limit: At most so many groups; None for all.
        columns: What is averaged, with commas; all metrics when empty.
        experiment: Only runs of this one; else of the one that the settings name, if they name one.
        everything: Runs of all experiments.
        scope: Which runs are looked at.

    Raises:
        QueryError: Something cannot be read, or names what no run has.
        UsageError: There is nothing to group by.
    """
    with seeing.see(project, scope) as seen:
        among, _ = runs.among(seen, references, experiment, everything=everything)
        known = seen.columns(by, columns)
        keys = list(dict.fromkeys(goals.resolve(name, known) for name in goals.items(by)))
        if not keys:
            raise UsageError("There is nothing to group by.", hint="Such as: --group-by params.model")
        numbers = seen.matching(where, among)
        order = seen.order(sort)
        shown = comparing.named_columns(columns, known)
        repeats: dict[str, tuple[str, ...]] = {}
        if not shown:
            shown = _metrics(seen, numbers, known)
            repeats = {} if everything else _repeats(seen, numbers, shown)
            left_out = {name for some in repeats.values() for name in some} - {name for name, _ in order}
            shown = [name for name in shown if name not in left_out]
        shown = [name for name in shown if name not in keys]
        averaged = dict.fromkeys([*shown, *(name for name, _ in order if name not in keys)])
        found = groups.arrange(
            groups.gather(
                numbers,
                [seen.column(name) for name in keys],
                {name: seen.column(name) for name in averaged},
            ),
            keys,
            order,
        )
        kept = found[:limit]
        return Grouped(
            groups.judged(kept, keys, shown, project.config.directions),
            [[seen.ids[number] for number in each.numbers] for each in kept],
            len(found),
            len(numbers),
            len(among),
            len(seen.view.unreadable),
            repeats,
        )


def _repeats(seen: Seen, numbers: Sequence[int], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Metrics that say what another one says, as far as the newest runs tell."""
    some = numbers[:_SAMPLE]
    return twins.fold(names, lambda name: [seen.column(name).get(number) for number in some])


def _metrics(seen: Seen, numbers: Sequence[int], known: Collection[str]) -> list[str]:
    """All metrics, those of the newest runs first and as they were logged."""
    sample = seen.view.rows(numbers[:_SAMPLE])
    first = dict.fromkeys(name for each in sample for name in each.values if name.startswith("metrics."))
    wanted = set(numbers)
    rest = [name for name in sorted(known) if name.startswith("metrics.") and name not in first]
    return [*first, *(name for name in rest if not wanted.isdisjoint(seen.column(name)))]
