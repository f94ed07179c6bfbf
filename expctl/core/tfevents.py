"""Scalars and hyperparameters out of TensorBoard's event files, nothing sampled.

Only what a scalar or the ``hparams`` plugin needs is decoded; images, histograms, audio and graphs are
stepped over without being read.

Sources: ``event.proto``, ``summary.proto`` and ``tensor.proto`` of TensorFlow and
``tensorboard/plugins/hparams/plugin_data.proto`` for the fields; which values are scalars, and what a restart
takes back, is as ``tensorboard/backend/event_processing`` has it.
"""

from __future__ import annotations

import math
import struct
from typing import TYPE_CHECKING, Any, BinaryIO

from expctl.core import protobuf
from expctl.core.protobuf import BYTES, EIGHT, FOUR, VARINT
from expctl.core.series import Points

if TYPE_CHECKING:
    from collections.abc import Callable

#: Larger records hold images, graphs or histograms; a scalar takes some 60 bytes.
_MOST_RECORD = 1 << 14
_LONGEST_TAG = 300
_MOST_TAGS = 2000
_MOST_LISTED = 5
MOST_POINTS = 2_000_000
#: Of a file that is too long so much is read of its end: some 100 000 scalars, for which there is room.
_TAIL = 4 << 20
_RESERVE = 200_000
#: How many records to read before asking whether there is time for more.
_TURN = 2000
#: Up to here a double holds every whole number.
_EXACT = 1 << 53

_DOUBLE = struct.Struct("<d")
_SINGLE = struct.Struct("<f")
_WALL_TIME, _STEP, _VERSION, _SUMMARY, _SESSION = (1, EIGHT), (2, VARINT), (3, BYTES), (5, BYTES), (7, BYTES)
_SESSION_START = ((1, VARINT), 1)
_VALUE = (1, BYTES)
_TAG, _SIMPLE, _TENSOR, _METADATA = (1, BYTES), (2, FOUR), (8, BYTES), (9, BYTES)
_PLUGIN, _DATA_CLASS, _IS_SCALAR = (1, BYTES), (4, VARINT), 1
_NAME, _CONTENT = (1, BYTES), (2, BYTES)
_DTYPE, _RAW, _HALVES = (1, VARINT), (4, BYTES), (13, BYTES)
_FLOATS, _FLOAT, _DOUBLES, _ONE_DOUBLE = (5, BYTES), (5, FOUR), (6, BYTES), (6, EIGHT)
#: ``int_val``, ``int64_val``, ``bool_val``, ``uint32_val``, ``uint64_val``.
_WHOLE = (7, 10, 11, 16, 17)
_FLOAT32, _BFLOAT16 = 1, 14
#: By type of tensor: how its raw content is read.
_FORMATS = {
    2: "<d", 3: "<i", 4: "<B", 5: "<h", 6: "<b", 9: "<q", 10: "<?", 19: "<e", 22: "<I", 23: "<Q",
}  # fmt: skip
_SESSION_INFO, _ENTRY, _KEY, _OF_KEY = (3, BYTES), (1, BYTES), (1, BYTES), (2, BYTES)
_NUMBER, _TEXT, _BOOL = (2, EIGHT), (3, BYTES), (4, VARINT)


