"""Ask for a promotion: one file that never changes, committed on the current branch beside all else."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import committing, gating, moving, promoting, rulebook, transition, weighing
from expctl.actions.moving import Wish
from expctl.adapters import clock, files, git, gitindex, gittags
from expctl.core.registry import record, standing
from expctl.core.registry import request as requests
from expctl.core.registry.request import Request
from expctl.errors import ConflictError, ExpctlError, GitError, UsageError
from expctl.store import objects
from expctl.store import requests as stored

if TYPE_CHECKING:
    from expctl.actions.rulebook import Rulebook
    from expctl.actions.transition import Ground
    from expctl.core.registry.state import Model
    from expctl.project import Project


class Asked(NamedTuple):
    """What was asked for.

    Attributes:
        model: Its name.
        version: The version that shall move.
        to: Where to.
        id: Of the request.
        path: Its file.
        commit: The commit that holds it.
        branch: Where that was made; None on none.
        notes: What must be said about it.
    """

    model: str
    version: str
    to: str
    id: str
    path: str
    commit: str
    branch: str | None
    notes: tuple[str, ...]


def ask(project: Project, model: str, version: str | None, stage: str, *, reason: str = "") -> Asked:
    """Write a request and commit it; nothing else of branch, index or work tree changes, and no stage does.

    Args:
        project: The repository.
        model: Its name.
        version: Which; None: the one that ``promote`` would take.
        stage: Where to.
        reason: Why.

    Raises:
        UsageError: There is no such stage, or the reason is too long.
        ExpctlError: There is no such model or version.
        AnswerIsNoError: No way leads there from where the version stands.
        ConflictError: It is asked for already, or nothing can be committed now.
        RefusedError: The remote does not have the version.
    """
    book = rulebook.here(project)
    reason = record.one_line(reason)
    rulebook.check_stage(stage, book.policy.stages)
    if len(reason) > requests.LONGEST_REASON:
        raise UsageError(f"The reason is longer than {requests.LONGEST_REASON} characters.")
    notes: list[str] = []
    ground = _ground(project, model, notes)
    found = promoting.model_of(ground, model)
    chosen = promoting.version_of(found, version or promoting.meant(found, book.policy.stages[stage].sources))
    moving.check_way(found, Wish(chosen, stage, "promotion"), book)
    transition.check_sent(ground, chosen)
    _refuse_twin(project, ground, (model, chosen, stage), book)
    request = _request(project, ground, found, chosen, (stage, reason))
    data = requests.encode(request)
    path = requests.path_of(model, requests.digest(data))
    if stored.check(path, data).request is None:
        raise ExpctlError(f"This cannot be asked for: {stored.check(path, data).fault}.")
    commit = _commit(project, path, data, request)
    branch = committing.branch(project)
    skipped = committing.skipped(project)
    if skipped:
        notes.append(f"committed without {' and '.join(skipped)}")
    if ground.remote is not None and branch is not None and _is_default(project, ground.remote, branch):
        notes.append(f"{branch} is the branch that counts: pushed there, nobody has looked at it before")
    short = requests.id_of(requests.digest(data))
    return Asked(model, chosen, stage, short, path, commit, branch, tuple(notes))


def _ground(project: Project, model: str, notes: list[str]) -> Ground:
    """The model as the remote has it, or as this clone knows it: a request may be written offline."""
    try:
        return transition.look(project, model)
    except GitError as err:
        notes.append(f"made of what this clone knows: {err}")
        return transition.look(project, model, offline=True)


def _refuse_twin(project: Project, ground: Ground, wanted: tuple[str, str, str], book: Rulebook) -> None:
    head = git.head(project.root)[0]
    if head is None:
        return
    ledger = weighing.history(project, ground, wanted[0])
    for one in stored.read(project.root, stored.listed(project.root, head)):
        if one.request is None or (one.request.model, one.request.version, one.request.to) != wanted:
            continue
        weighed = weighing.weigh(project, one, ground, ledger, book, ask_gates=False)
        if weighed.state == standing.WAITING:
            raise ConflictError(
                f"{wanted[0]}@{wanted[1]} is asked for in {wanted[2]} already: {one.path}.",
                hint="Push it, or take it back with: git rm",
            )


def _request(
    project: Project, ground: Ground, model: Model, version: str, wanted: tuple[str, str]
) -> Request:
    stage, reason = wanted
    one = model.versions[version]
    registered = one.registered
    run = (gating.run_of(registered.message) if registered else None) or ""
    manifest = weighing.manifest_digest(project, one.commit, run)
    return Request(
        model=model.name,
        version=version,
        came_from=tuple(one.stages),
        to=stage,
        in_place=model.holders.get(stage, ()),
        reason=reason,
        by=gittags.identity(project.root),
        at=clock.wall_ns() // 10**9,
        run=run if manifest else "",
        commit=one.commit,
        tag=registered.id if registered else "",
        manifest=manifest,
        seq=ground.seq,
        tip=ground.tip or "",
    )


def _commit(project: Project, path: str, data: bytes, request: Request) -> str:
    objects.make_real_folders(project.root, os.path.dirname(path))
    full = project.root / path
    files.write_atomic(full, data, exclusive=True)
    title = f"Ask for {request.model}@{request.version} in {request.to}"
    try:
        return committing.commit_files(
            project, [path], f"{title}\n\n{request.reason}" if request.reason else title
        )
    except BaseException:
        # What is staged, the user's next commit holds; what is not would lie about for ever.
        with contextlib.suppress(OSError, GitError):
            if path not in gitindex.tracked(project.root, None):
                full.unlink()
                os.removedirs(full.parent)
        raise


def _is_default(project: Project, remote: str, branch: str) -> bool:
    return any(one.is_default and one.name == f"{remote}/{branch}" for one in git.branches(project.root))
