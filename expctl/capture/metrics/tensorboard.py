"""Metrics from TensorBoard's event files, sub-runs included."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.adapters import clock
from expctl.core import tfevents
from expctl.core.output import fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from expctl.core.series import Points

#: Larger files are stepped through as well, but not for ever.
_MOST_BYTES = 4 << 30
#: For all files of a run: a quarter of a million scalars take some four seconds.
_MOST_SECONDS = 40.0
#: So much more for the ends of those that are too long.
_SECONDS_FOR_ENDS = 20.0
#: A sub-run of this name says of which part of the data its scalars are.
_SPLITS = frozenset(("train", "training", "learn", "val", "valid", "validation", "test", "eval", "dev"))
#: What trainers log beside their measures: where they are, and a place holder for hyperparameters.
_NOT_MEASURED = frozenset(("epoch", "step", "global_step", "hp_metric"))


class Logged(NamedTuple):
    """What the event files of a run hold.

    Attributes:
        points: By tag; one that several folders have is called ``<folder>/<tag>``.
        hparams: As ``add_hparams`` left them.
        notes: What could not be read.
    """

    points: Mapping[str, Points]
    hparams: Mapping[str, Any]
    notes: Sequence[str]


def read(folders: Iterable[tuple[str, Sequence[str]]]) -> Logged:
    """Read folders of event files.

    Args:
        folders: Path of each, relative to the top of the repository, and its files in their order.
    """
    end, left = clock.monotonic_s() + _MOST_SECONDS, tfevents.MOST_POINTS
    last = end + _SECONDS_FOR_ENDS
    runs: list[tuple[str, tfevents.Events]] = []
    notes: list[str] = []
    for folder, files in folders:
        events = tfevents.Events(left)
        for file in files:
            try:
                _feed(events, file, lambda: clock.monotonic_s() < end, lambda: clock.monotonic_s() < last)
            except OSError as err:
                events.faults.append(err.strerror or str(err))
        faults = [*events.faults, *([fits.note(events.begun_again)] if events.begun_again else [])]
        notes += [f"events in {folder or '.'}: {fault}" for fault in dict.fromkeys(faults)]
        runs.append((folder, events))
        left = events.left
    hparams: dict[str, Any] = {}
    for _, events in runs:
        hparams.update(events.hparams)
    return Logged(_named(runs), hparams, notes)


def _feed(events: tfevents.Events, file: str, go_on: Callable[[], bool], finish: Callable[[], bool]) -> None:
    handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(handle, "rb", buffering=1 << 20) as opened:
        facts = os.fstat(handle)
        if not stat.S_ISREG(facts.st_mode) or facts.st_size > _MOST_BYTES:
            events.faults.append("no file, or a very large one")
            return
        events.feed(opened, go_on, finish)


def _named(runs: Sequence[tuple[str, tfevents.Events]]) -> dict[str, Points]:
    owners: dict[str, int] = {}
    for _, events in runs:
        for tag in events.points:
            owners[tag] = owners.get(tag, 0) + 1
    top = os.path.commonpath([f"/{folder}" for folder, _ in runs]) if runs else "/"
    found: dict[str, Points] = {}
    for folder, events in runs:
        inside = os.path.relpath(f"/{folder}", top)
        for tag, points in events.points.items():
            if tag.rpartition("/")[2] in _NOT_MEASURED:
                continue
            is_split = os.path.basename(inside) in _SPLITS
            is_alone = inside == "." or (owners[tag] == 1 and not is_split)
            found[tag if is_alone else f"{inside}/{tag}"] = points
    return found
