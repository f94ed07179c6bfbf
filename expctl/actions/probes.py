"""A probe that cannot answer leaves a note in the record; it never ends the recording."""

from __future__ import annotations

import os

from expctl.errors import ExpctlError
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")
    F = TypeVar("F")


def attempt(notes: list[str], what: str, probe: Callable[[], T], fallback: F) -> T | F:
    """Ask a probe; on any fault note it and give the fallback.

    With the end of a recording the one place beneath the command line where every exception is caught: what a
    script left behind can be anything, and neither its run nor the rest of its record may be lost over one
    part that could not be read.
    """
    try:
        return probe()
    except Exception as err:  # noqa: BLE001 see above
        notes.append(f"{what}: {_reason(err)}")
        return fallback


def _reason(err: Exception) -> str:
    if isinstance(err, OSError) and err.strerror:
        # The name alone: where somebody's files lie is nobody's business who reads the record.
        name = os.path.basename(os.fsdecode(err.filename)) if isinstance(err.filename, (str, bytes)) else ""
        return f"{err.strerror}: {name}" if name else err.strerror
    said = str(err).split("\n", 1)[0][:200]
    if isinstance(err, ExpctlError):
        return said
    return f"{type(err).__name__}: {said}" if said else type(err).__name__
