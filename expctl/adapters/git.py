"""The door to git: its command line, never a library, never a shell.

What a user typed or a manifest said stands behind ``--end-of-options``, ``--`` or on standard input,
never where git expects an option. Names of files travel with ``-z``; bytes that are not UTF-8 survive as
surrogates.

This module is the whole door; the rooms behind it are ``gitcall`` (starting git), ``gitrefs`` (names and
settings), ``gitobjects`` (blobs, trees, commits), ``gitindex`` (index and work tree) and ``gitremote``.
"""

from __future__ import annotations

from expctl.adapters.gitcall import StrPath, call, refused, version
from expctl.adapters.gitobjects import (
    commit_tree,
    diff_trees,
    empty_tree,
    exist,
    graft,
    ls_tree,
    make_tree,
    read_blobs,
    read_folders,
    read_objects,
    write_blob,
    write_grafted,
)
from expctl.adapters.gitrefs import (
    HeldError,
    config_get,
    delete_ref,
    head,
    is_ignored,
    refs,
    resolve,
    tree_of,
    update_ref,
)
from expctl.adapters.gitremote import default_remote, fetch_refs, ls_remote, push_refs, remotes
from expctl.typed import NamedTuple

__all__ = [
    "HeldError",
    "Places",
    "StrPath",
    "call",
    "commit_tree",
    "config_get",
    "default_remote",
    "delete_ref",
    "diff_trees",
    "empty_tree",
    "exist",
    "fetch_refs",
    "find_places",
    "graft",
    "head",
    "is_ignored",
    "ls_remote",
    "ls_tree",
    "make_tree",
    "push_refs",
    "read_blobs",
    "read_folders",
    "read_objects",
    "refs",
    "remotes",
    "resolve",
    "tree_of",
    "update_ref",
    "version",
    "write_blob",
    "write_grafted",
]


class Places(NamedTuple):
    """Where a repository lies, all absolute.

    Attributes:
        top: Top of the work tree; None in a bare repository, or inside a git directory.
        git_dir: The git directory of this work tree.
        common_dir: The git directory that all work trees of the clone share.
        prefix: From ``top`` to the folder asked about, with ``/`` between; empty at the top.
    """

    top: str | None
    git_dir: str
    common_dir: str
    prefix: str


def find_places(start: StrPath) -> Places | None:
    """Find the repository around a folder, in one call.

    Returns:
        None when there is no repository.

    Raises:
        GitError: git is missing, the folder is missing, or git refuses the repository (``safe.directory``).
    """
    words = ("--absolute-git-dir", "--git-common-dir", "--show-prefix", "--show-toplevel")
    done = call(start, "rev-parse", "--path-format=absolute", *words, check=False)
    lines = done.text.split("\n")[:-1]
    if not done.code and len(lines) != len(words):  # the path holds a line break
        lines = [call(start, "rev-parse", "--path-format=absolute", word).text[:-1] for word in words]
    if done.code and "not a git repository (or any" in done.complaint:
        return None
    # --show-toplevel comes last: without a work tree it fails after all the rest was printed.
    if len(lines) == len(words) and not done.code:
        return Places(lines[3], lines[0], lines[1], lines[2].rstrip("/"))
    if len(lines) == len(words) - 1 and "work tree" in done.complaint:
        return Places(None, lines[0], lines[1], "")
    raise refused(done, ("rev-parse",))
