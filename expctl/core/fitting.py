"""Make what a run left fit the reader of manifests: a record with a hole beats no record.

A parameter may be an array of a million numbers, an artifact's name may hold a line end, a setting may hold
itself. Each thing that is left out or cut is named in the manifest's capture notes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.core import schema, yamltext
from expctl.core.fields import Fault, Kind, Named, Several, place
from expctl.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Below the reader's 1 MiB and 50 000 values, so that notes and later tags still fit.
MAX_BYTES = 900_000
MAX_NODES = 40_000
MAX_DEPTH = 24
MAX_TEXT = 20_000
#: libyaml gives up on a key whose end is not seen within 1024 characters; escapes make six of one.
MAX_KEY = 160
_MAX_NOTES = 50
_DROP = object()
_BARE = ("schema", "id", "name", "experiment", "status", "started_at", "duration_s", "command")


def attempts(plain: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Versions of a manifest's plain values, each smaller than the one before, down to the bare facts."""
    notes: list[str] = []
    shaped = _shape(plain, "", 0, notes)
    kept = _salvage(schema.MANIFEST, shaped, "", notes)
    if kept is _DROP:
        kept = {}
    yield _settled(_with_notes(_shrunk(kept, notes), notes))
    bare = {key: kept[key] for key in _BARE if key in kept}
    yield _with_notes(
        bare, ["the record could not be written whole; only its bare facts are left", *notes[:5]]
    )


def _settled(plain: dict[str, Any]) -> dict[str, Any]:
    """The same in the form that is written: sections that lost all they had are gone."""
    try:
        return schema.to_dict(schema.from_dict(plain))
    except schema.SchemaError:
        return plain


def _shape(value: Any, path: str, depth: int, notes: list[str]) -> Any:
    """Plain values throughout: text keys that fit a line, text of a bounded length, a bounded depth."""
    if isinstance(value, str):
        # A subclass may be a time that goes without quotes.
        return value if len(value) <= MAX_TEXT else _cut(value, path, notes)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    is_mapping = isinstance(value, dict) or hasattr(value, "items")
    if not is_mapping and not isinstance(value, (list, tuple)):
        return _cut(str(value), path, notes)
    if depth > MAX_DEPTH:
        notes.append(f"{path} is nested too deeply and was left out")
        return None
    if not is_mapping:
        return [_shape(item, f"{path}[{at}]", depth + 1, notes) for at, item in enumerate(value)]
    found: dict[str, Any] = {}
    for name, item in value.items():
        key = name if isinstance(name, str) else str(name)
        if len(key) > MAX_KEY or key in found:
            notes.append(f"{place(path, key)} was left out: its name is too long or stands twice")
        else:
            found[key] = _shape(item, place(path, key), depth + 1, notes)
    return found


def _cut(text: str, path: str, notes: list[str]) -> str:
    if len(text) <= MAX_TEXT:
        return text
    notes.append(f"{path} was cut: {len(text)} characters")
    return text[:MAX_TEXT] + "…"


def _salvage(kind: Kind, value: Any, path: str, notes: list[str]) -> Any:
    """What of a value its rule accepts: faulty items are dropped, and said; ``_DROP`` if nothing is left."""
    faults: list[Fault] = []
    kind.read(value, path, faults)
    if not faults:
        return value
    below: list[str] = []
    if isinstance(kind, Several) and isinstance(value, list):
        items = [_salvage(kind.kind, item, f"{path}[{at}]", below) for at, item in enumerate(value)]
        notes.extend(below)
        return [item for item in items if item is not _DROP]
    if isinstance(value, dict) and isinstance(kind, (Named, schema.Section)):
        kept = {
            name: item
            for name, old in value.items()
            if (item := _salvage(_rule(kind, name), old, place(path, name), below)) is not _DROP
        }
        if not isinstance(kind, schema.Section) or all(kept.get(key) is not None for key in kind.required):
            notes.extend(below)
            return kept
    notes.append(f"left out {faults[0]}")
    return _DROP


def _rule(kind: Named | schema.Section, name: str) -> Kind:
    if isinstance(kind, Named):
        return kind.kind or Kind()
    return kind.rules[name].kind if name in kind.rules else Kind()


def _shrunk(plain: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Halve the largest part again and again until the whole fits."""
    cut: dict[str, None] = {}
    while True:
        sizes = {key: _measure(item) for key, item in plain.items() if key not in _BARE or key == "command"}
        if sum(size for size, _ in sizes.values()) <= MAX_BYTES and (
            sum(nodes for _, nodes in sizes.values()) <= MAX_NODES
        ):
            break
        largest = max(sizes, key=lambda key: sizes[key][0] / MAX_BYTES + sizes[key][1] / MAX_NODES)
        plain = {**plain, largest: _half(plain[largest], largest, cut)}
    notes.extend(f"{path} was cut: too large for a manifest" for path in cut)
    return plain


def _half(value: Any, path: str, cut: dict[str, None]) -> Any:
    """The first half of a value; of its largest child if that one is most of it."""
    if not isinstance(value, (dict, list)) or not value:
        cut[path] = None
        return value[: len(value) // 2] + "…" if isinstance(value, str) and len(value) > 1 else None
    items = list(value.items() if isinstance(value, dict) else enumerate(value))
    sizes = [_measure(item)[0] for _, item in items]
    largest = max(range(len(items)), key=sizes.__getitem__)
    if sizes[largest] * 2 > sum(sizes) or len(items) == 1:
        key, item = items[largest]
        below = place(path, key) if isinstance(value, dict) else f"{path}[{key}]"
        items[largest] = (key, _half(item, below, cut))
    else:
        cut[path] = None
        items = items[: len(items) // 2]
    return dict(items) if isinstance(value, dict) else [item for _, item in items]


def _measure(value: Any) -> tuple[int, int]:
    """Bytes, roughly from above, and number of values."""
    if isinstance(value, dict):
        parts = [_measure(item) for item in value.values()]
        names = sum(len(yamltext.text(key).encode()) + 8 for key in value)
        return sum(size for size, _ in parts) + names, sum(nodes for _, nodes in parts) + len(value) + 1
    if isinstance(value, list):
        parts = [_measure(item) for item in value]
        return sum(size for size, _ in parts) + 8 * len(value), sum(nodes for _, nodes in parts) + 1
    return len(yamltext.scalar(value).encode()) + 2, 1


def _with_notes(plain: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    if not notes:
        return plain
    capture = plain.get("capture") or {"expctl": VERSION}
    more = [f"and {len(notes) - _MAX_NOTES} more such notes"] if len(notes) > _MAX_NOTES else []
    said = [*capture.get("notes", ())[: 4 * _MAX_NOTES], *notes[:_MAX_NOTES], *more]
    return {**plain, "capture": {**capture, "notes": said}}
