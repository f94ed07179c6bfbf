"""Look at the registry: models, their versions, and who had what in which stage when."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import promoting
from expctl.adapters import git
from expctl.core.registry import aliases, policy, tags
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
    """

    models: dict[str, Model]
    stages: tuple[str, ...]
    notes: tuple[str, ...]


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
    notes = list(found.faults)
    if _is_shallow(project):
        notes.append("this clone is shallow and may lack tags: git fetch --unshallow --tags")
    return Shown(found.models, (*known, *sorted(used - set(known))), tuple(notes))


def one_model(project: Project, name: str) -> Shown:
    """One model.

    Raises:
        ExpctlError: There is none of that name; the nearest is hinted at.
    """
    shown = all_models(project)
    if name not in shown.models:
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
    placed = [one for model in shown.models.values() for one in model.history]
    return sorted(placed, key=lambda one: one.event.at, reverse=True), shown.notes


def held(project: Project, name: str, stage: str, at: int | None) -> Held:
    """Who held a stage of a model at a moment, in seconds since 1970; None for now.

    Raises:
        ExpctlError: There is no such model.
        UsageError: There is no such stage.
        IncompleteError: A shallow clone may lack the tag that decides it.
    """
    if _is_shallow(project):
        raise IncompleteError(
            "A shallow clone cannot tell.", hint="Fetch the rest: git fetch --unshallow --tags"
        )
    shown = one_model(project, name)
    if stage not in shown.stages:
        raise UsageError(f'There is no stage "{stage}".', hint=f"Stages are {', '.join(shown.stages)}")
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
    """
    shown = one_model(project, name)
    found = shown.models[name].holder(stage)
    if found is None:
        others = ", ".join(
            f"{one.holder(each)} in {each}" for one in shown.models.values() for each in one.holders
        )
        raise AnswerIsNoError(
            f"No version of {name} is in {stage}.", hint=f"There is {others}" if others else None
        )
    return found


def stages_of(model: Model, version: str) -> tuple[str, ...]:
    """Where a version stands, latest first; ``none`` where it stands nowhere."""
    return tuple(model.versions[version].stages) or (policy.NONE,)


def _is_shallow(project: Project) -> bool:
    return git.call(project.root, "rev-parse", "--is-shallow-repository").text.strip() == "true"
