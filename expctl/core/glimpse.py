"""What is known of a run while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from expctl.core.trace import Trace


class Glimpse(NamedTuple):
    """A run in progress at one moment.

    Attributes:
        id: Its id.
        name: Its name, or None.
        experiment: What it belongs to.
        status: ``running``; ``unknown`` when nothing was heard of it for long.
        started_at: When it began.
        elapsed_s: How long ago that was.
        host: Where it runs.
        pid: The command's process there; None when it is not known.
        argv: The words of its command.
        metrics: By name.
        output: The last lines of its output.
    """

    id: str
    name: str | None
    experiment: str
    status: str
    started_at: datetime
    elapsed_s: float
    host: str
    pid: int | None
    argv: tuple[str, ...]
    metrics: dict[str, Trace]
    output: tuple[str, ...]
