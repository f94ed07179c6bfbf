"""What the commands of the registry print."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from expctl.cli import console
from expctl.core.registry import record
from expctl.errors import UsageError
from expctl.render import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.actions.aliasing import Aliased
    from expctl.actions.models import Held, Shown
    from expctl.actions.moving import Moved
    from expctl.actions.registering import Registered
    from expctl.core.registry.gates import Result
    from expctl.core.registry.state import Model, Placed


def say_registered(done: Registered, *, as_json: bool) -> None:
    """Tell what was registered."""
    say_notes(done.notes)
    if as_json:
        console.json({"schema": "expctl/registered/v1", **done._asdict()})
        return
    console.out(f"Registered {done.model}@{done.version}: {done.artifact} of run {done.run[-6:]}")
    _say_where(done.remote)
    console.note(f"Next: expctl promote {done.model} --to STAGE")


def say_moved(done: Moved, *, as_json: bool) -> None:
    """Tell what moved where."""
    say_notes(done.notes)
    if as_json:
        console.json({"schema": "expctl/moved/v1", **moved_facts(done)})
        return
    if done.gates:
        show_gates(done.gates)
    came = f"{' and '.join(done.came_from) or 'none'} → "
    console.out(f"{done.model}@{done.version}: {came}{done.to}")
    for version in done.displaced:
        console.out(f"{done.model}@{version}: {done.to} → {done.displaced_to or 'none'}")
    _say_where(done.remote)


def say_aliased(done: Aliased, *, as_json: bool) -> None:
    """Tell what an alias means now."""
    say_notes(done.notes)
    if as_json:
        console.json({"schema": "expctl/aliased/v1", **done._asdict()})
        return
    was = f" (was {done.before})" if done.before not in (None, done.version) else ""
    stays = " already" if done.before == done.version else ""
    if done.version is None:
        console.out(f"{done.model}@{done.alias} is no version any more{was}")
    else:
        console.out(f"{done.model}@{done.alias} is {done.version}{stays}{was}")
    _say_where(done.remote)


def show_gates(results: Sequence[Result]) -> None:
    """Draw what each gate said."""
    from expctl.render import models as drawn

    console.out(drawn.gates(results, console.columns()))


def show_check(model: str, version: str, stage: str, results: Sequence[Result], *, as_json: bool) -> bool:
    """Tell what the gates say of a version; give whether all hold."""
    holds = all(one.passed for one in results)
    if as_json:
        facts = {"model": model, "version": version, "stage": stage, "passed": holds}
        console.json({"schema": "expctl/check/v1", **facts, "gates": [gate_facts(one) for one in results]})
        return holds
    if results:
        show_gates(results)
    say = f"{model}@{version} passes" if holds else f"{model}@{version} does not pass"
    console.out(f"{say} the gates of {stage}" if results else f"{stage} has no gates")
    return holds


def show_models(shown: Shown, *, as_json: bool) -> None:
    """List models."""
    from expctl.render import overview as drawn

    if as_json:
        listed = {name: _model_facts(model) for name, model in shown.models.items()}
        facts = {"stages": shown.stages, "models": listed, "complete": shown.complete}
        console.json({"schema": "expctl/models/v1", **facts})
    elif shown.models:
        console.out(drawn.overview(list(shown.models.values()), shown.stages, console.columns()))
    else:
        where = "" if shown.complete else " in this clone"
        console.say(f"No model is registered{where}. Make one with: expctl register MODEL --run RUN")
    say_notes(shown.notes)


def show_model(shown: Shown, *, as_json: bool) -> None:
    """Show the versions of one model."""
    from expctl.render import models as drawn

    (model,) = shown.models.values()
    if as_json:
        console.json({"schema": "expctl/model/v1", "name": model.name, **_model_facts(model)})
    else:
        console.out(drawn.versions(model, console.columns()))
    say_notes(shown.notes)


def show_history(placed: list[Placed], notes: tuple[str, ...], *, as_json: bool) -> None:
    """Show what happened."""
    from expctl.render import models as drawn

    if as_json:
        console.json({"schema": "expctl/history/v1", "events": [_event_facts(one) for one in placed]})
    elif placed:
        console.out(drawn.history(placed, console.columns()))
    else:
        console.say("Nothing is known to have happened in the registry.")
    say_notes(notes)


def show_held(found: Held, *, as_json: bool) -> None:
    """Show who held a stage."""
    if as_json:
        since = _event_facts(found.since) if found.since else None
        facts = {"model": found.model, "stage": found.stage, "version": found.version, "since": since}
        console.json({"schema": "expctl/held/v1", **facts})
    elif found.since is None:
        console.out(f"{found.stage} of {found.model} was empty")
    else:
        console.out(
            f"{found.model}@{found.version}, since {iso(found.since.event.at)}, {found.since.event.author}"
        )


def seconds_of(text: str) -> int:
    """A date as people type it, in seconds since 1970: ``2026-11-22``, with a time and a zone if need be.

    Raises:
        UsageError: It is none.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f'"{text}" is no date.', hint="Write it as 2026-11-22 or 2026-11-22T14:30+01:00"
        ) from None
    if found.tzinfo is None:
        # Without a time the whole day counts, as people mean it.
        if len(text) <= len("2026-11-22"):
            found = found.replace(hour=23, minute=59, second=59)
        found = found.astimezone()
    return int(found.timestamp())


def moved_facts(done: Moved) -> dict[str, Any]:
    """What moved, for ``--json``."""
    return {**done._asdict(), "gates": [gate_facts(one) for one in done.gates]}


def gate_facts(one: Result) -> dict[str, Any]:
    """What a gate said, for ``--json``."""
    facts = {key: value for key, value in one._asdict().items() if key != "gate"}
    return {"rule": one.gate.rule, **facts, "otherwise": one.gate.otherwise}


def _say_where(remote: str | None) -> None:
    console.note(f"In effect on {remote}" if remote else "In effect in this clone; it has no remote")


def say_notes(notes: tuple[str, ...]) -> None:
    """Tell what must be said besides."""
    for note in notes:
        console.warn(note)


def _model_facts(model: Model) -> dict[str, Any]:
    return {
        "latest": model.latest,
        "deprecated": model.deprecated,
        "stages": {stage: list(held) for stage, held in model.holders.items()},
        "aliases": dict(model.aliases),
        "versions": [
            {
                "version": one.version,
                "commit": one.commit,
                "active": one.active,
                "stages": list(one.stages),
                "registered_at": iso(one.registered.at) if one.registered else None,
                "registered_by": f"{one.registered.author} <{one.registered.email}>"
                if one.registered
                else None,
                "run": record.trailer(one.registered.message, "Expctl-Run") if one.registered else None,
            }
            for one in model.versions.values()
        ],
    }


def _event_facts(one: Placed) -> dict[str, Any]:
    event = one.event
    return {
        "timestamp": iso(event.at),
        "model": event.name.model,
        "event": event.name.event,
        "version": one.version,
        "stage": event.name.stage,
        **({"alias": event.name.alias} if event.name.alias else {}),
        "commit": event.commit,
        "author": event.author,
        "author_email": event.email,
        "asked_by": record.trailer(event.message, "Expctl-Asked-By"),
        "message": event.message,
        "tag": event.tag,
    }


def iso(seconds: int) -> str:
    """Seconds since 1970 in ISO form."""
    return numbers.time_of(seconds).isoformat().replace("+00:00", "Z")
