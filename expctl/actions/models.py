"""Look at the registry: models, their versions, and who had what in which stage when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import promoting, registrygaps, rulebook
from expctl.core.registry import aliases, state, tags
from expctl.errors import AnswerIsNoError, ExpctlError, IncompleteError, UsageError
from expctl.store import registry

if TYPE_CHECKING:
    from expctl.core.registry.state import Model, Placed
    from expctl.project import Project


class Shown(NamedTuple):
    """Models to show.

    Attributes:
        models: By name.
        stages: Every stage of the policy or of a tag, in the order of a model's life.
        notes: Tags that cannot be believed, and what this clone lacks.
        complete: Whether nothing is known to be lacking.
    """

    models: dict[str, Model]
    stages: tuple[str, ...]
    notes: tuple[str, ...]
    complete: bool = True


class Held(NamedTuple):
    """Who held a stage at a moment: the version (None: nobody) and the event that put it there."""

    model: str
    stage: str
    version: str | None
    since: Placed | None


def parse_reference(text: str) -> tuple[str, str | None]:
    """``fraud@v1.2.0`` as model and version; the version may be left out, and so may its ``v``.

    An alias may stand in place of the version: ``fraud@champion``. ``Model.called`` knows what it means.

    Raises:
        UsageError: It is no model.
    """
    model, at, version = text.partition("@")
    why = tags.model_fault(model)
    if why:
        raise UsageError(f'"{model}" {why}.', hint="Name a model, or one version of it: fraud@v1.2.0")
    if not at:
        return model, None
    if not tags.version_fault(f"v{version}"):
        return model, f"v{version}"
    if tags.version_fault(version) and aliases.fault(version):
        raise UsageError(
            f'"{version}" is no version and no alias.', hint=f"See both with: expctl model show {model}"
        )
    return model, version


def all_models(project: Project) -> Shown:
    """Every model of this clone."""
    found = registry.read(project.root)
    known = list(promoting.rules(project).stages)
    used = {stage for model in found.models.values() for stage in model.holders}
    said, complete = _lacking(project, found)
    notes = (*found.faults, *said)
    return Shown(found.models, (*known, *sorted(used - set(known))), notes, complete=complete)


def _lacking(project: Project, found: registry.Registry) -> tuple[list[str], bool]:
    """What this clone lacks of the registry, in words, and whether it is known to have all of it.

    Raises:
        IncompleteError: It has nothing of it, and the remote has something.
    """
    if found.models and not registrygaps.is_suspicious(project):
        return [], True
    gap = registrygaps.ask(project)
    said = gap.sentence()
    if gap.tags and not found.models:
        raise IncompleteError(
            f"This clone has none of the registry: {said}.", hint=f"Fetch them: {gap.fetch}"
        )
    notes = [f"{said}: {gap.fetch}" if gap.tags else said] if said else []
    lost = registrygaps.orphans(project, found.models)
    if lost and not gap.tags:
        notes.append(f"the ledger knows {', '.join(lost)}, whose tags are not here: {gap.fetch}".rstrip(": "))
    return notes, not notes


def one_model(project: Project, name: str) -> Shown:
    """One model.

    Raises:
        ExpctlError: There is none of that name; the nearest is hinted at.
    """
    shown = all_models(project)
    if name not in shown.models:
        registrygaps.refuse(project, name, f"What is known of {name}")
        import difflib  # only for who mistyped

        near = difflib.get_close_matches(name, shown.models, n=1)
        hint = f"Did you mean {near[0]}?" if near else "See all with: expctl model list"
        raise ExpctlError(f"No model is called {name}.", hint=hint)
    return shown._replace(models={name: shown.models[name]})


def one_version(project: Project, name: str, word: str | None) -> Shown:
    """One model with one of its versions, by version or alias; with all of them for None.

    Raises:
        ExpctlError: There is no such model or version.
    """
    shown = one_model(project, name)
    if word is None:
        return shown
    model = shown.models[name]
    chosen = promoting.version_of(model, word)
    held: dict[str, tuple[str, ...]] = {
        stage: (chosen,) for stage, all_ in model.holders.items() if chosen in all_
    }
    named = {alias: version for alias, version in model.aliases.items() if version == chosen}
    one = model._replace(versions={chosen: model.versions[chosen]}, holders=held, aliases=named)
    return shown._replace(models={name: one})


def history(project: Project, name: str | None) -> tuple[list[Placed], tuple[str, ...]]:
    """Everything that happened, latest first, and what must be said about it.

    Raises:
        ExpctlError: There is no such model.
    """
    shown = one_model(project, name) if name is not None else all_models(project)
    return state.latest_first(shown.models.values()), shown.notes


def held(project: Project, name: str, stage: str, at: int | None) -> Held:
    """Who held a stage of a model at a moment, in seconds since 1970; None for now.

    Raises:
        ExpctlError: There is no such model.
        UsageError: There is no such stage.
        IncompleteError: The clone lacks tags that decide it.
    """
    if registrygaps.is_suspicious(project):
        registrygaps.refuse(project, name, f"Which version stood in {stage}")
    shown = one_model(project, name)
    rulebook.check_stage(stage, shown.stages)
    standing: dict[str, Placed] = {}
    for one in shown.models[name].history:
        said = one.event.name
        if said.stage != stage or (at is not None and one.event.at > at) or one.version is None:
            continue
        standing.pop(one.version, None)
        if said.event == tags.ASSIGNMENT:
            standing[one.version] = one
    last = next(reversed(standing.values()), None)
    return Held(name, stage, last.version if last else None, last)


def version_of(project: Project, name: str, stage: str) -> str:
    """The version that a stage holds now; never another one instead.

    Raises:
        ExpctlError: There is no such model.
        AnswerIsNoError: Nothing stands there.
        IncompleteError: The clone lacks tags that decide it.
    """
    shown = one_model(project, name)
    found = shown.models[name].holder(stage)
    if found is None or registrygaps.is_suspicious(project):
        registrygaps.refuse(project, name, f"Which version is in {stage}")
    if found is None:
        others = ", ".join(
            f"{one.holder(each)} in {each}" for one in shown.models.values() for each in one.holders
        )
        raise AnswerIsNoError(
            f"No version of {name} is in {stage}.", hint=f"There is {others}" if others else None
        )
    return found
