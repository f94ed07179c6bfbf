"""The door to an index and the work tree: what differs, and what a private index is told to hold.

Every function names the index file it works on. Only ``stage`` is ever given the user's own.
"""

from __future__ import annotations

import contextlib
import os

from expctl.adapters import files
from expctl.adapters.gitcall import DURABLE, PRIVATE, STATUS, StrPath, call
from expctl.core import gitindexfile
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from expctl.core.gitindexfile import IndexEntry

#: Up to this size (some 1500 files) an index is read quicker than git is started.
_SMALL = 128 << 10
#: Bytes of the SHA-1 at the end of an index, or of the end of a SHA-256.
_CHECKSUM = 20
#: So many files (of paths of up to 4 KiB) fit into a command line for certain.
_WORDS = 200


class Change(NamedTuple):
    """A path that differs somewhere between ``HEAD``, the index and the work tree.

    Attributes:
        path: From the top; ends in ``/`` for a repository inside this one.
        staged: How the index differs from ``HEAD``: ``.`` not, ``M``, ``A``, ``D``, ``T``; ``?`` untracked,
            ``u`` conflict.
        unstaged: How the work tree differs from the index: the same letters; ``A`` is only announced.
        submodule: ``N...``, or for a submodule ``S`` and ``C`` (other commit), ``M`` (edited), ``U``
            (untracked files).
        entry: Mode and id in the index; None where it has no single one.
    """

    path: str
    staged: str
    unstaged: str
    submodule: str = "N..."
    entry: tuple[str, str] | None = None


class Status(NamedTuple):
    """Commit of ``HEAD`` (None before the first), branch (None: detached), and what differs."""

    commit: str | None
    branch: str | None
    changes: list[Change]


class Staged(NamedTuple):
    """One entry of an index: mode in six digits, id, path."""

    mode: str
    id: str
    path: str


def status(root: StrPath, *pathspecs: str, index: StrPath | None = None, refresh: bool = False) -> Status:
    """Compare ``HEAD``, an index and the work tree; untracked files one by one, ignored ones never.

    Args:
        root: Top of the work tree.
        pathspecs: Narrow it, in git's own syntax.
        index: Another index than the user's own, which is only read.
        refresh: Let git write what it learnt about unchanged files back into ``index``.
    """
    env = {"GIT_OPTIONAL_LOCKS": "1"} if refresh and index is not None else {}
    done = call(root, *PRIVATE, *STATUS, "--", *pathspecs, env=env | _env(index))
    return parse_status(done.text)


def parse_status(text: str) -> Status:
    """Read ``status --porcelain=v2 -z --branch --no-renames``; the format is in git-status(1)."""
    facts = {"branch.oid": "(initial)", "branch.head": "(detached)"}
    changes = []
    for line in text.split("\0")[:-1]:
        if line.startswith("? "):
            changes.append(Change(line[2:], "?", "?"))
        elif line.startswith("1 "):
            _, pair, submodule, _, mode, _, _, oid, path = line.split(" ", 8)
            entry = None if mode == "000000" or pair[1] == "A" else (mode, oid)
            changes.append(Change(path, pair[0], pair[1], submodule, entry))
        elif line.startswith("u "):
            _, _, submodule, _, _, _, _, _, _, _, path = line.split(" ", 10)
            changes.append(Change(path, "u", "u", submodule))
        elif line.startswith("# "):
            key, _, value = line[2:].partition(" ")
            facts[key] = value
    commit, branch = facts["branch.oid"], facts["branch.head"]
    return Status(
        None if commit == "(initial)" else commit, None if branch == "(detached)" else branch, changes
    )


def veiled(root: StrPath, index: StrPath, *pathspecs: str) -> tuple[list[str], list[str]]:
    """Paths whose changes git overlooks: those marked assume-unchanged, and those marked skip-worktree."""
    words = ("ls-files", "-v", "-z", "--", *pathspecs)
    out = b"\0" + call(root, *PRIVATE, *words, env=_env(index)).out
    # Counted first: 50 000 lines need not be taken apart to learn that each of them begins with an H.
    if out.count(b"\0H ") == out.count(b"\0") - 1:
        return [], []
    lines = [line for line in out.decode("utf-8", "surrogateescape").split("\0")[1:-1] if line[0] != "H"]
    assumed = [line[2:] for line in lines if line[0].islower()]
    return assumed, [line[2:] for line in lines if line[0] in "Ss"]


def set_bit(root: StrPath, index: StrPath, option: str, paths: Iterable[str]) -> None:
    """Set or clear one bit of entries: ``--[no-]assume-unchanged`` or ``--[no-]skip-worktree``."""
    call(root, *PRIVATE, "update-index", option, "-z", "--stdin", stdin=_names(paths), env=_env(index))


