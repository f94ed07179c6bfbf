"""Walk runs through a declared selection flow: what each is worth, and what to do with it next."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import runs, seeing
from expctl.actions.seeing import EVERYWHERE, Scope
from expctl.adapters import clock
from expctl.core import flows, runid, selection
from expctl.errors import ConfigError, QueryError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from expctl.core.flows import Flow
    from expctl.core.keys import Scalar
    from expctl.core.selection import Judge, Verdict
    from expctl.project import Project
    from expctl.store.manifests import Unreadable


class Judged(NamedTuple):
    """One run, what the flow says of it, and what to do next."""

    id: str
    name: str | None
    verdict: Verdict
    follow: str


class Selected(NamedTuple):
    """Runs that were walked through a flow.

    Attributes:
        flow: The flow.
        runs: The first of them, those that pass first unless another order was asked for.
        counts: How many came to each end: a step's number (None: past all) and an outcome.
        total: How many were walked.
        looked_at: How many there were to choose from.
        hidden: Runs of other experiments.
        unknown: Columns that the flow asks for and no run has.
        unreadable: Files in the place of manifests that cannot be believed.
        ids: The ids that a short one must be told from.
        experiment: The one that was looked at; None for all.
    """

    flow: Flow
    runs: tuple[Judged, ...]
    counts: Mapping[tuple[int | None, str], int]
    total: int
    looked_at: int
    hidden: int
    unknown: tuple[str, ...]
    unreadable: Sequence[Unreadable]
    ids: tuple[str, ...]
    experiment: str | None

    @property
    def passed(self) -> int:
        """How many runs meet all that is required."""
        return self.counts.get((None, selection.PASS), 0)


class NoFlowError(ConfigError):
    """No flow is declared, or none of that name."""


def select(  # noqa: PLR0913  the options of the command
    project: Project,
    words: Sequence[str] = (),
    *,
    where: str = "",
    sort: str = "",
    limit: int | None = 20,
    experiment: str | None = None,
    everything: bool = False,
    scope: Scope = EVERYWHERE,
) -> Selected:
    """Walk runs through a flow.

    Args:
        project: Where to look.
        words: The name of the flow, which may be left out where there is only one, then references of runs;
            all runs when there are none.
        where: Only runs that match.
        sort: Such as ``metrics.f1 DESC``; by default those that came furthest first, then the newest.
        limit: Give at most so many; all are counted. None for all.
        experiment: Only runs of this one; else of the one that the settings name, if they name one.
        everything: Runs of all experiments.
        scope: Of which branches.

    Raises:
        NoFlowError: There is no such flow.
        ConfigError: What is declared cannot be read.
        QueryError: Filter or order cannot be read, or name what no run has.
        RunNotFoundError: A reference matches nothing.
        AmbiguousRunError: A reference could mean two runs.
    """
    flow, references = _flow(project, words)
    with seeing.see(project, scope) as seen:
        among, wanted = runs.among(seen, references, experiment, everything=everything)
        by = seen.order(sort)
        passing = seen.matching(where, among)
        ordered = seen.ordered(by, passing) if by or references else seen.newest(passing, None)
        known = seen.view.columns()
        judge = _judge(project, flow, known)
        judged = _walk(seen, judge, ordered)
        if not by and not references:
            judged.sort(key=lambda one: _progress(one.verdict), reverse=True)
        there = seen.columns(*judge.columns)
        counts: dict[tuple[int | None, str], int] = {}
        for one in judged:
            end = (one.verdict.step, one.verdict.outcome)
            counts[end] = counts.get(end, 0) + 1
        shown = tuple(judged if references else judged[:limit])
        return Selected(
            flow=flow,
            runs=shown,
            counts=counts,
            total=len(judged),
            looked_at=len(among),
            hidden=0 if wanted is None else len(seen.ids) - len(among),
            unknown=tuple(name for name in judge.columns if name not in there) if known else (),
            unreadable=seen.view.unreadable,
            ids=seeing.near([one.id for one in shown], seen.ids.values()),
            experiment=wanted,
        )


def _flow(project: Project, words: Sequence[str]) -> tuple[Flow, list[str]]:
    """The flow that is meant, and the words that name runs."""
    declared = project.config.selections
    where = project.config.origin("selections")
    if not declared:
        raise NoFlowError(
            "No selection flow is declared.",
            hint=f"Write one into .experiments/config.yaml, such as:\n{flows.EXAMPLE}",
        )
    named = bool(words) and words[0] in declared
    if not named and len(declared) > 1:
        raise _which(declared, words, where)
    name = words[0] if named else next(iter(declared))
    faults: list[flows.Fault] = []
    flow = flows.read(name, declared[name], faults)
    if flow is None:
        hint = next((fault.hint for fault in faults if fault.hint), None)
        raise ConfigError("\n".join(f"{where}: {fault}" for fault in faults), hint=hint)
    return flow, list(words[1:] if named else words)


def _which(declared: Iterable[str], words: Sequence[str], where: str) -> NoFlowError:
    names = list(declared)
    listed = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")  # noqa: PLR2004
    if not words:
        return NoFlowError(f"{where} declares {len(names)} flows.", hint=f"Name one of them: {listed}")
    near = flows.nearest(words[0], dict.fromkeys(names))
    guess = f"Did you mean {near}? " if near else ""
    return NoFlowError(f'{where} declares no flow "{words[0]}".', hint=f"{guess}There are: {listed}")


def _judge(project: Project, flow: Flow, known: Iterable[str]) -> Judge:
    try:
        return selection.Judge(flow, list(known), now=clock.now())
    except QueryError as err:
        where = project.config.origin("selections")
        raise ConfigError(f"{where}: selections.{flow.name}: {err}", hint=err.hint) from err


def _walk(seen: seeing.Seen, judge: Judge, numbers: Sequence[int]) -> list[Judged]:
    columns = {name: seen.column(name) for name in judge.columns}
    names = seen.column("name")
    judged = []
    for number in numbers:
        row: dict[str, Scalar] = {name: column.get(number) for name, column in columns.items()}
        verdict = judge.verdict(row)
        name = names.get(number)
        run_id = seen.ids[number]
        judged.append(Judged(run_id, None if name is None else str(name), verdict, _follow(run_id, verdict)))
    return judged


def _progress(verdict: Verdict) -> tuple[bool, int]:
    return verdict.step is None, verdict.step or 0


def _follow(run_id: str, verdict: Verdict) -> str:
    """What to do next; for what is missing how to bring it: a score that is given by hand is a tag."""
    if verdict.outcome != selection.MISSING:
        return verdict.follow
    lacking = [name for reason in verdict.reasons for name in reason.columns]
    tags = [selection.spoken(name) for name in lacking if name.startswith("tags.")]
    if len(tags) == len(lacking):
        return f"expctl tag {runid.suffix(run_id)} " + " ".join(f"{name}=…" for name in tags)
    return f"record {', '.join(map(selection.spoken, lacking))}"
