"""Source trees that ran, kept from git's garbage collection by one ref.

The ref holds one commit without parents, whose tree holds ``<first 2 hex>/<tree id>`` -> that tree. So
entries can be dropped one by one, ``git log --all`` shows one commit, and two clones never write the same
ref.
"""

from __future__ import annotations

import contextlib
import os

from expctl.adapters import clock, files, git
from expctl.core import gittree, runid
from expctl.core.gittree import TREE_MODE, TreeEntry
from expctl.errors import ConflictError, GitError
from expctl.project import FOLDER
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from expctl.core.manifest import CodeState

#: What ran in this clone; never pushed.
LOCAL = "refs/expctl/local/{}"
#: What was asked to be shared; this is what a push sends.
SHARED = "refs/expctl/snapshots/{}"

_HEX = "0123456789abcdef"
_CLONE_ID_LENGTH = 8
_BUCKET_LENGTH = 2
_ATTEMPTS = 20
_STALE_NS = 60 * 10**9
#: The same trees give the same commit, whoever pins them, and the old date keeps it at the end of ``git log
#: --all``.
_AUTHOR = {
    "GIT_AUTHOR_NAME": "expctl",
    "GIT_AUTHOR_EMAIL": "expctl@localhost",
    "GIT_AUTHOR_DATE": "946684800 +0000",
    "GIT_COMMITTER_NAME": "expctl",
    "GIT_COMMITTER_EMAIL": "expctl@localhost",
    "GIT_COMMITTER_DATE": "946684800 +0000",
}
_MESSAGE = "Source trees that expctl recorded\n"


def pin(root: Path, common: Path, tree: str, *, ref: str) -> None:
    """Hold a tree; nothing happens when it is held already.

    Args:
        root: Top of the work tree.
        common: The git directory that all work trees share; its ``expctl`` folder holds the lock.
        tree: The id of a tree that exists.
        ref: Full name of the ref, from ``LOCAL`` or ``SHARED``.

    Raises:
        GitError: The objects or the ref cannot be written, or another git command holds the ref.
        ConflictError: Somebody who does not take the lock keeps moving the ref.
    """
    pin_all(root, common, (tree,), ref=ref)


def pin_all(root: Path, common: Path, trees: Iterable[str], *, ref: str) -> None:
    """Hold several trees at once."""
    wanted = {_checked(tree) for tree in trees}
    _change(root, common, ref, wanted, add=True)


def unpin(root: Path, common: Path, trees: Iterable[str], *, ref: str) -> None:
    """Let go of trees; those not held are no fault. A ref that holds nothing any more is deleted."""
    unwanted = {_checked(tree) for tree in trees}
    _change(root, common, ref, unwanted, add=False)


