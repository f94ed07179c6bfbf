"""What is to be recorded, as its owner asked for it."""

from __future__ import annotations

import os

from expctl import hook
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class Request(NamedTuple):
    """What is to be recorded; None means: as the settings say.

    Attributes:
        argv: The command and its words; empty for a run that is the present process.
        told: The command as the record tells it, where that is not what is typed.
        data: Inputs by path or URI.
        artifacts: Globs of outputs to keep.
        keep: Globs of outputs to keep as models are, within the caps.
        no_keep: Whether only what was declared or logged is kept.
        metrics: Files that the command writes metrics into.
        parent: Where it came from, such as ``{"reproduces": id}``.
        env: Variables of the command that are not as ours; None: it has none of that name.
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
    env: Mapping[str, str | None] = {}
    told: tuple[str, ...] = ()


def environment(request: Request, folder: Path, *, hooks: bool) -> dict[str, str]:
    """The child's environment: ours, the run that it belongs to, and the hook."""
    env = {name: value for name, value in os.environ.items() if name not in request.env}
    env.update((name, value) for name, value in request.env.items() if value is not None)
    env["EXPCTL_RUN_DIR"] = str(folder)
    env["EXPCTL_RUN_ID"] = folder.name
    if request.seed is not None:
        env["EXPCTL_SEED"] = env["PYTHONHASHSEED"] = str(request.seed)
    if hooks:
        place = os.path.dirname(os.path.abspath(hook.__file__))
        env["EXPCTL_HOOK"] = "1"
        env["PYTHONPATH"] = os.pathsep.join([place, *filter(None, [env.get("PYTHONPATH")])])
    return env
