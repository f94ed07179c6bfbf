"""The source tree that is about to run, taken exactly and without touching the user's index or work tree.

``git status`` on a copy of the user's index (so that git need not read unchanged files again) tells what
differs from ``HEAD``. Those files are hashed, and the tree is that of ``HEAD`` with those paths exchanged:
telling a full index of them instead costs two rewrites of it (50 000 files: twice as long). What may not go
in (secrets, large untracked files, …) is left out and said. ``.experiments`` is no part of the tree:
recording a run does not change the identity of the code.
"""

from __future__ import annotations

import os

from expctl.adapters import git, gitindex, process
from expctl.capture import privateindex, untracked
from expctl.capture.untracked import Limits
from expctl.core import gittree, secretfiles
from expctl.core.gittree import SUBMODULE_MODE
from expctl.core.manifest import CodeState, LeftOut, Submodule
from expctl.errors import GitError
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from expctl.adapters.gitindex import Change

#: A manifest names so many files that were left out, and counts the rest.
_NAMED = 100
#: So many files that git itself cannot read are left out one by one before the snapshot is given up.
_TRIES = 20
DEFAULT_LIMITS = Limits()


class Before(NamedTuple):
    """The code as it was before the child started.

    Attributes:
        code: For the manifest.
        index_file: The private index, for ``changed_since``; None when there is nothing to compare with.
        notes: What could not be captured, and why.
    """

    code: CodeState
    index_file: str | None
    notes: tuple[str, ...]


class _Sorted(NamedTuple):
    """What shall happen to the paths that differ."""

    #: Enter the snapshot as the work tree has them; with what the index held before, if it did.
    added: dict[str, tuple[str, str] | None]
    #: Are in the snapshot as given here (None: not), whatever the work tree has.
    fixed: dict[str, tuple[str, str] | None]
    left_out: list[LeftOut]


def take(  # noqa: PLR0913 all places where something of it lies
    root: Path,
    git_dir: Path,
    scratch: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    is_output: Callable[[str], bool] = lambda _: False,
    memory: Path | None = None,
    common: Path | None = None,
) -> Before:
    """Take the exact source tree.

    The objects written are held by nothing until ``store.snapshots.pin`` holds them.

    Args:
        root: Top of the work tree.
        git_dir: The git directory of this work tree, whose index is read.
        scratch: An existing folder for the private index.
        limits: For untracked files.
        is_output: Whether an untracked path was made by an earlier run: no source, so neither in the tree nor
        a
            change. What git tracks is always taken as it is, whoever wrote it.
        memory: A folder that remembers what was learnt of a large index.
        common: The git directory that all work trees share, where objects lie; ``git_dir`` without it.

    Returns:
        The state of the code. Where git fails, ``tree`` is None and a note tells why: recording goes on.
    """
    index = os.path.join(scratch, "index")
    try:
        privateindex.copy(os.path.join(git_dir, "index"), index)
        status = privateindex.status(root, index, memory)
    except (GitError, OSError) as err:
        return _without_tree(root, err)
    code = CodeState(commit=status.commit, branch=status.branch, dirty=bool(status.changes))
    try:
        return _snapshot(
            root, common or git_dir, index, status, _sort(root, status.changes, limits, is_output)
        )
    except (GitError, OSError) as err:
        return Before(code, None, (f"The source tree could not be taken: {err}",))


def changed_since(root: Path, index: str) -> tuple[str, ...]:
    """Source files whose bytes are not those of the snapshot any more; gone ones too, new ones not.

    Args:
        root: Top of the work tree.
        index: As ``take`` gave it.

    Raises:
        GitError: The private index cannot be compared.
    """
    return tuple(privateindex.differing(root, index))


def _snapshot(root: Path, common: Path, index: str, status: gitindex.Status, found: _Sorted) -> Before:
    base = None if status.commit is None else f"{status.commit}^{{tree}}"
    folders = gittree.folders([privateindex.FOLDER, *found.added, *found.fixed])
    read = process.alongside(lambda: git.read_folders(root, base, folders))
    edits, refused = _hash_all(root, index, found)
    written = (entry for path in found.added if (entry := edits.get(path)))
    if git.lacking(root, common, (oid for mode, oid in written if mode != SUBMODULE_MODE)):
        raise GitError("git could not write the files, and does not say why.")
    edits[privateindex.FOLDER] = None
    id_bytes, known = read()
    source = gittree.graft(known, edits, id_bytes=id_bytes)
    committed = gittree.graft(known, {privateindex.FOLDER: None}, id_bytes=id_bytes)
    left_out = sorted([*found.left_out, *refused], key=lambda file: file.path)
    privateindex.set_aside(index, [*found.added, *found.fixed])
    unnamed = len(left_out) - _NAMED
    code = CodeState(
        commit=status.commit,
        branch=status.branch,
        dirty=source.id != committed.id or bool(left_out),
        tree=git.write_grafted(root, source, common),
        left_out=tuple(left_out[:_NAMED]),
        submodules=_submodules(root, index, status.changes, edits),
    )
    notes = (f"{unnamed} more files are not in the snapshot.",) if unnamed > 0 else ()
    comparable = os.path.exists(index) or os.path.exists(index + privateindex.DIRTY)
    return Before(code, index if comparable else None, notes)