class Events:
    """What the event files of one folder hold; feed them in the order of their names.

    Attributes:
        points: By tag.
        hparams: As the ``hparams`` plugin has them.
        faults: What is wrong with a file.
        left: How many more points may be taken.
        begun_again: By tag, how often another writer began where the first one did: several trainings in one
            folder, of which the last one's points are kept.
    """

    def __init__(self, most_points: int = MOST_POINTS) -> None:
        self.points: dict[str, Points] = {}
        self.hparams: dict[str, Any] = {}
        self.faults: list[str] = []
        self.begun_again: dict[str, int] = {}
        self._plugins: dict[str, str] = {}
        self._late: set[str] = set()
        self._writer = 0
        self._writers: dict[str, int] = {}
        self.left = most_points

    def feed(
        self,
        file: BinaryIO,
        go_on: Callable[[], bool] = lambda: True,
        finish: Callable[[], bool] = lambda: True,
    ) -> None:
        """Read one file; a torn tail is left out, and what is broken is left out and said.

        Of what is too long the middle is left out: the last value of a tag is the one that counts. A tag
        whose last value may stand in what was left out is none.

        Args:
            file: Open for reading.
            go_on: Asked now and then whether there is time to read everything.
            finish: The same for the end of the file.
        """
        fault = self._read(file, go_on, MOST_POINTS)
        if not fault:
            return
        is_whole = not protobuf.seek_last_records(file, _TAIL, largest=_MOST_RECORD)
        self._late = set(self.points) if is_whole else set()
        if self._read(file, finish, MOST_POINTS + _RESERVE):
            is_whole, self._late = False, set()
        if not is_whole:
            self.faults.append(f"{fault}; the middle is left out")
        unknown = [tag for tag in self.points if tag not in self._late]
        for tag in unknown:
            del self.points[tag]
        if unknown:
            self.faults.append(f"left out, as their last values were not read: {_listed(unknown)}")

    def _read(self, file: BinaryIO, go_on: Callable[[], bool], most: int) -> str:
        """Read on to the end of a file, or until it is too much, which is said."""
        broken, fault = 0, ""
        for count, data in enumerate(protobuf.records(file, self.faults, largest=_MOST_RECORD)):
            try:
                self._event(data)
            except (ValueError, struct.error, OverflowError):
                broken += 1
            if self.left <= MOST_POINTS - most:
                fault = f"more than {MOST_POINTS} points"
            elif count % _TURN == 0 and not go_on():
                fault = "there was no time to read all of them"
            if fault:
                break
        if broken:
            self.faults.append(f"records that are no events: {broken}")
        return fault

    def _event(self, data: bytes) -> None:
        event = dict(protobuf.fields(data))
        step = protobuf.signed(event.get(_STEP, 0))
        # A writer says its version first.
        self._writer += _VERSION in event
        if _SESSION in event and _SESSION_START in protobuf.fields(event[_SESSION]):
            self._restart(step)
        at = _DOUBLE.unpack(event[_WALL_TIME])[0] if _WALL_TIME in event else 0.0
        for key, value in protobuf.fields(event.get(_SUMMARY, b"")):
            if key == _VALUE:
                self._value(dict(protobuf.fields(value)), step, at)

    def _value(self, value: dict[tuple[int, int], Any], step: int, at: float) -> None:
        tag = value.get(_TAG, b"").decode("utf-8", "replace")
        if _METADATA in value:
            self._note(tag, dict(protobuf.fields(value[_METADATA])))
        scalar: float | None = None
        if _SIMPLE in value:
            scalar = shortest(value[_SIMPLE])
        elif _TENSOR in value and self._plugins.get(tag) == "scalars":
            scalar = scalar_of(value[_TENSOR])
        if scalar is None or not 0 < len(tag) <= _LONGEST_TAG:
            return
        points = self.points.get(tag)
        if points is None:
            if len(self.points) >= _MOST_TAGS:
                return
            points = self.points[tag] = Points()
        elif self._writers[tag] != self._writer and _begins_again(points.steps, step):
            points = self.points[tag] = Points()
            self.begun_again[tag] = self.begun_again.get(tag, 0) + 1
        self._writers[tag] = self._writer
        points.add(scalar, step=step, at=at or None)
        self._late.add(tag)
        self.left -= 1

    def _note(self, tag: str, metadata: dict[tuple[int, int], Any]) -> None:
        """Remember what a tag is: only its first value has to say so."""
        plugin = dict(protobuf.fields(metadata.get(_PLUGIN, b"")))
        name = plugin.get(_NAME, b"").decode("utf-8", "replace")
        is_scalar = metadata.get(_DATA_CLASS) == _IS_SCALAR
        if len(self._plugins) < _MOST_TAGS:
            self._plugins.setdefault(tag, "scalars" if is_scalar else name)
        if name == "hparams" and _CONTENT in plugin:
            self.hparams.update(hparams_of(plugin[_CONTENT]))

    def _restart(self, step: int) -> None:
        """A training that began anew from a checkpoint takes back what came after it."""
        for points in self.points.values():
            keep = [place for place, known in enumerate(points.steps) if known is None or known < step]
            if len(keep) < len(points.steps):
                points.steps = [points.steps[place] for place in keep]
                points.values = [points.values[place] for place in keep]
                points.times = [points.times[place] for place in keep]


