"""What ``pack`` and ``unpack`` say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.cli import console
from expctl.render import numbers

if TYPE_CHECKING:
    from expctl.actions.packing import Packed
    from expctl.actions.unpacking import Unpacked

_COMMIT = "Commit the change with: expctl commit"


def say(done: Packed, *, dry: bool) -> None:
    """Tell what was packed, what it saved, and which runs stay files."""
    if done.runs or done.replaced:
        would = "would fold " if dry else "folded "
        many = numbers.count(len(done.runs), "run") if done.runs else "small packs"
        console.out(f"{would}{many} into {numbers.count(len(done.packs), 'pack')}")
        if done.runs:
            console.say(_saved(done))
    else:
        console.say("Nothing to pack.")
    for reason, ids in done.left_out:
        console.note(f"{numbers.count(len(ids), 'run')} left as files: {reason}")
    if (done.runs or done.replaced) and not dry:
        console.say(_COMMIT)


def _saved(done: Packed) -> str:
    spared = max(0, done.bytes - done.bytes_now)
    said = f"{done.files:,} files become {done.files_now:,}: {numbers.size(spared)} less on the disk"
    spared_ms = round(done.seconds * 1e3)
    return f"{said}, and each git status about {spared_ms} ms sooner." if spared_ms else f"{said}."


def as_json(done: Packed) -> dict[str, Any]:
    """The same for ``--json``."""
    return {**done._asdict(), "left_out": {reason: list(ids) for reason, ids in done.left_out}}


def say_unpacked(done: Unpacked) -> None:
    """Tell which runs are files again."""
    if not done.runs:
        console.say("Nothing to unpack: no pack holds these runs.")
        return
    console.out(f"unpacked {numbers.count(len(done.runs), 'run')}")
    console.say(f"{numbers.count(len(done.files), 'file')} came. {_COMMIT}")
