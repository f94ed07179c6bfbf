"""All runs that can be seen from a work tree: those with a manifest and those in progress, asked by column.

A question that the index can answer must not wait for what reads manifests and live folders (35 ms): that is
imported where it is needed.
"""

from __future__ import annotations

import contextlib
import functools
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import clock, git
from expctl.core import query, row
from expctl.errors import GitError, UsageError
from expctl.store import index, tips

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from expctl.actions.installed import Installed
    from expctl.core.keys import Scalar
    from expctl.core.manifest import Manifest
    from expctl.core.row import Row
    from expctl.project import Project
    from expctl.store.manifests import Unreadable

#: The beginning of a suffix; people are never shown a shorter one (``runid.shortest_unique``).
_SUFFIX = slice(-6, -3)
#: Up to so many runs it is quicker to look at each than at a whole column.
_FEW = 200
#: The second in which a run began: what an id says of its time.
_SECOND = slice(15)


class Listing(NamedTuple):
    """Some runs, and what there was to choose from.

    Attributes:
        rows: The runs, in order.
        total: How many match; ``rows`` may be fewer by the limit.
        unreadable: Files in the place of manifests that cannot be believed.
        hidden: Runs of other experiments, which were not looked at.
        looked_at: Runs that were looked at, matching or not.
        ids: The ids that a short one must be told from: those whose suffixes begin alike.
        experiment: The one that was looked at; None for all.
    """

    rows: list[Row]
    total: int
    unreadable: list[Unreadable]
    hidden: int
    looked_at: int
    ids: tuple[str, ...]
    experiment: str | None = None


class Seen:
    """All runs that can be seen from here, asked column by column; made by ``see``.

    Attributes:
        ids: By number the id of each run, newest first as far as ids tell: by the second.
        ref: The only branch, tag or commit that is looked at; empty where all are.
    """

    def __init__(
        self, project: Project, view: index.View, running: Mapping[str, Manifest], ref: str = ""
    ) -> None:
        self.project = project
        self.ref = ref
        self.view = view
        self.running = running
        self._columns: dict[str, Mapping[int, Scalar]] = {}
        self.ids = view.ids

    def column(self, name: str) -> Mapping[int, Scalar]:
        """The values of a column by number; read once."""
        if name not in self._columns:
            is_package = name.startswith(f"{row.PACKAGES}.")
            self._columns[name] = self._installed.column(name) if is_package else self.view.column(name)
        return self._columns[name]

    def columns(self, *asked: str) -> Collection[str]:
        """All columns that some run has; those of packages, which are looked up, only where one is asked for.

        Args:
            asked: Filters, orders and names of columns as they were typed.
        """
        if not any("package" in text.lower() for text in asked):
            return self.view.columns()
        return {*self.view.columns(), *self._installed.columns()}

    @functools.cached_property
    def _installed(self) -> Installed:
        from expctl.actions.installed import Installed

        places = self.column(row.BRANCH) or dict.fromkeys(self.ids if self.ref else (), self.ref)
        return Installed(self.project, self.column("environment.packages"), places)

    def of_experiment(self, name: str | None) -> list[int]:
        """Numbers of the runs of one experiment, or of all, newest first."""
        if name is None:
            return list(self.ids)
        column = self.column("experiment")
        return [number for number in self.ids if column.get(number) == name]

    def matching(self, where: str, among: Sequence[int], *, strict: bool = True) -> list[int]:
        """Numbers of the runs that pass a filter, in the order given.

        Raises:
            QueryError: The filter cannot be read, or names a column that no run has.
        """
        asked = query.parse(where)
        if not where.strip():
            return list(among)
        bound = asked.bind(self.columns(where), strict=strict, now=clock.now())
        passing = bound.select(set(among), self.column)
        return [number for number in among if number in passing]

    def ordered(self, by: Sequence[tuple[str, bool]], numbers: Sequence[int]) -> list[int]:
        """Numbers sorted by columns, each with whether it falls."""
        return query.arrange(numbers, by, self.column) if by else list(numbers)

    def newest(self, numbers: Sequence[int], limit: int | None) -> list[int]:
        """Numbers in the order in which their runs began; ids of one second end at random.

        Args:
            numbers: Runs in the order of ``ids``.
            limit: How many are wanted, the rest may stand as it does; None for all.
        """
        seconds = [self.ids[number][_SECOND] for number in numbers]
        end = len(numbers) if limit is None else min(limit, len(numbers))
        while 0 < end < len(numbers) and seconds[end] == seconds[end - 1]:
            end += 1
        tied = [
            number
            for at, number in enumerate(numbers[:end])
            if seconds[at] in (seconds[at - 1 : at] + seconds[at + 1 : at + 2])
        ]
        if not tied:
            return list(numbers)
        if len(tied) > _FEW:
            began = self.column("started_at")
        else:
            # A whole column of 10 000 runs takes 30 ms.
            rows = self.view.rows(tied)
            began = {number: row.values.get("started_at") for number, row in zip(tied, rows, strict=True)}
        keys = {number: (self.ids[number][_SECOND], str(began.get(number, ""))) for number in numbers[:end]}
        return [*sorted(keys, key=keys.__getitem__, reverse=True), *numbers[end:]]

    def order(self, sort: str, *, strict: bool = True) -> list[tuple[str, bool]]:
        """The columns that an order means.

        Raises:
            QueryError: It cannot be read, or names a column that no run has.
        """
        asked = query.parse_sort(sort)
        return asked.bind(self.columns(sort), strict=strict) if asked.keys else []

    def listing(
        self,
        numbers: Sequence[int],
        limit: int | None,
        looked_at: int,
        *,
        experiment: str | None = None,
        also: Iterable[str] = (),
    ) -> Listing:
        """The first of some runs, with the facts around them.

        Args:
            numbers: The runs that match, in order.
            limit: At most so many; None for all.
            looked_at: How many were looked at.
            experiment: The one whose runs they are; None where no run was left out for its experiment.
            also: Columns that rows do not have by themselves: versions of packages.
        """
        rows = self._with(self.view.rows(numbers[:limit]), numbers, also)
        return Listing(
            rows=rows,
            total=len(numbers),
            unreadable=self.view.unreadable,
            hidden=0 if experiment is None else len(self.ids) - looked_at,
            looked_at=looked_at,
            ids=near([row.id for row in rows], self.ids.values()),
            experiment=experiment,
        )

    def _with(self, rows: list[row.Row], numbers: Sequence[int], also: Iterable[str]) -> list[row.Row]:
        columns = {name: self.column(name) for name in also if name.startswith(f"{row.PACKAGES}.")}
        if not columns:
            return rows
        return [
            row.Row(each.id, {**each.values, **{name: column.get(n) for name, column in columns.items()}})
            for each, n in zip(rows, numbers, strict=False)
        ]


