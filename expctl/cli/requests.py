"""What the commands print about requests of promotions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.cli import console
from expctl.cli.registry import gate_facts, say_notes

if TYPE_CHECKING:
    from expctl.actions.applying import Applied, Outcome
    from expctl.actions.requesting import Asked
    from expctl.core.registry.verdict import Checked, Weighed


#: GitHub shows a summary of up to 1 MiB.
_MOST_LINES = 200


def say_asked(done: Asked, *, as_json: bool) -> None:
    """Tell what was asked for, and how it goes on."""
    say_notes(done.notes)
    if as_json:
        console.json({"schema": "expctl/asked/v1", **done._asdict()})
        return
    console.out(f"Asked for {done.model}@{done.version} in {done.to}: {done.path}")
    where = f" on {done.branch}" if done.branch else ""
    console.note(f"Committed{where} as {done.commit[:7]}; nothing moves before it is merged and applied")
    console.note("Next: push the branch and open a pull request")


def page_of(found: Checked) -> str:
    """A check as Markdown that a comment can hold."""
    from expctl.render import requests as drawn

    return drawn.page(found)


def show_check(found: Checked, *, as_json: bool) -> None:
    """Print a check: for a person at a terminal, for a program, or as Markdown."""
    from expctl.render import requests as drawn

    if as_json:
        console.json(
            {
                "schema": "expctl/promotions/v1",
                "base": found.base,
                "base_commit": found.base_commit,
                "head": found.head,
                "exit_code": found.code,
                "requests": [_facts(one) for one in found.requests],
                "altered": found.altered,
                "removed": found.removed,
                "changed_rules": found.rules,
            }
        )
    elif console.is_terminal():
        console.out(drawn.screen(found, console.columns()))
    else:
        console.out(drawn.page(found, room=drawn.WHOLE))


def summary_of(done: Applied) -> str:
    """What was applied, as Markdown; empty for nothing that is worth a line."""
    from expctl.render import markdown

    told = [_line(one) for one in done.outcomes if _is_news(one)] + list(done.gone)
    shown = [f"- {markdown.prose(line)}" for line in told[:_MOST_LINES]]
    more = [f"- and {len(told) - len(shown)} more"] if len(told) > len(shown) else []
    return "\n".join(["## Promotions", "", *shown, *more]) if told else ""


def say_applied(done: Applied, *, as_json: bool) -> None:
    """Tell what was applied, what was skipped and why, and what was refused."""
    from expctl.cli import registry

    if as_json:
        outcomes = [
            {**_facts(one.weighed), "moved": registry.moved_facts(one.moved) if one.moved else None}
            for one in done.outcomes
        ]
        facts = {"head": done.head, "remote": done.remote, "exit_code": done.code}
        console.json({"schema": "expctl/applied/v1", **facts, "requests": outcomes, "gone": done.gone})
        return
    for one in done.outcomes:
        if one.moved:
            registry.say_moved(one.moved, as_json=False)
        elif one.weighed.gates:
            registry.show_gates(one.weighed.gates)
        if _is_news(one) and not one.moved:
            console.out(_line(one))
            if one.weighed.todo:
                console.hint(one.weighed.todo)
    for said in done.gone:
        console.warn(said)
    before = sum(1 for one in done.outcomes if not _is_news(one))
    if before:
        console.note(f"{before} {'request was' if before == 1 else 'requests were'} applied before")
    if not done.outcomes:
        console.note("There is no request on HEAD")


def _is_news(one: Outcome) -> bool:
    from expctl.core.registry import standing

    return one.moved is not None or one.weighed.state != standing.APPLIED


def _line(one: Outcome) -> str:
    from expctl.render import requests as drawn

    weighed = one.weighed
    to = f" → {drawn.target(weighed)}" if weighed.request else ""
    if one.moved:
        return f"Applied {weighed.name}{to}"
    return f"{'Refused' if weighed.code else 'Skipped'} {weighed.name}{to}: {drawn.sentence(weighed)}"


def _facts(one: Weighed) -> dict[str, Any]:
    from expctl.render import requests as drawn

    request = one.request
    asked = (
        {
            "model": request.model,
            "version": request.version,
            "to": request.to,
            "reason": request.reason,
            "requested_by": request.by,
            "run": request.run,
        }
        if request
        else None
    )
    return {
        "path": one.path,
        "digest": one.digest,
        "request": asked,
        "state": one.state,
        "why": one.why,
        "what_to_do": one.todo,
        "in_place": one.in_place,
        "changes": [change._asdict() for change in one.changes],
        "gates": [{**gate_facts(result), "delta": drawn.delta(result)} for result in one.gates],
        "meanwhile": one.meanwhile,
        "exit_code": one.code,
    }
