"""The bytes of manifests, wherever they lie: in files, or in what git holds of a branch."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core import gittree
from expctl.core import row as rows
from expctl.errors import ManifestError
from expctl.store import listing, manifests, tips, trees

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from pathlib import Path

    from expctl.core.row import Row
    from expctl.store.listing import Folder
    from expctl.store.trees import Tree

_SHA1_DIGITS = 40


class Content(NamedTuple):
    """A file's name for messages, its bytes and their hash; or the reason why they cannot be had.

    The hash is that by which git knows the content, so that what a branch holds need not be read to be known.
    """

    name: str
    data: bytes
    digest: bytes
    reason: str


def known_digest(file: tuple[Folder | Tree, int]) -> bytes:
    """The hash of a manifest of a branch; empty where it must be read to be known."""
    folder, i = file
    blob = folder.blobs[i] if isinstance(folder, trees.Tree) else ""
    return bytes.fromhex(blob) if len(blob) == _SHA1_DIGITS else b""


def read(
    files: Sequence[tuple[Folder | Tree, int]], root: Path | None, known: Container[bytes]
) -> list[Content]:
    """Read some manifests.

    Args:
        files: Each a folder or a tree, and the place in it.
        root: The repository that the trees are of.
        known: Hashes of what need not be read: of it only the hash is told.
    """
    asked = [
        (folder, i)
        for folder, i in files
        if isinstance(folder, trees.Tree) and known_digest((folder, i)) not in known
    ]
    packed = _packed([folder for folder, _ in asked if folder.pack], root)
    loose = [(folder, i) for folder, i in asked if not folder.pack]
    blobs = tips.contents(root, loose, limit=manifests.LIMIT) if loose and root is not None else {}
    found = []
    for folder, i in files:
        if isinstance(folder, listing.Folder):
            found.append(_of_file(folder, folder.ids[i]))
            continue
        if folder.pack and known_digest((folder, i)) not in known:
            found.append(_of_pack(folder, folder.ids[i], packed[folder.pack]))
            continue
        name, blob, digest = folder.file(folder.ids[i]), folder.blobs[i], known_digest((folder, i))
        if digest in known:
            found.append(Content(name, b"", digest, ""))
        elif (data := blobs.get(blob)) is not None:
            found.append(Content(name, data, _digest(data), ""))
        else:
            why = trees.ABSENT if blob in blobs else f"missing, or larger than {manifests.LIMIT} bytes"
            found.append(Content(name, b"", b"", why))
    return found


def parsed(run_id: str, content: Content) -> Row | str:
    """The row of a manifest, or the reason why there is none."""
    if content.reason:
        return content.reason
    try:
        return rows.from_manifest(manifests.parse(content.data, name=content.name, expect_id=run_id))
    except ManifestError as err:
        return _bare(err, content.name)


def _packed(folders: Sequence[Tree], root: Path | None) -> dict[str, dict[str, bytes] | str]:
    """What some packs hold, by what they are read from; each is read once."""
    found: dict[str, dict[str, bytes] | str] = {}
    for folder in folders:
        if folder.pack not in found:
            from expctl.store import packs

            found[folder.pack] = packs.documents(folder, root)
    return found


def _of_pack(pack: Tree, run_id: str, held: dict[str, bytes] | str) -> Content:
    name = manifests.name_of(pack.file(run_id)) if pack.is_here else pack.file(run_id)
    if isinstance(held, str) or run_id not in held:
        return Content(name, b"", b"", held if isinstance(held, str) else "not in this pack any more")
    return Content(name, held[run_id], _digest(held[run_id]), "")


def _of_file(folder: Folder, run_id: str) -> Content:
    path = folder.file(run_id)
    name = manifests.name_of(path)
    try:
        data = manifests.read_bytes(path, name=name)
    except ManifestError as err:
        return Content(name, b"", b"", _bare(err, name))
    return Content(name, data, _digest(data), "")


def _digest(data: bytes) -> bytes:
    return bytes.fromhex(gittree.blob_id(data))


def _bare(err: ManifestError, name: str) -> str:
    """A reason without the name of the file, which stands beside it."""
    return str(err).removeprefix(f"{name}: ")
