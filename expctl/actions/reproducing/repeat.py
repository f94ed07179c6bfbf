"""Run a recorded run again: find what it needs, lay it out aside, start it as a normal run, and judge.

The user's work tree, index, ``HEAD``, stash and DVC are only read. What is laid out lies in a temporary
folder that the next command removes, should this one be killed.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import record, runs
from expctl.actions.reproducing import command, inputs, kin, machine, origin, source, world
from expctl.actions.request import Request
from expctl.adapters import scratch
from expctl.core import tolerance, verdict
from expctl.core.manifest import LIVE_STATUSES
from expctl.errors import CannotStartError, ConflictError, IncompleteError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from expctl.actions.reproducing.inputs import Origin
    from expctl.actions.reproducing.origin import Provenance
    from expctl.actions.reproducing.world import World
    from expctl.core.manifest import Manifest
    from expctl.core.surroundings import Gap
    from expctl.core.verdict import Judgement
    from expctl.project import Project

    Say = Callable[[str], None]

CURRENT, RECREATE = "current", "recreate"


class Asked(NamedTuple):
    """How a run is to be repeated.

    Attributes:
        environment: ``current`` or ``recreate``.
        wheels: A folder of wheels to install from instead of an index.
        allow_changed: Go on where something is missing or differs.
        keep: Leave the copy behind.
        times: How often.
        tolerance: Words such as ``1e-6``, ``5%``, ``f1_score=0.01``.
    """

    environment: str = CURRENT
    wheels: str | None = None
    allow_changed: bool = False
    keep: bool = False
    times: int = 1
    tolerance: Sequence[str] = ()


class Plan(NamedTuple):
    """What would be done.

    Attributes:
        original: The run.
        world: What is brought back.
        asked: How.
        whose: Where its code came from.
        inputs: Where each input is to be had.
        gaps: How the environment differs, most important first; empty where it is made anew.
        lacks: Why it cannot be repeated faithfully, one sentence each.
        remarks: What should be known all the same.
    """

    original: Manifest
    world: World
    asked: Asked
    whose: Provenance
    inputs: tuple[Origin, ...]
    gaps: tuple[Gap, ...]
    lacks: tuple[str, ...]
    remarks: tuple[str, ...]


class Repeated(NamedTuple):
    """What came of it.

    Attributes:
        original: The run.
        runs: Its repeats.
        judgement: Whether they gave the same.
        folder: Where the copy was left, if that was asked for.
        notes: What should be known.
    """

    original: Manifest
    runs: tuple[Manifest, ...]
    judgement: Judgement
    folder: str | None
    notes: tuple[str, ...]


def plan(project: Project, reference: str, asked: Asked) -> Plan:
    """Find out what a repeat needs, and what of that is not here.

    Raises:
        RunNotFoundError: The reference names no run.
        AmbiguousRunError: It could mean two.
        ConflictError: The run has not ended yet.
        UsageError: A tolerance cannot be read.
    """
    tolerances(project, asked)
    located = runs.find(project, reference)
    if located.manifest.status in LIVE_STATUSES:
        raise ConflictError(f"Run {located.manifest.id} has not ended yet.", hint=f"expctl watch {reference}")
    found = world.of(project, located)
    return plan_of(project, found, asked, located.manifest)._replace(whose=origin.of(project, located))


def plan_of(project: Project, found: World, asked: Asked, original: Manifest) -> Plan:
    """Find out what a world needs; it may be made of parts of several runs.

    Args:
        project: The user's.
        found: What is to be brought back.
        asked: How.
        original: The run whose results the repeat is compared with.
    """
    lacks = [*command.lacks(found), *source.lacks(project, found.code)]
    there = inputs.find(project, found)
    lacks += [each.fault for each in there if each.fault]
    set_to = machine.setting(found)
    gaps: list[Gap] = []
    if asked.environment == CURRENT and found.argv:
        here = command.translate(project, found, project.home)
        gaps = machine.gaps(project, found, here.argv, set_to.env)
    code = original.code
    whose = origin.Provenance(
        code.commit if code else None,
        code.branch if code else None,
        code.dirty if code else False,
        None,
        None,
    )
    remarks = (*source.remarks(found.code), *set_to.notes)
    return Plan(original, found, asked, whose, tuple(there), tuple(gaps), tuple(lacks), remarks)


def tolerances(project: Project, asked: Asked) -> tolerance.Tolerances:
    """What is near enough: as typed, else as the settings say.

    Raises:
        UsageError: One cannot be read.
    """
    try:
        return tolerance.parse_all(asked.tolerance, project.config.tolerances)
    except tolerance.WrongToleranceError as err:
        raise UsageError(f"A tolerance cannot be read: {err}.") from err


def refuse_if_lacking(ready: Plan) -> None:
    """Stop where something is missing or differs, unless that was allowed.

    Raises:
        IncompleteError: Something is; the message names all of it.
    """
    if ready.lacks and not ready.asked.allow_changed:
        lines = "".join(f"\n  {each}" for each in ready.lacks)
        raise IncompleteError(
            f"Run {ready.original.id} cannot be repeated as it was:{lines}",
            hint="To run it all the same, with what is here: --allow-changed",
        )


def perform(project: Project, ready: Plan, *, say: Say) -> Repeated:
    """Repeat a run as planned, and judge.

    Args:
        project: The user's.
        ready: From ``plan``.
        say: Told of each step.

    Raises:
        IncompleteError: It could not be attempted; what is missing is named.
    """
    refuse_if_lacking(ready)
    siblings = kin.siblings(project, ready.original)
    notes: list[str] = []
    found, folder = execute(project, ready, say=say, notes=notes)
    judgement = verdict.judge(
        ready.original, found, tolerances=tolerances(project, ready.asked), siblings=siblings
    )
    written = [kin.write_verdict(project, run, judgement.verdict) for run in found]
    return Repeated(ready.original, tuple(written), judgement, folder, tuple(notes))


def execute(
    project: Project, ready: Plan, *, say: Say, notes: list[str]
) -> tuple[list[Manifest], str | None]:
    """Run a world as often as it was asked for; nothing is judged.

    Returns:
        The records, and the folder if it was to be kept.

    Raises:
        IncompleteError: It could not be attempted; what is missing is named.
    """
    sweep(project)
    aside = _make_scratch(project)
    done = False
    try:
        found = []
        for turn in range(ready.asked.times):
            if ready.asked.times > 1:
                say(f"repeat {turn + 1} of {ready.asked.times}")
            found.append(_once(project, ready, Path(aside.folder) / str(turn + 1), say=say, notes=notes))
        done = ready.asked.keep
    finally:
        if done:
            scratch.release(aside)
        else:
            scratch.remove(aside)
    return found, aside.folder if done else None


def sweep(project: Project) -> None:
    """Remove what killed repeats left; who still runs there is left alone."""
    from expctl.actions import sealing

    sealing.seal_dead(project)


def _make_scratch(project: Project) -> scratch.Scratch:
    try:
        return scratch.make(project.state / scratch.NOTES)
    except OSError as err:
        raise IncompleteError(f"There is no place for a copy: {err.strerror}: {err.filename}.") from err


def _once(project: Project, ready: Plan, place: Path, *, say: Say, notes: list[str]) -> Manifest:
    """One repeat in a copy of its own: what the one before left does not help this one."""
    found, asked = ready.world, ready.asked
    # Some programs name their output after the folder that they run in.
    folder = place / project.home.name
    folder.mkdir(parents=True)
    copy, said = source.lay_out(project, found.code, folder)
    for each in ready.inputs:
        way = inputs.bring(project, found, each, folder, scratch=place, allow_changed=asked.allow_changed)
        say(f"{each.name}: {way}")
    request = _request(project, ready, folder, said)
    for line in said:
        if line not in notes:
            notes.append(line)
            say(line)
    copy.prefix = found.cwd
    try:
        done = record.record(copy, request, say=say)
    except CannotStartError as err:
        raise IncompleteError(f"Its command cannot be started here: {err}", hint=err.hint) from err
    if done.manifest is None:
        raise IncompleteError(f"The repeat was not recorded: {'; '.join(done.said)}.")
    return done.manifest


def _request(project: Project, ready: Plan, folder: Path, said: list[str]) -> Request:
    found = ready.world
    words = command.translate(project, found, folder)
    said += words.notes
    env = dict(machine.setting(found).env)
    own = machine.with_own_source(project, found, words.argv, folder, env)
    env |= {"PYTHONPATH": own} if own is not None else {}
    cwd = folder / found.cwd
    cwd.mkdir(parents=True, exist_ok=True)
    env["PWD"] = str(cwd)
    _make_first_folders(folder, found.artifacts)
    return Request(
        argv=words.argv,
        experiment=found.experiment,
        params=found.params,
        data=tuple(os.path.join(folder, each.path) if each.path else str(each.uri) for each in found.data),
        artifacts=found.artifacts,
        seed=found.seed,
        commit=False,
        parent={kin.REPEATS: ready.original.id},
        env=env,
    )


def _make_first_folders(folder: Path, artifacts: Sequence[str]) -> None:
    """Make folders that a program may count on and git does not hold: the first that each output needs."""
    for path in artifacts:
        place = folder
        for part in path.split("/")[:-1]:
            place /= part
            if not os.path.lexists(place):
                place.mkdir()
                break
