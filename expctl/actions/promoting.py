"""Move a registered version from stage to stage: forward, back, or out of service."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl import config
from expctl.actions import gating, transition
from expctl.adapters import clock, gittags
from expctl.core.registry import moves, policy, record
from expctl.errors import AnswerIsNoError, ConfigError, ExpctlError, UsageError
from expctl.store import registry

if TYPE_CHECKING:
    from expctl.core.registry.gates import Result
    from expctl.core.registry.policy import Policy
    from expctl.core.registry.state import Model
    from expctl.project import Project

_POLICY = "policy/registry.yaml"


class GateFailedError(AnswerIsNoError):
    """A gate does not hold; ``results`` says of each whether it does."""

    results: tuple[Result, ...] = ()


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


def rules(project: Project) -> Policy:
    """The policy of this work tree; the usual stages without one.

    Raises:
        ConfigError: The file cannot be used; every fault is named.
    """
    path = project.experiments / _POLICY
    name = f".experiments/{_POLICY}"
    found, faults = (
        policy.read(config.read_yaml(path, name=name), name) if path.exists() else (policy.DEFAULT, [])
    )
    if faults:
        raise ConfigError("\n".join(faults))
    return found


def promote(project: Project, model: str, version: str | None, stage: str, *, reason: str = "") -> Moved:
    """Move a version to a stage.

    Args:
        project: The repository.
        model: Its name.
        version: Which; None: the one that stands where the stage is reached from, else the latest.
        stage: One of the policy's stages.
        reason: Why; kept in the tags and the ledger.

    Raises:
        ExpctlError: There is no such model or version.
        UsageError: There is no such stage.
        AnswerIsNoError: No way leads there from where the version stands.
        ConflictError: Somebody was quicker.
        RefusedError: The server refused it.
    """
    known = rules(project)
    if stage not in known.stages:
        raise UsageError(f'There is no stage "{stage}".', hint=f"Stages are {', '.join(known.stages)}")
    ground = transition.stand(project, model)
    found = model_of(ground, model)
    chosen = version or _meant(found, known.stages[stage].sources)
    return _move(project, ground, version_of(found, chosen), stage, "promotion", reason)


def check(project: Project, model: str, version: str | None, stage: str) -> tuple[str, tuple[Result, ...]]:
    """Judge a version by the gates of a stage and change nothing.

    Returns:
        The version that was judged, and what each gate said.

    Raises:
        As ``promote`` does, but for the gates.
    """
    known = rules(project)
    if stage not in known.stages:
        raise UsageError(f'There is no stage "{stage}".', hint=f"Stages are {', '.join(known.stages)}")
    found = registry.read(project.root).models.get(model)
    if found is None:
        raise ExpctlError(f"No model is called {model}.", hint="See all with: expctl model list")
    chosen = version_of(found, version or _meant(found, known.stages[stage].sources))
    return chosen, tuple(gating.judge(project, found, chosen, stage, known.gates.get(stage, ())))


def archive(project: Project, model: str, version: str | None, *, reason: str = "") -> Moved:
    """Take a version out of service: into the last stage of the policy.

    Args:
        project: The repository.
        model: Its name.
        version: Which; None where only one stands in any other stage.
        reason: Why.

    Raises:
        As ``promote`` does.
    """
    target = rules(project).retired
    if target is None:
        raise UsageError(
            "The policy has no stage for what is out of service.", hint="Name a stage: expctl promote"
        )
    ground = transition.stand(project, model)
    found = model_of(ground, model)
    standing = [each for stage, all_ in found.holders.items() if stage != target for each in all_]
    if version is None and len(set(standing)) != 1:
        raise UsageError(f"Which version of {model} is meant?", hint=_listed(found))
    chosen = version_of(found, version or standing[0])
    return _move(project, ground, chosen, target, "archive", reason)


def rollback(project: Project, model: str, stage: str, *, reason: str = "") -> Moved:
    """Bring back the version that stood in a stage before the present one.

    Args:
        project: The repository.
        model: Its name.
        stage: Usually production.
        reason: Why.

    Raises:
        As ``promote`` does.
    """
    known = rules(project)
    if stage not in known.stages:
        raise UsageError(f'There is no stage "{stage}".', hint=f"Stages are {', '.join(known.stages)}")
    ground = transition.stand(project, model)
    found = model_of(ground, model)
    now = found.holder(stage)
    held = [one.version for one in found.history if one.event.name.stage == stage and one.version != now]
    before = next(
        (each for each in reversed(held) if each in found.versions and found.versions[each].active), None
    )
    if before is None:
        raise AnswerIsNoError(f"No other version of {model} was ever in {stage}.", hint=_listed(found))
    return _move(project, ground, before, stage, "rollback", reason)


def _move(
    project: Project, ground: transition.Ground, version: str, stage: str, event: str, reason: str
) -> Moved:
    found = model_of(ground, "")
    known = rules(project)
    why = moves.refusal(found, version, stage, known, back=event == "rollback")
    if why:
        said, between = why
        first = f"First: expctl promote {found.name}@{version} --to {between}"
        raise AnswerIsNoError(f"{said}.", hint=first if between else _listed(found))
    results = tuple(gating.judge(project, found, version, stage, known.gates.get(stage, ())))
    if any(not result.passed for result in results):
        fault = GateFailedError(
            f"{found.name}@{version} does not pass the gates of {stage}.", hint=_next_step(results)
        )
        fault.results = results
        raise fault
    registered = found.versions[version].registered
    transition.check_sent(ground, version)
    now = clock.wall_ns() // 10**9
    plan = moves.plan(found, version, stage, known, now=now)
    entry = record.Record(
        seq=ground.seq + 1,
        model=found.name,
        event=event,
        version=version,
        to=stage,
        came_from=plan.came_from,
        displaced=plan.displaced,
        run=gating.run_of(registered.message) if registered else None,
        at=max(now, found.last_at + 1),
        by=gittags.identity(project.root),
        reason=" ".join(reason.split()),
        tags={},
        gates=tuple(one.gate.rule + (f" sha256:{one.digest}" if one.digest else "") for one in results),
    )
    done = transition.publish(project, ground, entry, plan.first, plan.rest)
    return Moved(
        found.name,
        version,
        stage,
        plan.came_from,
        plan.displaced,
        known.stages[stage].displaces_to,
        tuple(done.tags),
        results,
        ground.remote,
        ground.notes,
    )


def model_of(ground: transition.Ground, name: str) -> Model:
    """The model that a change is about.

    Raises:
        ExpctlError: There is none.
    """
    if ground.model is None:
        raise ExpctlError(
            f"No model is called {name}.",
            hint="See all with: expctl model list, or make it with: expctl register",
        )
    return ground.model


def version_of(model: Model, version: str) -> str:
    """The version that a word names: itself, with or without its ``v``, or by an alias.

    Raises:
        ExpctlError: There is none.
    """
    named = model.called(version)
    if named is None:
        raise ExpctlError(f"{model.name} has no version and no alias {version}.", hint=_listed(model))
    return named


def _meant(model: Model, sources: tuple[str, ...]) -> str:
    """The version that a promotion without one is about."""
    standing = [each for stage in sources for each in model.holders.get(stage, ()) if stage != "archived"]
    chosen = standing[0] if standing else model.latest
    if chosen is None:
        raise ExpctlError(
            f"{model.name} has no version.", hint=f"Register one: expctl register {model.name} --run @"
        )
    return chosen


def _listed(model: Model) -> str:
    return f"See its versions with: expctl model show {model.name}"


def _next_step(results: tuple[Result, ...]) -> str:
    """What the first gate that does not hold says is to be done."""
    return next(result.gate.otherwise for result in results if not result.passed)
