"""The door to git: its command line, never a library, never a shell.

Every call runs with a scrubbed environment (expctl may itself run inside a hook), without the user's hooks and file
monitor, in the C locale, without a terminal. What a user typed or a manifest said stands behind ``--end-of-options``,
``--`` or on standard input, never where git expects an option. Names of files travel with ``-z``; bytes that are not
UTF-8 survive as surrogates.

Objects and trees are in ``adapters.gitobjects``.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import process
from expctl.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

StrPath = str | os.PathLike[str]

#: What an outer git (a hook, an alias, `git rebase --exec`) leaves behind for its children and would lead ours astray.
#: Settings that are the user's own wish (GIT_SSH_COMMAND, GIT_CONFIG_COUNT, GIT_ASKPASS, …) stay.
_SCRUBBED = frozenset(
    "GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_ATTR_SOURCE GIT_COMMON_DIR GIT_CONFIG GIT_DIR GIT_EXTERNAL_DIFF "
    "GIT_DIFF_OPTS GIT_GLOB_PATHSPECS GIT_GRAFT_FILE GIT_ICASE_PATHSPECS GIT_IMPLICIT_WORK_TREE GIT_INDEX_FILE "
    "GIT_INDEX_VERSION GIT_INTERNAL_SUPER_PREFIX GIT_LITERAL_PATHSPECS GIT_NAMESPACE GIT_NOGLOB_PATHSPECS "
    "GIT_NO_REPLACE_OBJECTS GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_QUARANTINE_PATH GIT_REFLOG_ACTION "
    "GIT_REPLACE_REF_BASE GIT_SHALLOW_FILE GIT_WORK_TREE".split()
)
_GUARDS = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")


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
    words = ("--is-bare-repository", "--absolute-git-dir", "--git-common-dir", "--show-prefix", "--show-toplevel")
    done = call(start, "rev-parse", "--path-format=absolute", *words, check=False)
    lines = done.text.split("\n")[:-1]
    if done.code and "not a git repository (or any" in done.complaint:
        return None
    # --show-toplevel comes last: without a work tree it fails after all the rest was printed.
    if len(lines) == len(words) and not done.code:
        return Places(lines[4], lines[1], lines[2], lines[3].rstrip("/"))
    if len(lines) == len(words) - 1 and "work tree" in done.complaint:
        return Places(None, lines[1], lines[2], "")
    raise _refused(done, ("rev-parse",))


def call(
    root: StrPath,
    *words: str,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    check: bool = True,
) -> process.Done:
    """Run one git command; the ground that everything else here stands on.

    Args:
        root: Where it runs.
        words: The command and its words, without ``git``.
        stdin: What it reads.
        env: Variables to add, such as ``GIT_INDEX_FILE``.
        check: Raise when it ends with anything but 0.

    Raises:
        GitError: It failed; the message holds git's own words.
    """
    try:
        done = process.run(("git", *_GUARDS, *words), cwd=root, env=_environment(env), stdin=stdin)
    except FileNotFoundError as err:
        if not os.path.isdir(root):
            raise GitError(f"There is no folder {os.fspath(root)}.") from err
        raise GitError("git is not installed, or not on the PATH.", hint="Install git 2.31 or newer.") from err
    except (NotADirectoryError, PermissionError) as err:
        raise GitError(f"git cannot run in {os.fspath(root)}: {err.strerror}.") from err
    if check and done.code:
        raise _refused(done, words)
    return done


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if name not in _SCRUBBED}
    env.update(LC_ALL="C", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0")
    if extra:
        env.update(extra)
    return env


def _refused(done: process.Done, words: Sequence[str]) -> GitError:
    """Git's own last words as an error, with its own advice as the hint."""
    lines = [line.strip() for line in done.complaint.splitlines() if line.strip()]
    said = next((line for line in lines if line.startswith(("fatal:", "error:"))), lines[-1] if lines else "")
    said = said.removeprefix("fatal:").removeprefix("error:").strip() or f"it ended with code {done.code}"
    advice = next((line for line in lines if line.startswith("git config --global --add safe.directory")), None)
    return GitError(f"git {words[0]}: {said}", hint=advice and f"If you trust that folder, type: {advice}")
