"""What a repeat needs, and what of that is not here: found out before anybody is asked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import runs
from expctl.actions.reproducing import command, environment, inputs, machine, origin, source, world
from expctl.core import tolerance
from expctl.core.manifest import FROM_STDIN, LIVE_STATUSES
from expctl.core.text import clean
from expctl.errors import ConflictError, IncompleteError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.actions.reproducing.inputs import Origin
    from expctl.actions.reproducing.origin import Provenance
    from expctl.actions.reproducing.world import World
    from expctl.core.manifest import Manifest
    from expctl.core.surroundings import Gap
    from expctl.project import Project

CURRENT, RECREATE = "current", "recreate"
#: More metrics than these are for ``expctl show``.
_SHOWN = 8


class Asked(NamedTuple):
    """How a run is to be repeated.

    Attributes:
        environment: ``current`` or ``recreate``.
        wheels: A folder of wheels to install from instead of an index.
        allow_changed: Go on where something is missing or differs.
        keep: Leave the copy behind.
        times: How often.
        metrics: Files that the command leaves its metrics in, where nothing else tells of them.
        tolerance: Words such as ``1e-6``, ``5%``, ``f1_score=0.01``.
    """

    environment: str = CURRENT
    wheels: str | None = None
    allow_changed: bool = False
    keep: bool = False
    times: int = 1
    tolerance: Sequence[str] = ()
    metrics: Sequence[str] = ()


class Plan(NamedTuple):
    """What would be done.

    Attributes:
        original: The run.
        world: What is brought back.
        asked: How.
        whose: Where its code came from.
        inputs: Where each input is to be had.
        gaps: How the environment differs, most important first; empty where it is made anew.
        lacks: What is missing or differs, one sentence each; may be allowed.
        remarks: What should be known all the same.
        bars: Why it cannot be repeated at all, one sentence each.
        parent: What the record says of where it came from, if not that it reproduces the run.
        name: What the run is called, if anything.
    """

    original: Manifest
    world: World
    asked: Asked
    whose: Provenance
    inputs: tuple[Origin, ...]
    gaps: tuple[Gap, ...]
    lacks: tuple[str, ...]
    remarks: tuple[str, ...]
    bars: tuple[str, ...] = ()
    parent: Mapping[str, str] = {}
    name: str | None = None


def plan(project: Project, reference: str, asked: Asked) -> Plan:
    """Find out what a repeat needs, and what of that is not here.

    Raises:
        RunNotFoundError: The reference names no run.
        AmbiguousRunError: It could mean two.
        ConflictError: The run has not ended yet.
        UsageError: A tolerance cannot be read or is for no metric of the run, or the folder of wheels is not
            there.
    """
    tolerances(project, asked)
    located = runs.find(project, reference)
    metrics = sorted(located.manifest.metrics)
    if idle := tolerance.parse_all(asked.tolerance, {}).idle(metrics):
        known = f"It has {', '.join(clean(name) for name in metrics[:_SHOWN])}" if metrics else None
        raise UsageError(f'--tolerance: the run has no metric "{clean(idle[0])}".', hint=known)
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

    Raises:
        UsageError: There is no folder of wheels where one was named.
    """
    if asked.wheels is not None and not os.path.isdir(asked.wheels):
        raise UsageError(
            f'--wheels: there is no folder "{asked.wheels}".',
            hint="Make one where there is a network, with: pip wheel -w DIR -r requirements.txt",
        )
    bars = [*command.lacks(found), *source.bars(project, found.code)]
    there = inputs.find(project, found)
    lacks = [
        *_fed(original),
        *source.lacks(project, found.code),
        *(each.fault for each in there if each.fault),
    ]
    set_to = machine.setting(found)
    gaps: list[Gap] = []
    remarks = [*source.remarks(found.code), *set_to.notes]
    if asked.environment == RECREATE:
        bars += environment.lacks(found)
        remarks += environment.remarks(found)
    elif found.argv:
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
    return Plan(
        original, found, asked, whose, tuple(there), tuple(gaps), tuple(lacks), tuple(remarks), tuple(bars)
    )


def _fed(original: Manifest) -> list[str]:
    if original.capture is None or FROM_STDIN not in original.capture.notes:
        return []
    return [f"{FROM_STDIN} was not recorded; let its command name a file, and record it again"]


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
    allowed = ready.asked.allow_changed
    faults = [*ready.bars, *(() if allowed else ready.lacks)]
    if faults:
        lines = "".join(f"\n  {each}" for each in faults)
        raise IncompleteError(
            f"Run {ready.original.id} cannot be repeated as it was:{lines}",
            hint=None if ready.bars else "To run it all the same, with what is here: --allow-changed",
        )
