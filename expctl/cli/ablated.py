"""``--ablate`` on the screen: what would be run and for how long, the question, and the table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.actions import ablating
from expctl.cli import aside, console, context
from expctl.errors import AnswerIsNoError
from expctl.render import ablation, causes

if TYPE_CHECKING:
    from expctl.actions.reproducing.plan import Asked
    from expctl.project import Project


def ablate(
    project: Project, before: str, after: str, asked: Asked, *, as_json: bool
) -> dict[str, Any] | None:
    """Say why two runs differ, ask, run the first one with each cause put back, and show the effects.

    Returns:
        What was found, where it is wanted as JSON.

    Raises:
        AnswerIsNoError: It was not to be run.
        ConflictError: There is nothing to put back.
        IncompleteError: The first run cannot be run again here.
        UsageError: There is nobody to ask.
    """
    ready = ablating.prepare(project, before, after, asked)
    if not as_json:
        console.out(causes.page(ready.explanation, console.columns()))
        console.out()
    labels = [turn.label for turn in ready.turns]
    console.talk(ablation.intent(labels, ready.times, ready.seconds, ready.left, console.columns()))
    if not context.confirm("Run these?"):
        raise AnswerIsNoError("Nothing was run.")
    # What the commands print is not the answer.
    with aside.output():
        done = ablating.perform(project, ready, say=lambda text: console.say(f"expctl: {text}"))
    if as_json:
        return ablation.to_json(done.explanation, done.tables, done.runs, failed=done.failed, left=done.left)
    console.out(
        ablation.page(done.tables, failed=done.failed, left=done.left, columns_wide=console.columns())
    )
    return None
