"""Bring what others did in the registry: its tags and ledgers, and nothing that would undo one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import git
from expctl.core.registry import aliases
from expctl.errors import GitError
from expctl.store import ledger

if TYPE_CHECKING:
    from expctl.project import Project

_TAGS = "refs/tags/"
#: Names in one command; a line of words has an end.
_AT_ONCE = 500
_NAMED = 3


class Synced(NamedTuple):
    """What came: how many tags of how many models, and what must be said."""

    tags: int
    models: int
    notes: tuple[str, ...]


NOTHING = Synced(0, 0, ())


def bring(project: Project) -> Synced:
    """Fetch the registry tags that this clone lacks, and the ledgers that moved on; never by force."""
    root = project.root
    remote = git.default_remote(root)
    if remote is None:
        return NOTHING
    try:
        there = git.ls_remote(root, remote, f"{_TAGS}*", f"{ledger.PREFIX}*")
    except GitError as err:
        return Synced(0, 0, (f"the registry could not be brought: {str(err).rstrip('.')}",))
    here = git.refs(root, _TAGS, ledger.PREFIX)
    names = [ref for ref in there if not ref.endswith("^{}") and _is_registry(ref)]
    fresh = [ref for ref in names if ref.startswith(_TAGS) and ref not in here]
    ledgers = [ref for ref in names if ref.startswith(ledger.PREFIX)]
    moved = [ref for ref in ledgers if not ledger.holds(root, here.get(ref), there[ref])]
    other = [ref for ref in names if ref.startswith(_TAGS) and here.get(ref, there[ref]) != there[ref]]
    notes = [_differing(remote, other)] if other else []
    # The ledger last: a tag that it names is never lacking.
    for start in range(0, len(fresh), _AT_ONCE):
        _fetch(project, remote, fresh[start : start + _AT_ONCE], notes)
    _fetch(project, remote, moved, notes)
    models = {name.model for ref in fresh if (name := aliases.any_tag(ref.removeprefix(_TAGS))) is not None}
    return Synced(len(fresh), len(models), tuple(notes))


def _is_registry(ref: str) -> bool:
    return ref.startswith(ledger.PREFIX) or aliases.any_tag(ref.removeprefix(_TAGS)) is not None


def _fetch(project: Project, remote: str, refs: list[str], notes: list[str]) -> None:
    if not refs:
        return
    try:
        git.fetch_refs(project.root, remote, [f"{ref}:{ref}" for ref in refs])
    except GitError as err:
        notes.append(f"some of the registry could not be brought: {str(err).rstrip('.')}")


def _differing(remote: str, refs: list[str]) -> str:
    listed = ", ".join(ref.removeprefix(_TAGS) for ref in refs[:_NAMED])
    return f"{listed}{' …' if len(refs) > _NAMED else ''}: another tag on {remote} than here; yours is kept"
