"""Packs: the manifests of many runs in one stream of YAML documents, and one pointer for all their bytes.

Each document is the exact content of a manifest's file behind a line ``---``, so that taking a pack apart
needs no YAML reader, and any YAML reader understands it. Nothing here opens a file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from expctl.core import runid
from expctl.core.dvcfile import Out

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: A pack that is larger, or that holds more, is neither written nor read.
MOST_RUNS = 1000
MOST_BYTES = 8 << 20
POINTER_BYTES = 1 << 20
_MARK = b"---\n"
_HEAD = re.compile(rb"schema: expctl/run/v1\nid: ([0-9a-z-]{1,64})\n")
_NAME_LENGTH = 16
_NAME = re.compile(rf"[0-9a-f]{{{_NAME_LENGTH}}}", re.ASCII)
_POINTER_HEAD = "wdir: ..\nouts:\n"
_OUT = re.compile(
    r"- md5: ([0-9a-f]{32}\.dir)\n"
    r"(?:  size: (0|[1-9][0-9]{0,17})\n)?"
    r"(?:  nfiles: (0|[1-9][0-9]{0,17})\n)?"
    r"  hash: md5\n"
    r"  path: ([0-9-]{10})/([0-9a-z-]{1,64})\n",
    re.ASCII,
)


def join(documents: Iterable[bytes]) -> bytes:
    """A pack of manifests, in the order given; each passed ``fault``."""
    return b"".join(part for document in documents for part in (_MARK, document))


def split(data: bytes) -> list[bytes]:
    """The documents of a pack, byte for byte as they were joined.

    Raises:
        ValueError: It is none: too large, of too many documents, or they are not told apart as expected.
    """
    if len(data) > MOST_BYTES:
        raise ValueError(f"larger than {MOST_BYTES} bytes")
    if not data.startswith(_MARK):
        raise ValueError("not a pack: its first line is not ---")
    if not data.endswith(b"\n"):
        raise ValueError("not a whole pack: its last line has no end")
    inner = data[len(_MARK) :].split(b"\n" + _MARK, MOST_RUNS)
    if len(inner) > MOST_RUNS:
        raise ValueError(f"more than {MOST_RUNS} documents")
    return [*(document + b"\n" for document in inner[:-1]), inner[-1]]


def id_of(document: bytes) -> str | None:
    """The run id on the second line of a manifest as expctl writes it; None for anything else."""
    match = _HEAD.match(document)
    run_id = match[1].decode("ascii") if match else ""
    return run_id if runid.is_valid(run_id) else None


def fault(document: bytes, run_id: str) -> str | None:
    """Why a manifest cannot stand in a pack; None where it can."""
    if id_of(document) != run_id:
        return "it does not begin as expctl writes it"
    if not document.endswith(b"\n") or b"\n---" in document:
        return "it is more than one plain document"
    return None


def is_name(text: str) -> bool:
    """Whether a pack may be called so."""
    return _NAME.fullmatch(text) is not None


def name_of(pack: bytes, outs: Mapping[str, Out]) -> str:
    """What a pack is called: by its content, so that two branches that pack the same runs write one file."""
    import hashlib  # loads OpenSSL: only what packs, or checks a pack, waits for it

    digest = hashlib.sha256(pack)
    digest.update(pointer_text(outs).encode("ascii") if outs else b"")
    return digest.hexdigest()[:_NAME_LENGTH]


def pointer_text(outs: Mapping[str, Out]) -> str:
    """The pointer of a pack, for stock DVC: the folder of each run by its path from ``runs``.

    Args:
        outs: By run id what its own pointer named.
    """
    lines = []
    for run_id, out in sorted(outs.items()):
        lines.append(f"- md5: {out.md5}\n")
        lines += [f"  size: {out.bytes}\n"] if out.bytes is not None else []
        lines += [f"  nfiles: {out.nfiles}\n"] if out.nfiles is not None else []
        lines.append(f"  hash: md5\n  path: {runid.day_of(run_id)}/{run_id}\n")
    return _POINTER_HEAD + "".join(lines)


def parse_pointer(text: str) -> dict[str, Out] | None:
    """By run id the outputs of a pack's pointer as we write it; None where its text has another shape."""
    if not text.startswith(_POINTER_HEAD):
        return None
    found: dict[str, Out] = {}
    at = len(_POINTER_HEAD)
    while at < len(text):
        match = _OUT.match(text, at)
        if match is None:
            return None
        md5, size, nfiles, day, run_id = match.groups()
        if not runid.is_valid(run_id) or runid.day_of(run_id) != day or run_id in found:
            return None
        found[run_id] = Out(run_id, md5, int(size) if size else None, int(nfiles) if nfiles else None)
        at = match.end()
    return found


def outs_by_run(wdir: object, outs: Iterable[Out]) -> dict[str, Out] | None:
    """The same for a pointer that DVC has rewritten and a YAML reader took apart."""
    found: dict[str, Out] = {}
    for out in outs:
        day, _, run_id = out.path.partition("/")
        if not runid.is_valid(run_id) or runid.day_of(run_id) != day or run_id in found or not out.is_folder:
            return None
        found[run_id] = out._replace(path=run_id)
    return found if wdir == ".." else None
