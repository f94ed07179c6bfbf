"""Readings by the million: each metric's in columns of numbers, 36 bytes a reading instead of 300."""

from __future__ import annotations

import itertools
import json
from array import array
from typing import TYPE_CHECKING

from expctl.core.output import collect, fits
from expctl.core.output.reader import Reading
from expctl.core.series import Points

if TYPE_CHECKING:
    from collections.abc import Iterator

_NO_STEP = -(1 << 63)


class Columns:
    """The readings of one log."""

    def __init__(self) -> None:
        self._metrics: dict[str, _Metric] = {}

    def __len__(self) -> int:
        return len(self._metrics)

    def add(self, reading: Reading) -> None:
        """Take one reading; those of a progress bar may come later than their lines."""
        metric = self._metrics.get(reading.name)
        if metric is None:
            metric = self._metrics[reading.name] = _Metric()
        metric.add(reading)

    def points(self, begun_again: dict[str, int] | None = None) -> Iterator[tuple[str, Points]]:
        """The points of each metric that counts, as ``collect.kept`` and ``points_of`` give them."""
        self._metrics = {
            name: of
            for name, of in self._metrics.items()
            if len(of.settings) <= 1 and not collect.is_filler(name, of.values)
        }
        last = fits.Last()
        for name, metric in self._metrics.items():
            metric.sort()
            last.note(name, [None if count == _NO_STEP else count for count in metric.counts], metric.lines)
        if begun_again is not None:
            begun_again.update(last.times)
        for name in list(self._metrics):
            metric = self._metrics.pop(name)
            start = last.start(name, metric.lines)
            yield name, collect.points_of(collect.without_echoes(metric.readings(name, start)))


class _Metric:
    def __init__(self) -> None:
        self.values, self.shapes = array("d"), array("I")
        self.lines, self.steps, self.counts = array("q"), array("q"), array("q")
        #: What they hold for, where lines said so; more than one is enough to know.
        self.settings: set[str] = set()

    def add(self, reading: Reading) -> None:
        self.values.append(reading.value)
        self.steps.append(_NO_STEP if reading.step is None else reading.step)
        self.lines.append(reading.line)
        self.shapes.append(reading.shape)
        self.counts.append(_NO_STEP if reading.epoch is None else reading.epoch)
        if reading.setting and len(self.settings) <= 1:
            self.settings.add(reading.setting)

    def sort(self) -> None:
        """Put them in the order of the lines; what a bar shows comes later than its line."""
        lines = self.lines
        if all(before <= after for before, after in itertools.pairwise(lines)):
            return
        order = sorted(range(len(lines)), key=lines.__getitem__)
        for name in ("values", "shapes", "steps", "counts", "lines"):
            column = getattr(self, name)
            setattr(self, name, array(column.typecode, [column[at] for at in order]))

    def readings(self, name: str, start: int) -> Iterator[Reading]:
        """In their order, from the place ``start`` on."""
        for at in range(start, len(self.lines)):
            step = self.steps[at]
            yield Reading(
                name,
                self.values[at],
                None if step == _NO_STEP else step,
                self.lines[at],
                "",
                "",
                self.shapes[at],
            )


def encode(found: Iterator[tuple[str, Points]], notes: list[str]) -> Iterator[bytes]:
    """Points for another process: metric by metric a line of JSON and two columns; last the notes."""
    for name, points in found:
        yield json.dumps([name, len(points.values)]).encode() + b"\n"
        yield array("d", points.values).tobytes()
        yield array("q", [_NO_STEP if step is None else step for step in points.steps]).tobytes()
    yield json.dumps(notes).encode() + b"\n"


def decode(data: bytes) -> tuple[dict[str, Points], list[str]]:
    """What ``encode`` gave.

    Raises:
        ValueError: It was cut short.
    """
    found: dict[str, Points] = {}
    at = 0
    while True:
        end = data.index(b"\n", at)
        head = json.loads(data[at:end])
        at = end + 1
        if len(head) != 2 or not isinstance(head[1], int):  # noqa: PLR2004 name and count
            return found, [str(note) for note in head]
        values, steps = array("d"), array("q")
        values.frombytes(data[at : at + 8 * head[1]])
        at += 8 * head[1]
        steps.frombytes(data[at : at + 8 * head[1]])
        at += 8 * head[1]
        points = found[str(head[0])] = Points()
        points.source = collect.SOURCE
        points.values = values.tolist()
        points.steps = [None if step == _NO_STEP else step for step in steps]
        points.times = [None] * len(points.values)
