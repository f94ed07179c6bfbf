"""What is to be recorded, as its owner asked for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be recorded; None means: as the settings say.

    Attributes:
        argv: The command and its words; empty for a run that is the present process.
        data: Inputs by path or URI.
        artifacts: Globs of outputs to keep.
        metrics: Files that the command writes metrics into.
        parent: Where it came from, such as ``{"reproduces": id}``.
    """

    argv: tuple[str, ...]
    experiment: str | None = None
    name: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    data: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    seed: int | None = None
    commit: bool | None = None
    timeout_s: float | None = None
    hooks: bool | None = None
    strict: bool = False
    parent: Mapping[str, Any] = field(default_factory=dict)
