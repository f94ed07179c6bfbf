"""Data whose bytes differ, or that only one of the runs read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core.causes.cause import ARROW, CERTAIN, HARMLESS, POSSIBLE, Cause, Facts, Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from expctl.core.manifest import DataInput, Manifest

_SHORT = 7


def of_data(pair: Pair, facts: Facts) -> Iterator[Cause]:
    """Causes among the inputs that the manifests list."""
    old, new = (_by_place(run) for run in pair)
    gone = {place: item for place, item in old.items() if place not in new}
    come = {place: item for place, item in new.items() if place not in old}
    for place in dict.fromkeys([*old, *new]):
        if place in old and place in new:
            yield from _compared(place, old[place], new[place], facts)
    moved = {_content(item): place for place, item in gone.items() if _content(item)}
    for place, item in come.items():
        was = moved.get(_content(item) or "-")
        if was is not None:
            yield Cause("data", place, HARMLESS, f"{was}{ARROW}{place}", "the same bytes elsewhere")
            gone.pop(was, None)
    left = [(place, item) for place, item in come.items() if _content(item) not in moved]
    if len(gone) == len(left) == 1:
        yield _replaced(*next(iter(gone.items())), *left[0])
        return
    for which, found in (("first", list(gone.items())), ("second", left)):
        for place, item in found:
            why = f"md5 {item.md5[:_SHORT]}" if item.md5 else ""
            yield Cause("data", place, CERTAIN, f"{place} was read by the {which} run only", why, weight=31)


def of_changes(pair: Pair) -> Iterator[Cause]:
    """Inputs that changed while a run read them."""
    for which, run in zip(("first", "second"), pair, strict=True):
        for place, item in _by_place(run).items():
            if item.changed:
                sentence = f"{place} changed while the {which} run was at work"
                why = "which bytes it read is not certain"
                yield Cause("data", place, POSSIBLE, sentence, why, weight=52)


def uncompared(pair: Pair) -> Iterator[str]:
    """Inputs of both runs of which nobody can tell whether they are the same."""
    old, new = (_by_place(run) for run in pair)
    for place in filter(new.__contains__, old):
        if not _content(old[place]) and not _content(new[place]) and old[place].bytes == new[place].bytes:
            yield f"{place}: it was not hashed, so nobody knows whether it is the same"


def _compared(place: str, one: DataInput, other: DataInput, facts: Facts) -> Iterator[Cause]:
    before, after = _content(one), _content(other)
    if before == after and (before is not None or one.bytes == other.bytes):
        return
    if before is None or after is None:
        if one.bytes is None or other.bytes is None or one.bytes == other.bytes:
            return
        why = f"{one.bytes:,}{ARROW}{other.bytes:,} bytes"
        yield Cause("data", place, CERTAIN, f"{place} has another size", why, before, after, weight=11)
        return
    why = f"{_called(one)} {before[:_SHORT]}{ARROW}{after[:_SHORT]}{_growth(place, one, other, facts)}"
    yield Cause("data", place, CERTAIN, f"{place} has other bytes", why, before, after, weight=11)


def _replaced(old_place: str, one: DataInput, new_place: str, other: DataInput) -> Cause:
    before, after = _content(one), _content(other)
    hashes = f"{_called(one)} {before[:_SHORT]}{ARROW}{after[:_SHORT]}" if before and after else ""
    return Cause(
        "data",
        new_place,
        CERTAIN,
        f"Other data: {old_place}{ARROW}{new_place}",
        hashes,
        before,
        after,
        weight=11,
    )


def _growth(place: str, one: DataInput, other: DataInput, facts: Facts) -> str:
    lines = facts.rows.get(place)
    if lines is not None:
        step = f"{lines[1] - lines[0]:+,}".replace("-", "−")
        return f", {step} lines ({lines[0]:,}{ARROW}{lines[1]:,})"
    if one.nfiles != other.nfiles and one.nfiles is not None and other.nfiles is not None:
        return f", {one.nfiles:,}{ARROW}{other.nfiles:,} files"
    if one.bytes is None or other.bytes is None or one.bytes == other.bytes:
        return ""
    return f", {one.bytes:,}{ARROW}{other.bytes:,} bytes"


def _by_place(run: Manifest) -> dict[str, DataInput]:
    return {place: item for item in run.data if (place := item.path or item.uri)}


def _content(item: DataInput) -> str | None:
    return item.md5 or item.version_id or item.etag


def _called(item: DataInput) -> str:
    return "md5" if item.md5 else "version" if item.version_id else "etag"