def hash_files(
    root: StrPath, index: StrPath, paths: Sequence[str], *, before: Mapping[str, tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """Write files of the work tree as blobs, filtered as ``git add`` does, and enter them into a new index.

    Args:
        root: Top of the work tree.
        index: Where the index is made; it holds nothing but those files.
        paths: Files, links, or submodules (entered with their commit).
        before: Mode and id of what the user's index holds there: where the file system tells no modes, and
            for files whose line ends git leaves alone, the new entry depends on the old one.

    Returns:
        Mode and id by path.

    Raises:
        GitError: One of them cannot be entered; the index is as it was.
    """
    known = [f"{mode},{oid},{path}" for path, (mode, oid) in before.items()]
    words = [word for entry in known for word in ("--cacheinfo", entry)]
    command = (*DURABLE, *PRIVATE, "update-index", "--add", "--replace")
    if len(known) > _WORDS:  # too many for one command line
        lines = _names(f"{mode} {oid}\t{path}" for path, (mode, oid) in before.items())
        call(root, *PRIVATE, "update-index", "-z", "--index-info", stdin=lines, env=_env(index))
        words = []
    call(root, *command, *words, "-z", "--stdin", stdin=_names(paths), env=_env(index))
    return {entry.path: (entry.mode, entry.id) for entry in entries(root, index)}


def stage(root: StrPath, entries: Iterable[Staged]) -> None:
    """Enter blobs into the user's own index, under git's lock on it; nothing else in it changes.

    Raises:
        GitError: Somebody else holds the lock ("File exists"), or a path cannot be.
    """
    lines = _names(f"{entry.mode} {entry.id}\t{entry.path}" for entry in entries)
    call(root, "update-index", "-z", "--index-info", stdin=lines)


def entries(root: StrPath, index: StrPath | None) -> list[Staged]:
    """All entries of an index in git's order; of a conflict each side."""
    known = None if index is None else read_small(index)
    if known is not None:
        return [Staged(entry.mode, entry.id, entry.path) for entry in known]
    text = call(root, *PRIVATE, "ls-files", "-s", "-z", env=_env(index)).text
    found = []
    for line in text.split("\0")[:-1]:
        facts, path = line.split("\t", 1)
        mode, oid, _ = facts.split(" ")
        found.append(Staged(mode, oid, path))
    return found


def tracked(root: StrPath, index: StrPath | None) -> list[str]:
    """The paths of an index."""
    return call(root, *PRIVATE, "ls-files", "-z", env=_env(index)).text.split("\0")[:-1]


def is_unmarked(index: StrPath, memory: StrPath | None = None) -> bool:
    """Whether it is plain that git overlooks no change in an index; otherwise ask ``veiled``.

    Args:
        index: Its file.
        memory: A file that remembers, by its checksum, the last index of which that was plain.
    """
    try:
        with open(index, "rb", buffering=0) as file:
            file.seek(-_CHECKSUM, os.SEEK_END)
            checksum = file.read()
            if memory is not None and _remembered(memory) == checksum:
                return True
            file.seek(0)
            unmarked = gitindexfile.is_unmarked(file.read())
    except OSError:
        return False
    # Where git spares the checksum (index.skipHash) it is all zeros.
    if unmarked and memory is not None and any(checksum):
        with contextlib.suppress(OSError):
            os.makedirs(os.path.dirname(memory), exist_ok=True)
            with open(memory, "wb", buffering=0) as file:
                file.write(checksum)
    return unmarked


def _remembered(memory: StrPath) -> bytes:
    try:
        with open(memory, "rb", buffering=0) as file:
            return file.read(_CHECKSUM)
    except OSError:
        return b""


def read_small(index: StrPath) -> list[IndexEntry] | None:
    """The entries of a small index, without git; None when git has to read it. No file: no entries."""
    try:
        return gitindexfile.parse(files.read_plain(index, limit=_SMALL))
    except FileNotFoundError:
        return []
    except OSError:
        return None


def holds(root: StrPath, index: StrPath, entry: IndexEntry) -> bool:
    """Whether a file surely has the content that an index says; if not, git must compare the bytes."""
    try:
        facts = os.lstat(os.path.join(root, entry.path))
        written_ns = os.stat(index).st_mtime_ns
    except OSError:
        return False
    times = (facts.st_ctime_ns, facts.st_mtime_ns)
    mode = int(entry.mode, 8)
    numbers = (facts.st_dev, facts.st_ino, mode, facts.st_uid, facts.st_gid, facts.st_size)
    # What changed in the tick in which the index was written may have changed once more since.
    return gitindexfile.stat_bytes(times, numbers) == entry.stat and max(times) < written_ns


def differing(root: StrPath, index: StrPath, *pathspecs: str) -> list[str]:
    """Entries of an index whose content in the work tree is another now, or gone.

    ``git diff`` and not ``diff-files``: the latter also lists files that were only touched.
    """
    words = ("diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-relative")
    narrowed: Sequence[str] = ("--ignore-submodules=dirty", "--", *pathspecs)
    return call(root, *PRIVATE, *words, *narrowed, env=_env(index)).text.split("\0")[:-1]


def _env(index: StrPath | None) -> dict[str, str]:
    return {} if index is None else {"GIT_INDEX_FILE": os.path.abspath(index)}


def _names(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\0" for name in names).encode("utf-8", "surrogateescape")