def _begins_again(steps: list[int | None], step: int) -> bool:
    if not steps:  # all were taken back
        return False
    first, last = steps[0] or 0, steps[-1] or 0
    return step <= first and step < last


def _listed(tags: list[str]) -> str:
    more = f" and {len(tags) - _MOST_LISTED} more" if len(tags) > _MOST_LISTED else ""
    return ", ".join(tags[:_MOST_LISTED]) + more


def shortest(single: bytes) -> float:
    """A number of single precision as the shortest decimal that is the same one: 0.1, not 0.10000000149."""
    value: float = _SINGLE.unpack(single)[0]
    if not math.isfinite(value):
        return value
    for digits in range(6, 9):
        rounded = float(f"{value:.{digits}g}")
        try:
            if _SINGLE.pack(rounded) == single:
                return rounded
        except OverflowError:
            continue
    return float(f"{value:.9g}")


def scalar_of(tensor: bytes) -> float | None:
    """The one number in a tensor; None when it holds none or many."""
    dtype, found = 0, list[float]()
    for key, value in protobuf.fields(tensor):
        if key == _DTYPE:
            dtype = value
        elif key == _RAW:
            found += _from_raw(value, dtype)
        elif key in (_FLOATS, _FLOAT):
            found += [shortest(value[n : n + 4]) for n in range(0, len(value) - 3, 4)]
        elif key in (_DOUBLES, _ONE_DOUBLE):
            found += [each for (each,) in _DOUBLE.iter_unpack(value)]
        elif key == _HALVES:
            raw = b"".join((one & 0xFFFF).to_bytes(2, "little") for one in protobuf.varints(value))
            found += _from_raw(raw, dtype)
        elif key[0] in _WHOLE:
            numbers = [value] if key[1] == VARINT else protobuf.varints(value)
            found += [float(protobuf.signed(one)) for one in numbers]
    return found[0] if len(found) == 1 else None


def _from_raw(content: bytes, dtype: int) -> list[float]:
    if dtype == _BFLOAT16:  # the upper half of a single
        return [_SINGLE.unpack(b"\0\0" + content[n : n + 2])[0] for n in range(0, len(content) - 1, 2)]
    if dtype == _FLOAT32:
        return [shortest(content[n : n + 4]) for n in range(0, len(content) - 3, 4)]
    form = _FORMATS.get(dtype)
    return [] if form is None else [float(each) for (each,) in struct.iter_unpack(form, content)]


def hparams_of(content: bytes) -> dict[str, Any]:
    """The hyperparameters in what the plugin keeps at the start of a session: text, numbers and booleans."""
    found: dict[str, Any] = {}
    for key, info in protobuf.fields(content):
        if key == _SESSION_INFO:
            for inner, entry in protobuf.fields(info):
                parts = dict(protobuf.fields(entry)) if inner == _ENTRY else {}
                if parts.get(_KEY):
                    value = dict(protobuf.fields(parts.get(_OF_KEY, b"")))
                    found[parts[_KEY].decode("utf-8", "replace")] = _hparam(value)
    return found


def _hparam(value: dict[tuple[int, int], Any]) -> Any:
    readers: dict[tuple[int, int], Callable[[Any], Any]] = {
        _NUMBER: _whole_or_not,
        _TEXT: lambda text: text.decode("utf-8", "replace"),
        _BOOL: bool,
    }
    return next((read(value[key]) for key, read in readers.items() if key in value), None)


def _whole_or_not(data: bytes) -> float:
    number: float = _DOUBLE.unpack(data)[0]
    # The plugin knows one kind of number only.
    return int(number) if number.is_integer() and abs(number) < _EXACT else number
