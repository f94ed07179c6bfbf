"""The door to work trees of their own: a commit's files in a folder that is gone afterwards."""

from __future__ import annotations

import contextlib
import os
import tempfile
from typing import TYPE_CHECKING

from expctl.adapters.gitcall import StrPath, call

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def checked_out(root: StrPath, commit: str) -> Iterator[str]:
    """Check a commit out into a folder beside everything else, for the time of a block.

    It is a work tree of the same repository: refs and objects are those of ``root``, HEAD is its own. What a
    killed process leaves of it, git's own ``gc`` forgets.

    Args:
        root: The repository.
        commit: Id of a commit.

    Raises:
        GitError: It cannot be checked out.
    """
    with tempfile.TemporaryDirectory(prefix="expctl-", ignore_cleanup_errors=True) as above:
        folder = os.path.join(above, "tree")
        call(root, "worktree", "add", "--quiet", "--detach", "--force", folder, commit)
        try:
            yield folder
        finally:
            call(root, "worktree", "remove", "--force", "--force", folder, check=False)
