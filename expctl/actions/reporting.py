"""What a report holds: runs column by column, curves of the first of them, and the goals of a front."""

from __future__ import annotations

import contextlib
import os
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import curves as kept
from expctl.actions import goals, runs, seeing
from expctl.actions.seeing import EVERYWHERE, Scope
from expctl.adapters import clock, files
from expctl.core import compare, curves, row, twins
from expctl.errors import ConflictError, ExpctlError, RunNotFoundError
from expctl.store import outputs

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from expctl.core.compare import Objective
    from expctl.core.keys import Scalar
    from expctl.core.manifest import Manifest
    from expctl.core.series import Points
    from expctl.project import Project

#: More runs than a page stays quick with.
MOST_RUNS = 20_000
#: More columns are not looked at; a manifest of a stranger may have a hundred thousand.
_MOST_COLUMNS = 400
#: Columns in which every run differs and that tell nothing.
_QUIET = ("cwd",)
_DIGITS = re.compile(r"\d+")
#: Points of a curve in the page.
_POINTS = 240
_MOST_METRICS = 40
#: Runs in which a column must repeat another.
_SAMPLE = 300
#: By which a report is told from other files, and where it stands.
_MARK, _HEAD_BYTES = b'<meta name="generator" content="expctl">', 1_000


class Column(NamedTuple):
    """One column: its whole name, a short one, its group, which end is better, and a value for each run."""

    name: str
    label: str
    group: str
    direction: str | None
    values: Sequence[Scalar]


class Line(NamedTuple):
    """A curve over steps, and the seconds of the same points where all have a time."""

    steps: Sequence[float]
    values: Sequence[float]
    seconds: Sequence[float] | None


class Report(NamedTuple):
    """What a report holds.

    Attributes:
        ids: The runs, in order.
        columns: What is known of them, most telling first.
        lines: By place of a run and metric.
        repeated: Columns that say what another one says, at least in the first runs.
        objectives: The goals of the front.
        selected: Places of the runs that were named.
        total: How many runs match; ``ids`` may be fewer.
        left_out: How many columns found no place.
        unreadable: Files in the place of manifests that cannot be believed.
        hidden: Runs of other experiments.
        looked_at: How many there were to choose from.
        elsewhere: Runs whose curves are not in this clone.
        experiment: The one whose runs these are; None for all.
        made_at: When it was gathered.
    """

    ids: tuple[str, ...]
    columns: tuple[Column, ...]
    lines: Mapping[int, Mapping[str, Line]]
    repeated: tuple[str, ...]
    objectives: tuple[Objective, ...]
    selected: tuple[int, ...]
    total: int
    left_out: int
    unreadable: Sequence[tuple[str, str]]
    hidden: int
    looked_at: int
    elsewhere: int
    experiment: str | None
    made_at: datetime


def gather(  # noqa: PLR0913  the options of the command
    project: Project,
    references: Sequence[str] = (),
    *,
    where: str = "",
    sort: str = "",
    limit: int | None = None,
    experiment: str | None = None,
    everything: bool = False,
    pareto: str = "",
    curves_of: int = 300,
    fetch: bool = False,
    scope: Scope = EVERYWHERE,
) -> Report:
    """Gather a report.

    Args:
        project: Where to look.
        references: Runs that stand first and are selected at the start.
        where: Only runs that match.
        sort: Such as ``metrics.f1 DESC``; newest first by default.
        limit: At most so many runs; as many as a page stays quick with by default.
        experiment: Only runs of this one; else of the one that the settings name, if they name one.
        everything: Runs of all experiments.
        pareto: Goals such as ``f1_score:max,inference_time_ms:min``.
        curves_of: Put the curves of so many runs in.
        fetch: Bring curves that are only on the remote.
        scope: Of which branches.

    Raises:
        QueryError: Filter, order or goals cannot be read, or name what no run has.
        RunNotFoundError: A reference matches nothing, or no run does.
        AmbiguousRunError: A reference could mean two runs.
    """
    with seeing.see(project, scope) as seen:
        wanted = runs.wanted_experiment(project, experiment, everything=everything)
        among = seen.of_experiment(wanted)
        by = seen.order(sort)
        passing = seen.matching(where, among)
        ordered = seen.ordered(by, passing) if by else seen.newest(passing, limit)
        named = runs.resolve(seen, references)
        numbers = list(dict.fromkeys([*named, *ordered]))[: min(limit or MOST_RUNS, MOST_RUNS)]
        if not numbers:
            raise RunNotFoundError(
                f"None of {len(among)} runs matches." if among else "There are no runs to report on.",
                hint="List runs with: expctl ls --all",
            )
        known = seen.view.columns()
        objectives = goals.parse(pareto, known, project.config.directions)
        names = _by_interest(known, [goal.column for goal in objectives])
        columns = _columns(seen, names[:_MOST_COLUMNS], numbers, project.config.directions)
        lines, elsewhere = _lines(project, seen, [*numbers][:curves_of], fetch=fetch)
        return Report(
            ids=tuple(seen.ids[number] for number in numbers),
            columns=columns,
            lines=lines,
            repeated=_repeated(columns, [goal.column for goal in objectives]),
            objectives=objectives,
            selected=tuple(range(len(named))),
            total=len(dict.fromkeys([*named, *ordered])),
            left_out=max(0, len(names) - _MOST_COLUMNS),
            unreadable=seen.view.unreadable,
            hidden=0 if wanted is None else len(seen.ids) - len(among),
            looked_at=len(among),
            elsewhere=elsewhere,
            experiment=wanted,
            made_at=clock.now(),
        )


