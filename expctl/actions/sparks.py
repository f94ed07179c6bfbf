"""The curves of metrics for the cells of a table: what is in this clone; nothing is fetched for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.actions import curves, goals, runs
from expctl.core import row
from expctl.core.sparks import MARK, Curve, thinned
from expctl.errors import ExpctlError, UsageError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from expctl.actions.seeing import Seen
    from expctl.core.manifest import Manifest


def columns(text: str, known: Collection[str]) -> list[str]:
    """The columns of curves that names of metrics ask for, with or without ``~``.

    Raises:
        QueryError: No run has it.
        UsageError: It is no metric.
    """
    found = [goals.resolve(item.removesuffix(MARK), known) for item in goals.items(text)]
    for name in found:
        if not name.startswith("metrics."):
            raise UsageError(f"{name} is no metric, and has no curve.")
    return [name + MARK for name in found]


def read(seen: Seen, numbers: Mapping[str, int], wanted: Sequence[str]) -> dict[str, dict[str, Curve]]:
    """Curves by column and by the id of the run, as far as they are here.

    Args:
        seen: What is looked at.
        numbers: The runs by id.
        wanted: As ``columns`` gave them.
    """
    found: dict[str, dict[str, Curve]] = {name: {} for name in wanted}
    for run_id, number in numbers.items():
        try:
            manifest = runs.located(seen, number).manifest
        except ExpctlError:  # gone since it was listed
            continue
        names = {column: row.metric_name(column.removesuffix(MARK)) for column in wanted}
        for column, curve in _of_run(seen, manifest, names).items():
            found[column][run_id] = curve
    return found


def _of_run(seen: Seen, manifest: Manifest, names: Mapping[str, str]) -> dict[str, Curve]:
    try:
        points = curves.read(seen.project, manifest, fetch=False)
    except (ExpctlError, OSError, ValueError):
        points = {}
    found = {}
    for column, name in names.items():
        metric = manifest.metrics.get(name)
        values = thinned(points[name].values) if name in points else ()
        if values or metric is not None:
            found[column] = Curve(values, metric and metric.min, metric and metric.max)
    return found
