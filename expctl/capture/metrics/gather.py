"""What a command measured: the events that its processes logged, and the metric files that it wrote."""

from __future__ import annotations

import os

from expctl.capture.metrics import live as live_events
from expctl.capture.metrics import merging
from expctl.core import redact, series
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from expctl.core.manifest import Metric
    from expctl.core.series import Points
    from expctl.core.timespan import Span

#: A manifest is read by people; more names than this in one file are data.
_MOST_METRICS = 500
#: Folders that programs write their results to, looked into beside the working folder itself.
_FOLDERS = (
    "", "metrics", "results", "result", "outputs", "output", "out", "reports", "report", "eval",
    "evaluation", "logs", "artifacts", "dvclive",
)  # fmt: skip
_STEMS = frozenset(
    {"metric", "metrics", "score", "scores", "result", "results", "eval", "evaluation", "performance"}
)
_SUFFIXES = (".json", ".jsonl", ".csv", ".tsv", ".yaml", ".yml")


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
    live: Path, root: Path, cwd: Path, files: Sequence[str], span: Span, directions: Mapping[str, str]
) -> Measured:
    """Gather what was measured. Never raises: what cannot be read becomes a note.

    Args:
        live: The run's live folder, with ``events-*.jsonl``.
        root: Top of the repository.
        cwd: Where the command ran.
        files: Metric files or patterns that were declared, relative to ``cwd`` or ``root``.
        span: When the command was at work; what was written before or after is not this run's.
        directions: Metric name or pattern to ``max`` or ``min``.
    """
    logged = live_events.read(live)
    notes = logged.notes
    points = logged.points
    read_files: list[str] = []
    for path, declared in _candidates(root, cwd, files, notes):
        label = _label(path, root)
        found = _read(path, label, span, declared=declared, notes=notes)
        if found:
            read_files.append(label)
            merging.add(points, found, label)
    values, hidden = redact.redact_tree(logged.params)
    tags, more = redact.redact_tree(logged.tags)
    if hidden or more:
        notes.append("secrets hidden in " + ", ".join([*hidden, *(f"tag {name}" for name in more)]))
    return Measured(
        metrics={
            name: series.summarise(points[name], direction=series.direction_from(name, directions))
            for name in sorted(points)
        },
        series=series.encode(points) or None,
        params=values,
        tags=tags,
        artifacts=tuple(logged.artifacts.items()),
        seeds=logged.seeds,
        read_files=tuple(read_files),
        notes=tuple(notes),
    )


def _candidates(root: Path, cwd: Path, files: Sequence[str], notes: list[str]) -> Iterator[tuple[str, bool]]:
    """Metric files to look at, declared ones first, each real file once, and whether it was declared."""
    seen: set[str] = set()
    for name in files:
        matches = _expand(os.path.join(cwd, name)) or _expand(os.path.join(root, name))
        if not matches:
            notes.append(f"metrics file {name}: not there")
        for path in matches:
            if (real := os.path.realpath(path)) not in seen:
                seen.add(real)
                yield path, True
    for top in dict.fromkeys((os.fspath(cwd), os.fspath(root))):
        for folder in _FOLDERS:
            for path in _looks_like_metrics(os.path.join(top, folder)):
                if (real := os.path.realpath(path)) not in seen:
                    seen.add(real)
                    yield path, False


def _expand(pattern: str) -> list[str]:
    if os.path.exists(pattern):
        return [os.path.normpath(pattern)]
    if not any(mark in pattern for mark in "*?["):
        return []
    import glob  # only patterns need it

    return sorted(
        os.path.normpath(path) for path in glob.glob(pattern, recursive=True) if os.path.isfile(path)
    )


def _looks_like_metrics(folder: str) -> list[str]:
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    found = []
    for name in names:
        stem, suffix = os.path.splitext(name.lower())
        if suffix in _SUFFIXES and not _STEMS.isdisjoint(stem.replace("-", "_").replace(".", "_").split("_")):
            found.append(os.path.join(folder, name) if folder else name)
    return sorted(found)


def _read(path: str, label: str, span: Span, *, declared: bool, notes: list[str]) -> Mapping[str, Points]:
    """The metrics of one file; what is wrong with one that was found by its name alone is not said."""
    try:
        found = _load(path, span, declared=declared)
    except OSError as err:
        problem = err.strerror or str(err)
    except ValueError as err:
        problem = str(err)
    else:
        return found
    if declared:
        notes.append(f"metrics file {label}: {problem}")
    return {}


def _load(path: str, span: Span, *, declared: bool) -> Mapping[str, Points]:
    from expctl.capture.metrics import readers  # only runs that write metric files need them

    real = os.path.realpath(path)
    facts = os.stat(real)
    # The inode's change time cannot be set back by a program that keeps old modification times.
    if not span.holds(max(facts.st_mtime_ns, facts.st_ctime_ns)):
        raise ValueError("was not written by this run, and is not read")
    reader = readers.for_path(path)
    if reader is None:
        raise ValueError("is of a kind that is not read as metrics")
    if facts.st_size > reader.limit:
        raise ValueError(f"is larger than {reader.limit >> 20} MiB")
    found = reader.read(real, declared=declared)
    if len(found) > _MOST_METRICS:
        raise ValueError(f"holds {len(found)} numbers, more than {_MOST_METRICS}: taken as data")
    if declared and not found:
        raise ValueError("holds no numbers")
    return found


def _label(path: str, root: Path) -> str:
    inside = os.path.relpath(path, root)
    return os.path.abspath(path) if inside == ".." or inside.startswith("../") else inside
