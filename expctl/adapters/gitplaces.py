"""Where a repository lies: told from the file system where it is plain, else by git.

Starting git takes 3 ms, and every command begins with this question.
"""

from __future__ import annotations

import os
import stat
import sys

from expctl.adapters.gitcall import StrPath, call, refused
from expctl.typed import NamedTuple


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
    """Find the repository around a folder.

    Returns:
        None when there is no repository.

    Raises:
        GitError: git is missing, the folder is missing, or git refuses the repository (``safe.directory``).
    """
    return _plain_places(start) or _ask(start)


class WorkTree(NamedTuple):
    """A work tree of a clone: its top (gone perhaps), and the commit that it stands on, if there is one."""

    top: str
    head: str | None


def work_trees(root: StrPath) -> list[WorkTree]:
    """All work trees of a clone, the main one (or the bare repository) first.

    Raises:
        GitError: git cannot list them.
    """
    # With -z (git 2.36) a line break in a path would do no harm; without, such a work tree is not known.
    found = []
    for block in call(root, "worktree", "list", "--porcelain").text.split("\n\n"):
        words = dict(line.partition(" ")[::2] for line in block.splitlines())
        head = words.get("HEAD")
        if "worktree" in words:
            found.append(WorkTree(words["worktree"], head if head and head.strip("0") else None))
    return found


def _ask(start: StrPath) -> Places | None:
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


def _plain_places(start: StrPath) -> Places | None:
    """The repository where nothing is special about it; None where git must say what it thinks of it."""
    here = os.path.realpath(start)
    # Elsewhere than on Linux one folder may be spelt in many ways, and git has its own.
    is_usual = sys.platform == "linux" and "GIT_CEILING_DIRECTORIES" not in os.environ
    if not is_usual or not os.path.isdir(here):
        return None
    try:
        device = os.stat(here).st_dev
        top = here
        while not os.path.lexists(f"{top}/.git"):
            # A bare repository on the way up would be found before the one above it.
            if os.path.dirname(top) == "/" or os.path.lexists(f"{top}/HEAD"):
                return None
            top = os.path.dirname(top)
        git_dir = f"{top}/.git"
        if not _is_plain(top, device) or not _is_plain(git_dir, device) or not _has_plain_parts(git_dir):
            return None
    except OSError:
        return None
    return Places(top, git_dir, git_dir, here[len(top) + 1 :]) if _is_git_there() else None


def _is_plain(folder: str, device: int) -> bool:
    """A folder of ours, on the file system that we started on: elsewhere git has something to say."""
    facts = os.lstat(folder)
    return stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.geteuid() and facts.st_dev == device


def _has_plain_parts(git_dir: str) -> bool:
    """A git directory that shares nothing, and whose settings move no work tree."""
    parts = os.listdir(git_dir)
    if not {"HEAD", "objects", "refs", "config"}.issubset(parts) or "commondir" in parts:
        return False
    with open(f"{git_dir}/config", "rb") as file:
        settings = file.read().lower()
    moved = b"worktree" in settings or b"[include" in settings
    return not moved and settings.count(b"bare") == settings.count(b"bare = false")


def _is_git_there() -> bool:
    return any(os.access(f"{folder}/git", os.X_OK) for folder in os.get_exec_path())
