"""Run a recorded run again, and judge whether it gave the same.

The user's work tree, index, ``HEAD``, stash and DVC are only read. What is laid out lies in a temporary
folder that the next command removes, should this one be killed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions.probes import attempt
from expctl.actions.reproducing import execution, kin
from expctl.actions.reproducing import plan as planning
from expctl.core import verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from expctl.actions.reproducing.plan import Plan
    from expctl.core.manifest import Manifest
    from expctl.core.verdict import Judgement
    from expctl.project import Project


class Repeated(NamedTuple):
    """What came of it.

    Attributes:
        original: The run.
        runs: Its repeats.
        judgement: Whether they gave the same.
        folder: Where the copy was left, if that was asked for.
        notes: What should be known.
    """

    original: Manifest
    runs: tuple[Manifest, ...]
    judgement: Judgement
    folder: str | None
    notes: tuple[str, ...]


def perform(project: Project, ready: Plan, *, say: Callable[[str], None]) -> Repeated:
    """Repeat a run as planned, and judge.

    Args:
        project: The user's.
        ready: From ``plan``.
        say: Told of each step.

    Raises:
        IncompleteError: It could not be attempted; what is missing is named.
    """
    planning.refuse_if_lacking(ready)
    siblings = kin.siblings(project, ready.original)
    notes: list[str] = []
    found, folder = execution.execute(project, ready, say=say, notes=notes)
    judgement = verdict.judge(
        ready.original, found, tolerances=planning.tolerances(project, ready.asked), siblings=siblings
    )
    notes += _advice(ready, judgement)
    written = [kin.write_verdict(project, run, judgement.verdict) for run in found]
    if project.config.commit:
        _commit(project, written, notes)
    return Repeated(ready.original, tuple(written), judgement, folder, tuple(notes))


def _advice(ready: Plan, judgement: Judgement) -> list[str]:
    """What to try next where the environment may be why it was not reproduced."""
    names = [
        gap.what.removeprefix("package ") for gap in ready.gaps if gap.what.startswith(("package ", "python"))
    ]
    if judgement.is_reproduced or not names:
        return []
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return [f"{names[0]}{more} had another version then; to run it with those: --env recreate"]


def _commit(project: Project, written: Sequence[Manifest], notes: list[str]) -> None:
    """Commit the records, verdicts in them, as the settings ask for."""
    from expctl.actions import pending  # only where they do

    commit = lambda: pending.commit_pending(project, [run.id for run in written])  # noqa: E731
    attempt(notes, "not committed", commit, None)
