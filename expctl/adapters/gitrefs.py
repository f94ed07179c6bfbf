"""The door to names in git: revisions, refs moved by compare-and-swap, settings."""

from __future__ import annotations

from expctl.adapters.gitcall import DURABLE, StrPath, call, refused
from expctl.errors import GitError
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: How update-ref says that somebody else was quicker: another value, an existing ref.
_LOST_RACE = ("but expected", "reference already exists", "unable to resolve reference")


class HeldError(GitError):
    """Another git command holds the lock of a ref: for a moment, or for ever if it was killed."""


def head(root: StrPath) -> tuple[str | None, str | None]:
    """The commit of ``HEAD`` (None before the first) and the short name of its branch (None: detached)."""
    branch = call(root, "symbolic-ref", "--quiet", "HEAD", check=False).text.strip()
    return resolve(root, "HEAD"), branch.removeprefix("refs/heads/") or None


def resolve(root: StrPath, name: str) -> str | None:
    """The full commit id that a revision means; None when it means none."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return call(root, *words, check=False).text.strip() or None


def tree_of(root: StrPath, commit: str) -> str | None:
    """The id of a commit's tree; None when there is no such commit."""
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{tree}}")
    return call(root, *words, check=False).text.strip() or None


def refs(root: StrPath, *patterns: str) -> dict[str, str]:
    """Full names of refs under the patterns (``refs/expctl/``), with the id that each holds."""
    out = call(root, "for-each-ref", "--format=%(objectname) %(refname)", "--end-of-options", *patterns).text
    pairs = (line.split(" ", 1) for line in out.splitlines())
    return {name: oid for oid, name in pairs}


class Branch(NamedTuple):
    """A branch of this clone, or one that it tracks.

    Attributes:
        name: As people type it: ``main``, ``origin/main``.
        commit: Its tip.
        is_head: Whether ``HEAD`` stands on it.
        is_remote: Whether it is one that is tracked.
        is_default: Whether a remote says that it is its main one.
    """

    name: str
    commit: str
    is_head: bool
    is_remote: bool
    is_default: bool


def branches(root: StrPath) -> list[Branch]:
    """All branches, of this clone and tracked, in one call."""
    form = "--format=%(HEAD)%(objectname) %(refname) %(symref)"
    out = call(root, "for-each-ref", form, "refs/heads/", "refs/remotes/").text
    # The first column is a star for HEAD, else a blank; names hold no blanks.
    lines = [(line[0], *line[1:].split(" ")) for line in out.splitlines()]
    defaults = {target for _, _, _, target in lines if target}
    return [
        Branch(
            name.removeprefix("refs/heads/").removeprefix("refs/remotes/"),
            oid,
            is_head=mark == "*",
            is_remote=name.startswith("refs/remotes/"),
            is_default=name in defaults,
        )
        for mark, oid, name, target in lines
        if not target
    ]


def update_ref(root: StrPath, ref: str, new: str, old: str | None, *, why: str = "expctl") -> bool:
    """Move a ref by compare-and-swap.

    Args:
        root: The repository.
        ref: Full name, or ``HEAD`` for the branch that it stands on (the commit when detached).
        new: What it shall hold.
        old: What it must hold until now; None: it must not exist.
        why: The line in the reflog.

    Returns:
        False when it holds something else: look again.

    Raises:
        HeldError: Somebody else is moving it.
        GitError: It cannot be moved at all.
    """
    expected = "0" * len(new) if old is None else old
    words = (*DURABLE, "update-ref", "-m", why, "--end-of-options", ref, new, expected)
    done = call(root, *words, check=False)
    if done.code == 0:
        return True
    if any(sign in done.complaint for sign in _LOST_RACE):
        return False
    if "File exists" in done.complaint:
        raise HeldError(f"Another git command holds {ref}.", hint="Try again when it has ended.")
    raise refused(done, ("update-ref",))


def move_refs(root: StrPath, moves: Sequence[tuple[str, str, str | None]]) -> bool:
    """Move several refs at once: all of them, or none.

    Args:
        root: The repository.
        moves: Full name, what it shall hold, and what it must hold until now (None: it must not exist).

    Returns:
        False when one of them holds something else: look again.

    Raises:
        GitError: One of them cannot be moved at all.
    """
    lines = "".join(
        f"update {ref}\0{new}\0{'0' * len(new) if old is None else old}\0" for ref, new, old in moves
    )
    done = call(root, *DURABLE, "update-ref", "--stdin", "-z", stdin=lines.encode(), check=False)
    if done.code and not any(sign in done.complaint for sign in (*_LOST_RACE, "File exists")):
        raise refused(done, ("update-ref",))
    return done.code == 0


def first_parents(root: StrPath, commit: str, *, limit: int | None = None) -> list[str]:
    """A commit and its ancestors along first parents, by id, latest first; at most ``limit``."""
    most = () if limit is None else (f"--max-count={limit}",)
    words = ("rev-list", "--first-parent", *most, "--end-of-options", commit, "--")
    return call(root, *words).text.split()


def merge_base(root: StrPath, one: str, other: str) -> str | None:
    """The commit that two commits have in common; None where none is here, as in a shallow clone."""
    return call(root, "merge-base", "--end-of-options", one, other, check=False).text.strip() or None


def is_ancestor(root: StrPath, old: str, new: str) -> bool:
    """Whether a commit is another one or one of its ancestors; False where either is not here."""
    return call(root, "merge-base", "--is-ancestor", old, new, check=False).code == 0


def delete_ref(root: StrPath, ref: str, old: str) -> bool:
    """Delete a ref if it still holds ``old``; False when it does not."""
    return call(root, "update-ref", "-d", "--end-of-options", ref, old, check=False).code == 0


def config_get(root: StrPath, key: str) -> str | None:
    """The effective value of a setting of the user's; None when it is not set."""
    words = ("config", "--null", "--get", "--end-of-options", key)
    done = call(root, *words, check=False, guarded=False)
    return done.text.removesuffix("\0") if done.code == 0 else None


def is_partial(root: StrPath) -> bool:
    """Whether objects may lie on a server alone, to be fetched when they are asked for."""
    words = ("config", "--get-regexp", "--bool", r"^remote\..*\.promisor$")
    return "true" in call(root, *words, check=False, guarded=False).text.split()


def is_ignored(root: StrPath, paths: Sequence[str]) -> set[str]:
    """Those of some untracked paths (relative to ``root``) that git ignores."""
    if not paths:
        return set()
    asked = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
    done = call(root, "check-ignore", "-z", "--stdin", stdin=asked, check=False)
    if done.code not in (0, 1):
        raise refused(done, ("check-ignore",))
    return set(done.text.split("\0")[:-1])
