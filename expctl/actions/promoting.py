"""Move a registered version from stage to stage: forward, back, or out of service."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import gating, moving, rulebook, transition
from expctl.actions.moving import Wish
from expctl.core.registry import returns
from expctl.errors import AnswerIsNoError, ExpctlError, GitError, UsageError

if TYPE_CHECKING:
    from expctl.actions.moving import Moved
    from expctl.core.registry.gates import Result
    from expctl.core.registry.observation import Observation
    from expctl.core.registry.policy import Policy
    from expctl.core.registry.state import Model
    from expctl.project import Project


class Judged(NamedTuple):
    """The version that was judged, what each gate said, and what must be said about it."""

    version: str
    results: tuple[Result, ...]
    notes: tuple[str, ...]


def rules(project: Project) -> Policy:
    """The policy of this work tree; the usual stages without one.

    Raises:
        ConfigError: The file cannot be used; every fault is named.
    """
    return rulebook.policy_here(project)


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
    book = rulebook.here(project)
    rulebook.check_stage(stage, book.policy.stages)
    ground = transition.stand(project, model)
    found = model_of(ground, model)
    chosen = version or meant(found, book.policy.stages[stage].sources)
    wish = Wish(version_of(found, chosen), stage, "promotion", reason)
    return moving.move(project, ground, wish, book)


def check(project: Project, model: str, version: str | None, stage: str) -> Judged:
    """Judge a version by the gates of a stage, beside what stands there on the remote, and change nothing.

    Raises:
        As ``promote`` does, but for the gates.
    """
    book = rulebook.here(project)
    rulebook.check_stage(stage, book.policy.stages)
    notes: tuple[str, ...] = ()
    try:
        ground = transition.look(project, model)
    except GitError as err:
        ground = transition.look(project, model, offline=True)
        notes = (f"judged by what this clone knows: {err}",)
    found = model_of(ground, model)
    chosen = version_of(found, version or meant(found, book.policy.stages[stage].sources))
    return Judged(chosen, tuple(gating.judge(project, found, chosen, stage, book)), notes)


def archive(
    project: Project,
    model: str,
    version: str | None,
    *,
    reason: str = "",
    observed: Observation | None = None,
) -> Moved:
    """Take a version out of service: into the last stage of the policy.

    Args:
        project: The repository.
        model: Its name.
        version: Which; None where only one stands in any other stage.
        reason: Why.
        observed: The live metrics that are the reason.

    Raises:
        As ``promote`` does.
    """
    book = rulebook.here(project)
    target = book.policy.retired
    if target is None:
        raise UsageError(
            "The policy has no stage for what is out of service: that is the last one, if it may hold many.",
            hint=f"Write exclusive: false there in {rulebook.POLICY}, or name a stage: "
            f"expctl promote {model} --to STAGE",
        )
    ground = transition.stand(project, model)
    found = model_of(ground, model)
    standing = [each for stage, all_ in found.holders.items() if stage != target for each in all_]
    if version is None and len(set(standing)) != 1:
        raise UsageError(f"Which version of {model} is meant?", hint=moving.listed(found))
    chosen = version_of(found, version or standing[0])
    wish = Wish(chosen, target, "archive", reason, observed=observed)
    return moving.move(project, ground, wish, book)


def rollback(
    project: Project, model: str, stage: str, *, reason: str = "", observed: Observation | None = None
) -> Moved:
    """Bring back the version that stood in a stage before the present one.

    Each time leads further back. Where the same command was stopped after it took effect, that is told, and
    nothing is changed.

    Args:
        project: The repository.
        model: Its name.
        stage: Usually production.
        reason: Why.
        observed: The live metrics that are the reason.

    Raises:
        As ``promote`` does.
    """
    book = rulebook.here(project)
    rulebook.check_stage(stage, book.policy.stages)
    ground = transition.stand(project, model)
    found = model_of(ground, model)
    if ground.stopped is not None and (ground.stopped.event, ground.stopped.to) == ("rollback", stage):
        return moving.done_before(project, ground, book.policy)
    before = returns.before(found, stage)
    if before is None:
        raise AnswerIsNoError(
            f"No version of {model} that could come back stood in {stage} before.", hint=moving.listed(found)
        )
    wish = Wish(before, stage, "rollback", reason, observed=observed)
    return moving.move(project, ground, wish, book)


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
        raise ExpctlError(f"{model.name} has no version and no alias {version}.", hint=moving.listed(model))
    return named


def meant(model: Model, sources: tuple[str, ...]) -> str:
    """The version that a promotion without one is about."""
    standing = [each for stage in sources for each in model.holders.get(stage, ()) if stage != "archived"]
    chosen = standing[0] if standing else model.latest
    if chosen is None:
        raise ExpctlError(
            f"{model.name} has no version.", hint=f"Register one: expctl register {model.name} --run @"
        )
    return chosen