def _without_tree(root: Path, err: Exception) -> Before:
    notes = [f"The source tree could not be taken: {err}"]
    commit = branch = None
    try:
        commit, branch = git.head(root)
    except GitError as second:
        notes.append(str(second))
    return Before(CodeState(commit=commit, branch=branch), None, tuple(notes))


def _sort(root: Path, changes: Sequence[Change], limits: Limits, is_output: Callable[[str], bool]) -> _Sorted:
    found = _Sorted({}, {}, [])
    fresh = []
    staged = [change.path for change in changes if change.staged == "A" and change.unstaged in ".M"]
    secrets = untracked.secrets_among(root, staged, limits) if staged else {}
    for change in changes:
        if change.unstaged in ("?", "A") and change.submodule == "N...":
            if not is_output(change.path):
                fresh.append(change.path)
        elif change.submodule != "N...":
            _sort_submodule(change, found)
        elif change.unstaged == ".":
            _sort_staged(change, found, secrets)
        else:
            _sort_edited(root, change, found, secrets)
    if fresh:
        added, left_out = untracked.choose(root, fresh, limits)
        found.added.update(dict.fromkeys(added))
        found.left_out.extend(left_out)
    return found


def _sort_submodule(change: Change, found: _Sorted) -> None:
    if change.unstaged == "D":
        found.fixed[change.path] = None
    elif "C" in change.submodule:
        found.added[change.path] = change.entry
    else:
        found.fixed[change.path] = change.entry
    if "M" in change.submodule or "U" in change.submodule:
        found.left_out.append(LeftOut(path=change.path, why="uncommitted content of a submodule"))


def _sort_staged(change: Change, found: _Sorted, secrets: Mapping[str, str]) -> None:
    """The snapshot has what the index has."""
    why = (_secret(change.path) or secrets.get(change.path)) if change.staged == "A" else None
    if why is None:
        found.fixed[change.path] = change.entry
    else:
        # `git add` has been typed, but no commit holds it yet: a snapshot must not be what publishes it.
        found.left_out.append(LeftOut(path=change.path, why=why))


def _sort_edited(root: Path, change: Change, found: _Sorted, secrets: Mapping[str, str]) -> None:
    path = change.path
    full = os.path.join(root, path)
    why = _secret(path) or secrets.get(path)
    if change.unstaged == "D" or not os.path.lexists(full):
        found.fixed[path] = None
    elif why or not (os.path.islink(full) or os.access(full, os.R_OK)):
        if change.staged != "A":
            found.fixed[path] = change.entry
        found.left_out.append(LeftOut(path=path, why=f"edited, {why or 'cannot be read'}"))
    else:
        found.added[path] = change.entry


def _secret(path: str) -> str | None:
    return None if secretfiles.is_template(path) else secretfiles.by_name(path)


def _hash_all(
    root: Path, index: str, found: _Sorted
) -> tuple[dict[str, tuple[str, str] | None], list[LeftOut]]:
    """What paths shall hold, and the few that git cannot take (a filter fails, a file vanishes)."""
    refused: list[LeftOut] = []
    paths = list(found.added)
    edits = dict(found.fixed)
    while paths:
        before = {path: entry for path in paths if (entry := found.added[path])}
        try:
            hashed = gitindex.hash_files(root, index + privateindex.DIRTY, paths, before=before)
        except GitError as err:
            said = str(err)
            culprit = max((path for path in paths if path in said), key=len, default=None)
            if culprit is None or len(refused) >= _TRIES:
                raise
            paths.remove(culprit)
            if os.path.lexists(os.path.join(root, culprit)):
                refused.append(LeftOut(path=culprit, why="git cannot read it"))
        else:
            # Names that disguise a .git are passed over without a word.
            refused += [
                LeftOut(path=path, why="git refuses its name") for path in paths if path not in hashed
            ]
            return edits | hashed, refused
    return edits, refused


def _submodules(
    root: Path, index: str, changes: Sequence[Change], edits: Mapping[str, tuple[str, str] | None]
) -> tuple[Submodule, ...]:
    if not os.path.lexists(os.path.join(root, ".gitmodules")):
        return ()
    dirty = {change.path for change in changes if "M" in change.submodule or "U" in change.submodule}
    links = {entry.path: (entry.mode, entry.id) for entry in gitindex.entries(root, index)}
    now = [
        (path, value) for path, value in {**links, **edits}.items() if value and value[0] == SUBMODULE_MODE
    ]
    return tuple(Submodule(path=path, commit=oid, dirty=path in dirty) for path, (_, oid) in sorted(now))
