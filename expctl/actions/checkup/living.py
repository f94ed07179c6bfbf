"""Runs that still run, and those that died or were not heard of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.actions import sealing
from expctl.actions.checkup.check import Check
from expctl.store import live

if TYPE_CHECKING:
    from expctl.project import Project


def look_at_runs(project: Project, seal: tuple[str, ...]) -> list[Check]:
    """Finish the records of the dead, and name the runs whose end nobody saw."""
    sealed = [*sealing.seal_dead(project), *sealing.seal_lost(project, list(seal))]
    checks = [
        Check(
            "dead runs", fine=True, said=f"finished the record of {done.manifest.id} ({done.manifest.status})"
        )
        for done in sealed
    ]
    rubbish = sealing.rubbish(project)
    left = live.list_live(project.live)
    dead = {run.id: sealing.why_not(project, run) for run in left if run.is_dead}
    unknown = [run.id for run in left if run.id not in dead and run.status == "unknown"]
    running = len(left) - len(dead) - len(unknown)
    checks += [
        Check(
            "dead runs",
            fine=False,
            said=f"{run_id} cannot be finished: {why}",
            hint=f"What is left of it lies in {project.live / run_id}",
        )
        for run_id, why in dead.items()
        if why is not None
    ]
    checks += [
        Check(
            "live runs",
            fine=False,
            said=f"nothing was heard of {run_id} for over 10 minutes, and its host is another one",
            hint=f"If it is lost: expctl doctor --seal {run_id}",
        )
        for run_id in unknown
    ]
    said = f"{running} running"
    if rubbish:
        said += f"; {rubbish} begun without a readable note: what stays so for an hour is removed"
    return [*checks, Check("live runs", fine=True, said=said)]
