"""What the processes of a run logged through the API, out of the events in its live folder."""

from __future__ import annotations

import os

from expctl.core import events, params
from expctl.core.series import Points
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


class Logged:
    """Everything that was logged, processes merged by time.

    Attributes:
        points: By metric.
        params: Nested; a later call wins.
        tags: A later call wins.
        artifacts: Path to kind, in the order of first mention.
        seeds: Last seed per generator.
        notes: Files that could not be read.
    """

    __slots__ = ("artifacts", "notes", "params", "points", "seeds", "tags")

    def __init__(self) -> None:
        self.points: dict[str, Points] = {}
        self.params: dict[str, Any] = {}
        self.tags: dict[str, str] = {}
        self.artifacts: dict[str, str] = {}
        self.seeds: dict[str, int | None] = {}
        self.notes: list[str] = []


def read(live: Path) -> Logged:
    """Read all event files of a live folder; files that cannot be read are said."""
    logged = Logged()
    writers: dict[str, int] = {}
    for name in _event_files(live):
        try:
            with open(os.path.join(live, name), "rb") as file:
                data = file.read()
        except OSError as err:
            logged.notes.append(f"events of one process are lost: {err.strerror or err}")
            continue
        before = {metric: len(points.values) for metric, points in logged.points.items()}
        for event in events.read_events(data):
            _take(logged, event)
        for metric, points in logged.points.items():
            if len(points.values) > before.get(metric, 0):
                writers[metric] = writers.get(metric, 0) + 1
    for metric, count in writers.items():
        if count > 1:
            _by_time(logged.points[metric])
    return logged


def _event_files(live: Path) -> list[str]:
    try:
        names = os.listdir(live)
    except OSError:
        return []
    return sorted(name for name in names if name.startswith("events-") and name.endswith(".jsonl"))


def _take(logged: Logged, event: events.Event) -> None:
    match event:
        case ("metric", name, value, step, at):
            points = logged.points.get(name)
            if points is None:
                points = logged.points[name] = Points()
            points.steps.append(step)
            points.values.append(value)
            points.times.append(at)
        case ("params", values):
            params.lay_over(logged.params, values)
        case ("tag", key, value):
            logged.tags[key] = value
        case ("artifact", path, kind):
            logged.artifacts[path] = kind or logged.artifacts.get(path, "")
        case ("seed", generator, seed):
            logged.seeds[generator] = seed


def _by_time(points: Points) -> None:
    """Put the points of several processes in the order in which they were logged."""
    order = sorted(range(len(points.times)), key=lambda place: points.times[place] or 0.0)
    points.steps = [points.steps[place] for place in order]
    points.values = [points.values[place] for place in order]
    points.times = [points.times[place] for place in order]
