"""What DVC 3 writes: directory objects, pointers and lock files, as text and as values.

Held byte for byte against stock DVC by the tests. Nothing here opens a file.
"""

from __future__ import annotations

import json
import re

from expctl.core import runid
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import TypeGuard

# Texts, compiled when first needed: a run writes pointers and reads none.
_LINE = r"(- |  )(md5|size|nfiles|hash|path): (.+)"
#: A plain YAML scalar that means itself in every version of YAML: anything else goes to the full reader.
_PLAIN = r"[A-Za-z0-9_.](?:[A-Za-z0-9_./+=@-]| (?=[A-Za-z0-9]))*"
_NOT_TEXT = r"(?i:[.0-9][0-9_.:e+-]*|0[xob][0-9a-f_]+|\.nan|\.inf|true|false|yes|no|on|off|y|n|null)"
_HEX = frozenset("0123456789abcdef")
_MD5_LENGTH = 32
_MOST_DIGITS = 18


class Out(NamedTuple):
    """One output that a pointer or a lock file names.

    Attributes:
        path: As written, relative to the file's folder.
        md5: 32 hex digits, ``.dir`` behind them for folders; None when DVC has not hashed it by MD5.
        bytes: Size.
        nfiles: Number of files of a folder.
        version: What its owner wrote under ``meta: version:``.
    """

    path: str
    md5: str | None
    bytes: int | None = None
    nfiles: int | None = None
    version: str | None = None

    @property
    def is_folder(self) -> bool:
        """Whether the content is a folder."""
        return self.md5 is not None and self.md5.endswith(".dir")


def is_md5(text: object) -> TypeGuard[str]:
    """Whether this is a content address, of a file or of a folder, and nothing else."""
    return (
        isinstance(text, str)
        and len(digits := text.removesuffix(".dir")) == _MD5_LENGTH
        and _HEX.issuperset(digits)
    )


def dir_json(entries: Iterable[tuple[str, str]]) -> bytes:
    """The directory object of files given as (relative path, md5).

    Sorted by the path as one string, not by its parts: ``sub-x`` stands before ``sub/y``, and any other order
    is another MD5 (as ``dvc_data.hashfile.tree.Tree.as_bytes`` does it).
    """
    listed = [{"md5": md5, "relpath": path} for path, md5 in sorted(entries)]
    return json.dumps(listed, sort_keys=True).encode("ascii")


def dir_md5(entries: Iterable[tuple[str, str]]) -> str:
    """The content address of a folder: MD5 of its directory object, and ``.dir``."""
    import hashlib  # loads OpenSSL: only runs that left bytes wait for it

    return hashlib.md5(dir_json(entries), usedforsecurity=False).hexdigest() + ".dir"


def parse_dir(data: bytes) -> list[tuple[str, str]]:
    """The (relative path, md5) pairs of a directory object.

    The paths are only shaped here: who writes below them checks them first.

    Raises:
        ValueError: It is not a directory object.
    """
    try:
        listed = json.loads(data)
    except (ValueError, RecursionError) as err:
        raise ValueError("not a directory object: it is no JSON") from err
    if not isinstance(listed, list):
        raise ValueError("not a directory object: it is no list")  # noqa: TRY004 - one kind of fault for the caller
    entries = []
    for item in listed:
        md5, path = (item.get("md5"), item.get("relpath")) if isinstance(item, dict) else (None, None)
        if not is_md5(md5) or not isinstance(path, str) or md5.endswith(".dir"):
            raise ValueError("not a directory object: an entry lacks md5 or relpath")
        entries.append((path, md5))
    return entries


def pointer_text(out: Out) -> str:
    """The text of a pointer to one output whose path is plain (a run id)."""
    lines = [f"- md5: {out.md5}"]
    if out.bytes is not None:
        lines.append(f"  size: {out.bytes}")
    if out.nfiles is not None:
        lines.append(f"  nfiles: {out.nfiles}")
    lines += ["  hash: md5", f"  path: {out.path}"]
    return "\n".join(["outs:", *lines, ""])


def parse_plain(text: str) -> Out | None:
    """Read a pointer as ``dvc add`` writes it: one output, no comments, nothing quoted.

    This is nearly all pointers there are, and it spares the YAML reader.

    Returns:
        The output, or None if the text has any other shape.
    """
    lines = text.splitlines()
    if not lines or lines[0] != "outs:":
        return None
    found: dict[str, str] = {}
    for number, line in enumerate(lines[1:]):
        match = re.fullmatch(_LINE, line, re.ASCII)
        if match is None or match[2] in found or (match[1] == "- ") != (number == 0):
            return None
        found[match[2]] = match[3]
    path, md5, size, nfiles = (found.get(key) for key in ("path", "md5", "size", "nfiles"))
    # An MD5 of digits alone is a number to YAML, unless it is quoted.
    if (
        path is None
        or not _is_plain(path)
        or not is_md5(md5)
        or not _is_plain(md5)
        or found.get("hash") != "md5"
    ):
        return None
    if any(number is not None and not _is_count(number) for number in (size, nfiles)):
        return None
    return Out(path, md5, int(size) if size else None, int(nfiles) if nfiles else None)


def outs_of(data: Any) -> list[Out]:
    """The outputs of a parsed ``.dvc`` file; what is not shaped like one is passed over."""
    if not isinstance(data, dict):
        return []
    meta = data.get("meta")
    version = meta.get("version") if isinstance(meta, dict) else None
    return list(_outs(data.get("outs"), version))


def outs_of_lock(data: Any) -> list[tuple[str, Out]]:
    """The outputs of a parsed ``dvc.lock``, each with the name of its stage."""
    stages = data.get("stages") if isinstance(data, dict) else None
    if not isinstance(stages, dict):
        return []
    return [
        (str(name), out)
        for name, stage in stages.items()
        if isinstance(stage, dict)
        for out in _outs(stage.get("outs"), None)
    ]


def _outs(listed: Any, version: Any) -> Iterator[Out]:
    for item in listed if isinstance(listed, list) else ():
        if not isinstance(item, dict) or not isinstance(item.get("path"), str):
            continue
        # DVC 2 wrote no `hash`, and its MD5 of a text file was that of the text with LF.
        md5 = item.get("md5") if item.get("hash") == "md5" else None
        yield Out(
            item["path"],
            md5 if is_md5(md5) else None,
            _count(item, "size"),
            _count(item, "nfiles"),
            None if version is None else str(version),
        )


def _count(item: Mapping[str, Any], key: str) -> int | None:
    value = item.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _is_plain(path: str) -> bool:
    if runid.is_valid(path):
        return True
    return bool(re.fullmatch(_PLAIN, path, re.ASCII)) and not re.fullmatch(_NOT_TEXT, path, re.ASCII)


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and (text == "0" or text[0] != "0")
