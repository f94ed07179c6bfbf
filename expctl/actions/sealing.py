"""Finish the records of runs whose expctl and child are both gone: killed, or cut off by a power failure."""

from __future__ import annotations

import os

from expctl.actions.probes import attempt
from expctl.adapters import files
from expctl.store import live
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from expctl.actions.finishing import Finished
    from expctl.project import Project
    from expctl.store.live import LiveRun


def seal_dead(project: Project) -> list[Finished]:
    """Turn what dead runs left into manifests; costs one look into a folder when nothing lives.

    What cannot be sealed now (a full disk) is left for the next command.
    """
    try:
        names = os.listdir(project.live)
    except OSError:
        names = []
    sealed = []
    for run in live.list_live(project.live) if names else ():
        if run.is_dead:
            done = _seal(project, run)
            sealed += [done] if done is not None else []
    _sweep(project, names)
    _sweep_copies(project)
    return sealed


def seal_lost(project: Project, run_ids: list[str]) -> list[Finished]:
    """Seal runs of other hosts that nobody heard of for long, as ``lost``: only on their owner's word."""
    sealed = []
    for run in live.list_live(project.live):
        if run.id in run_ids and run.status == "unknown":
            if run.outcome is None:
                live.write_outcome(run.folder, {"status": "lost", "exit_code": None, "notes": []})
            done = _seal(project, run)
            sealed += [done] if done is not None else []
    return sealed


def why_not(project: Project, run: LiveRun) -> str | None:
    """Why a dead run cannot be sealed; None once it is."""
    notes: list[str] = []
    _seal(project, run, notes)
    return notes[0].removeprefix("sealing: ") if notes else None


def rubbish(project: Project) -> int:
    """How many live folders hold nothing that a record can be made of; a young one may become a run yet."""
    try:
        names = os.listdir(project.live)
    except OSError:
        return 0
    return sum(not name.startswith(".gone-") and live.is_rubbish(project.live / name) for name in names)


def _seal(project: Project, run: LiveRun, notes: list[str] | None = None) -> Finished | None:
    from expctl.actions import finishing
    from expctl.core import redact

    # Whatever lies in a folder, it must not stand in the way of the command that found it.
    said = [] if notes is None else notes
    # The secrets that its own expctl knew are gone with it, and were never in its log; ours are mostly the
    # same.
    secrets = redact.secrets_of(os.environ, run.state["argv"])
    return attempt(said, "sealing", lambda: finishing.finish(project, run.folder, secrets=secrets), None)


def _sweep(project: Project, names: list[str]) -> None:
    """Remove what a stop left half-removed, and folders of which nothing can be made."""
    for name in names:
        folder = project.live / name
        if name.startswith(".gone-") or (live.is_rubbish(folder) and _is_old(folder)):
            files.remove_folder(folder)


def _sweep_copies(project: Project) -> None:
    """Remove the copies of source trees whose repeat is over or was killed, once their records are made."""
    notes = project.state / "scratch"
    if not os.path.isdir(notes):  # nearly always
        return
    from expctl.adapters import scratch

    at_work = [run.state["root"] for run in live.list_live(project.live)]
    attempt([], "copies", lambda: scratch.sweep(notes, used=at_work), 0)


def _is_old(folder: os.PathLike[str]) -> bool:
    from expctl.adapters import clock

    try:
        return clock.wall_ns() - os.stat(folder).st_mtime_ns > 3600 * 10**9
    except OSError:
        return False
