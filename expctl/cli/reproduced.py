"""``expctl reproduce`` on the screen: what would run, the question, and the verdict."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import TYPE_CHECKING

from expctl.actions.reproducing import plan as planning
from expctl.actions.reproducing import repeat as action
from expctl.cli import console, context
from expctl.errors import AnswerIsNoError
from expctl.render import numbers, reproduced

if TYPE_CHECKING:
    from collections.abc import Iterator

    from expctl.actions.reproducing.plan import Asked, Plan
    from expctl.project import Project


def repeat(project: Project, reference: str, asked: Asked, *, as_json: bool) -> bool:
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
    with _output_aside() if as_json else contextlib.nullcontext():
        done = action.perform(project, ready, say=lambda text: console.say(f"expctl: {text}"))
    if done.folder is not None:
        console.say(f"expctl: the copy is kept in {done.folder}")
    if as_json:
        console.json(reproduced.to_json(done.original, done.runs, done.judgement, done.notes))
    else:
        console.out(
            reproduced.result(done.original, done.runs, done.judgement, console.columns(), notes=done.notes)
        )
    return done.judgement.is_reproduced


@contextlib.contextmanager
def _output_aside() -> Iterator[None]:
    """Let what the command prints go to standard error: standard output is for our answer alone."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


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
