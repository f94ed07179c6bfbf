"""Events: the lines that a training process leaves while it runs, written and read back.

One JSON object a line, in ``events-<pid>-<start>.jsonl`` of the run's live folder::

    {"e":"metric","k":"loss","v":0.25,"s":7,"t":1700000000.123}     s is the step, or null; v is "nan", "inf" or "-inf" where JSON has no number
    {"e":"params","v":{"training":{"lr":0.001}}}                    nested as it was logged
    {"e":"tag","k":"dataset_version","v":"v3"}
    {"e":"artifact","p":"/abs/model.pt","kind":"model"}             p is absolute; kind may be ""
    {"e":"seed","k":"numpy","v":42}                                 v may be null: seeded from the system

``read_events`` gives them back as plain tuples, the kind of event first::

    ("metric", name: str, value: float, step: int | None, at: float)      at is in unix seconds
    ("params", values: dict[str, Any])
    ("tag", key: str, value: str)
    ("artifact", path: str, kind: str)
    ("seed", generator: str, seed: int | None)

The file may end in a torn line (the process was killed) or in NUL bytes (it is grown ahead of the writer); both are
skipped, and so is any line that is not one of the five. The writer runs in the child's interpreter: standard library
and the syntax of Python 3.8 only.
"""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, Tuple

    Event = Tuple[Any, ...]

#: Lines that are parsed at once: one call of the JSON parser costs more than a line.
_BATCH = 512
#: Bounds of one logged value: a data frame logged by mistake must not become the manifest.
_MAX_TEXT = 16_384
_MAX_DEPTH = 16
_MAX_VALUES = 10_000
_JSON_MIN, _JSON_MAX = -(2**63), 2**64


def encode_metric(name: str, value: float, step: int | None, at: float) -> bytes:
    """One point of one metric, as a line.

    Args:
        name: Of the metric.
        value: A plain number, NaN and infinities included; see ``number``.
        step: Where in the training, or None.
        at: Unix seconds.
    """
    return f"{metric_head(name)}{number_text(value)},\"s\":{'null' if step is None else step},\"t\":{at:.3f}}}\n".encode()


def metric_head(name: str) -> str:
    """The beginning of every line of one metric, up to the value."""
    return f'{{"e":"metric","k":{json.dumps(name)},"v":'


def number_text(value: float) -> str:
    """A plain number as JSON; NaN and infinities as strings."""
    if math.isfinite(value):
        return float.__repr__(value) if isinstance(value, float) else int.__repr__(int(value))
    return '"nan"' if math.isnan(value) else '"inf"' if value > 0 else '"-inf"'


def encode_params(values: Mapping[Any, Any]) -> bytes:
    """Parameters, nested as given, as a line."""
    return _line({"e": "params", "v": plain(values)})


def encode_tag(key: str, value: Any) -> bytes:
    """A tag, as a line."""
    return _line({"e": "tag", "k": _text(key), "v": _text(value)})


def encode_artifact(path: str, kind: str) -> bytes:
    """A file that the run produced, by absolute path, as a line."""
    return _line({"e": "artifact", "p": path, "kind": _text(kind)})


def encode_seed(generator: str, seed: int | None) -> bytes:
    """The seed that a generator was given, as a line."""
    return _line({"e": "seed", "k": generator, "v": seed})


def number(value: Any) -> float:
    """A plain number out of what scripts log: numpy and torch scalars, one-element arrays, decimals.

    Raises:
        TypeError, ValueError: It is not one number.
    """
    item = getattr(value, "item", None)
    if item is not None:
        value = item()
    if isinstance(value, (str, bytes)):
        raise TypeError("text is not a number")
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def plain(value: Any) -> Any:
    """A parameter as JSON can say it: scalars as they are, numpy and torch by value, everything else as text."""
    return _plain(value, 0, [_MAX_VALUES])


def read_events(data: bytes) -> Iterator[Event]:
    """Give back the events of one file, in order; skip a torn tail, NULs and lines that are no event.

    Args:
        data: The whole file, also while it is being written.
    """
    end = data.rfind(b"\n")
    lines = data[: end + 1].split(b"\n")
    for start in range(0, len(lines), _BATCH):
        for found in _parse(lines[start : start + _BATCH]):
            if isinstance(found, dict):
                event = _event(found)
                if event is not None:
                    yield event


def _parse(lines: list[bytes]) -> list[Any]:
    try:
        found = json.loads(b"[" + b",".join([line for line in lines if line]) + b"]")
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, list) and len(found) == sum(1 for line in lines if line):
        return found
    return [_parse_line(line) for line in lines]


def _parse_line(line: bytes) -> Any:
    try:
        return json.loads(line.strip(b"\0"))
    except (ValueError, RecursionError):
        return None


def _event(found: dict[str, Any]) -> Event | None:
    kind = found.get("e")
    if kind == "metric":
        return _metric(found)
    if kind == "params":
        values = found.get("v")
        return ("params", values) if isinstance(values, dict) else None
    key, value = found.get("k"), found.get("v")
    if kind == "tag" and isinstance(key, str) and isinstance(value, str):
        return ("tag", key, value)
    if kind == "seed" and isinstance(key, str) and (value is None or type(value) is int):
        return ("seed", key, value)
    path, sort = found.get("p"), found.get("kind")
    if kind == "artifact" and isinstance(path, str) and isinstance(sort, str):
        return ("artifact", path, sort)
    return None


def _metric(found: dict[str, Any]) -> Event | None:
    name, value, step, at = found.get("k"), found.get("v"), found.get("s"), found.get("t")
    if type(value) is not float and not (type(value) is int or value in ("nan", "inf", "-inf")):
        return None
    if not isinstance(name, str) or not (step is None or type(step) is int) or type(at) not in (float, int):
        return None
    try:
        return ("metric", name, float(value), step, float(at))  # type: ignore[arg-type]
    except OverflowError:
        return None


def _plain(value: Any, depth: int, room: list[int]) -> Any:
    room[0] -= 1
    if value is None or isinstance(value, (bool, float)):
        return value if value is None or isinstance(value, bool) else float(value)
    if isinstance(value, int):
        return int(value) if _JSON_MIN <= value < _JSON_MAX else _text(value)
    if depth < _MAX_DEPTH and room[0] > 0:
        if hasattr(value, "items") and not isinstance(value, type):
            return {_text(key): _plain(each, depth + 1, room) for key, each in value.items()}
        if isinstance(value, (list, tuple)):
            return [_plain(each, depth + 1, room) for each in value]
        if isinstance(value, (set, frozenset)):
            return [_plain(each, depth + 1, room) for each in sorted(value, key=str)]
        if getattr(value, "size", _MAX_VALUES) != _MAX_VALUES and hasattr(value, "tolist"):
            return _plain(value.tolist(), depth + 1, room)
        if hasattr(value, "item"):
            return _plain(value.item(), depth + 1, room)
    return _text(value)


def _text(value: Any) -> str:
    text = value if type(value) is str else str(value)
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"


def _line(found: dict[str, Any]) -> bytes:
    return json.dumps(found, separators=(",", ":")).encode("ascii") + b"\n"
