"""What a plot shows: curves of runs metric by metric, or runs as points between two of their columns."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import curves as kept
from expctl.actions import goals, runs, seeing
from expctl.actions.seeing import EVERYWHERE, Scope
from expctl.core import compare, curves, runid
from expctl.core.manifest import FINAL_STATUSES
from expctl.core.query import lexer
from expctl.errors import ExpctlError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from expctl.core.compare import Objective
    from expctl.core.curves import Curve
    from expctl.core.keys import Scalar
    from expctl.core.manifest import Manifest
    from expctl.core.series import Points
    from expctl.project import Project

#: What is drawn when nobody says what: more panels than this are not looked at.
_USUAL = 3
#: So many runs are looked at for one with curves, when nobody names one.
_LAST_FEW = 20
#: More curves than letters cannot be told apart.
MOST_CURVES = 26


class Panel(NamedTuple):
    """One metric, and its curve of each run that has one."""

    metric: str
    curves: tuple[Curve, ...]


class Curves(NamedTuple):
    """Curves of several runs.

    Attributes:
        panels: Metric by metric, in the order asked for.
        ids: The runs, in the order asked for.
        others: Metrics with curves that were not asked for.
        notes: What is not shown, and why.
        passed_over: The latest run, where none was named and it has no curves.
    """

    panels: tuple[Panel, ...]
    ids: tuple[str, ...]
    others: tuple[str, ...]
    notes: tuple[str, ...]
    passed_over: str = ""


class Point(NamedTuple):
    """One run between two columns: finite values, the third as it is, and whether it is on the front."""

    id: str
    name: str
    x: float
    y: float
    color: Scalar
    is_front: bool


class Scatter(NamedTuple):
    """Runs between two of their columns.

    Attributes:
        across: The column from left to right.
        up: The column from below to above.
        color: The third column; None for none.
        points: The runs that have both.
        lacking: How many runs have not.
        goals: What the front is of; empty for no front.
        hidden: Runs of other experiments.
        ids: The ids that a short one must be told from.
    """

    across: str
    up: str
    color: str | None
    points: tuple[Point, ...]
    lacking: int
    goals: tuple[Objective, ...]
    hidden: int
    ids: tuple[str, ...]


class NoCurveError(ExpctlError):
    """The runs have no curve of what was asked for."""


def plot_curves(
    project: Project, references: Sequence[str], metrics: str = "", *, by: str, smoothing: float
) -> Curves:
    """Gather the curves of runs.

    Args:
        project: Where to look.
        references: The runs; when empty the latest of the last few that has curves.
        metrics: Names with commas, ``*`` stands for any text; the first few, losses before all, when empty.
        by: ``step`` or ``time``.
        smoothing: From 0 to below 1.

    Raises:
        NoCurveError: None of the runs has a curve of that name.
        RunNotFoundError: A reference matches nothing.
        AmbiguousRunError: A reference could mean two runs.
        DvcError: The series are only on a remote that cannot be reached.
        IncompleteError: The remote lacks them.
    """
    found = [one.manifest for one in runs.find_many(project, list(references) or ["@"])]
    latest = found[0].id
    if not references and not _may_have_curves(found[0]):
        found = _with_curves(project) or found
    if len(found) > MOST_CURVES:
        raise UsageError(
            f"{len(found)} runs are more than {MOST_CURVES} curves.",
            hint="Draw all of them into one page with: expctl report",
        )
    series = {run.id: kept.read(project, run) for run in found}
    names = _names(metrics, series, is_latest=not references)
    labels = {run.id: " ".join(filter(None, (runid.suffix(run.id), run.name))) for run in found}
    panels = [
        Panel(
            name,
            tuple(
                curves.curve(labels[run.id], series[run.id][name], by=by, smoothing=smoothing)
                for run in found
                if name in series[run.id]
            ),
        )
        for name in names
    ]
    known = dict.fromkeys(name for points in series.values() for name in points)
    lacking = [
        f"{labels[run.id]} has no curve of {name}"
        for name in names
        for run in found
        if name not in series[run.id]
    ]
    others = tuple(name for name in known if name not in names)
    passed_over = "" if references or found[0].id == latest else latest
    return Curves(tuple(panels), tuple(run.id for run in found), others, tuple(lacking), passed_over)


def _may_have_curves(run: Manifest) -> bool:
    """Whether a run left points, or is in progress."""
    return "series" in run.outputs or run.status not in FINAL_STATUSES


def _with_curves(project: Project) -> list[Manifest]:
    """The newest of the last few runs that left points; none where none did."""
    newest = runs.select(project, limit=_LAST_FEW, everything=True)
    located = runs.find_many(project, [row.id for row in newest.rows])
    return [one.manifest for one in located if _may_have_curves(one.manifest)][:1]


def plot_scatter(  # noqa: PLR0913  the options of the command
    project: Project,
    references: Sequence[str] = (),
    *,
    columns: str = "",
    pareto: str = "",
    color: str = "",
    where: str = "",
    experiment: str | None = None,
    everything: bool = False,
    scope: Scope = EVERYWHERE,
) -> Scatter:
    """Place runs between two of their columns.

    Args:
        project: Where to look.
        references: These runs; all when empty.
        columns: Two columns with a comma: from left to right, from below to above. With goals the second goal
            and the first.
        pareto: Goals whose front is marked, such as ``f1:max,inference_time_ms:min``.
        color: A third column; with three goals the third.
        where: Only runs that match.
        experiment: Only runs of this one; else of the one that the settings name, if they name one.
        everything: Runs of all experiments.
        scope: Of which branches.

    Raises:
        UsageError: Not two columns, or goals without a direction.
        QueryError: A column or the filter names what no run has.
        NoCurveError: No run has finite numbers in both columns.
    """
    with seeing.see(project, scope) as seen:
        among, wanted = runs.among(seen, references, experiment, everything=everything)
        known = seen.columns(color)
        objectives = goals.parse(pareto, known, project.config.directions)
        across, up = _axes(columns, objectives, known)
        third = goals.resolve(color, known) if color else objectives[2].column if objectives[2:] else None
        passing = seen.matching(where, among)
        front = goals.front(seen, passing, objectives)
        xs, ys, names = seen.column(across), seen.column(up), seen.column("name")
        colors: Mapping[int, Scalar] = seen.column(third) if third else {}
        points = tuple(
            Point(seen.ids[n], str(names.get(n) or ""), float(x), float(y), colors.get(n), n in front)  # type: ignore[arg-type]  # finite numbers
            for n in passing
            if compare.is_finite(x := xs.get(n)) and compare.is_finite(y := ys.get(n))
        )
        if not points:
            raise NoCurveError(f"None of {len(passing)} runs has finite numbers of {across} and {up}.")
        return Scatter(
            across=across,
            up=up,
            color=third,
            points=points,
            lacking=len(passing) - len(points),
            goals=objectives,
            hidden=0 if wanted is None else len(seen.ids) - len(among),
            ids=tuple(seen.ids.values()),
        )


def as_goals(project: Project, found: Scatter) -> tuple[Objective, ...]:
    """The two columns of a scatter as goals; what nobody has said is better low across and high up."""
    configured = project.config.directions
    return tuple(
        compare.Objective(column=column, direction=compare.direction_of(column, configured) or usual)
        for column, usual in ((found.up, "max"), (found.across, "min"))
    )


def _names(wanted: str, series: Mapping[str, Mapping[str, Points]], *, is_latest: bool) -> list[str]:
    known = dict.fromkeys(name for points in series.values() for name in points)
    if not known:
        whose = f"Run {runid.suffix(next(iter(series)))} has" if len(series) == 1 else "The runs have"
        said = "None of the last runs has a" if is_latest else f"{whose} no"
        raise NoCurveError(
            f"{said} metric with more than one point.",
            hint="Log steps, such as: expctl.log_metric('loss', 0.3, step=7)",
        )
    if not wanted:
        return sorted(known, key=lambda name: "loss" not in name.lower())[:_USUAL]
    found: list[str] = []
    for item in goals.items(wanted):
        found += _meant(item.replace("`", "").removeprefix("metrics."), known)
    return list(dict.fromkeys(found))


def _meant(item: str, known: Mapping[str, None]) -> list[str]:
    """The metrics that a name, its end or a pattern means."""
    if item in known:
        return [item]
    if "*" in item or "?" in item:
        found = sorted(name for name in known if fnmatchcase(name, item))
    else:
        found = [name for name in known if name.replace("/", ".").endswith(f".{item}")]
    if not found:
        near = lexer.nearest(item, known)
        listed = ", ".join(sorted(known)[:8])
        raise NoCurveError(
            f"There is no curve of {item}.", hint=f"Did you mean {near}?" if near else f"There are: {listed}"
        )
    return found


def _axes(columns: str, objectives: Sequence[Objective], known: Collection[str]) -> tuple[str, str]:
    named = [goals.resolve(item, known) for item in goals.items(columns)]
    if not named and len(objectives) > 1:
        return objectives[1].column, objectives[0].column
    if len(named) != 2:  # noqa: PLR2004  a plane
        raise UsageError(
            "A scatter has two columns.", hint="Such as: expctl plot --scatter inference_time_ms,f1_score"
        )
    return named[0], named[1]