class Scope(NamedTuple):
    """Which runs are looked at: by default all of this clone, its branches, and those that it tracks.

    Attributes:
        here: Only those of the work tree, and running ones.
        ref: Only those that this branch, tag or commit holds.
        new_since: Without those that this branch, tag or commit holds; with neither of the others, of the
            work tree and running.
    """

    here: bool = False
    ref: str = ""
    new_since: str = ""


EVERYWHERE = Scope()


@contextlib.contextmanager
def see(project: Project, scope: Scope = EVERYWHERE) -> Iterator[Seen]:
    """Look at runs: dead ones are sealed first, then the index is brought up to date.

    Raises:
        UsageError: The scope names what is neither branch, tag nor commit.
    """
    since = _resolve(project, scope.new_since) if scope.new_since else ""
    running: dict[str, Manifest] = {}
    if scope.ref:
        tip = tips.Tip("", _resolve(project, scope.ref))
        view = index.look(project.index, branches=tips.Tips(project.root, [tip]))
    else:
        running = _running(project)
        is_wide = not scope.here and not since
        view = index.look(
            project.index,
            runs=project.runs,
            finished=project.finished if is_wide else None,
            live=[row.from_manifest(run) for run in running.values()],
            branches=_branches(project) if is_wide else None,
        )
    try:
        if since:
            view.forget(index.ids_of(project.index, project.root, since))
        yield Seen(project, view, running, scope.ref)
    finally:
        view.close()


def _branches(project: Project) -> tips.Tips | None:
    """The tips of all branches; None where git cannot tell, for what is here can be shown all the same."""
    try:
        branches = git.branches(project.root)
        head = next((branch.commit for branch in branches if branch.is_head), None)
        if head is None and branches:
            head = git.resolve(project.root, "HEAD")
    except GitError:
        return None
    is_whole = not tips.is_sparse(project.git_dir)
    return tips.of_branches(branches, project.root, head=head if is_whole else None)


def _resolve(project: Project, name: str) -> str:
    commit = git.resolve(project.root, name)
    if commit is not None:
        return commit
    remote, _, branch = name.partition("/")
    hint = f"Fetch it with: git fetch {remote} {branch}" if branch else "List branches with: git branch --all"
    raise UsageError(f'There is no branch, tag or commit "{name}" here.', hint=hint)


def _running(project: Project) -> dict[str, Manifest]:
    """Manifests of runs in progress, as far as their folders can be read; dead ones are sealed first."""
    found: dict[str, Manifest] = {}
    if project.is_at_rest:
        return found
    from expctl.actions import sealing
    from expctl.store import live

    sealing.seal_dead(project)
    for run in live.list_live(project.live):
        with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError, OSError):
            found[run.id] = run.manifest()
    return found


def near(shown: Iterable[str], ids: Iterable[str]) -> tuple[str, ...]:
    """The ids whose suffix begins as that of one that is shown; no other can be mistaken for it."""
    starts = {run_id[_SUFFIX] for run_id in shown}
    return tuple([run_id for run_id in ids if run_id[_SUFFIX] in starts])
