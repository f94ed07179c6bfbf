"""The source tree that is about to run, taken exactly and without touching the user's index or work tree.

A private index (a copy of the user's, so that git need not read unchanged files again) is told of everything
that ``git status`` lists, and written as a tree. What may not go in (secrets, large untracked files, …) is
left out and said. The id is of the tree without ``.experiments``: recording a run does not change what code
is.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import git, gitindex
from expctl.core.manifest import CodeState, LeftOut, Submodule
from expctl.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from expctl.adapters.gitindex import Change

FOLDER = ".experiments"
#: All but our own records: they are no source. ``top``: whatever the folder git runs in.
_SOURCE = f":(top,exclude){FOLDER}"
#: A manifest names so many files that were left out, and counts the rest.
_NAMED = 100
#: So many files that git itself cannot read are left out one by one before the snapshot is given up.
_TRIES = 20


class Limits(NamedTuple):
    """How much of what git does not track yet may enter a snapshot."""

    file_bytes: int = 1 << 20
    total_bytes: int = 10 << 20
    files: int = 10_000


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Before:
    """The code as it was before the child started.

    Attributes:
        code: For the manifest.
        index: The private index, for ``changed_since``; None when there is nothing to compare with.
        notes: What could not be captured, and why.
    """

    code: CodeState
    index: str | None
    notes: tuple[str, ...]


class _Sorted(NamedTuple):
    """What shall happen to the paths that differ."""

    added: list[str]
    removed: list[str]
    frozen: list[str]
    left_out: list[LeftOut]


def take(
    root: Path,
    git_dir: Path,
    scratch: Path,
    *,
    limits: Limits = DEFAULT_LIMITS,
    is_output: Callable[[str], bool] = lambda _: False,
) -> Before:
    """Take the exact source tree.

    The objects written are held by nothing until ``store.snapshots.pin`` holds them.

    Args:
        root: Top of the work tree.
        git_dir: The git directory of this work tree, whose index is read.
        scratch: An existing folder for the private index.
        limits: For untracked files.
        is_output: Whether a path was made by an earlier run: no source, so neither in the tree nor a change.

    Returns:
        The state of the code. Where git fails, ``tree`` is None and a note tells why: recording goes on.
    """
    index = os.path.join(scratch, "index")
    try:
        _copy_index(os.path.join(git_dir, "index"), index)
        _lift_veils(root, index)
        # Submodules share no scratch: git would refresh their own indexes if it were let.
        refresh = not os.path.lexists(os.path.join(root, ".gitmodules"))
        status = gitindex.status(os.fspath(root), _SOURCE, index=index, refresh=refresh)
    except (GitError, OSError) as err:
        return _without_tree(root, err)
    code = CodeState(commit=status.commit, branch=status.branch, dirty=bool(status.changes))
    try:
        return _snapshot(root, index, status, _sort(root, status.changes, limits, is_output))
    except (GitError, OSError) as err:
        return Before(code, None, (f"The source tree could not be taken: {err}",))


def changed_since(root: Path, index: str) -> tuple[str, ...]:
    """Source files whose bytes are not those of the snapshot any more; gone ones too, new ones not."""
    return tuple(gitindex.differing(root, index, _SOURCE))


def _snapshot(root: Path, index: str, status: gitindex.Status, found: _Sorted) -> Before:
    left_out = list(found.left_out)
    if found.removed:
        gitindex.remove(root, index, found.removed)
    if found.added:
        left_out += _add_all(root, index, found.added)
    if found.frozen:
        gitindex.set_bit(root, index, "--assume-unchanged", found.frozen)
    tree, head = _trees(root, index, status)
    submodules = _submodules(root, index, status.changes)
    left_out.sort(key=lambda file: file.path)
    unnamed = len(left_out) - _NAMED
    code = CodeState(
        commit=status.commit,
        branch=status.branch,
        dirty=tree != head or bool(left_out),
        tree=tree,
        left_out=tuple(left_out[:_NAMED]),
        submodules=submodules,
    )
    notes = (f"{unnamed} more files are not in the snapshot.",) if unnamed > 0 else ()
    return Before(code, index if os.path.exists(index) else None, notes)


def _without_tree(root: Path, err: Exception) -> Before:
    notes = [f"The source tree could not be taken: {err}"]
    commit = branch = None
    try:
        commit, branch = git.head(root)
    except GitError as second:
        notes.append(str(second))
    return Before(CodeState(commit=commit, branch=branch), None, tuple(notes))


def _copy_index(source: str, target: str) -> None:
    """Copy the user's index with its time.

    Git trusts an entry whose file is older than the index. A copy that were younger would hide an edit made
    in the same second as the user's last ``git add``.
    """
    try:
        handle = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:  # nothing was ever added
        return
    with open(handle, "rb", buffering=0) as file:
        facts = os.fstat(handle)
        data = file.read()
    with open(target, "wb", buffering=0) as copy:
        copy.write(data)
    os.utime(target, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def _lift_veils(root: Path, index: str) -> None:
    """Let git see changes in files that the user told it to overlook, where the files are there."""
    if not os.path.exists(index):
        return
    assumed, skipped = gitindex.veiled(root, index)
    for option, paths in (("--no-assume-unchanged", assumed), ("--no-skip-worktree", skipped)):
        present = [path for path in paths if os.path.lexists(os.path.join(root, path))]
        if present:
            gitindex.set_bit(root, index, option, present)


def _sort(root: Path, changes: Sequence[Change], limits: Limits, is_output: Callable[[str], bool]) -> _Sorted:
    found = _Sorted([], [], [], [])
    fresh = []
    for change in changes:
        if is_output(change.path):
            if change.unstaged not in ".?":
                found.frozen.append(change.path)
        elif change.submodule != "N...":
            _sort_submodule(change, found)
        elif change.unstaged in "?A":
            fresh.append(change.path)
        else:
            _sort_tracked(root, change, found)
    if fresh:
        from expctl.capture import untracked  # only now: reading for secrets needs its patterns

        added, left_out = untracked.choose(root, fresh, limits)
        found.added.extend(added)
        found.left_out.extend(left_out)
    return found


def _sort_submodule(change: Change, found: _Sorted) -> None:
    if change.unstaged == "D":
        found.removed.append(change.path)
    elif "C" in change.submodule:
        found.added.append(change.path)
    if "M" in change.submodule or "U" in change.submodule:
        found.left_out.append(LeftOut(path=change.path, why="uncommitted content of a submodule"))


def _sort_tracked(root: Path, change: Change, found: _Sorted) -> None:
    path = change.path
    full = os.path.join(root, path)
    if change.unstaged == "D" or (change.unstaged == "u" and not os.path.lexists(full)):
        found.removed.append(path)
        return
    from expctl.core import secretfiles

    why = None if secretfiles.is_template(path) else secretfiles.by_name(path)
    if why and change.staged == "A":
        # `git add` has been typed, but no commit holds it yet: a snapshot must not be what publishes it.
        found.removed.append(path)
        found.left_out.append(LeftOut(path=path, why=why))
    elif change.unstaged == ".":
        pass  # only staged: the private index holds it already
    elif why:
        found.frozen.append(path)
        found.left_out.append(LeftOut(path=path, why=f"edited, {why}"))
    elif not os.access(full, os.R_OK, follow_symlinks=False) and not os.path.islink(full):
        found.frozen.append(path)
        found.left_out.append(LeftOut(path=path, why="edited, cannot be read"))
    else:
        found.added.append(path)


def _add_all(root: Path, index: str, paths: list[str]) -> list[LeftOut]:
    """Enter the paths, leaving out the few that git cannot take (a filter fails, a file vanishes)."""
    left_out: list[LeftOut] = []
    while paths:
        try:
            gitindex.add(root, index, paths)
        except GitError as err:
            said = str(err)
            culprit = max((path for path in paths if path in said), key=len, default=None)
            if culprit is None or len(left_out) >= _TRIES:
                raise
            paths.remove(culprit)
            if os.path.lexists(os.path.join(root, culprit)):
                left_out.append(LeftOut(path=culprit, why="git cannot read it"))
        else:
            break
    return left_out


def _trees(root: Path, index: str, status: gitindex.Status) -> tuple[str, str | None]:
    """The id of the tree that is about to run, and of that of ``HEAD``, both without our folder."""
    before = f"{status.commit}^{{tree}}"
    clean = not status.changes and status.commit is not None
    names = [before if clean else gitindex.write_tree(root, index)]
    if status.commit is not None:
        names.append(before)
    found = git.read_objects(root, list(dict.fromkeys(names)))
    if len(found) < len(set(names)):
        raise GitError("git cannot read the tree of HEAD.")
    stripped: dict[str, str] = {}
    for oid, _, raw in found.values():
        if oid not in stripped:
            stripped[oid] = _without_records(root, oid, raw)
    ids = [stripped[found[name][0]] for name in names]
    return ids[0], ids[1] if len(ids) > 1 else None


def _without_records(root: Path, oid: str, raw: bytes) -> str:
    entries = git.parse_tree(raw, id_bytes=len(oid) // 2)
    kept = [entry for entry in entries if entry.path != FOLDER]
    return oid if len(kept) == len(entries) else git.make_tree(root, kept)


def _submodules(root: Path, index: str, changes: Sequence[Change]) -> tuple[Submodule, ...]:
    if not os.path.lexists(os.path.join(root, ".gitmodules")):
        return ()
    dirty = {change.path for change in changes if "M" in change.submodule or "U" in change.submodule}
    links = [entry for entry in gitindex.entries(root, index) if entry.mode == "160000"]
    return tuple(Submodule(path=link.path, commit=link.id, dirty=link.path in dirty) for link in links)
