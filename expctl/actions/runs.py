"""Find runs: many by a filter, one by what people call it.

A question that the index can answer must not wait for what reads manifests and live folders (35 ms): that is
imported where it is needed.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import compare, query, row, runid
from expctl.errors import AmbiguousRunError, ManifestError, QueryError, RunNotFoundError, UsageError
from expctl.store import index

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from expctl.core.keys import Scalar
    from expctl.core.manifest import Manifest
    from expctl.core.reference import Best
    from expctl.core.row import Row
    from expctl.project import Project
    from expctl.store.manifests import Unreadable

_CANDIDATES = 10
#: The beginning of a suffix; people are never shown a shorter one (``runid.shortest_unique``).
_SUFFIX = slice(-6, -3)


class Listing(NamedTuple):
    """Some runs, and what there was to choose from.

    Attributes:
        rows: The runs, in order.
        total: How many match; ``rows`` may be fewer by the limit.
        unreadable: Files in the place of manifests that cannot be believed.
        hidden: Runs of other experiments, which were not looked at.
        looked_at: Runs that were looked at, matching or not.
        ids: The ids that a short one must be told from: those whose suffixes begin alike.
    """

    rows: list[Row]
    total: int
    unreadable: list[Unreadable]
    hidden: int
    looked_at: int
    ids: tuple[str, ...]


class Located(NamedTuple):
    """One run: its manifest, the file it stands in (None while it runs), and its row."""

    manifest: Manifest
    path: Path | None
    row: Row


class Seen:
    """All runs that can be seen from here, asked column by column; made by ``see``."""

    def __init__(self, project: Project, view: index.View, running: Mapping[str, Manifest]) -> None:
        self.project = project
        self.view = view
        self.running = running
        self._columns: dict[str, Mapping[int, Scalar]] = {}

    def column(self, name: str) -> Mapping[int, Scalar]:
        """The values of a column by number; read once."""
        if name not in self._columns:
            self._columns[name] = self.view.column(name)
        return self._columns[name]

    def of_experiment(self, name: str | None) -> list[int]:
        """Numbers of the runs of one experiment, or of all, newest first."""
        if name is None:
            return list(self.view.ids)
        column = self.column("experiment")
        return [number for number in self.view.ids if column.get(number) == name]

    def matching(self, where: str, among: Sequence[int], *, strict: bool = True) -> list[int]:
        """Numbers of the runs that pass a filter, in the order given.

        Raises:
            QueryError: The filter cannot be read, or names a column that no run has.
        """
        asked = query.parse(where)
        if not where.strip():
            return list(among)
        passing = asked.bind(self.view.columns(), strict=strict).select(set(among), self.column)
        return [number for number in among if number in passing]

    def ordered(self, by: Sequence[tuple[str, bool]], numbers: Sequence[int]) -> list[int]:
        """Numbers sorted by columns, each with whether it falls."""
        return query.arrange(numbers, by, self.column) if by else list(numbers)

    def order(self, sort: str, *, strict: bool = True) -> list[tuple[str, bool]]:
        """The columns that an order means.

        Raises:
            QueryError: It cannot be read, or names a column that no run has.
        """
        asked = query.parse_sort(sort)
        return asked.bind(self.view.columns(), strict=strict) if asked.keys else []

    def listing(self, numbers: Sequence[int], limit: int | None, looked_at: int) -> Listing:
        """The first of some runs, with the facts around them."""
        rows = self.view.rows(numbers[:limit])
        return Listing(
            rows=rows,
            total=len(numbers),
            unreadable=self.view.unreadable,
            hidden=len(self.view.ids) - looked_at,
            looked_at=looked_at,
            ids=_near(rows, self.view.ids.values()),
        )


@contextlib.contextmanager
def see(project: Project) -> Iterator[Seen]:
    """Look at all runs: dead ones are sealed first, then the index is brought up to date."""
    running = _running(project)
    view = index.look(
        project.index,
        runs=project.runs,
        finished=project.finished,
        live=[row.from_manifest(run) for run in running.values()],
    )
    try:
        yield Seen(project, view, running)
    finally:
        view.close()


def select(  # noqa: PLR0913  the options of the command
    project: Project,
    *,
    where: str = "",
    sort: str = "",
    limit: int | None = 20,
    experiment: str | None = None,
    everything: bool = False,
    strict: bool = True,
) -> Listing:
    """Find the runs that match, newest first unless ``sort`` says otherwise.

    Args:
        project: Where to look.
        where: A filter; see ``core.query.parser``.
        sort: Such as ``metrics.f1 DESC, params.lr``.
        limit: At most so many; None for all.
        experiment: Only runs of this one; else of the one that the settings name, if they name one.
        everything: Runs of all experiments.
        strict: A column that no run has is a fault; otherwise it is missing everywhere.

    Raises:
        QueryError: Filter or order cannot be read, or name a column that no run has.
    """
    with see(project) as seen:
        among = seen.of_experiment(wanted_experiment(project, experiment, everything=everything))
        by = seen.order(sort, strict=strict)
        found = seen.ordered(by, seen.matching(where, among, strict=strict))
        return seen.listing(found, limit, len(among))


def find(project: Project, reference: str) -> Located:
    """Find one run by what people call it.

    Args:
        project: Where to look.
        reference: An id, its beginning or its suffix, a name, ``@``, ``@-2``, ``best:f1_score``.

    Raises:
        RunNotFoundError: Nothing matches; the nearest name is hinted at.
        AmbiguousRunError: It could mean two; both are listed.
        ManifestError: The run is there, and its manifest cannot be believed.
    """
    return find_many(project, [reference])[0]


def find_many(project: Project, references: Sequence[str]) -> list[Located]:
    """Find several runs, in the order named; a run that is named twice is given once.

    Raises:
        RunNotFoundError: Nothing matches one of them.
        AmbiguousRunError: One of them could mean two runs.
        ManifestError: A run is there, and its manifest cannot be believed.
    """
    with see(project) as seen:
        return [_located(seen, number) for number in resolve(seen, references)]


def resolve(seen: Seen, references: Sequence[str]) -> list[int]:
    """Numbers of the runs that references name, in that order, each once.

    Raises:
        RunNotFoundError: Nothing matches one of them.
        AmbiguousRunError: One of them could mean two runs.
    """
    return list(dict.fromkeys(_number(seen, text) for text in references))


def wanted_experiment(project: Project, asked: str | None, *, everything: bool) -> str | None:
    """The experiment to look at: as asked, or as the settings name one; None for all."""
    if everything or asked is not None:
        return asked
    config = project.config
    return config.experiment if config.origin("experiment") != "default" else None


def _running(project: Project) -> dict[str, Manifest]:
    """Manifests of runs in progress, as far as their folders can be read; dead ones are sealed first."""
    found: dict[str, Manifest] = {}
    try:
        if not os.listdir(project.live):
            return found
    except OSError:
        return found
    from expctl.actions import sealing
    from expctl.store import live

    sealing.seal_dead(project)
    for run in live.list_live(project.live):
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError, OSError):
            found[run.id] = run.manifest()
    return found


def _near(rows: Sequence[Row], ids: Iterable[str]) -> tuple[str, ...]:
    """The ids whose suffix begins as that of one of the rows does; no other can be mistaken for it."""
    starts = {row.id[_SUFFIX] for row in rows}
    return tuple([run_id for run_id in ids if run_id[_SUFFIX] in starts])


def _number(seen: Seen, text: str) -> int:
    from expctl.core import reference

    numbers = list(seen.view.ids)
    if (steps := reference.back(text)) is not None:
        if steps >= len(numbers):
            raise RunNotFoundError(f"There is no run {text}: {_count(len(numbers))}.", hint=_LIST)
        return numbers[steps]
    if (best := reference.best(text)) is not None:
        return _best(seen, best, text)
    names = {seen.view.ids[n]: str(name) for n, name in seen.column("name").items() if n in seen.view.ids}
    found = reference.named(text, seen.view.ids.values(), names)
    if len(found) > 1:
        raise _ambiguous(text, found, names)
    if not found:
        raise _not_found(seen, text, names)
    return next(number for number, run_id in seen.view.ids.items() if run_id == found[0])


_LIST = "List runs with: expctl ls"


def _count(many: int) -> str:
    return f"there are {many}" if many != 1 else "there is 1"


def _best(seen: Seen, best: Best, text: str) -> int:
    from expctl.core.query.names import Names

    columns = seen.view.columns()
    try:
        key = query.parse_sort(best.metric).keys[0].key
        metrics = {name for name in columns if name.startswith("metrics.")}
        column = Names(metrics or columns).find(key, best.metric)
    except (QueryError, IndexError) as err:
        hint = err.hint if isinstance(err, QueryError) else None
        raise RunNotFoundError(f"No run has the metric of {text}.", hint=hint or _LIST) from err
    direction = best.direction or compare.direction_of(column, seen.project.config.directions)
    if direction is None:
        raise UsageError(
            f"Nobody has said whether {column} is better high or low.",
            hint=f"Write best:{best.metric}:max or best:{best.metric}:min",
        )
    values = {n: v for n, v in seen.column(column).items() if n in seen.view.ids and compare.is_finite(v)}
    if not values:
        raise RunNotFoundError(f"No run has a finite {column}.", hint=_LIST)
    # The first of equals is the newest: ids fall.
    best_first = seen.ordered([(column, direction == "max")], [n for n in seen.view.ids if n in values])
    return best_first[0]


def _ambiguous(text: str, found: Sequence[str], names: Mapping[str, str]) -> AmbiguousRunError:
    lines = [f"  {run_id}  {names.get(run_id, '')}".rstrip() for run_id in found[:_CANDIDATES]]
    if len(found) > _CANDIDATES:
        lines.append(f"  and {len(found) - _CANDIDATES} more")
    return AmbiguousRunError(f'"{text}" could mean {len(found)} runs.', hint="Name one:\n" + "\n".join(lines))


def _not_found(seen: Seen, text: str, names: Mapping[str, str]) -> Exception:
    broken = {item.path.rpartition("/")[2].removesuffix(".yaml"): item for item in seen.view.unreadable}
    matching = runid.matching(text.lower(), broken)
    if len(matching) == 1:
        item = broken[matching[0]]
        return ManifestError(
            f"{item.path}: {item.reason}", hint=f"Look at it with: expctl validate {item.path}"
        )
    from expctl.core import reference

    near = reference.nearest(text, seen.view.ids.values(), names)
    hint = f"Did you mean {near}? {_LIST}" if near else _LIST
    return RunNotFoundError(f'No run matches "{text}".', hint=hint)


def _located(seen: Seen, number: int) -> Located:
    run_id = seen.view.ids[number]
    if run_id in seen.running:
        manifest, path = seen.running[run_id], None
    else:
        from expctl.store import manifests

        path = seen.view.file(number)
        manifest = manifests.read(path, expect_id=run_id)
    return Located(manifest, path, row.from_manifest(manifest))
