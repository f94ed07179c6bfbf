"""Trees as git stores them: read, named by their id, and changed at some paths.

The formats are in gitformat-pack(5) and git-mktree(1); ids are SHA-1 or, where ids have 64 digits, SHA-256.
"""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    #: What paths shall hold: mode and id; None: nothing.
    Edits = Mapping[str, tuple[str, str] | None]

TREE_MODE = "040000"
SUBMODULE_MODE = "160000"
#: Of plain files: no links, and no submodules.
FILE_MODES = ("100644", "100755")


class TreeEntry(NamedTuple):
    """One line of a tree: mode in six digits, kind (``blob``, ``tree``, ``commit``), id, path."""

    mode: str
    kind: str
    id: str
    path: str


class Grafted(NamedTuple):
    """A changed tree.

    Attributes:
        id: Of the top.
        trees: Entries of every tree that is new, by id.
    """

    id: str
    trees: dict[str, list[TreeEntry]]


def parse(raw: bytes, *, id_bytes: int) -> list[TreeEntry]:
    """Read the raw content of a tree object; ids are 20 (SHA-1) or 32 (SHA-256) bytes."""
    entries = []
    at = 0
    while at < len(raw):
        end = raw.index(b"\0", at)
        mode, name = raw[at:end].split(b" ", 1)
        at = end + 1 + id_bytes
        entries.append(entry(mode.decode(), raw[end + 1 : at].hex(), name.decode("utf-8", "surrogateescape")))
    return entries


def entry(mode: str, oid: str, path: str) -> TreeEntry:
    """An entry whose kind follows from its mode."""
    full = mode.zfill(6)
    return TreeEntry(full, {TREE_MODE: "tree", SUBMODULE_MODE: "commit"}.get(full, "blob"), oid, path)


def id_of(entries: Iterable[TreeEntry], *, id_bytes: int) -> str:
    """The id that git gives a tree of these entries, in whatever order they come."""
    lines = []
    for line in entries:
        name = line.path.encode("utf-8", "surrogateescape")
        # Git sorts a folder as if its name ended in a slash.
        key = name + b"/" if line.kind == "tree" else name
        lines.append((key, b"%s %s\0%s" % (line.mode.lstrip("0").encode(), name, bytes.fromhex(line.id))))
    raw = b"".join(text for _, text in sorted(lines))
    return _digest(b"tree %d\0%s" % (len(raw), raw), id_bytes)


def blob_id(data: bytes) -> str:
    """The id that git gives the content of a file where ids are SHA-1; our cache knows contents by it."""
    import hashlib  # loads OpenSSL, which takes 3 ms, and then hashes five times faster than Python's own

    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def _digest(data: bytes, id_bytes: int) -> str:
    if id_bytes == 32:  # noqa: PLR2004
        from hashlib import sha256

        return sha256(data).hexdigest()
    try:
        # Python's own, as the standard library's random does it: hashlib loads OpenSSL, which takes 3 ms.
        from _sha1 import sha1  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        from hashlib import sha1
    return str(sha1(data).hexdigest())


def folders(paths: Iterable[str]) -> list[str]:
    """The folders above the paths, the top (an empty name) first and each before those in it."""
    found = {""}
    for path in paths:
        folder = path.rpartition("/")[0]
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return sorted(found)


def graft(known: Mapping[str, list[TreeEntry]], edits: Edits, *, id_bytes: int) -> Grafted:
    """Change a tree at some paths; folders that hold nothing any more disappear.

    Args:
        known: Entries of the folders above the paths, as far as they exist; the top is ``""``.
        edits: What paths shall hold. Where a file stands in for a folder or the other way round, what is
            added wins over what is taken away.
        id_bytes: 20 or 32.
    """
    added = {path: value for path, value in edits.items() if value is not None}
    content = {folder: {line.path: line for line in known.get(folder, ())} for folder in folders(edits)}
    for path, value in edits.items():
        folder, _, name = path.rpartition("/")
        if value is not None:
            content[folder][name] = entry(*value, name)
        else:
            content[folder].pop(name, None)
    trees: dict[str, list[TreeEntry]] = {}
    top = ""
    for folder in reversed(folders(edits)):  # what lies deeper first
        if folder in added:  # a file now
            continue
        lines = list(content[folder].values())
        parent, _, name = folder.rpartition("/")
        above = content[parent]
        if lines or not folder:
            top = id_of(lines, id_bytes=id_bytes)
            if lines != known.get(folder):
                trees[top] = lines
        if folder and lines:
            above[name] = TreeEntry(TREE_MODE, "tree", top, name)
        elif folder and name in above and above[name].kind == "tree":
            del above[name]
    return Grafted(top, trees)
