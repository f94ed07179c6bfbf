"""Make one change of the registry effective: one entry of the ledger and its tags, all or none.

With a remote, the push is the moment at which it counts: whoever moved the ledger there first has won, and
the other has published nothing. Without one, it is the move of the refs in this clone.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import completing, fetching
from expctl.adapters import git, gittags
from expctl.core.registry import record as records
from expctl.errors import ConflictError, GitError, RefusedError
from expctl.store import changes, ledger, registry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from expctl.core.registry.moves import Step
    from expctl.core.registry.record import Record
    from expctl.core.registry.state import Model
    from expctl.project import Project

_TAGS = "refs/tags/"
#: How the fault begins of a change that nobody but this clone knows of.
NOT_IN_EFFECT = "Not in effect: "


class Ground(NamedTuple):
    """What a change stands on.

    Attributes:
        remote: Where it counts; None where this clone is all there is.
        tip: The latest entry of the ledger.
        seq: Its number; 0 for an empty ledger.
        model: The model as it stands; None before its first version.
        unsent: Its tags that the remote does not have.
        notes: What was completed or found strange on the way.
        stopped: The latest entry, where a command of this clone wrote it and was stopped before it said so.
    """

    remote: str | None
    tip: str | None
    seq: int
    model: Model | None
    unsent: frozenset[str]
    notes: tuple[str, ...]
    stopped: Record | None = None


class Published(NamedTuple):
    """An entry of the ledger with its tags, which counts, and what must be said about it."""

    entry: Record
    notes: tuple[str, ...] = ()


def stand(project: Project, name: str) -> Ground:
    """Look at a model as the remote has it now, and complete what somebody was stopped in the middle of.

    Raises:
        GitError: The remote cannot be reached, so nothing would be in effect.
        ConflictError: A tag of this clone is another one there.
        IncompleteError: The ledger cannot be read.
    """
    root = project.root
    remote = git.default_remote(root)
    notes: list[str] = []
    if remote is not None:
        _fetch(project, remote, name)
    tip = ledger.tip(root, name)
    done = ledger.read(root, tip, model=name)
    sent = completing.complete(project, remote, name, done, notes)
    found = registry.read(root)
    notes += found.faults
    model = found.models.get(name)
    here = {placed.event.tag for placed in model.history} if model else set()
    unsent = frozenset(here - sent) if remote is not None else frozenset()
    stopped = done[0] if tip is not None and changes.noted(project.state, name) == tip else None
    return Ground(remote, tip, done[0].seq if done else 0, model, unsent, tuple(notes), stopped)


def look(project: Project, name: str, *, offline: bool = False) -> Ground:
    """Look at a model as the remote has it now, and write nothing there: for those who only judge.

    Args:
        project: The repository.
        name: The model.
        offline: Ask no remote, and go by what this clone knows.

    Raises:
        GitError: The remote cannot be reached.
        ConflictError: A tag of this clone is another one there.
        IncompleteError: The ledger cannot be read.
    """
    root = project.root
    remote = git.default_remote(root)
    sent: set[str] = set()
    if remote is not None and not offline:
        sent = {one.removeprefix(_TAGS) for one in fetching.fetch(project, remote, name)}
    tip = ledger.tip(root, name)
    done = ledger.read(root, tip, model=name, limit=1)
    found = registry.read(root)
    model = found.models.get(name)
    here = {placed.event.tag for placed in model.history} if model else set()
    unsent = frozenset(here - sent) if remote is not None and not offline else frozenset()
    return Ground(remote, tip, done[0].seq if done else 0, model, unsent, found.faults)


def check_sent(ground: Ground, version: str) -> None:
    """Let nothing be said on the remote about a version that it does not know.

    Raises:
        RefusedError: The version is registered in this clone alone.
    """
    registered = ground.model.versions[version].registered if ground.model else None
    if ground.model is not None and registered is not None and registered.tag in ground.unsent:
        raise RefusedError(
            f"{ground.model.name}@{version} is registered in this clone alone.",
            hint=f"Send it: git push {ground.remote} 'refs/tags/{registered.tag}'",
        )


def publish(
    project: Project, ground: Ground, draft: Record, first: Sequence[Step], rest: Sequence[Step]
) -> Published:
    """Write the tags and the ledger's entry, and make them effective together.

    Args:
        project: The repository.
        ground: What was looked at when it was decided.
        draft: The entry, without tags.
        first: Tags that make it effective.
        rest: Tags that follow; the ledger names them too, so that anybody can complete them.

    Raises:
        ConflictError: Somebody was quicker; nothing of this was published.
        RefusedError: The server refused it; nothing of this was published.
    """
    root = project.root
    text = records.message(draft)
    steps = sorted([*first, *rest], key=lambda step: step.at)
    written = {
        step.tag: records.Written(
            gittags.make(root, step.tag, step.commit, text, f"{draft.by} {step.at} +0000"),
            step.commit,
            step.at,
        )
        for step in steps
    }
    entry = draft._replace(tags=written)
    commit = ledger.append(root, ground.tip, entry)
    changes.note(project.state, draft.model, commit)
    now = {step.tag for step in first}
    refs = [(f"{_TAGS}{tag}", one.id) for tag, one in written.items() if tag in now or ground.remote is None]
    if ground.remote is not None:
        _push(project, ground, [*refs, (ledger.ref_of(draft.model), commit)], draft)
    moves = [*((ref, oid, None) for ref, oid in refs), (ledger.ref_of(draft.model), commit, ground.tip)]
    unkept = _bring_home(project, ground.remote, draft.model, moves)
    if rest:
        # It counts already: what cannot follow now is completed by the next change, from the ledger.
        with contextlib.suppress(GitError):
            completing.complete(project, ground.remote, draft.model, [entry], [])
    changes.forget(project.state, draft.model)
    return Published(entry, unkept)


def _bring_home(
    project: Project, remote: str | None, name: str, moves: Sequence[tuple[str, str, str | None]]
) -> tuple[str, ...]:
    """Move the refs of this clone; without a remote that is what counts, else it counts already."""
    try:
        is_here = git.move_refs(project.root, moves)
        if not is_here and remote is not None:
            fetching.fetch(project, remote, name)  # somebody brought it here meanwhile
    except (GitError, ConflictError) as err:
        if remote is None:
            raise
        said = str(err).rstrip(".")
        return (f"this clone could not keep it: {said}; bring it here with: expctl pull",)
    if not is_here and remote is None:
        raise ConflictError(_who_won(project, name), hint="Look again, then repeat the command")
    return ()


def _fetch(project: Project, remote: str, name: str) -> None:
    """Fetch for a change that is not made yet: without the remote it does not count."""
    try:
        fetching.fetch(project, remote, name)
    except GitError as err:
        raise GitError(
            f"{NOT_IN_EFFECT}{err}", hint=err.hint or "A change counts once the remote has it."
        ) from err


def _push(project: Project, ground: Ground, refs: Iterable[tuple[str, str]], draft: Record) -> None:
    remote = ground.remote or ""
    try:
        git.push_refs(project.root, remote, [f"{oid}:{ref}" for ref, oid in refs], atomic=True)
    except GitError as err:
        ref = ledger.ref_of(draft.model)
        try:
            theirs = git.ls_remote(project.root, remote, ref).get(ref)
        except GitError:
            theirs = ground.tip
        if theirs == ground.tip:
            raise RefusedError(f"{NOT_IN_EFFECT}{err}", hint=_way_out(err)) from err
        _fetch(project, remote, draft.model)
        raise ConflictError(
            _who_won(project, draft.model),
            hint="Nothing of yours was published. Look again, then repeat the command",
        ) from err


def _way_out(err: GitError) -> str | None:
    """What to do about a push that was refused."""
    if any(sign in str(err) for sign in ("unpacker error", "unable to migrate objects")):
        return (
            "It could not be stored there: see whether that disk is full or read-only, and repeat the command"
        )
    if "atomic" not in str(err):
        return err.hint
    return (
        "The ledger and its tags must arrive together, or not at all. Let the server say that it can: "
        "git config receive.advertiseAtomic true, or push to one that does"
    )


def _who_won(project: Project, name: str) -> str:
    """The sentence for the loser of a race."""
    done = ledger.read(project.root, ledger.tip(project.root, name), model=name, limit=1)
    if not done:
        return f"Somebody changed {name} at the same time."
    return f"{done[0].by} was quicker: {records.subject(done[0])}."
