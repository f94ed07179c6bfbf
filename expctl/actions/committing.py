"""Commit records to the current branch, beside whatever the user has staged or edited.

The order makes every stop harmless: the commit is built aside; its files enter the user's index (under git's
own lock); the branch moves by compare-and-swap. Stopped in between, the files are staged and the user's next
commit holds them. The other way round, that commit would delete them.
"""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

from expctl.adapters import files, git, gitindex
from expctl.errors import ConflictError, ExpctlError, GitError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from expctl.adapters.gitindex import Staged
    from expctl.project import Project

#: What git leaves in its directory while something of several steps is under way, and what that is.
_UNDER_WAY = {
    "MERGE_HEAD": "a merge",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_START": "a bisection",
    "sequencer": "a series of picks",
}
_ATTEMPTS = 50
#: The user's own git commands hold the index for moments only, an open `git commit -a` for as long as its
#: editor.
_PATIENCE_S = 1.0
_STEP_S = 0.02
_STAGED = "The files are staged: git commit"


def commit_files(project: Project, names: Sequence[str], message: str, *, gone: Sequence[str] = ()) -> str:
    """Commit some files of the work tree as they are now; nothing else of index, work tree or stash changes.

    Hooks and commit signing do not apply.

    Args:
        project: Where.
        names: Repository paths, which must be plain files.
        message: Of the commit.
        gone: Repository paths that the commit holds no more; one that is there again stays.

    Returns:
        The new commit; the present one when it holds the files already.

    Raises:
        ConflictError: The index is locked, or a merge, rebase, … is under way, or the branch would not hold
            still.
        ExpctlError: A file is missing or no plain file; git does not know who the user is.
    """
    for name in names:
        _check_plain(project, name)
    # expctl's own commits wait for each other here; against everybody else stands the compare-and-swap.
    with files.locked(project.state / "commit.lock"):
        check_idle(project)
        entries = _hash(project, names)
        gone = [name for name in gone if not os.path.lexists(project.root / name)]
        edits: dict[str, tuple[str, str] | None] = {entry.path: (entry.mode, entry.id) for entry in entries}
        edits |= dict.fromkeys(gone)
        staged = False
        for _ in range(_ATTEMPTS):
            head, _branch = git.head(project.root)
            base = f"{head}^{{tree}}" if head else None
            tree = git.graft(project.root, base, edits)
            if head and tree == git.tree_of(project.root, head):
                return head
            commit = git.commit_tree(project.root, tree, [head] if head else [], _ended(message))
            if not staged:
                # What has no mode leaves the index.
                _stage(project, [*entries, *(gitindex.Staged("0", "0" * len(tree), name) for name in gone)])
                staged = True
            if _move(project, commit, head, message):
                return commit
            check_idle(project)
    raise ConflictError("The branch kept moving while the records were being committed.", hint=_STAGED)


def skipped(project: Project) -> tuple[str, ...]:
    """What would have applied to the user's own ``git commit``."""
    found = []
    if (git.config_get(project.root, "commit.gpgSign") or "").lower() in ("true", "yes", "on", "1"):
        found.append("commit signing")
    hooks = git.config_get(project.root, "core.hooksPath") or os.path.join(project.common, "hooks")
    folder = os.path.join(project.root, os.path.expanduser(hooks))
    found += [
        f"the {name} hook"
        for name in ("pre-commit", "commit-msg")
        if os.access(os.path.join(folder, name), os.X_OK)
    ]
    return tuple(found)


def branch(project: Project) -> str | None:
    """The branch that is checked out; None when there is none."""
    return git.head(project.root)[1]


def _move(project: Project, commit: str, head: str | None, message: str) -> bool:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            why = f"commit (expctl): {message.splitlines()[0]}"
            return git.update_ref(project.root, "HEAD", commit, head, why=why)
        except git.HeldError as err:
            if time.monotonic() > end:
                raise ConflictError("Another git command holds the branch.", hint=_STAGED) from err


def _check_plain(project: Project, name: str) -> None:
    """A link on the way could make a commit hold what lies elsewhere."""
    full = os.fspath(project.root)
    try:
        for part in name.split("/"):
            if part in ("", ".", ".."):
                raise ExpctlError(f"{name} is not a path in this repository.")
            full = os.path.join(full, part)
            mode = os.lstat(full).st_mode
            if stat.S_ISLNK(mode):
                raise ExpctlError(f"{name} is a link or lies behind one.")
    except (OSError, ValueError) as err:
        raise ExpctlError(f"{name} cannot be committed: {getattr(err, 'strerror', None) or err}.") from err
    if not stat.S_ISREG(mode):
        raise ExpctlError(f"{name} is not a file.")


def check_idle(project: Project) -> None:
    """Refuse while git is in the middle of something.

    Raises:
        ConflictError: A merge, rebase, … is under way.
    """
    for name, what in _UNDER_WAY.items():
        if os.path.lexists(project.git_dir / name):
            raise ConflictError(
                f"There is {what} under way in this repository.", hint="Finish it first: git status"
            )


def _hash(project: Project, names: Sequence[str]) -> list[Staged]:
    """Write the files as blobs, through an index of their own."""
    if not names:
        return []
    index = project.state / "commit.index"  # ours alone: we hold the lock
    _forget(index)  # what a killed one left
    try:
        found: Mapping[str, tuple[str, str]] = gitindex.hash_files(project.root, index, names, before={})
    finally:
        _forget(index)
    for name in names:
        if name not in found:  # git passes over what lies in a .git, in any disguise
            raise ExpctlError(f"git takes no file of the name {name} into a commit.")
    if git.lacking(project.root, project.common, (oid for _, oid in found.values())):
        raise GitError("git could not write the files, and does not say why.", hint="Is the disk full?")
    return [gitindex.Staged(mode, oid, path) for path, (mode, oid) in found.items()]


def _forget(index: Path) -> None:
    for path in (index, index.with_name(f"{index.name}.lock")):
        path.unlink(missing_ok=True)


def _stage(project: Project, entries: Sequence[Staged]) -> None:
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            gitindex.stage(project.root, entries)
        except GitError as err:
            if "index.lock" not in str(err):
                raise
            if time.monotonic() > end:
                raise ConflictError(
                    "Another git command holds the index of this repository.",
                    hint="Try again when it has ended; if none runs, git has left index.lock behind.",
                ) from err
            time.sleep(_STEP_S)
        else:
            return


def _ended(message: str) -> str:
    return message.rstrip("\n") + "\n"
