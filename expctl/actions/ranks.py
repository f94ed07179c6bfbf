"""One of several processes that a launcher started, each under an ``expctl run`` of its own.

``srun expctl run -- python train.py`` is one run, not as many as there are ranks. Rank 0 records it; each
other rank runs its command as if expctl were not there, and what its script logs goes into the live folder of
rank 0, if the repository is shared. Ranks whose command differs are runs of their own.
"""

from __future__ import annotations

import os
import time

from expctl.actions import beginning
from expctl.actions.request import environment
from expctl.adapters import child
from expctl.core import jobs
from expctl.store import live
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from expctl.actions.request import Request
    from expctl.core.jobs import Rank
    from expctl.project import Project

#: Rank 0 may start later, and has a snapshot to take; the others mostly wait for it anyway.
_PATIENCE_S = 30.0
_FIRST_STEP_S, _LAST_STEP_S = 0.05, 1.0


class First(NamedTuple):
    """What a rank found of rank 0.

    Attributes:
        folder: Its live folder; None if it was not found in time.
        is_apart: Whether it runs another command: then each rank is a run of its own.
    """

    folder: Path | None
    is_apart: bool = False


class Alongside(NamedTuple):
    """How the command of a rank above 0 ended, and what its owner should know."""

    exit_code: int
    said: tuple[str, ...]
    ragged: bool


def run_alongside(project: Project, request: Request) -> Alongside | None:
    """Run the command of a rank above 0; None for any other process, which has a record of its own.

    Raises:
        CannotStartError: The command could not be started.
    """
    rank = beginning.own_rank()
    if rank is None or rank.number == 0:
        return None
    first = find_first(project.live, rank, request.argv)
    if first.is_apart:
        return None
    hooks = project.config.hooks if request.hooks is None else request.hooks
    env = environment(request, first.folder, hooks=hooks) if first.folder else os.environ
    plan = child.Plan(
        argv=request.argv,
        cwd=str(project.root / project.prefix),
        env=env,
        log=None,
        log_limit=0,
        timeout_s=request.timeout_s,
    )
    ending = child.run(plan, started=lambda _: None)
    said = () if first.folder else (f"rank {rank.number} found no run of rank 0, and recorded nothing",)
    return Alongside(ending.exit_code, said, ending.ragged)


def find_first(live_folder: Path, rank: Rank, argv: Sequence[str]) -> First:
    """Look for the run of rank 0, and wait for it a while."""
    digest = jobs.digest(rank, argv)
    until, step_s = time.monotonic() + _PATIENCE_S, _FIRST_STEP_S
    while True:
        for run in reversed(live.list_live(live_folder)):
            noted = run.state.get("rank0")
            if (
                isinstance(noted, list)
                and noted[:1] == [rank.key]
                and run.outcome is None
                and not run.is_dead
            ):
                is_apart = noted[1:] != [digest]
                return First(None if is_apart else run.folder, is_apart)
        if time.monotonic() > until:
            return First(None)
        time.sleep(step_s)
        step_s = min(step_s * 1.5, _LAST_STEP_S)