def pinned(root: Path, *, ref: str) -> set[str]:
    """The ids of the trees that a ref holds; empty when there is no such ref.

    A ref may come from a stranger: what is not in the form above does not count.
    """
    _, top = _read_top(root, ref)
    buckets = git.read_objects(root, [entry.id for entry in top if _is_bucket(entry)])
    return {
        entry.path
        for oid, _, raw in buckets.values()
        for entry in gittree.parse(raw, id_bytes=len(oid) // 2)
        if entry.path == entry.id and entry.kind == "tree"
    }


def ensure(root: Path, code: CodeState | None) -> bool:
    """Have a source tree here, if need be written anew from the commit that it was; False where it is not.

    A clone holds commits and no source trees: those lack the records. What nobody had changed when it ran is
    its commit without them, and the id tells whether that is so.
    """
    if code is None or code.tree is None:
        return False
    if all(git.exist(root, [f"{code.tree}^{{tree}}"])):
        return True
    base = git.tree_of(root, code.commit) if code.commit else None
    if base is None:
        return False
    try:
        id_bytes, known = git.read_folders(root, base, [""])
        made = gittree.graft(known, {FOLDER: None}, id_bytes=id_bytes)
        return made.id == code.tree == git.write_grafted(root, made)
    except GitError:
        return False


def clone_id(state: Path) -> str:
    """The name of this clone: eight characters, made when first asked for.

    Args:
        state: The clone's ``expctl`` folder in the common git directory.

    Raises:
        OSError: It cannot be read or written.
    """
    path = os.path.join(state, "clone-id")
    found = _read_clone_id(path)
    if found is not None:
        return found
    name = "".join(runid.ALPHABET[byte & 31] for byte in clock.noise(_CLONE_ID_LENGTH))
    with contextlib.suppress(FileExistsError):  # another process was quicker, and its name holds
        files.write_atomic(path, f"{name}\n".encode(), exclusive=True)
    found = _read_clone_id(path)
    if found is None:
        # A file that is there and says nothing sensible is a torn or foreign one: replace it.
        files.write_atomic(path, f"{name}\n".encode())
    return found or name


def _read_clone_id(path: str) -> str | None:
    try:
        text = files.read_plain(path, limit=64).decode("ascii", "replace").strip()
    except OSError:
        return None
    return text if len(text) == _CLONE_ID_LENGTH and not text.strip(runid.ALPHABET) else None


def _change(root: Path, common: Path, ref: str, trees: set[str], *, add: bool) -> None:
    if not trees or _is_done(root, ref, trees, add=add):
        return
    state = os.path.join(common, "expctl")
    with contextlib.suppress(FileExistsError):
        os.mkdir(state)  # and nothing above: a command may have removed the repository meanwhile
    # The lock spares most races (8 processes: 2.8 s instead of 6.5 s); the compare-and-swap is what makes it
    # safe.
    with files.locked(os.path.join(state, "snapshots.lock"), make=False):
        for _ in range(_ATTEMPTS):
            try:
                if _try(root, ref, trees, add=add):
                    return
            except git.HeldError:
                if not _free(common, ref):
                    raise
    raise ConflictError(f"Another program keeps moving {ref}.", hint="Try again.")


def _free(common: Path, ref: str) -> bool:
    """Remove the lock that a killed git left: only expctl writes these refs, and we hold its own lock."""
    held = os.path.join(common, f"{ref}.lock")
    try:
        if clock.wall_ns() - os.stat(held).st_mtime_ns < _STALE_NS:
            return False
        os.unlink(held)
    except FileNotFoundError:
        pass  # gone by itself
    return True


def _is_done(root: Path, ref: str, trees: set[str], *, add: bool) -> bool:
    """One call, which is all that most runs need: the code that runs has run before."""
    names = [f"{ref}:{tree[:2]}/{tree}" for tree in trees]
    known = git.exist(root, names)
    return all(known) if add else not any(known)


def _try(root: Path, ref: str, trees: set[str], *, add: bool) -> bool:
    commit, top = _read_top(root, ref)
    buckets = {entry.path: entry for entry in top}
    for name in sorted({tree[:2] for tree in trees}):
        changed = {tree for tree in trees if tree.startswith(name)}
        content = _read_bucket(root, buckets.get(name))
        kept = [entry for entry in content if entry.path not in changed]
        if add:
            kept += [TreeEntry(TREE_MODE, "tree", tree, tree) for tree in sorted(changed)]
        if kept:
            buckets[name] = TreeEntry(TREE_MODE, "tree", git.make_tree(root, kept), name)
        else:
            buckets.pop(name, None)
    return _move(root, ref, buckets, commit)


def _move(root: Path, ref: str, buckets: Mapping[str, TreeEntry], old: str | None) -> bool:
    if not buckets:
        return old is None or git.delete_ref(root, ref, old)
    tree = git.make_tree(root, buckets.values())
    commit = git.commit_tree(root, tree, (), _MESSAGE, env=_AUTHOR)
    return commit == old or git.update_ref(root, ref, commit, old)


def _read_top(root: Path, ref: str) -> tuple[str | None, list[TreeEntry]]:
    """The commit of a ref and the entries of its tree; None and nothing when there is no such ref."""
    found = git.read_objects(root, [ref, f"{ref}^{{tree}}"])
    if len(found) < 2:  # noqa: PLR2004
        return None, []
    tree_id, _, raw = found[f"{ref}^{{tree}}"]
    return found[ref][0], gittree.parse(raw, id_bytes=len(tree_id) // 2)


def _read_bucket(root: Path, bucket: TreeEntry | None) -> list[TreeEntry]:
    if bucket is None or not _is_bucket(bucket):
        return []
    return git.ls_tree(root, bucket.id)


def _is_bucket(entry: TreeEntry) -> bool:
    return entry.kind == "tree" and len(entry.path) == _BUCKET_LENGTH and not entry.path.strip(_HEX)


def _checked(tree: str) -> str:
    if len(tree) not in (40, 64) or tree.strip(_HEX):
        raise ValueError(f"not the id of a tree: {tree!r}")
    return tree
