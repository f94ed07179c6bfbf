"""The door to git: its command line, never a library, never a shell.

What a user typed or a manifest said stands behind ``--end-of-options``, ``--`` or on standard input,
never where git expects an option. Names of files travel with ``-z``; bytes that are not UTF-8 survive as
surrogates.

This module is the whole door; the rooms behind it are ``gitcall`` (starting git), ``gitplaces`` (where a
repository lies), ``gitrefs`` (names and settings), ``gitobjects`` (blobs, trees, commits), ``gitindex``
(index and work tree) and ``gitremote``.
"""

from __future__ import annotations

from expctl.adapters.gitcall import StrPath, call, version
from expctl.adapters.gitobjects import (
    commit_tree,
    diff_trees,
    empty_tree,
    exist,
    graft,
    lacking,
    ls_tree,
    make_tree,
    missing,
    read_blobs,
    read_folders,
    read_objects,
    write_blob,
    write_grafted,
)
from expctl.adapters.gitplaces import Places, WorkTree, find_places, work_trees
from expctl.adapters.gitrefs import (
    Branch,
    HeldError,
    branches,
    config_get,
    delete_ref,
    first_parents,
    head,
    is_ancestor,
    is_ignored,
    is_partial,
    merge_base,
    move_refs,
    refs,
    resolve,
    tree_of,
    update_ref,
)
from expctl.adapters.gitremote import default_remote, fetch_refs, ls_remote, main_branch, push_refs, remotes

__all__ = [
    "Branch",
    "HeldError",
    "Places",
    "StrPath",
    "WorkTree",
    "branches",
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
    "first_parents",
    "graft",
    "head",
    "is_ancestor",
    "is_ignored",
    "is_partial",
    "lacking",
    "ls_remote",
    "ls_tree",
    "main_branch",
    "make_tree",
    "merge_base",
    "missing",
    "move_refs",
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
    "work_trees",
    "write_blob",
    "write_grafted",
]
