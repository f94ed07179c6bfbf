"""The door to what git says of two trees: which files differ, and by how many lines."""

from __future__ import annotations

from typing import NamedTuple

from expctl.adapters.gitcall import StrPath, call
from expctl.errors import GitError


class Changed(NamedTuple):
    """A file that differs between two trees.

    Attributes:
        path: From the top.
        before: Id of its blob; empty where it is not there.
        after: The same of the other tree.
        added: Lines that came; None for what is no text.
        removed: Lines that went.
    """

    path: str
    before: str
    after: str
    added: int | None = None
    removed: int | None = None


def changed_files(root: StrPath, old: str, new: str) -> list[Changed]:
    """The files that differ between two trees, by path; a file that moved is one gone and one come.

    Raises:
        GitError: One of the trees does not exist here.
    """
    for side in (old, new):
        if not side.isalnum():
            raise GitError(f"{side!r} is not the id of a tree.")
    plain = ("--no-ext-diff", "--no-textconv", "--no-renames", "--no-abbrev")
    out = call(root, "diff-tree", "-r", "-z", "--raw", "--numstat", *plain, old, new).text
    fields = iter(out.split("\0")[:-1])
    found: dict[str, Changed] = {}
    for field in fields:
        if field.startswith(":"):
            _, _, before, after, _ = field.split(" ")
            path = next(fields)
            found[path] = Changed(path, before.strip("0") and before, after.strip("0") and after)
            continue
        added, removed, path = field.split("\t", 2)
        if added.isdigit() and removed.isdigit():  # else "-": no text
            found[path] = found[path]._replace(added=int(added), removed=int(removed))
    return list(found.values())
