"""Runs that belong to another one: those that repeated it, and those that were made just alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import runs, seeing
from expctl.errors import ExpctlError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.core.manifest import Manifest
    from expctl.project import Project

#: More repeats tell no more of the noise.
_MOST = 100
#: Repeats whose verdict nobody wrote down: they were stopped before.
NOT_JUDGED = "not judged"
REPEATS, VERDICT = "reproduces", "verdict"


class Tally(NamedTuple):
    """How often a run was repeated.

    Attributes:
        verdicts: How many repeats came to each verdict, most frequent first.
        said: By id, latest first, what the record of each says that it came to.
    """

    verdicts: Mapping[str, int]
    said: Mapping[str, str]


def tally(project: Project, run_id: str) -> Tally:
    """Count the repeats of a run by their verdict."""
    with seeing.see(project) as seen:
        judged = seen.column(f"parent.{VERDICT}")
        repeats = seen.newest(_repeats(seen, run_id), None)
        said = {seen.ids[n]: str(judged.get(n) or NOT_JUDGED) for n in repeats}
    counts: dict[str, int] = {}
    for verdict in said.values():
        counts[verdict] = counts.get(verdict, 0) + 1
    ordered = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return Tally(ordered, said)


def siblings(project: Project, run: Manifest) -> list[Manifest]:
    """Other completed runs of the same command, source, parameters, data, seed and packages."""
    if run.code is None or run.code.tree is None or run.environment is None:
        return []
    with seeing.see(project) as seen:
        same_tree = [
            n for n, tree in seen.column("code.tree").items() if tree == run.code.tree and n in seen.ids
        ]
        found = [
            runs.located(seen, number).manifest for number in same_tree[:_MOST] if seen.ids[number] != run.id
        ]
    mine = _nature(run)
    return [each for each in found if each.status == "completed" and _nature(each) == mine]


def write_verdict(project: Project, run: Manifest, verdict: str) -> Manifest:
    """Write into the record of a repeat how it was judged; where that cannot be done it stays as it is."""
    from expctl.actions import editing

    try:
        return editing.judge(project, run.id, verdict)
    except (ExpctlError, OSError):
        return run


def _repeats(seen: seeing.Seen, run_id: str) -> list[int]:
    """Numbers of the repeats of a run, in the order of ``ids``."""
    of = seen.column(f"parent.{REPEATS}")
    return [n for n in seen.ids if of.get(n) == run_id] if of else []


def _nature(run: Manifest) -> tuple[object, ...]:
    """All that makes a run what it is, as far as it is recorded."""
    data = sorted((each.path or each.uri or "", each.md5 or "") for each in run.data)
    where = run.environment
    seed = run.seeds.requested if run.seeds else None
    return run.command.argv, run.command.cwd, run.params, data, seed, where and (where.packages, where.python)
