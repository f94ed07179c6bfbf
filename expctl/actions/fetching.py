"""Bring what a remote knows of a model: its ledger and its tags, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.adapters import git
from expctl.core.registry import tags
from expctl.errors import ConflictError, GitError
from expctl.store import ledger

if TYPE_CHECKING:
    from expctl.project import Project

_TAGS = "refs/tags/"


def fetch(project: Project, remote: str, name: str) -> dict[str, str]:
    """Bring the ledger and the tags of a model, never by force.

    Returns:
        What is there, by ref; with ``^{}`` behind a tag's what it points at.

    Raises:
        GitError: The remote cannot be reached.
        ConflictError: A tag or the ledger of this clone is another one there.
    """
    root, ref = project.root, ledger.ref_of(name)
    theirs = theirs_of(project, remote, name)
    ours = git.refs(root, ref, _TAGS)
    lacking = {one: oid for one, oid in theirs.items() if not one.endswith("^{}") and ours.get(one) != oid}
    clash = next((one for one in lacking if one in ours and one != ref), None)
    if clash is not None:
        raise ConflictError(
            f"The tag {clash.removeprefix(_TAGS)} of this clone is another one on {remote}.",
            hint=f"If theirs is right: git tag -d '{clash.removeprefix(_TAGS)}' && git fetch {remote} --tags",
        )
    if ref in lacking and ledger.holds(root, ours.get(ref), lacking[ref]):
        del lacking[ref]
    if not lacking:
        return theirs
    try:
        git.fetch_refs(root, remote, [f"{one}:{one}" for one in lacking])
    except GitError as err:
        if ref not in lacking or git.refs(root, ref).get(ref) != ours.get(ref) or ref not in ours:
            raise
        raise ConflictError(
            f"{name} was changed in this clone alone and on {remote} too, so the two ledgers do not meet.",
            hint=f"To go by theirs: git update-ref -d {ref}, delete the tags of {name} that only you have, "
            "and repeat the command",
        ) from err
    return theirs


def theirs_of(project: Project, remote: str, name: str) -> dict[str, str]:
    """The ledger and the tags of a model as the remote has them, and what each tag points at."""
    ref, stem = ledger.ref_of(name), f"{_TAGS}{tags.stem(name)}"
    found = git.ls_remote(project.root, remote, ref, f"{stem}@*", f"{stem}#*")
    return {one: oid for one, oid in found.items() if one == ref or one.startswith((f"{stem}@", f"{stem}#"))}
