"""Weigh one request: can it be believed, is it still what it was, may the version move, do the gates hold."""

from __future__ import annotations

import hashlib
import shlex
from typing import TYPE_CHECKING

from expctl.actions import gating
from expctl.adapters import git
from expctl.core import runid
from expctl.core.registry import moves, standing
from expctl.core.registry.standing import Ledger, Standing
from expctl.core.registry.verdict import FAILED, FAULT, Change, Weighed
from expctl.errors import AnswerIsNoError, ConflictError, ExpctlError
from expctl.store import ledger as ledgers

if TYPE_CHECKING:
    from expctl.actions.rulebook import Rulebook
    from expctl.actions.transition import Ground
    from expctl.core.registry.request import Request
    from expctl.core.registry.state import Model
    from expctl.project import Project
    from expctl.store.requests import Found


def history(project: Project, ground: Ground, model: str) -> Ledger:
    """All that the ledger of a model says."""
    if ground.tip is None:
        return Ledger((), ())
    commits = git.first_parents(project.root, ground.tip)
    return Ledger(ledgers.read(project.root, ground.tip, model=model), commits)


def weigh(
    project: Project, found: Found, ground: Ground, ledger: Ledger, book: Rulebook, *, ask_gates: bool
) -> Weighed:
    """Weigh a request by the rules of a book.

    Args:
        project: The repository.
        found: The request as a commit holds it.
        ground: Its model as it stands now.
        ledger: What happened to that.
        book: The rules that count.
        ask_gates: Whether the gates are judged too.
    """
    request = found.request
    if request is None:
        return unbelievable(found)
    stands = standing.judge(request, found.digest, ground.model, ledger, book.policy)
    if stands.state == standing.WAITING and not _is_same_record(project, request):
        name = f"{request.model}@{request.version}"
        stands = Standing(standing.STALE, f"the record of {name} is another one than was asked for")
    holder = ground.model.holder(request.to) if ground.model else None
    weighed = Weighed(
        found.path,
        found.digest,
        request,
        stands.state,
        stands.why,
        _todo(found.path, request, stands),
        holder if holder != request.version else None,
        meanwhile=tuple(standing.since(request, ledger)),
        code=_CODES.get(stands.state, 0),
    )
    if stands.state != standing.WAITING or ground.model is None:
        return weighed
    weighed = weighed._replace(changes=_changes(request, ground.model, book))
    return _with_gates(project, weighed, ground.model, book) if ask_gates else weighed


def unbelievable(found: Found) -> Weighed:
    """A file in the place of a request that is none."""
    todo = (
        f"Ask again with: expctl promote … --request, and remove this one: git rm {shlex.quote(found.path)}"
    )
    if found.is_newer:
        todo = "Update expctl here; in a pipeline it is pinned in the workflow file"
    return Weighed(found.path, found.digest, None, FAULT, found.fault, todo, code=ExpctlError.exit_code)


_CODES = {standing.STALE: ConflictError.exit_code, standing.BARRED: AnswerIsNoError.exit_code}


def _todo(path: str, request: Request, stands: Standing) -> str:
    name = f"{request.model}@{request.version}"
    if stands.state == standing.STALE:
        again = f"expctl promote {name} --to {request.to} --request"
        return f"If it is still wanted, ask again with: {again}. In any case remove this one: git rm '{path}'"
    if stands.state == standing.BARRED:
        return f"First: expctl promote {name} --to {stands.first}" if stands.first else "Change the policy"
    return ""


def _changes(request: Request, model: Model, book: Rulebook) -> tuple[Change, ...]:
    plan = moves.plan(model, request.version, request.to, book.policy, now=0)
    target = book.policy.stages[request.to].displaces_to
    moved = Change(request.version, plan.came_from, request.to)
    return (moved, *(Change(version, (request.to,), target) for version in plan.displaced))


def _with_gates(project: Project, weighed: Weighed, model: Model, book: Rulebook) -> Weighed:
    request = weighed.request
    if request is None:
        return weighed
    try:
        results = tuple(gating.judge(project, model, request.version, request.to, book))
    except ExpctlError as err:
        # One version whose record is not there must not hide what is to be said of the others.
        return weighed._replace(state=FAULT, why=str(err), todo=err.hint or "", code=err.exit_code)
    failed = [one for one in results if not one.passed]
    if not failed:
        return weighed._replace(gates=results)
    why = f"{len(failed)} of {len(results)} gates {'does' if len(failed) == 1 else 'do'} not hold"
    return weighed._replace(
        gates=results, state=FAILED, why=why, todo=failed[0].gate.otherwise, code=AnswerIsNoError.exit_code
    )


def _is_same_record(project: Project, request: Request) -> bool:
    """Whether the record of the run in the version's commit is the one that was asked about."""
    return request.manifest == manifest_digest(project, request.commit, request.run)


def manifest_digest(project: Project, commit: str, run: str) -> str:
    """``sha256:`` and the digest of a run's record in a version's commit; empty where there is none."""
    if not runid.is_valid(run):
        return ""
    _, data = gating.read_record(project, commit, run)
    return f"sha256:{hashlib.sha256(data).hexdigest()}" if data is not None else ""
