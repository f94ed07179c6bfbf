"""Give a version of a model a name of its own, such as ``champion``, move the name, or take it away."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import gating, promoting, transition
from expctl.adapters import clock, gittags
from expctl.core.registry import aliases, moves, record, tags
from expctl.errors import AnswerIsNoError, UsageError

if TYPE_CHECKING:
    from expctl.core.registry.state import Model
    from expctl.project import Project


class Aliased(NamedTuple):
    """What an alias means now.

    Attributes:
        model: Its name.
        alias: The alias.
        version: What it points at; None when it was taken away.
        before: What it pointed at until now; None for nothing.
        remote: Where it counts; None for this clone alone.
        notes: What must be said about it.
    """

    model: str
    alias: str
    version: str | None
    before: str | None
    remote: str | None
    notes: tuple[str, ...]


def point(project: Project, model: str, version: str, alias: str, *, reason: str = "") -> Aliased:
    """Let an alias point at a version; what points there already stays, and nothing is written.

    Args:
        project: The repository.
        model: Its name.
        version: A version, or another alias of it.
        alias: The alias; it may point at another version until now.
        reason: Why; kept in the tags and the ledger.

    Raises:
        ExpctlError: There is no such model or version.
        UsageError: No alias can have this name, or the policy does not list it.
        ConflictError: Somebody was quicker.
        RefusedError: The server refused it.
    """
    _check(project, alias)
    ground = transition.stand(project, model)
    found = promoting.model_of(ground, model)
    chosen = promoting.version_of(found, version)
    one = found.versions[chosen]
    if not one.active or one.registered is None:
        raise AnswerIsNoError(f"{model}@{chosen} is not registered.", hint=f"See: expctl model show {model}")
    transition.check_sent(ground, chosen)
    notes = ground.notes
    if found.aliases.get(alias) != chosen:
        notes += _write(project, ground, found, (tags.ALIAS, alias, chosen), reason)
    return Aliased(model, alias, chosen, found.aliases.get(alias), ground.remote, notes)


def take_away(project: Project, model: str, alias: str, *, reason: str = "") -> Aliased:
    """Let an alias point at nothing.

    Raises:
        ExpctlError: There is no such model.
        AnswerIsNoError: It has no such alias.
        ConflictError: Somebody was quicker.
        RefusedError: The server refused it.
    """
    ground = transition.stand(project, model)
    found = promoting.model_of(ground, model)
    version = found.aliases.get(alias)
    if version is None:
        known = f"There is {', '.join(found.aliases)}" if found.aliases else None
        raise AnswerIsNoError(f"No version of {model} is called {alias}.", hint=known)
    notes = _write(project, ground, found, (tags.UNALIAS, alias, version), reason)
    return Aliased(model, alias, None, version, ground.remote, (*ground.notes, *notes))


def _check(project: Project, alias: str) -> None:
    rules = promoting.rules(project)
    why = aliases.fault(alias)
    if why is None and alias in rules.stages:
        why = "is a stage"
    if why is not None:
        raise UsageError(f'"{alias}" {why}.', hint="For instance: champion, challenger")
    if rules.aliases is not None and alias not in rules.aliases:
        raise UsageError(
            f'The policy knows no alias "{alias}".', hint=f"It lists {', '.join(rules.aliases) or 'none'}"
        )


def _write(
    project: Project, ground: transition.Ground, model: Model, what: tuple[str, str, str], reason: str
) -> tuple[str, ...]:
    event, alias, version = what
    one = model.versions[version]
    at = max(clock.wall_ns() // 10**9, model.last_at + 1)
    entry = record.Record(
        seq=ground.seq + 1,
        model=model.name,
        event=event,
        version=version,
        to=None,
        came_from=(),
        displaced=(),
        run=gating.run_of(one.registered.message) if one.registered else None,
        at=at,
        by=gittags.identity(project.root),
        reason=record.one_line(reason),
        tags={},
        alias=alias,
    )
    name = tags.Name(model.name, event, alias=alias, counter=model.next_counter)
    step = moves.Step(aliases.text(name), one.commit, at)
    return transition.publish(project, ground, entry, [step], []).notes
