"""The door to git for a tree laid out elsewhere, which leaves no trace in the user's git directory.

Around it stands a small repository of its own, or it is one more work tree of the user's. What a program does
to the first (a commit, a tag, a stash) is gone with it: it has its own refs and index, and reads the objects
of the user's without being able to prune them. The second is for commands that ask the clone itself.
"""

from __future__ import annotations

import contextlib
import os
import shutil

from expctl.adapters.gitcall import StrPath, call
from expctl.errors import GitError
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: The layout is whole and private, whatever the user's own work tree is.
_WHOLE = (
    "-c", "core.splitIndex=false", "-c", "core.sparseCheckout=false", "-c", "index.sparse=false",
    "-c", "core.bare=false", "-c", "advice.detachedHead=false",
)  # fmt: skip
_SHARED_SETTINGS = (
    r"^(remote\..*\.url|filter\..*\.[a-z]+|core\.(autocrlf|eol|safecrlf|excludesfile|attributesfile))$"
)
_SHARED_REFS = ("refs/tags/", "refs/heads/", "refs/remotes/")
#: Somebody's program may push what it made: that may not leave from a copy.
_NOWHERE = "disabled://a-repeated-run-does-not-push"


def lay_out(git_dir: StrPath, tree: str, folder: StrPath, *, index: StrPath) -> None:
    """Write all files of a tree, filtered as a checkout would, into an empty folder.

    Args:
        git_dir: The user's git directory, whose settings and objects (fetched where they are only promised)
            are used.
        tree: Id of the tree.
        folder: Where to.
        index: A file for a private index.

    Raises:
        GitError: An object is missing, or a file cannot be written.
    """
    places = (f"--git-dir={os.fspath(git_dir)}", f"--work-tree={os.fspath(folder)}")
    env = {"GIT_INDEX_FILE": os.path.abspath(index)}
    call(folder, *_WHOLE, *places, "read-tree", "--end-of-options", tree, env=env)
    call(folder, *_WHOLE, *places, "checkout-index", "--all", "--force", "--quiet", env=env)


def lay_out_linked(git_dir: StrPath, common: StrPath, commit: str, folder: StrPath) -> None:
    """Write all files of a commit into a new folder that is a work tree of the clone, listed nowhere.

    ``git worktree add`` would enter it in the clone, and a killed command leave that entry. What git needs of
    a work tree (``HEAD``, the index, where the rest lies) works just as well beside the folder.

    Args:
        git_dir: As for ``lay_out``.
        common: The git directory that all work trees of the user's clone share.
        commit: What ``HEAD`` shall be.
        folder: To be made; another one is made beside it, with ``.git`` behind its name.

    Raises:
        GitError: An object is missing, or a file cannot be written.
    """
    own = f"{os.path.abspath(folder)}.git"
    os.mkdir(folder)
    os.mkdir(own)
    lay_out(git_dir, commit, folder, index=f"{own}/index")
    said = {
        f"{own}/HEAD": commit,
        f"{own}/commondir": os.path.abspath(common),
        f"{os.path.abspath(folder)}/.git": f"gitdir: {own}",
    }
    for path, text in said.items():
        with open(path, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"{text}\n")
    call(folder, *_WHOLE, "update-index", "-q", "--refresh", check=False)


def make_repository(
    common: StrPath,
    folder: StrPath,
    *,
    tree: str,
    commit: str | None,
    branch: str | None,
    hidden: Sequence[str] = (),
) -> None:
    """Make a repository in a folder whose ``HEAD``, branches and tags are as a program knew them.

    Args:
        common: The git directory that all work trees of the user's clone share.
        folder: Top of the laid-out tree.
        tree: What was laid out; the length of its id tells of which kind ids are.
        commit: What ``HEAD`` shall be; None for a repository without commits.
        branch: The branch that it stands on; None for a detached one.
        hidden: Folders of the commit that are not laid out, and no change for that.

    Raises:
        GitError: It cannot be made.
    """
    objects = os.path.join(os.path.abspath(common), "objects")
    form = "sha256" if len(tree) > 40 else "sha1"  # noqa: PLR2004
    call(folder, "init", "--quiet", "--template=", f"--object-format={form}", "--initial-branch=main")
    with open(os.path.join(folder, ".git", "objects", "info", "alternates"), "w", encoding="utf-8") as file:
        file.write(f"{objects}\n")
    _copy_files(common, folder)
    _copy_refs(common, folder)
    _copy_settings(common, folder)
    # The name of a branch came with a record: git refuses what cannot be one.
    place = ("symbolic-ref", "HEAD", f"refs/heads/{branch}")
    is_on_branch = branch is not None and not call(folder, *place, check=False).code
    if commit is None:
        return
    words = () if is_on_branch else ("--no-deref",)
    call(folder, "update-ref", *words, "--end-of-options", "HEAD", commit)
    # In the user's repository: what is only promised there is fetched from where it was promised.
    index = {"GIT_INDEX_FILE": os.path.join(os.path.abspath(folder), ".git", "index")}
    user = f"--git-dir={os.fspath(common)}"
    call(folder, *_WHOLE, user, "read-tree", "--end-of-options", commit, env=index)
    _hide(folder, hidden)


def send(source: StrPath, target: StrPath, tree: str) -> None:
    """Copy a tree with all that is in it from one repository to another.

    Raises:
        GitError: It cannot be read or written.
    """
    packed = call(source, "pack-objects", "--revs", "--stdout", "--quiet", stdin=f"{tree}\n".encode())
    call(target, "unpack-objects", "-q", stdin=packed.out)


def _hide(folder: StrPath, hidden: Sequence[str]) -> None:
    names = call(folder, "--literal-pathspecs", "ls-files", "-z", "--", *hidden).out if hidden else b""
    if names:
        call(folder, *_WHOLE, "update-index", "--skip-worktree", "-z", "--stdin", stdin=names)


def _copy_files(common: StrPath, folder: StrPath) -> None:
    """What git goes by and keeps in files of its own.

    Without ``shallow`` git would look for commits that are not there, and without the other two it would take
    for source what is none: data that its owner excluded, and files as their filters left them.
    """
    os.makedirs(os.path.join(folder, ".git", "info"), exist_ok=True)
    for name in ("shallow", "info/exclude", "info/attributes"):
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(os.path.join(common, name), os.path.join(folder, ".git", name))


def _copy_refs(common: StrPath, folder: StrPath) -> None:
    """Tags and branches, as ``git describe`` asks for them; a repository works without those that fail."""
    form = "--format=create %(refname) %(objectname)"
    listed = call(common, f"--git-dir={os.fspath(common)}", "for-each-ref", form, *_SHARED_REFS, check=False)
    if listed.out:
        call(folder, "update-ref", "--stdin", stdin=listed.out, check=False)


def _copy_settings(common: StrPath, folder: StrPath) -> None:
    """Remotes, and what makes of the bytes of a file those that git keeps: often set in one clone alone."""
    from expctl.core import redact  # a URL may hold a password

    words = ("config", "--null", "--get-regexp", _SHARED_SETTINGS)
    listed = call(common, f"--git-dir={os.fspath(common)}", *words, check=False, guarded=False)
    for entry in listed.text.split("\0")[:-1]:
        key, sign, value = entry.partition("\n")
        value = value if sign else "true"  # "required" alone; written as nothing it would be false
        is_remote = key.startswith("remote.")
        try:
            call(folder, "config", key, redact.strip_url(value) if is_remote else value)
            if is_remote:
                call(folder, "config", f"{key.removesuffix('.url')}.pushurl", _NOWHERE)
        except GitError:
            continue  # a name that git itself would not take
