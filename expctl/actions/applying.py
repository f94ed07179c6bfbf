"""Apply what was merged: every request that ``HEAD`` holds and its ledger does not.

Requests are found as files, so it does not matter whether they were merged, squashed or rebased, nor how
often this runs, nor how many jobs run it at once: the ledger knows what was applied, and lets one win.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import moving, rulebook, transition, vetting, weighing
from expctl.actions.moving import Wish
from expctl.adapters import git
from expctl.core.registry import request as requests
from expctl.core.registry import standing, verdict
from expctl.errors import ConflictError, ExpctlError, IncompleteError
from expctl.store import requests as stored

if TYPE_CHECKING:
    from expctl.actions.moving import Moved
    from expctl.actions.rulebook import Rulebook
    from expctl.core.registry.verdict import Weighed
    from expctl.project import Project

#: So often somebody else may be quicker.
_ATTEMPTS = 5
_HEADS = "refs/heads/"


class Outcome(NamedTuple):
    """What became of one request.

    Attributes:
        weighed: The request, and why it was skipped or refused; its gates, where they were asked.
        moved: What was done; None for nothing.
    """

    weighed: Weighed
    moved: Moved | None = None


class Applied(NamedTuple):
    """What became of all of them.

    Attributes:
        head: The commit whose requests these are.
        remote: Where it counts; None for this clone alone.
        outcomes: In the order of asking.
        gone: A sentence for each request that the commit before held.
    """

    head: str
    remote: str | None
    outcomes: tuple[Outcome, ...]
    gone: tuple[str, ...]

    @property
    def code(self) -> int:
        """The exit code that says it all."""
        return verdict.worst(one.weighed.code for one in self.outcomes)


def apply(project: Project, base: str = "") -> Applied:
    """Apply all requests on ``HEAD`` that are not in the ledger yet, in the order in which they were made.

    Args:
        project: The repository.
        base: The branch that counts; empty for the remote's main branch.

    Raises:
        ExpctlError: ``HEAD`` is not on the branch that counts.
        IncompleteError: The remote does not say which branch that is.
        ConfigError: The rules of ``HEAD`` cannot be used.
        GitError: The remote cannot be reached.
    """
    root = project.root
    head = git.head(root)[0]
    if head is None:
        raise IncompleteError("There is no commit yet.", hint="git commit")
    remote = git.default_remote(root)
    if remote is not None:
        _check_merged(project, remote, head, base)
    book = rulebook.at(project, head, called="HEAD")
    files = stored.listed(root, head)
    ledgers: dict[str, tuple[transition.Ground, standing.Ledger]] = {}
    outcomes = [_one(project, found, book, ledgers) for found in stored.read(root, files)]
    return Applied(head, remote, tuple(outcomes), tuple(_gone(project, head, files)))


def _check_merged(project: Project, remote: str, head: str, base: str) -> None:
    """A request counts once it is on the branch that everybody looks at, and not before."""
    root = project.root
    if base:
        name = f"{_HEADS}{base.removeprefix(_HEADS).removeprefix(f'{remote}/')}"
        tip = git.ls_remote(root, remote, name).get(name)
        found = (name, tip) if tip else None
    else:
        found = git.main_branch(root, remote)
    if found is None:
        raise IncompleteError(
            f"{remote} does not say which branch counts." if not base else f"{remote} has no branch {base}.",
            hint="Name it: --base main",
        )
    name, tip = found
    short = name.removeprefix(_HEADS)
    if tip != head and not git.is_ancestor(root, head, tip):
        git.fetch_refs(root, remote, [f"+{name}:refs/remotes/{remote}/{short}"])
        if not git.is_ancestor(root, head, tip):
            is_ahead = git.is_ancestor(root, tip, head)
            raise ExpctlError(
                f"HEAD is not on {short} of {remote}, so what it asks for is not merged.",
                hint=(f"If this is {short}, send it: git push\n" if is_ahead else "")
                + f"Apply it from there: git switch {short} && git pull",
            )


def _one(
    project: Project,
    found: stored.Found,
    book: Rulebook,
    seen: dict[str, tuple[transition.Ground, standing.Ledger]],
) -> Outcome:
    request = found.request
    if request is None:
        return Outcome(weighing.unbelievable(found))
    for _ in range(_ATTEMPTS):
        if request.model not in seen:
            ground = transition.stand(project, request.model)
            seen[request.model] = ground, weighing.history(project, ground, request.model)
        ground, ledger = seen[request.model]
        weighed = weighing.weigh(project, found, ground, ledger, book, ask_gates=False)
        if weighed.state != standing.WAITING:
            return Outcome(weighed)
        # Whatever comes of it, the ledger is another one afterwards, or somebody else has moved it.
        del seen[request.model]
        wish = Wish(request.version, request.to, "promotion", request.reason, found.digest, request.by)
        try:
            moved = moving.move(project, ground, wish, book)
        except ConflictError as err:
            lost = err
        except moving.GateFailedError as err:
            refused = _refused(weighed, err)
            return Outcome(refused._replace(state=verdict.FAILED, gates=err.results))
        except ExpctlError as err:
            return Outcome(_refused(weighed, err))
        else:
            return Outcome(weighed._replace(state=standing.APPLIED, gates=moved.gates), moved)
    return Outcome(_refused(weighed, lost))


def _refused(weighed: Weighed, err: ExpctlError) -> Weighed:
    return weighed._replace(
        state=verdict.FAULT, why=str(err).rstrip("."), todo=err.hint or "", code=err.exit_code
    )


def _gone(project: Project, head: str, files: dict[str, str]) -> list[str]:
    """What the commit before held and this one does not, and was applied: that stays as it is."""
    before = git.resolve(project.root, f"{head}^1")
    if before is None:
        return []
    lost = {path: oid for path, oid in stored.listed(project.root, before).items() if path not in files}
    said = []
    for one in stored.read(project.root, lost):
        where = requests.place(one.path)
        if where is not None:
            ground = transition.stand(project, where[0])
            said.append(vetting.gone(one, weighing.history(project, ground, where[0])))
    return said
