"""The one place that starts git: scrubbed environment, guards against settings that run programs, errors.

Every call runs with an environment of its own (expctl may itself run inside a hook), without the user's hooks
and file monitor, in the C locale, without a terminal and without opportunistic locks.
"""

from __future__ import annotations

import os

from expctl.errors import WAYS_OUT, GitError
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.adapters import process

StrPath = str | os.PathLike[str]

#: What an outer git (a hook, an alias, `rebase --exec`) leaves for its children and would lead ours astray.
#: Settings that are the user's wish (GIT_SSH_COMMAND, GIT_CONFIG_COUNT, GIT_ASKPASS, …) stay.
_SCRUBBED = frozenset(
    (
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_ATTR_SOURCE",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_DIFF_OPTS",
        "GIT_DIR",
        "GIT_EXTERNAL_DIFF",
        "GIT_GLOB_PATHSPECS",
        "GIT_GRAFT_FILE",
        "GIT_ICASE_PATHSPECS",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INDEX_VERSION",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_LITERAL_PATHSPECS",
        "GIT_NAMESPACE",
        "GIT_NOGLOB_PATHSPECS",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_REFLOG_ACTION",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    )
)
GUARDS = ("-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false")
#: git's default leaves loose objects and refs to the kernel's mercy: after a power cut a ref may name what is
#: gone. In batches: one flush for all blobs of a snapshot.
DURABLE = ("-c", "core.fsync=committed,reference", "-c", "core.fsyncMethod=batch")

#: A private index stays in one file (a split one would leave a shared part in the user's git directory), and
#: mixed line ends are no reason to refuse a snapshot.
PRIVATE = ("-c", "core.splitIndex=false", "-c", "core.safecrlf=false")
#: What differs between ``HEAD``, an index and the work tree: untracked files one by one, ignored ones never.
STATUS = (
    *("status", "--porcelain=v2", "-z", "--branch", "--no-ahead-behind", "--untracked-files=all"),
    *("--no-renames", "--ignore-submodules=none", "--ignored=no"),
)

#: How git says that it cannot write, where it does not say why.
_UNWRITTEN = ("unable to write", "unable to create", "couldn't write", "Unable to create", "Unable to add")

#: Our own records are no source; ``top``: whatever the folder git runs in.
SOURCE = ":(top,exclude).experiments"


def call(
    root: StrPath,
    *words: str,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
    check: bool = True,
    guarded: bool = True,
) -> process.Done:
    """Run one git command; the ground that everything else here stands on.

    Args:
        root: Where it runs.
        words: The command and its words, without ``git``.
        stdin: What it reads.
        env: Variables to add, such as ``GIT_INDEX_FILE``.
        check: Raise when it ends with anything but 0.
        guarded: Overrule settings that run programs; only for a command that reads those very settings.

    Raises:
        GitError: It failed; the message holds git's own words.
    """
    from expctl.adapters import process  # whoever only wants the words does not wait for its start

    try:
        command = ("git", *(GUARDS if guarded else ()), *words)
        done = process.run(command, cwd=root, env=environment(env), stdin=stdin)
    except FileNotFoundError as err:
        if not os.path.isdir(root):
            raise GitError(f"There is no folder {os.fspath(root)}.") from err
        raise GitError("git is not on the PATH.", hint="Install git 2.31 or newer.") from err
    except (NotADirectoryError, PermissionError) as err:
        raise GitError(f"git cannot run in {os.fspath(root)}: {err.strerror}.") from err
    if check and done.code:
        raise refused(done, words)
    return done


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What surrounds git: of our own environment what is the user's wish, and ``extra``."""
    env = {name: value for name, value in os.environ.items() if name not in _SCRUBBED}
    env.update(LC_ALL="C", GIT_OPTIONAL_LOCKS="0", GIT_TERMINAL_PROMPT="0")
    if extra:
        env.update(extra)
    return env


def version(root: StrPath) -> tuple[int, ...]:
    """The version of git, such as ``(2, 39, 5)``."""
    words = call(root, "version").text.split()
    numbers = words[2].split(".") if len(words) > 2 else []  # noqa: PLR2004 "git version 2.39.5"
    return tuple(int(number) for number in numbers if number.isdigit())


def refused(done: process.Done, words: Sequence[str]) -> GitError:
    """Git's own words as an error, with its own advice as the hint."""
    lines = [line.strip() for line in done.complaint.splitlines() if line.strip()]
    advice = next((line for line in lines if line.startswith("git config --global --add safe.dir")), None)
    hint = advice and f"If you trust that folder:\n  {advice}"
    if "tell me who you are" in done.complaint:
        hint = "Tell git who you are:\n  git config user.name NAME\n  git config user.email ADDRESS"
    said = _said(lines) or f"it ended with code {done.code}"
    why = next((why for why in WAYS_OUT if any(line.endswith(f": {why}") for line in lines)), "")
    if why and why not in said:
        said = f"{said.rstrip('.')}: {why}"
    hint = hint or WAYS_OUT.get(why) or _of_the_disk(lines)
    return GitError(f"git {_verb(words)} failed: {said.rstrip('.')}.", hint=hint)


def _of_the_disk(lines: Sequence[str]) -> str | None:
    """Where to look when git cannot write here; not where a server says so, or somebody holds a lock."""
    for line in lines:
        if line.startswith("remote:") or "remote unpack failed" in line or "File exists" in line:
            return None
        if "insufficient permission" in line or line.endswith(": Permission denied"):
            return "See who may write there: ls -ld .git .git/objects"
    is_here = any(sign in line for line in lines for sign in _UNWRITTEN)
    return "See whether that disk is full or read-only: df -h .git" if is_here else None


def _said(lines: Sequence[str]) -> str:
    """The line that tells most: what a server answered, why git gave up, what went wrong on the way."""
    for start in ("! [", "remote: error:", "fatal:", "error:", ""):
        found = next((line for line in lines if line.startswith(start)), None)
        if found is not None:
            return found.removeprefix(start if start.endswith(":") else "").strip()
    return ""


def _verb(words: Sequence[str]) -> str:
    """The git command among its words: what comes first that is no option, nor the value of ``-c``."""
    return next(word for at, word in enumerate(words) if word[:1] != "-" and words[max(at - 1, 0)] != "-c")
