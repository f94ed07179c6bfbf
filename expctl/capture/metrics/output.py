"""Metrics from the log of a run: bounded in time and memory, and followed while it grows."""

from __future__ import annotations

import itertools
import os
from typing import TYPE_CHECKING, Any

from expctl.adapters import clock
from expctl.core import params as parameters
from expctl.core import secretshapes
from expctl.core.output import collect, fits, options
from expctl.core.output.columns import Columns
from expctl.core.output.reader import Reader, Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

    from expctl.adapters.files import StrPath
    from expctl.core.series import Points

_BLOCK = 1 << 18
#: Whoever waits for the end of a run waits at most about so long for this.
_MOST_SECONDS = 2.0
#: Readings are kept until the end of the log: 300 bytes each.
_MOST_READINGS = 200_000
#: When something must be left out it is the middle: the last lines say how it ended.
_TAIL = 1 << 18
#: The same for a reader beside the command, which keeps 32 bytes each, and how often it looks for more.
_MOST_FOLLOWED = 1_000_000
_PAUSE_S = 0.5
_BLOCK_FOLLOWED = 1 << 15
_MIB = 1 << 20


def numeric(params: Mapping[str, Any]) -> list[str]:
    """Dotted names of the parameters that are numbers: a line that repeats one tells no metric."""
    return [
        name
        for name, value in parameters.leaves(params)
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]


def read(
    log: StrPath, *, asked: Any = True, params: Mapping[str, Any] | None = None, notes: list[str]
) -> dict[str, Points]:
    """The metrics that a log tells.

    Args:
        log: The file; may be missing.
        asked: The setting ``metrics_from_output``.
        params: The run's parameters, nested.
        notes: Gets a line when something was left out.

    Returns:
        Points by metric, marked with their source.
    """
    begun_again: dict[str, int] = {}
    found = collect.kept(readings(log, asked=asked, params=params, notes=notes), begun_again)
    if is_data(len(found), notes):
        return {}
    note_fits(begun_again, notes)
    return {name: collect.points_of(of_name) for name, of_name in found.items()}


def is_data(count: int, notes: list[str]) -> bool:
    """Whether so many names are no metrics, which is then noted."""
    if count > collect.MOST_METRICS:
        many = f"{count} names, more than {collect.MOST_METRICS}"
        notes.append(f"metrics from output: {many}: taken as data")
    return count > collect.MOST_METRICS


def note_fits(begun_again: Mapping[str, int], notes: list[str]) -> None:
    """Say of which metrics the log holds several trainings."""
    if begun_again:
        notes.append(f"metrics from output: {fits.note(begun_again)}")


def without_params(found: Mapping[str, Points], params: Mapping[str, Any]) -> dict[str, Points]:
    """Metrics but for those that are called as parameters are, and so are echoes of them."""
    reader = Reader(params=numeric(params))
    return {name: points for name, points in found.items() if not reader.is_param(name)}


def readings(
    log: StrPath, *, asked: Any = True, params: Mapping[str, Any] | None = None, notes: list[str]
) -> list[Reading]:
    """Every reading of a log, in the order in which they became certain; for the arguments see ``read``."""
    reader = Reader(options.parse(asked), numeric(params or {}))
    try:
        with open(log, "rb") as file:
            # A name is a few printed words: none that looks like a secret goes into the record.
            return [each for each in _readings(file, reader, notes) if not secretshapes.hide(each.name)[1]]
    except FileNotFoundError:
        return []


class Following:
    """The readings of a log from its begin until a while after its command has ended."""

    def __init__(
        self, log: BinaryIO, reader: Reader, notes: list[str], has_ended: Callable[[float], bool]
    ) -> None:
        """Begin; nothing is read yet.

        Args:
            log: The file, open for reading.
            reader: A fresh one.
            notes: Gets a line when something was left out.
            has_ended: Waits for at most so many seconds for the end of the command; not asked again after it.
        """
        self.found = Columns()
        self._readings = itertools.chain(_followed(log, reader, has_ended), _readings(log, reader, notes))
        self._hidden: dict[str, bool] = {}

    def read(self, until: Callable[[], bool] = lambda: False) -> None:
        """Read on, to the end or until somebody else shall do so, who need not be of the same thread."""
        hidden, found = self._hidden, self.found
        while len(found) <= 2 * collect.MOST_METRICS and not until():  # more are data
            each = next(self._readings, None)
            if each is None:
                return
            if each.name not in hidden:
                hidden[each.name] = bool(secretshapes.hide(each.name)[1])
            if not hidden[each.name]:
                found.add(each)


def _followed(file: BinaryIO, reader: Reader, has_ended: Callable[[float], bool]) -> Iterator[Reading]:
    """The readings until the command has ended, or until they are too many; the rest is then for the end."""
    count = 0
    while True:
        block = file.read(_BLOCK_FOLLOWED) if count <= _MOST_FOLLOWED else b""
        for reading in reader.feed(block):
            count += 1
            yield reading
        if has_ended(0.0 if block else _PAUSE_S):
            return


def _readings(file: BinaryIO, reader: Reader, notes: list[str]) -> Iterator[Reading]:
    size = os.fstat(file.fileno()).st_size
    until_s = clock.monotonic_s() + _MOST_SECONDS
    count = 0
    skipped_at: int | None = None
    while block := file.read(_BLOCK):
        for reading in reader.feed(block):
            count += 1
            yield reading
        left = size - file.tell()
        is_enough = count > _MOST_READINGS or clock.monotonic_s() > until_s
        if skipped_at is None and left > _TAIL and is_enough:
            skipped_at = count
            notes.append(f"metrics from output: {(left - _TAIL) / _MIB:.0f} MiB in the middle were not read")
            _skip(file, size - _TAIL, reader)
        elif skipped_at is not None and count - skipped_at > 2 * _MOST_READINGS:
            notes.append("metrics from output: too many numbers to read all of them")
            break
    yield from reader.finish()


def _skip(file: BinaryIO, to: int, reader: Reader) -> None:
    """Go on further down, at the begin of a line; lines on the way are counted."""
    lines = 1
    while (left := to - file.tell()) > 0:
        lines += file.read(min(_BLOCK * 4, left)).count(b"\n")
    file.readline(_BLOCK)
    reader.skip(lines)


class Growing:
    """The metrics of a log that still grows: call ``update`` now and then, ``last`` has the newest values.

    Each call reads what is new, at most ``most`` bytes; memory stays flat.
    """

    def __init__(
        self, log: StrPath, *, asked: Any = True, params: Mapping[str, Any] | None = None, start: int = 0
    ) -> None:
        """Begin at the line that begins at ``start``; nothing is read yet, the file may not be there yet."""
        self._log = log
        self._asked = asked
        self._reader = Reader(options.parse(asked), numeric(params or {})) if asked else None
        self._at = start
        #: The newest reading by metric: ``.value``, ``.step``, ``.line``.
        self.last: dict[str, Reading] = {}

    def update(self, *, most: int = 4 << 20) -> list[Reading]:
        """Read on.

        Returns:
            New readings in the order of their lines; bars that still move are in ``last`` only.
        """
        if self._reader is None:
            return []
        new: list[Reading] = []
        try:
            with open(self._log, "rb") as file:
                file.seek(self._at)
                while most > 0 and (block := file.read(min(_BLOCK, most))):
                    self._at += len(block)
                    most -= len(block)
                    new += self._reader.feed(block)
        except OSError:
            return new
        for reading in [*new, *self._reader.waiting()]:
            if len(self.last) < collect.MOST_METRICS or reading.name in self.last:
                self.last[reading.name] = reading
        return new
