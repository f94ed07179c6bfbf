"""Write what the ledger of a model names and is not there yet, here and on the remote.

A change counts once its entry is there with the tags that make it effective. Those that follow, and all of it
on a remote that is new, anybody can write from the entry: the very same objects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.actions import fetching
from expctl.adapters import git, gittags
from expctl.core.registry import record as records
from expctl.errors import ConflictError, GitError
from expctl.store import ledger

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from expctl.core.registry.record import Record
    from expctl.project import Project

_TAGS = "refs/tags/"


def complete(
    project: Project, remote: str | None, name: str, done: Sequence[Record], notes: list[str]
) -> set[str]:
    """Write what the ledger names and is not there yet: tags that followed, and all of it on a new remote.

    Returns:
        The tags that the remote has.
    """
    root = project.root
    ref, tip = ledger.ref_of(name), ledger.tip(root, name)
    missing = _missing(root, name, done)
    if remote is None:
        if missing:
            git.move_refs(root, [(f"{_TAGS}{tag}", oid, None) for tag, oid in missing.items()])
        return set()
    there = fetching.theirs_of(project, remote, name)
    wanted = {
        tag: (entry, one)
        for entry in reversed(done)
        for tag, one in entry.tags.items()
        if f"{_TAGS}{tag}" not in there
    }
    # A ledger that has moved on there meanwhile is no business of ours: the change itself will find out.
    is_new = tip is not None and (there.get(ref) is None or there[ref] in git.first_parents(root, tip)[1:])
    # Who wrote the ledger there may not choose what leaves this clone: what follows stands on what is there.
    public = {oid for one, oid in there.items() if one.endswith("^{}")}
    lacking = {
        f"{_TAGS}{tag}": one.id
        for tag, (entry, one) in wanted.items()
        if is_new or (one.commit in public and _remade(root, tag, entry, one) == one.id)
    }
    strange = [tag for tag in wanted if f"{_TAGS}{tag}" not in lacking]
    notes += [f"{one} is named by the ledger, and not there; it is not sent to {remote}" for one in strange]
    if tip is not None and is_new:
        lacking[ref] = tip
    if lacking:
        listed = ", ".join(one.removeprefix(_TAGS) for one in lacking)
        try:
            git.push_refs(root, remote, [f"{oid}:{one}" for one, oid in lacking.items()], atomic=True)
        except GitError as err:
            notes.append(f"{listed} cannot be completed on {remote}: {err}")
        else:
            notes.append(f"completed on {remote}: {listed}")
            there |= lacking
    if missing:
        git.move_refs(root, [(f"{_TAGS}{tag}", oid, None) for tag, oid in missing.items()])
    return {one.removeprefix(_TAGS) for one in there}


def _remade(root: Path, tag: str, entry: Record, one: records.Written) -> str | None:
    """Write the object of a tag that the ledger names; None where what it points at is not here."""
    try:
        return gittags.make(root, tag, one.commit, records.message(entry), f"{entry.by} {one.at} +0000")
    except GitError:
        return None


def _missing(root: Path, name: str, done: Sequence[Record]) -> dict[str, str]:
    """Make the objects of the tags that the ledger names and this clone lacks; their ids by tag."""
    here = git.refs(root, _TAGS)
    missing = {
        tag: (entry, one)
        for entry in reversed(done)
        for tag, one in entry.tags.items()
        if f"{_TAGS}{tag}" not in here
    }
    for tag, (entry, one) in missing.items():
        if _remade(root, tag, entry, one) != one.id:
            raise ConflictError(
                f"The ledger of {name} names a tag {tag} that cannot be written again.",
                hint=f"Look who wrote the ledger: git log {ledger.ref_of(name)}",
            )
    return {tag: one.id for tag, (_, one) in missing.items()}
