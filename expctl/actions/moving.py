"""One change of stage, from wish to effect: is there a way, do the gates hold, which tags does it take."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import gating, transition
from expctl.adapters import clock, gittags
from expctl.core.registry import moves, record
from expctl.errors import AnswerIsNoError, ExpctlError
from expctl.store import changes

if TYPE_CHECKING:
    from expctl.actions.rulebook import Rulebook
    from expctl.actions.transition import Ground
    from expctl.core.registry.gates import Result
    from expctl.core.registry.observation import Observation
    from expctl.core.registry.policy import Policy
    from expctl.core.registry.state import Model
    from expctl.project import Project


class GateFailedError(AnswerIsNoError):
    """A gate does not hold; ``results`` says of each whether it does."""

    results: tuple[Result, ...] = ()


class Wish(NamedTuple):
    """What somebody wants to happen.

    Attributes:
        version: The version that shall move.
        stage: Where to.
        event: What the ledger calls it: ``promotion``, ``rollback``, ``archive``.
        reason: Why; kept in the tags and the ledger.
        request: Digest of the request that asks for it; empty for none.
        asked_by: Whose request that is.
        observed: The live metrics that are the reason.
    """

    version: str
    stage: str
    event: str
    reason: str = ""
    request: str = ""
    asked_by: str = ""
    observed: Observation | None = None


class Moved(NamedTuple):
    """What was done.

    Attributes:
        model: Its name.
        version: The version that moved.
        to: Where it stands now.
        came_from: Stages that it left; empty when it stood in none.
        displaced: Versions that made room, and where they went (None: into no stage).
        tags: The tags that say so, in the order of their dates.
        gates: What each gate of the stage said.
        remote: Where it counts; None for this clone alone.
        notes: What must be said about it.
    """

    model: str
    version: str
    to: str
    came_from: tuple[str, ...]
    displaced: tuple[str, ...]
    displaced_to: str | None
    tags: tuple[str, ...]
    gates: tuple[Result, ...]
    remote: str | None
    notes: tuple[str, ...]


def move(project: Project, ground: Ground, wish: Wish, book: Rulebook) -> Moved:
    """Make a wish come true.

    Args:
        project: The repository.
        ground: The model as it stands.
        wish: What shall happen.
        book: The rules that count.

    Raises:
        AnswerIsNoError: No way leads there from where the version stands.
        GateFailedError: A gate does not hold.
        ConflictError: Somebody was quicker.
        RefusedError: The server refused it, or does not have the version.
    """
    if ground.model is None:
        raise ExpctlError("There is no such model.", hint="See all with: expctl model list")
    found = ground.model
    version, stage, rules = wish.version, wish.stage, book.policy
    check_way(found, wish, book)
    book = book.for_return() if wish.event == "rollback" else book
    results = tuple(gating.judge(project, found, version, stage, book))
    _check_gates(found, wish, results)
    registered = found.versions[version].registered
    transition.check_sent(ground, version)
    now = clock.wall_ns() // 10**9
    plan = moves.plan(found, version, stage, rules, now=now)
    entry = record.Record(
        seq=ground.seq + 1,
        model=found.name,
        event=wish.event,
        version=version,
        to=stage,
        came_from=plan.came_from,
        displaced=plan.displaced,
        run=gating.run_of(registered.message) if registered else None,
        at=max(now, found.last_at + 1),
        by=gittags.identity(project.root),
        reason=record.one_line(wish.reason),
        tags={},
        gates=tuple(one.gate.rule + (f" sha256:{one.digest}" if one.digest else "") for one in results),
        request=wish.request,
        asked_by=wish.asked_by,
        observed=wish.observed,
    )
    done = transition.publish(project, ground, entry, plan.first, plan.rest)
    return Moved(
        found.name,
        version,
        stage,
        plan.came_from,
        plan.displaced,
        rules.stages[stage].displaces_to,
        tuple(done.entry.tags),
        results,
        ground.remote,
        (*ground.notes, *done.notes),
    )


def listed(model: Model) -> str:
    """The hint that leads to the versions of a model."""
    return f"See its versions with: expctl model show {model.name}"


def done_before(project: Project, ground: Ground, rules: Policy) -> Moved:
    """What a command did that was stopped before it could say so."""
    entry = ground.stopped
    assert entry is not None
    assert entry.to is not None
    changes.forget(project.state, entry.model)
    note = "this was done already, by a command that was stopped before it could say so"
    return Moved(
        entry.model,
        entry.version,
        entry.to,
        entry.came_from,
        entry.displaced,
        rules.stages[entry.to].displaces_to,
        tuple(entry.tags),
        (),
        ground.remote,
        (*ground.notes, note),
    )


def check_way(model: Model, wish: Wish, book: Rulebook) -> None:
    """Refuse a move that the policy knows no way for.

    Raises:
        AnswerIsNoError: No way leads there from where the version stands; the hint names the first step.
    """
    back = wish.event == "rollback"
    why = moves.refusal(model, wish.version, wish.stage, book.policy, back=back)
    if why:
        said, between = why
        first = f"First: expctl promote {model.name}@{wish.version} --to {between}"
        raise AnswerIsNoError(f"{said}.", hint=first if between else listed(model))


def _check_gates(model: Model, wish: Wish, results: tuple[Result, ...]) -> None:
    failed = next((result for result in results if not result.passed), None)
    if failed is not None:
        fault = GateFailedError(
            f"{model.name}@{wish.version} does not pass the gates of {wish.stage}.",
            hint=failed.gate.otherwise,
        )
        fault.results = results
        raise fault
