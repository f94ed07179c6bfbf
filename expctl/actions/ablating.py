"""Measure causes: run the first run again with one part of the second one's world at a time, and with all."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import blaming, runs
from expctl.actions.reproducing import exchange, execution, world
from expctl.actions.reproducing import plan as planning
from expctl.core import runid
from expctl.core.causes import ablation, swaps
from expctl.core.text import clean, cut
from expctl.errors import ConflictError, IncompleteError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from expctl.actions.reproducing.plan import Asked, Plan
    from expctl.actions.reproducing.world import World
    from expctl.core.causes.ablation import Table, Tried
    from expctl.core.causes.cause import Explanation
    from expctl.core.causes.swaps import Swap
    from expctl.core.manifest import Manifest
    from expctl.project import Project

    Say = Callable[[str], None]

#: How the records of such runs name the run that they start from, and what was put into it.
STARTS, WITH = "ablates", "with"
_AGAIN, _ALL = "nothing: the first run again", "all together"
#: Names of such runs are this wide at most; ``with`` says all of it.
_NAME_WIDTH = 60


class Turn(NamedTuple):
    """One thing to try: what it is called, and what is run for it."""

    label: str
    plan: Plan


class Prepared(NamedTuple):
    """What would be run.

    Attributes:
        explanation: What differs.
        turns: The first run again, each cause, and where there are several all of them together.
        left: What differs and cannot be put back, and why.
        times: How many runs that is.
        seconds: How long they will take, from what the two runs took; None where that is not known.
    """

    explanation: Explanation
    turns: tuple[Turn, ...]
    left: tuple[str, ...]
    times: int
    seconds: float | None


class Ablated(NamedTuple):
    """What came of it.

    Attributes:
        explanation: What differs.
        tables: One a metric.
        failed: What did not come to its end, and how it ended.
        left: What could not be put back, and why.
        runs: By what was tried, the ids of the runs that tell.
    """

    explanation: Explanation
    tables: tuple[Table, ...]
    failed: tuple[str, ...]
    left: tuple[str, ...]
    runs: dict[str, tuple[str, ...]]


def prepare(project: Project, before: str, after: str, asked: Asked) -> Prepared:
    """Find out what can be put back; nothing is run.

    Args:
        project: Where the runs lie.
        before: Reference of the run that is run again.
        after: Reference of the run whose parts are put into it.
        asked: How; ``times`` is how often each is run.

    Raises:
        RunNotFoundError: A reference names no run.
        AmbiguousRunError: A reference could mean two.
        ConflictError: There is nothing to put back.
        IncompleteError: The first run cannot be run again here.
    """
    found = [runs.find(project, reference) for reference in (before, after)]
    worlds = [world.of(project, each) for each in found]
    first = found[0].manifest
    explanation = blaming.of_runs(project, first, found[1].manifest)
    base = planning.plan_of(project, worlds[0], asked, first)
    planning.refuse_if_lacking(base)
    chosen = swaps.choose(explanation, recreate=asked.environment == planning.RECREATE)
    usable, left = _usable(project, worlds, base, chosen)
    if not usable:
        why = "".join(f"\n  {each}" for each in left)
        raise ConflictError(f"Nothing that differs between the two can be put back.{why}")
    turns = [Turn(_AGAIN, _plan(project, worlds[0], base, _AGAIN)), *usable]
    if len(usable) > 1:
        labels = {turn.label for turn in usable}
        mixed = _all_of(project, worlds, [each for each in chosen.swaps if each.label in labels], asked)
        turns.append(Turn(_ALL, _plan(project, mixed, base, _ALL)))
    durations = [run.duration_s for run in explanation.pair if run.duration_s is not None]
    times = len(turns) * asked.times
    return Prepared(
        explanation, tuple(turns), tuple(left), times, max(durations) * times if durations else None
    )


def perform(project: Project, ready: Prepared, *, say: Say) -> Ablated:
    """Run all of it, and reckon.

    Args:
        project: The user's.
        ready: From ``prepare``.
        say: Told of each step.

    Raises:
        IncompleteError: The first run did not come to its end.
        KeyboardInterrupt: One of them was interrupted.
    """
    tried: list[Tried] = []
    failed: list[str] = []
    for number, turn in enumerate(ready.turns, 1):
        say(f"{number} of {len(ready.turns)}: {turn.label}")
        done = _run(project, turn, failed, say)
        tried.append(ablation.Tried(turn.label, tuple(done)))
    if not tried[0].runs:
        raise IncompleteError(f"The first run cannot be run again: {'; '.join(failed)}.")
    has_sum = tried[-1].label == _ALL
    found = ablation.tables(
        ready.explanation.pair,
        tried[0].runs,
        tried[1:-1] if has_sum else tried[1:],
        tried[-1] if has_sum else None,
        configured=project.config.directions,
        noisy=any(cause.name == "unset" for cause in ready.explanation.causes),
    )
    ids = {each.label: tuple(run.id for run in each.runs) for each in tried}
    return Ablated(ready.explanation, tuple(found), tuple(failed), ready.left, ids)


def _usable(
    project: Project, worlds: Sequence[World], base: Plan, chosen: swaps.Chosen
) -> tuple[list[Turn], list[str]]:
    """The causes that can be put back here, and why the others cannot."""
    usable: list[Turn] = []
    left = list(chosen.left)
    for swap in chosen.swaps:
        recreate = base.asked.environment == planning.RECREATE
        mixed = exchange.put(project, worlds[0], worlds[1], swap, recreate=recreate)
        if isinstance(mixed, str):
            left.append(f"{swap.label}: {mixed}")
            continue
        ready = _plan(project, mixed, base, swap.label)
        lacks = [each for each in (*ready.bars, *ready.lacks) if each not in base.lacks]
        if lacks and (ready.bars or not base.asked.allow_changed):
            left.append(f"{swap.label}: {'; '.join(lacks)}")
        else:
            usable.append(Turn(swap.label, ready))
    return usable, left


def _all_of(project: Project, worlds: Sequence[World], chosen: Sequence[Swap], asked: Asked) -> World:
    """The first world with several parts of the second one; another command first, for it has all words."""
    mixed = worlds[0]
    for swap in sorted(chosen, key=lambda each: each.kind != swaps.COMMAND):
        put = exchange.put(project, mixed, worlds[1], swap, recreate=asked.environment == planning.RECREATE)
        mixed = mixed if isinstance(put, str) else put
    return mixed


def _plan(project: Project, mixed: World, base: Plan, label: str) -> Plan:
    ready = planning.plan_of(project, mixed, base.asked, base.original)
    what = {_AGAIN: "again", _ALL: "with all"}.get(label, f"with {label}")
    name = cut(clean(f"{runid.suffix(base.original.id)} {what}"), _NAME_WIDTH)
    return ready._replace(parent={STARTS: base.original.id, WITH: label}, name=name)


def _run(project: Project, turn: Turn, failed: list[str], say: Say) -> list[Manifest]:
    """The repeats of one turn that came to their end."""
    try:
        done, _ = execution.execute(project, turn.plan, say=say, notes=[])
    except IncompleteError as err:
        failed.append(f"{turn.label}: {err}")
        return []
    if any(run.status == "interrupted" for run in done):
        raise KeyboardInterrupt  # whoever stopped one of them wants no more of them
    failed += [f"{turn.label}: {run.id} {run.status}" for run in done if run.status != "completed"]
    return [run for run in done if run.status == "completed"]
