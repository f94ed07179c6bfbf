"""What a command measured: the events that its processes logged, and the metric files that it wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from expctl.core.manifest import Metric


class Measured(NamedTuple):
    """What was found.

    Attributes:
        metrics: By name, sorted.
        series: The ``series`` file; None when no metric has more than one point.
        params: Nested, from the API.
        tags: From the API.
        artifacts: Absolute path and kind ("" when not said) of what the API logged, in order.
        seeds: Last seed per generator.
        read_files: Metric files that were read, relative to the top where they lie under it.
        notes: What could not be read and why, and which secrets were hidden.
    """

    metrics: dict[str, Metric]
    series: bytes | None
    params: dict[str, Any]
    tags: dict[str, str]
    artifacts: tuple[tuple[str, str], ...]
    seeds: dict[str, int | None]
    read_files: tuple[str, ...]
    notes: tuple[str, ...]


def gather(
    live: Path, root: Path, cwd: Path, files: Sequence[str], started_ns: int, directions: Mapping[str, str]
) -> Measured:
    """Gather what was measured. Never raises: what cannot be read becomes a note.

    Args:
        live: The run's live folder, with ``events-*.jsonl``.
        root: Top of the repository.
        cwd: Where the command ran.
        files: Metric files that were declared, relative to ``cwd`` or ``root``.
        started_ns: Start of the command, in nanoseconds of the wall clock; older files are not this run's.
        directions: Metric name or pattern to ``max`` or ``min``.
    """
    return Measured({}, None, {}, {}, (), {}, (), ())
