"""A probe that cannot answer leaves a note in the record; it never ends the recording."""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    T = TypeVar("T")
    F = TypeVar("F")


def attempt(notes: list[str], what: str, probe: Callable[[], T], fallback: F) -> T | F:
    """Ask a probe; on any fault note it and give the fallback.

    The one place beneath the command line where every exception is caught: what a script left behind can be
    anything, and neither its run nor the rest of its record may be lost over one part that could not be read.
    """
    try:
        return probe()
    except Exception as err:  # noqa: BLE001 see above
        reason = str(err).split("\n", 1)[0][:200]
        notes.append(f"{what}: {type(err).__name__}: {reason}" if reason else f"{what}: {type(err).__name__}")
        return fallback
