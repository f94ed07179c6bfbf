"""The file of a git index, read without git where its form is plain: gitformat-index(5), versions 2 and 3.

Starting git takes longer than reading a small index. What is not plain (version 4, a split or sparse index)
gives None, and git is asked.
"""

from __future__ import annotations

import sys

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER = 12
#: Times, device, inode, mode, owner, group and size, four bytes each.
_STAT = 40
_EXTENDED, _ASSUMED, _SKIPPED = 0x4000, 0x8000, 0x4000
_STAGE, _NAME_LENGTH = 0x3000, 0x0FFF


class IndexEntry(NamedTuple):
    """One entry.

    Attributes:
        path: From the top.
        mode: Six octal digits.
        id: Of the blob or, for a submodule, the commit.
        stat: What ``lstat`` said of the file when git looked, as ``stat_bytes`` packs it.
        stage: 0; of a conflict 1, 2 or 3.
        assumed: Marked assume-unchanged.
        skipped: Marked skip-worktree.
    """

    path: str
    mode: str
    id: str
    stat: bytes
    stage: int
    assumed: bool
    skipped: bool


def parse(data: bytes) -> list[IndexEntry] | None:
    """Read the content of an index; None when only git can."""
    if data[:4] != b"DIRC" or data[4:8] not in (b"\0\0\0\2", b"\0\0\0\3"):
        return None
    # The file does not say how long ids are (SHA-1 or SHA-256); with the wrong length nothing fits.
    for id_bytes in (20, 32):
        try:
            return _entries(data, id_bytes)
        except ValueError:
            continue
    return None


def is_unmarked(data: bytes) -> bool:
    """Whether it is plain that no entry is marked assume-unchanged or skip-worktree; else git must tell.

    50 000 entries take 4 ms: they are not taken apart.
    """
    return data[:4] == b"DIRC" and data[4:8] == b"\0\0\0\2" and (_unmarked(data, 20) or _unmarked(data, 32))


class _Steps(dict[int, int]):
    """From the flags of an entry to those of the next one, in pairs of bytes; few names differ in length."""

    def __init__(self, id_bytes: int) -> None:
        self._fixed = _STAT + id_bytes + 2 + 8

    def __missing__(self, flags: int) -> int:
        high, low = flags.to_bytes(2, sys.byteorder)
        length = (high & 0x0F) << 8 | low
        if high & 0xC0 or length == _NAME_LENGTH or not length:
            raise ValueError("not a plain entry")
        self[flags] = (self._fixed + length & ~7) // 2
        return self[flags]


def _unmarked(data: bytes, id_bytes: int) -> bool:
    steps, end = _Steps(id_bytes), len(data) - id_bytes
    begin = _HEADER + _STAT + id_bytes
    pairs, at = memoryview(data)[: len(data) & ~1].cast("H"), begin // 2
    try:
        for _ in range(int.from_bytes(data[8:_HEADER], "big")):
            at += steps[pairs[at]]
    except (IndexError, ValueError):
        return False
    at = 2 * at - begin + _HEADER
    while at < end:
        # As in ``_entries``.
        if not data[at : at + 1].isupper():
            return False
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")
    return at == end


def stat_bytes(times: Sequence[int], numbers: Sequence[int]) -> bytes:
    """What an entry's ``stat`` is for a file as it is now.

    Args:
        times: Of change and of modification, nanoseconds since 1970.
        numbers: Device, inode, mode as in the index, owner, group and size.
    """
    parts = [part for time_ns in times for part in divmod(time_ns, 10**9)]
    return b"".join([(part & 0xFFFFFFFF).to_bytes(4, "big") for part in (*parts, *numbers)])


def _entries(data: bytes, id_bytes: int) -> list[IndexEntry]:
    entries = []
    at = _HEADER
    for _ in range(int.from_bytes(data[8:_HEADER], "big")):
        flags_at = at + _STAT + id_bytes
        flags = int.from_bytes(data[flags_at : flags_at + 2], "big")
        begin = flags_at + 2
        more = 0
        if flags & _EXTENDED:
            more = int.from_bytes(data[begin : begin + 2], "big")
            begin += 2
        end = data.index(b"\0", begin)
        if min(end - begin, _NAME_LENGTH) != flags & _NAME_LENGTH or end == begin:
            raise ValueError("not an entry")
        entries.append(
            IndexEntry(
                data[begin:end].decode("utf-8", "surrogateescape"),
                f"{int.from_bytes(data[at + 24 : at + 28], 'big'):06o}",
                data[at + _STAT : flags_at].hex(),
                data[at : at + _STAT],
                (flags & _STAGE) >> 12,
                bool(flags & _ASSUMED),
                bool(more & _SKIPPED),
            )
        )
        at += (end - at + 8) & ~7
    while at < len(data) - id_bytes:
        # Extensions whose names begin in lower case change what the entries mean.
        if not data[at : at + 1].isupper():
            raise ValueError("an index that only git reads")
        at += 8 + int.from_bytes(data[at + 4 : at + 8], "big")
    if at != len(data) - id_bytes:
        raise ValueError("not an index")
    return entries
