"""What is to be recorded, as its owner asked for it."""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Request(NamedTuple):
    """What is to be recorded; None means: as the settings say.

    Attributes:
        argv: The command and its words; empty for a run that is the present process.
        data: Inputs by path or URI.
        artifacts: Globs of outputs to keep.
        keep: Globs of outputs to keep as models are, within the caps.
        no_keep: Whether only what was declared or logged is kept.
        metrics: Files that the command writes metrics into.
        parent: Where it came from, such as ``{"reproduces": id}``.
    """

    argv: tuple[str, ...]
    experiment: str | None = None
    name: str | None = None
    tags: Mapping[str, str] = {}
    notes: tuple[str, ...] = ()
    params: Mapping[str, Any] = {}
    data: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    no_keep: bool = False
    metrics: tuple[str, ...] = ()
    seed: int | None = None
    commit: bool | None = None
    timeout_s: float | None = None
    hooks: bool | None = None
    strict: bool = False
    parent: Mapping[str, Any] = {}
