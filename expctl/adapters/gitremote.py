"""The door to other repositories: which remote, push and fetch of refs that are named one by one."""

from __future__ import annotations

from expctl.adapters.gitcall import StrPath, call
from expctl.adapters.gitrefs import config_get, head
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def remotes(root: StrPath) -> list[str]:
    """Names of the configured remotes."""
    return call(root, "remote").text.splitlines()


def default_remote(root: StrPath) -> str | None:
    """Where a push goes when nobody says: as ``git push`` decides, else ``origin``, else the only one."""
    known = remotes(root)
    branch = head(root)[1]
    keys = ["remote.pushDefault"]
    if branch is not None:
        keys = [f"branch.{branch}.pushRemote", *keys, f"branch.{branch}.remote"]
    for key in keys:
        name = config_get(root, key)
        if name in known:
            return name
    if "origin" in known:
        return "origin"
    return known[0] if len(known) == 1 else None


def push_refs(root: StrPath, remote: str, refspecs: Sequence[str], *, atomic: bool = False) -> None:
    """Push refspecs (``refs/a:refs/b``, ``+`` in front to force), without hooks.

    Raises:
        GitError: The remote refused one, or cannot be reached; the message holds its own words.
    """
    whole = ("--atomic",) if atomic else ()
    plain = ("--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed", "--quiet")
    call(root, "push", *plain, *whole, "--end-of-options", remote, *refspecs)


def fetch_refs(
    root: StrPath, remote: str, refspecs: Sequence[str], *, depth: int | None = None, prune: bool = False
) -> None:
    """Fetch refspecs and nothing else: no tags, no ``FETCH_HEAD``, no housekeeping, no submodules.

    Args:
        root: The repository.
        remote: Name or URL.
        refspecs: What to fetch, and where to.
        depth: So many commits of history; None for all.
        prune: Delete here what is gone there.

    Raises:
        GitError: One of them does not exist there, or the remote cannot be reached.
    """
    plain = (
        "--no-tags",
        "--no-write-fetch-head",
        "--no-auto-maintenance",
        "--no-recurse-submodules",
        "--quiet",
    )
    more = (*((f"--depth={depth}",) if depth else ()), *(("--prune",) if prune else ()))
    call(root, "fetch", *plain, *more, "--end-of-options", remote, *refspecs)


def ls_remote(root: StrPath, remote: str, *patterns: str) -> dict[str, str]:
    """Full names of the remote's refs that match (``refs/expctl/*``), with their ids."""
    out = call(root, "ls-remote", "--quiet", "--end-of-options", remote, *patterns).text
    return {name: oid for oid, name in (line.split("\t", 1) for line in out.splitlines())}


def main_branch(root: StrPath, remote: str) -> tuple[str, str] | None:
    """The branch that a remote calls its main one, by its whole name, and its tip; None where it says none.

    Raises:
        GitError: The remote cannot be reached.
    """
    words = ("ls-remote", "--quiet", "--symref", "--end-of-options", remote, "HEAD")
    lines = call(root, *words).text.splitlines()
    name = next((line.split()[1] for line in lines if line.startswith("ref: ")), None)
    tip = next((line.split("\t")[0] for line in lines if not line.startswith("ref: ")), None)
    return (name, tip) if name is not None and tip is not None else None
