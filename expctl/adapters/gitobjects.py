"""The door to git's objects: blobs, trees and commits, read in batches and written without any index."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters.gitcall import DURABLE, StrPath, call
from expctl.errors import GitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


class TreeEntry(NamedTuple):
    """One line of a tree: mode in six digits, kind (``blob``, ``tree``, ``commit``), id, path."""

    mode: str
    kind: str
    id: str
    path: str


def ls_tree(root: StrPath, tree: str, *paths: str, recursive: bool = False) -> list[TreeEntry]:
    """List a tree or the tree of a commit; paths are literal and relative to the top.

    Returns:
        Entries in git's order; with ``recursive`` the files beneath instead of their folders.

    Raises:
        GitError: There is no such tree.
    """
    deep = ("-r",) if recursive else ()
    words = (
        "--literal-pathspecs",
        "ls-tree",
        "-z",
        "--full-tree",
        *deep,
        "--end-of-options",
        tree,
        "--",
        *paths,
    )
    return [_entry(line) for line in call(root, *words).text.split("\0")[:-1]]


def read_blobs(root: StrPath, names: Iterable[str], *, limit: int | None = None) -> dict[str, bytes]:
    """Contents of blobs by id (or ``commit:path``), in two calls at most.

    Args:
        root: The repository.
        names: What to read; a name with a line break names nothing.
        limit: Leave out what is larger than that many bytes, without reading it.

    Returns:
        By name; what does not exist, is no blob or is too large is not in it.
    """
    wanted = [name for name in names if name and "\n" not in name]
    if limit is not None:
        checked = call(root, "cat-file", "--batch-check=%(objecttype) %(objectsize)", stdin=_lines(wanted))
        verdicts = zip(wanted, checked.text.split("\n"), strict=False)
        wanted = [name for name, said in verdicts if said.startswith("blob ") and int(said[5:]) <= limit]
    objects = read_objects(root, wanted)
    return {name: found[2] for name, found in objects.items() if found[1] == "blob"}


def exist(root: StrPath, names: Sequence[str]) -> list[bool]:
    """For each name of an object (id, ``commit:path``) whether it is there."""
    out = call(root, "cat-file", "--batch-check=%(objecttype)", stdin=_lines(names)).text if names else ""
    return [line in ("blob", "tree", "commit", "tag") for line in out.splitlines()]


def read_objects(root: StrPath, names: Sequence[str]) -> dict[str, tuple[str, str, bytes]]:
    """By name the id, the kind and the raw content of each object that exists, in one call."""
    if not names:
        return {}
    out = call(root, "cat-file", "--batch", stdin=_lines(names)).out
    found: dict[str, tuple[str, str, bytes]] = {}
    at = 0
    for name in names:
        end = out.index(b"\n", at)
        words = out[at:end].decode("utf-8", "surrogateescape").rsplit(" ", 2)
        at = end + 1
        # "<id> <kind> <size>"; otherwise "<name> missing" or "<name> ambiguous", and no content.
        if len(words) == 3 and words[2].isdigit() and words[1] in ("blob", "tree", "commit", "tag"):  # noqa: PLR2004
            size = int(words[2])
            found[name] = (words[0], words[1], out[at : at + size])
            at += size + 1
    return found


def parse_tree(raw: bytes, *, id_bytes: int) -> list[TreeEntry]:
    """Read the raw content of a tree object; ids are 20 (SHA-1) or 32 (SHA-256) bytes."""
    entries = []
    at = 0
    while at < len(raw):
        end = raw.index(b"\0", at)
        mode, name = raw[at:end].split(b" ", 1)
        at = end + 1 + id_bytes
        kind = {b"40000": "tree", b"040000": "tree", b"160000": "commit"}.get(mode, "blob")
        path = name.decode("utf-8", "surrogateescape")
        entries.append(TreeEntry(mode.decode().zfill(6), kind, raw[end + 1 : at].hex(), path))
    return entries


def make_tree(root: StrPath, entries: Iterable[TreeEntry]) -> str:
    """Write a tree of entries (names without ``/``, any order) whose objects may be missing; give its id."""
    lines = "".join(f"{entry.mode} {entry.kind} {entry.id}\t{entry.path}\0" for entry in entries)
    text = lines.encode("utf-8", "surrogateescape")
    return call(root, *DURABLE, "mktree", "-z", "--missing", stdin=text).text.strip()


def write_blob(root: StrPath, data: bytes) -> str:
    """Write bytes as they are, without filters, and give the blob's id."""
    return call(root, *DURABLE, "hash-object", "-w", "--no-filters", "--stdin", stdin=data).text.strip()


def commit_tree(
    root: StrPath,
    tree: str,
    parents: Sequence[str],
    message: str,
    *,
    env: Mapping[str, str] | None = None,
) -> str:
    """Write a commit, unsigned whatever the settings say, and give its id; no ref moves.

    Args:
        root: The repository.
        tree: Its content.
        parents: Its parents, by id.
        message: As it stands, not cleaned up.
        env: ``GIT_AUTHOR_NAME`` and the like; the user's own identity otherwise.

    Raises:
        GitError: Nobody has told git who they are.
    """
    words = [word for parent in parents for word in ("-p", parent)]
    text = message.encode("utf-8", "replace")
    command = (*DURABLE, "commit-tree", "--no-gpg-sign", *words, "-F", "-", tree)
    return call(root, *command, stdin=text, env=env).text.strip()


def empty_tree(root: StrPath) -> str:
    """The id of the tree without entries, written so that it exists."""
    return make_tree(root, ())


def diff_trees(root: StrPath, old: str | None, new: str | None, *paths: str) -> str:
    """What changed between two trees as a patch: plain text, no colours, no programs of the user's settings.

    Args:
        root: The repository.
        old: Tree or commit id; None for an empty tree.
        new: The same.
        paths: Literal paths to narrow it to.

    Returns:
        The patch, with renames found; bytes that are not UTF-8 as U+FFFD. Empty when nothing differs.

    Raises:
        GitError: One of them does not exist here (any more).
    """
    sides = [side if side is not None else empty_tree(root) for side in (old, new)]
    for side in sides:
        if not side.isalnum():
            raise GitError(f"{side!r} is not the id of a tree.")
    plain = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
    words = ("--literal-pathspecs", "diff-tree", "-r", "-p", "-M", *plain, *sides, "--", *paths)
    return call(root, *words).out.decode("utf-8", "replace")


def _entry(line: str) -> TreeEntry:
    facts, path = line.split("\t", 1)
    mode, kind, oid = facts.split(" ")
    return TreeEntry(mode, kind, oid, path)


def _lines(names: Iterable[str]) -> bytes:
    return "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
