"""``expctl reproduce`` on the screen: what would run, the question, and the verdict."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.actions import blaming
from expctl.actions.reproducing import plan as planning
from expctl.actions.reproducing import repeat as action
from expctl.cli import aside, console, context
from expctl.errors import AnswerIsNoError
from expctl.render import causes, export, numbers, reproduced

if TYPE_CHECKING:
    from expctl.actions.reproducing.plan import Asked, Plan
    from expctl.actions.reproducing.repeat import Repeated
    from expctl.project import Project


class Extras(NamedTuple):
    """What is said besides of a repeat: why it differs, and how much each cause weighs."""

    explain: bool = False
    ablate: bool = False


NONE = Extras()


def repeat(
    project: Project, reference: str, asked: Asked, extras: Extras = NONE, *, as_json: bool = False
) -> bool:
    """Show what would run, ask, run it, and show the verdict.

    Returns:
        Whether it was reproduced.

    Raises:
        IncompleteError: It could not be attempted.
        UsageError: There is nobody to ask.
    """
    ready = planning.plan(project, reference, asked)
    _show(ready)
    planning.refuse_if_lacking(ready)
    if not context.confirm("Run this command?"):
        raise AnswerIsNoError("Nothing was run.")
    with aside.output() if as_json else contextlib.nullcontext():
        done = action.perform(project, ready, say=lambda text: console.say(f"expctl: {text}"))
    if done.folder is not None:
        console.say(f"expctl: the copy is kept in {done.folder}")
    answer = reproduced.to_json(done.original, done.runs, done.judgement, done.notes)
    if not as_json:
        console.out(
            reproduced.result(done.original, done.runs, done.judgement, console.columns(), notes=done.notes)
        )
    answer |= _why(project, done, asked, extras, as_json=as_json)
    if as_json:
        console.json(answer)
    return done.judgement.is_reproduced


def _why(project: Project, done: Repeated, asked: Asked, extras: Extras, *, as_json: bool) -> dict[str, Any]:
    """Say why a repeat is not as its original; what was found as JSON."""
    found: dict[str, Any] = {}
    if extras.ablate and not done.judgement.is_reproduced:
        from expctl.cli import ablated

        # Both used what is one interpreter now: only anew can it be had as it was and as it is.
        anew = asked._replace(environment=planning.RECREATE)
        found["ablation"] = ablated.ablate(project, done.original.id, done.runs[-1].id, anew, as_json=as_json)
    elif extras.explain or extras.ablate:
        why = blaming.of_runs(project, done.original, done.runs[-1])
        found["explanation"] = export.explanation_json(why)
        if not as_json:
            console.out()
            console.out(causes.page(why, console.columns()))
    return found


def _show(ready: Plan) -> None:
    page = reproduced.intent(
        ready.original,
        whose=_whose(ready),
        inputs=[(each.name, each.fault or each.ways[0]) for each in ready.inputs],
        gaps=ready.gaps,
        remarks=ready.remarks,
        columns_wide=console.columns(),
    )
    console.talk(page)
    console.say()


def _whose(ready: Plan) -> list[tuple[str, str]]:
    whose, run = ready.whose, ready.original
    when = f"{numbers.moment(run.started_at)} ({numbers.ago(run.started_at)})"
    took = f", took {numbers.duration(run.duration_s)}" if run.duration_s is not None else ""
    facts = [("recorded", when + took)]
    if whose.record_on:
        facts.append(("record", f"on branch {whose.record_on} only"))
    if whose.commit:
        place = f" on {whose.branch}" if whose.branch else ""
        facts.append(("commit", f"{whose.commit[:12]}{place}"))
        facts.append(("author", whose.author or "not known here: the commit is not in this clone"))
    state = "differs from the commit" if whose.dirty else "as committed"
    if ready.world.code.tree:
        facts.append(("source", f"{ready.world.code.tree[:12]}, {state}"))
    if ready.world.seed is not None:
        facts.append(("seed", str(ready.world.seed)))
    return facts