def save(project: Project, path: str, text: str, *, force: bool = False) -> None:
    """Write a report to a file; one that lies there is replaced.

    In the work tree it counts as an output from then on: a report makes no later run dirty.

    Args:
        project: Of which runs it is.
        path: Absolute.
        text: The page.
        force: Replace a file that is no report too.

    Raises:
        ConflictError: Something else lies there.
        ExpctlError: It cannot be written.
    """
    path = os.path.realpath(path)  # the file that a link leads to is written, not the link
    try:
        if os.path.lexists(path) and not os.path.isfile(path):
            raise ConflictError(f"{path} is no file.", hint="Write to standard output with: -o -")
        if os.path.lexists(path) and not force and not _is_report(path):
            raise ConflictError(
                f"{path} is there already and is no report.",
                hint="Choose another place with -o, or replace it with --force",
            )
        files.write_atomic(path, text.encode())
        _count_as_output(project, path)
    except OSError as err:
        raise ExpctlError(
            f"{path} cannot be written: {err.strerror}.", hint="Choose a place with -o"
        ) from err


def _count_as_output(project: Project, path: str) -> None:
    root = os.path.realpath(project.root)
    if path.startswith(root + os.sep):
        with contextlib.suppress(OSError):  # a clone that cannot be written to has no runs to come
            outputs.add(project.state, [os.path.relpath(path, root)])


def _is_report(path: str) -> bool:
    with open(path, "rb") as file:
        return _MARK in file.read(_HEAD_BYTES)


def _by_interest(known: Collection[str], first: Sequence[str]) -> list[str]:
    """Columns by what people look at first: goals, attributes, metrics, parameters, tags, surroundings."""
    family = {name: _DIGITS.sub("#", name) for name in known}
    sizes = Counter(family.values())
    attributes = {name: at for at, name in enumerate(row.ATTRIBUTES)}
    groups = ("metrics", "params", "tags", "code", "seeds", "data", "environment", "resources", "parent")
    order = {group: len(attributes) + at for at, group in enumerate(groups)}
    last = len(attributes) + len(groups)

    def key(name: str) -> tuple[int, int, str]:
        if name in first:
            return -1, 0, name
        # class_0_precision, class_1_precision, … come after what stands alone.
        return attributes.get(name, order.get(compare.group_of(name), last)), sizes[family[name]], name

    return sorted((name for name in known if name != "id" and name not in _QUIET), key=key)


def _columns(
    seen: seeing.Seen, names: Sequence[str], numbers: Sequence[int], configured: Mapping[str, str]
) -> tuple[Column, ...]:
    labels = compare.short_labels(names)
    found = []
    for name in names:
        column = seen.column(name)
        values = [column.get(number) for number in numbers]
        if any(value is not None for value in values):
            found.append(
                Column(
                    name,
                    labels[name],
                    compare.group_of(name),
                    compare.direction_of(name, configured),
                    values,
                )
            )
    return tuple(found)


def _repeated(columns: Sequence[Column], kept: Sequence[str]) -> tuple[str, ...]:
    known = {column.name: column.values[:_SAMPLE] for column in columns}
    found = twins.fold(list(known), known.__getitem__)
    return tuple(name for some in found.values() for name in some if name not in kept)


def _lines(
    project: Project, seen: seeing.Seen, numbers: Sequence[int], *, fetch: bool
) -> tuple[dict[int, dict[str, Line]], int]:
    """Curves by the place of their run, and how many runs have theirs elsewhere."""
    found: dict[int, dict[str, Line]] = {}
    elsewhere = 0
    known: dict[int, Manifest] = {}
    for place, number in enumerate(numbers):
        # One run whose record is broken does not take the report from all the others.
        with contextlib.suppress(ExpctlError):
            known[place] = runs.located(seen, number).manifest
    if fetch:
        kept.bring(project, known.values())
    for place, run in known.items():
        with contextlib.suppress(ExpctlError):
            lines = _of(project, run)
            if lines:
                found[place] = lines
            elif run.outputs.get("series"):
                elsewhere += 1
    return found, elsewhere


def _of(project: Project, run: Manifest) -> dict[str, Line]:
    series = kept.read(project, run, fetch=False)
    many = {name: points for name, points in series.items() if len(points.values) > 1}
    return {name: _line(points) for name, points in list(many.items())[:_MOST_METRICS]}


def _line(points: Points) -> Line:
    line = curves.curve("", points)
    timed = curves.curve("", points, by=curves.TIME)
    thinned = curves.thin(line, _POINTS)
    if len(timed.xs) != len(line.xs):
        return Line(thinned.xs, thinned.ys, None)
    # Both are in the order in which the points were logged, unless a run was resumed: then time rules.
    seconds = dict(zip(line.xs, timed.xs, strict=True))
    return Line(thinned.xs, thinned.ys, [seconds[x] for x in thinned.xs])
