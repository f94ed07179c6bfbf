"""Events: the lines that a training process leaves while it runs, written and read back.

One JSON object a line, in ``events-<pid>-<start>.jsonl`` of the run's live folder::

    {"e":"metric","k":"loss","v":0.25,"s":7,"t":1700000000.123}
    {"e":"params","v":{"training":{"lr":0.001}}}
    {"e":"tag","k":"dataset_version","v":"v3"}
    {"e":"artifact","p":"/abs/model.pt","kind":"model"}
    {"e":"seed","k":"numpy","v":42}
    {"e":"job","p":"/abs/multirun/2026-11-22/19-05-46/0"}

A metric's ``v`` is the text nan, inf or -inf where JSON has no number, ``s`` is the step or null,
``t`` is in unix seconds. Parameters are nested as they were logged. A path is absolute, its kind may be
empty. A seed may be null: taken from the system. What follows a job's line belongs to the job of a Hydra
multirun that writes into that folder.

``read_events`` gives them back as plain tuples, the kind of event first::

    ("metric", name: str, value: float, step: int | None, at: float)      at is in unix seconds
    ("params", values: dict[str, Any])
    ("tag", key: str, value: str)
    ("artifact", path: str, kind: str)
    ("seed", generator: str, seed: int | None)
    ("job", folder: str)

The file may end in a torn line (the process was killed) or in NUL bytes (a file system that lost its
tail in a crash); both are skipped, and so is any line that is not one of the six. The writer runs in the
child's interpreter: standard library and the syntax of Python 3.8 only.
"""

from __future__ import annotations

import json
import math

TYPE_CHECKING = False  # importing typing costs a training script 4 ms
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    Event = tuple[Any, ...]

#: Lines that are parsed at once: one call of the JSON parser costs more than a line.
_BATCH = 512
#: Bounds of one logged value: a data frame logged by mistake must not become the manifest.
_MAX_TEXT = 16_384
_MAX_DEPTH = 16
_MAX_VALUES = 10_000
#: How the line of a job begins.
JOB = b'{"e":"job",'
_JSON_MIN, _JSON_MAX = -(2**63), 2**64


def encode_metric(head: str, value: float, step: int | None, at: float) -> bytes:
    """One point of one metric, as a line.

    Args:
        head: ``metric_head`` of its name; the caller keeps it, for this is called a million times.
        value: A plain number, NaN and infinities included; see ``number``.
        step: Where in the training, or None.
        at: Unix seconds.
    """
    # x - x is 0 for every number but NaN and the infinities, without a call.
    text = repr(value) if value - value == 0 else f'"{value!r}"'
    return f'{head}{text},"s":{"null" if step is None else step},"t":{at:.3f}}}\n'.encode("ascii")


def metric_head(name: Any) -> str:
    """The beginning of every line of one metric, up to the value."""
    return f'{{"e":"metric","k":{json.dumps(_text(name))},"v":'


def encode_params(values: Any) -> bytes:
    """Parameters, nested as given, as a line.

    Args:
        values: A mapping, a dataclass or an ``argparse.Namespace``.

    Raises:
        TypeError: It is none of these.
    """
    found = plain(values)
    if not isinstance(found, dict):
        raise TypeError(f"{type(values).__name__} has no names for its values")
    return _line({"e": "params", "v": found})


def encode_tag(key: str, value: Any) -> bytes:
    """A tag, as a line."""
    return _line({"e": "tag", "k": _text(key), "v": _text(value)})


def encode_artifact(path: str, kind: str) -> bytes:
    """A file that the run produced, by absolute path, as a line."""
    return _line({"e": "artifact", "p": path, "kind": _text(kind)})


def encode_seed(generator: str, seed: int | None) -> bytes:
    """The seed that a generator was given, as a line."""
    return _line({"e": "seed", "k": generator, "v": seed})


def encode_job(folder: str) -> bytes:
    """The folder of the job that speaks from here on, as a line."""
    return JOB + _line({"p": folder})[1:]


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
    """A parameter as JSON can say it: scalars as they are, numpy and torch by value, the rest as text."""
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
    return ("job", path) if kind == "job" and isinstance(path, str) else None


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
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int) and _JSON_MIN <= value < _JSON_MAX:
        return int(value)
    if isinstance(value, (str, bytes, type)) or depth >= _MAX_DEPTH or not 0 <= _count(value) <= room[0]:
        return _text(value)
    return _plain_many(value, depth + 1, room)


def _plain_many(value: Any, depth: int, room: list[int]) -> Any:
    items = _items(value)
    if items is not None:
        return {_text(key): _plain(each, depth, room) for key, each in items}
    if isinstance(value, (list, tuple)):
        return [_plain(each, depth, room) for each in value]
    if isinstance(value, (set, frozenset)):
        return [_plain(each, depth, room) for each in sorted(value, key=str)]
    unpack = getattr(value, "tolist", None) or getattr(value, "item", None)
    return _text(value) if unpack is None else _plain(unpack(), depth, room)


def _items(value: Any) -> Iterable[tuple[Any, Any]] | None:
    """Keys and values of a mapping or of what is one in spirit; None for everything else."""
    items = getattr(value, "items", None)
    if items is not None:
        found: Iterable[tuple[Any, Any]] = items()
        return found
    fields = getattr(value, "__dataclass_fields__", None)
    if fields is not None:
        return [(name, getattr(value, name)) for name in fields]
    # An argparse.Namespace, without importing argparse to ask.
    return vars(value).items() if type(value).__name__ in ("Namespace", "SimpleNamespace") else None


def _count(value: Any) -> int:
    """How many values are in it, unpacking none: it may be a network's weights, logged by mistake."""
    numel = getattr(value, "numel", None)
    count = numel() if callable(numel) else getattr(value, "size", None)
    if type(count) is int:
        return count
    return len(value) if hasattr(value, "__len__") else 0


def _text(value: Any) -> str:
    text = value if type(value) is str else str(value)
    return text if len(text) <= _MAX_TEXT else text[:_MAX_TEXT] + "…"


def _line(found: dict[str, Any]) -> bytes:
    return json.dumps(found, separators=(",", ":")).encode("ascii") + b"\n"
