"""What the processes of a run logged through the API, out of the events in its live folder."""

from __future__ import annotations

import os

from expctl.core import events, params
from expctl.core.series import Points
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Container, Iterator
    from pathlib import Path


class Logged:
    """Everything that was logged, processes merged by time.

    Attributes:
        points: By metric.
        params: Nested; a later call wins.
        tags: A later call wins.
        artifacts: Path to kind, in the order of first mention.
        seeds: Last seed per generator; None for one that no process seeded.
        notes: Files that could not be read.
        names: The metrics, whatever is added to ``points`` later.
    """

    __slots__ = ("artifacts", "names", "notes", "params", "points", "seeds", "tags")

    def __init__(self) -> None:
        self.points: dict[str, Points] = {}
        self.params: dict[str, Any] = {}
        self.tags: dict[str, str] = {}
        self.artifacts: dict[str, str] = {}
        self.seeds: dict[str, int | None] = {}
        self.notes: list[str] = []
        self.names: frozenset[str] = frozenset()


def read(live: Path, jobs: Container[str] = ()) -> Logged:
    """Read all event files of a live folder; files that cannot be read are said.

    What the jobs of a multirun logged is left out when their folders are given, by real path: it is theirs.

    A metric that several processes of a distributed job log is that of the first of them, rank 0: the others
    log the same value, or one of their own share of the data, and their points would mix.
    """
    logged = Logged()
    writers: dict[str, int] = {}
    ranks: dict[str, int] = {}
    for rank, name in _event_files(live):
        try:
            with open(os.path.join(live, name), "rb") as file:
                data = file.read()
        except OSError as err:
            logged.notes.append(f"events of one process are lost: {err.strerror or err}")
            continue
        seen: set[str] = set()
        for event in _own(data, jobs):
            if event[0] == "metric" and event[1] not in seen:
                seen.add(event[1])
                if ranks.setdefault(event[1], rank) != rank:  # of a higher one, which was read before
                    ranks[event[1]], writers[event[1]] = rank, 0
                    logged.points[event[1]] = Points()
            _take(logged, event)
        for metric in seen:
            writers[metric] = writers.get(metric, 0) + 1
    for metric, count in writers.items():
        if count > 1:
            _by_time(logged.points[metric])
    logged.names = frozenset(logged.points)
    return logged


def _own(data: bytes, jobs: Container[str]) -> Iterator[events.Event]:
    is_theirs = False
    for event in events.read_events(data):
        if event[0] == "job":
            is_theirs = bool(jobs) and os.path.realpath(event[1]) in jobs
        elif not is_theirs:
            yield event


def _event_files(live: Path) -> list[tuple[int, str]]:
    """Rank and name; the last process of a job first, so that what the first one says counts."""
    try:
        names = os.listdir(live)
    except OSError:
        return []
    found = [name for name in names if name.startswith("events-") and name.endswith(".jsonl")]
    return sorted(((_rank(name), name) for name in found), key=lambda each: (-each[0], each[1]))


def _rank(name: str) -> int:
    mark = name.removesuffix(".jsonl").rpartition("-")[2]
    return int(mark[1:]) if mark.startswith("r") and mark[1:].isdecimal() and mark.isascii() else 0


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
            if seed is not None or generator not in logged.seeds:
                logged.seeds[generator] = seed


def _by_time(points: Points) -> None:
    """Put the points of several processes in the order in which they were logged."""
    order = sorted(range(len(points.times)), key=lambda place: points.times[place] or 0.0)
    points.steps = [points.steps[place] for place in order]
    points.values = [points.values[place] for place in order]
    points.times = [points.times[place] for place in order]
