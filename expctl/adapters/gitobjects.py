"""The door to git's objects: blobs, trees and commits, read in batches and written without any index."""

from __future__ import annotations

import os

from expctl.adapters.gitcall import DURABLE, StrPath, call, refused
from expctl.core import gittree
from expctl.core.gittree import TreeEntry
from expctl.errors import GitError
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from expctl.core.gittree import Edits, Grafted


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
        # After --end-of-options git 2.39 takes `--` for a path, and then lists nothing without another one.
        *(("--", *paths) if paths else ()),
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


def lacking(root: StrPath, common: StrPath, ids: Iterable[str]) -> list[str]:
    """Objects that git should have written and has not: where it flushes in batches it says nothing of that.

    Args:
        root: The repository.
        common: Its git directory. What was just written lies there in a file of its own, which is quicker to
            look for than to ask git.
        ids: Which objects.
    """
    names = [oid for oid in dict.fromkeys(ids) if not os.path.exists(f"{common}/objects/{oid[:2]}/{oid[2:]}")]
    return [oid for oid, is_there in zip(names, exist(root, names), strict=True) if not is_there]


def missing(root: StrPath, trees: Sequence[str]) -> set[str]:
    """What a partial clone lacks of the content of some trees, without fetching it."""
    if not trees:
        return set()
    words = ("rev-list", "--objects", "--no-walk", "--missing=print", "--stdin")
    lines = call(root, *words, stdin=_lines(trees)).text.splitlines()
    return {line[1:] for line in lines if line.startswith("?")}


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


def make_tree(root: StrPath, entries: Iterable[TreeEntry]) -> str:
    """Write a tree of entries (names without ``/``, any order) whose objects may be missing; give its id."""
    return make_trees(root, [entries])[0]


def make_trees(root: StrPath, trees: Iterable[Iterable[TreeEntry]]) -> list[str]:
    """Write several trees in one call; they may hold each other.

    Raises:
        GitError: They could not be written: ``git mktree`` says so, and ends as if it had (2.39).
    """
    lines = ("".join(f"{line.mode} {line.kind} {line.id}\t{line.path}\0" for line in tree) for tree in trees)
    text = "".join(f"{tree}\0" for tree in lines).encode("utf-8", "surrogateescape")
    if not text:
        return []
    done = call(root, *DURABLE, "mktree", "-z", "--missing", "--batch", stdin=text)
    if b"error:" in done.err:
        raise refused(done, ("mktree",))
    return done.text.split()


def graft(root: StrPath, base: str | None, edits: Edits) -> str:
    """Write the tree that another becomes when some paths hold something else.

    Args:
        root: The repository.
        base: Id of a tree; None for an empty one.
        edits: What the paths shall hold.

    Returns:
        The id of the new tree.
    """
    id_bytes, known = read_folders(root, base, gittree.folders(edits))
    return write_grafted(root, gittree.graft(known, edits, id_bytes=id_bytes))


def write_grafted(root: StrPath, grafted: Grafted, common: StrPath | None = None) -> str:
    """Write what is new of a changed tree and give its id.

    Args:
        root: The repository.
        grafted: The tree.
        common: Its git directory, where a tree may lie that was written before: git is not asked for it.

    Raises:
        GitError: git gave a tree another id than we did.
    """
    new = {oid: lines for oid, lines in grafted.trees.items() if not (common and _freshen(common, oid))}
    if make_trees(root, new.values()) != list(new):
        raise GitError("git does not name trees as expected.")
    return grafted.id


def _freshen(common: StrPath, oid: str) -> bool:
    """Whether an object lies in a file of its own, which is made as young as if git had just written it.

    Git does the same instead of writing it once more: ``git gc`` deletes what is old and held by nothing.
    """
    try:
        os.utime(f"{common}/objects/{oid[:2]}/{oid[2:]}")
    except OSError:
        return False
    return True


def read_folders(
    root: StrPath, base: str | None, folders: Sequence[str]
) -> tuple[int, dict[str, list[TreeEntry]]]:
    """The entries of some folders of a tree, and how many bytes an id has.

    Args:
        root: The repository.
        base: A tree (``<id>^{tree}`` too); None for an empty one.
        folders: By path, each after those that it lies in; the top is ``""``.

    Raises:
        GitError: There is no such tree.
    """
    if base is None:
        return len(empty_tree(root)) // 2, {}
    names = {folder: f"{base.removesuffix('^{tree}')}:{folder}" if folder else base for folder in folders}
    found = read_objects(root, [name for name in names.values() if "\n" not in name])
    if base not in found:
        raise GitError("git cannot read the tree of HEAD.")
    id_bytes = len(found[base][0]) // 2
    known: dict[str, list[TreeEntry]] = {}
    for folder, name in names.items():
        _, kind, raw = found.get(name) or _beneath(root, known, folder)
        if kind == "tree":
            known[folder] = gittree.parse(raw, id_bytes=id_bytes)
    return id_bytes, known


def _beneath(root: StrPath, known: Mapping[str, list[TreeEntry]], folder: str) -> tuple[str, str, bytes]:
    """A folder that cannot be asked for by name (a line break), by its entry in the folder above."""
    above, _, name = folder.rpartition("/")
    if "\n" in folder:
        for line in known.get(above, ()):
            if line.path == name and line.kind == "tree":
                return read_objects(root, [line.id])[line.id]
    return "", "missing", b""


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
