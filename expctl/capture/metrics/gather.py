"""What a command measured: the events that its processes logged, and the metric files that it wrote."""

from __future__ import annotations

import os

from expctl.capture import outputwalk
from expctl.capture.metrics import live as live_events
from expctl.core import redact, series
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from expctl.capture.metrics.live import Logged
    from expctl.core.manifest import Metric
    from expctl.core.series import Points


Place = outputwalk.Place
#: Points by metric that were read of the output beside the command, and notes.
Printed = tuple["dict[str, Points]", "list[str]"]
#: A log that is longer than this is read without looking for digits first.
_HEAD = 1 << 14


class Measured(NamedTuple):
    """What was found.

    Attributes:
        metrics: By name, sorted.
        series: The ``series`` file; None when no metric has more than one point.
        params: Nested, from the API.
        tags: From the API.
        artifacts: Absolute path and kind ("" when not said) of what the API logged, in order.
        seeds: Last seed per generator; None for one that was seeded from the system.
        read_files: Metric files that were read, relative to the top where they lie under it.
        notes: What could not be read and why, and which secrets were hidden.
        hparams: What TensorBoard's plugin of that name had; secrets are not hidden yet.
    """

    metrics: dict[str, Metric]
    series: bytes | None
    params: dict[str, Any]
    tags: dict[str, str]
    artifacts: tuple[tuple[str, str], ...]
    seeds: dict[str, int | None]
    read_files: tuple[str, ...]
    notes: tuple[str, ...]
    hparams: Mapping[str, Any] = {}


class Asked(NamedTuple):
    """How metrics are to be taken.

    Attributes:
        directions: Metric name or pattern to ``max`` or ``min``.
        from_output: The setting ``metrics_from_output``.
        params: The run's parameters, nested: a printed line that repeats one tells no metric.
        printed: What was read of the output already; None when it is to be read now.
        jobs: Real paths of the folders of a multirun's jobs, which have runs of their own.
    """

    directions: Mapping[str, str] = {}
    from_output: Any = True
    params: Mapping[str, Any] = {}
    printed: Printed | None = None
    jobs: frozenset[str] = frozenset()


def gather(live: Path, place: Place, files: Sequence[str], asked: Asked) -> Measured:
    """Gather what was measured. Never raises: what cannot be read becomes a note.

    Args:
        live: The run's live folder, with ``events-*.jsonl`` and the log.
        place: Where it ran, and the files that it wrote.
        files: Metric files or patterns that were declared, relative to ``place.cwd`` or ``place.root``.
        asked: What the settings say.
    """
    logged = live_events.read(live, asked.jobs)
    notes = logged.notes
    points = logged.points
    read_files: list[str] = []
    hparams: dict[str, Any] = {}
    if files or place.written is None or place.written:
        from expctl.capture.metrics import merging, written  # many runs write nothing

        merged = merging.Merged(points)
        for group in written.read(place, files, notes):
            merged.add(group.sources)
            read_files += group.files
            hparams.update(group.hparams)
    _add_printed(points, live, asked, {**logged.params, **hparams}, logged)
    values, hidden = redact.redact_tree(logged.params)
    tags, more = redact.redact_tree(logged.tags)
    if hidden or more:
        notes.append("secrets hidden in " + ", ".join([*hidden, *(f"tag {name}" for name in more)]))
    return Measured(
        metrics={
            name: series.summarise(points[name], direction=_direction(name, asked.directions))
            for name in sorted(points)
        },
        series=series.encode(points) or None,
        params=values,
        tags=tags,
        artifacts=tuple(logged.artifacts.items()),
        seeds=logged.seeds,
        read_files=tuple(read_files),
        notes=tuple(notes),
        hparams=hparams,
    )


def _add_printed(
    points: dict[str, Points], live: Path, asked: Asked, told: Mapping[str, Any], logged: Logged
) -> None:
    """Add what the command printed, where nothing better gave the same name."""
    log, notes = os.path.join(live, "output.log"), logged.notes
    if asked.from_output is False or not _has_digits(log):
        return
    from expctl.capture.metrics import output  # commands that print no number do without

    before = dict(points)
    if asked.printed is None:
        found = output.read(log, asked=asked.from_output, params={**asked.params, **told}, notes=notes)
    else:
        # What the command told meanwhile of its parameters was not known beside it.
        found = output.without_params(asked.printed[0], told)
        notes += asked.printed[1]
    for name, printed in found.items():
        from expctl.capture.metrics import merging

        known = points.get(name)
        if known is not None and len(known.values) == 1 < len(printed.values):
            points[name] = merging.with_curve(known, printed)
        elif known is not None and name not in logged.names:
            merging.spell(known, printed)
        elif known is None and not merging.is_echo(name, printed, before):
            points[name] = printed


def _has_digits(log: str) -> bool:
    """Whether a log is there and may hold numbers; large ones do."""
    try:
        with open(log, "rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return False
    return len(head) == _HEAD or head != head.translate(None, b"0123456789")


def _direction(name: str, configured: Mapping[str, str]) -> str | None:
    if not configured:
        return None
    from expctl.core import directions  # only settings with patterns need it

    return directions.stated(name, configured)
