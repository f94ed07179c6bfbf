"""Run ids: made from a time and random bytes, checked by full match before they ever become a path."""

from __future__ import annotations

import re

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

#: Crockford's base32, lower case: no i, l, o, u. https://www.crockford.com/base32.html
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = len("20261122-190546-k3f9qa")
_PATTERN = re.compile(rf"([0-9]{{4}})([0-9]{{2}})([0-9]{{2}})-[0-9]{{6}}-[{ALPHABET}]{{6}}", re.ASCII)


def make(at: datetime, noise: bytes) -> str:
    """Make an id from an aware UTC time and at least 6 random bytes."""
    return f"{at:%Y%m%d-%H%M%S}-" + "".join(ALPHABET[byte & 31] for byte in noise[:6])


def is_valid(text: str) -> bool:
    """Whether the text is a run id and nothing else."""
    return _PATTERN.fullmatch(text) is not None


def day_of(run_id: str) -> str:
    """The folder of a run under ``runs/``: ``2026-11-22``.

    Raises:
        ValueError: Not a run id. Nothing else may ever become a path.
    """
    match = _PATTERN.fullmatch(run_id)
    if match is None:
        raise ValueError(f"not a run id: {run_id!r}")
    return "-".join(match.groups())


def suffix(run_id: str) -> str:
    """The last six characters, which people type."""
    return run_id[-6:]


def may_begin_suffix(text: str) -> bool:
    """Whether the suffix of some id begins so; most names of runs tell by a letter that they are none."""
    return len(text) <= len("k3f9qa") and all(char in ALPHABET for char in text)


def matching(text: str, ids: Iterable[str]) -> list[str]:
    """Ids that start with the text, or whose suffix does; the exact id alone if it is there."""
    ids = list(ids)
    if text in ids:
        return [text]
    return [i for i in ids if i.startswith(text) or suffix(i).startswith(text)] if text else []


def shortest_unique(ids: Iterable[str], *, at_least: int = 3) -> dict[str, str]:
    """For each id the shortest beginning of its suffix that is its own; the whole id for twins."""
    ids = list(ids)
    counts: dict[str, int] = {}
    for run_id in ids:
        tail = suffix(run_id)
        for n in range(at_least, 7):
            counts[tail[:n]] = counts.get(tail[:n], 0) + 1
    return {
        run_id: next(
            (suffix(run_id)[:n] for n in range(at_least, 7) if counts[suffix(run_id)[:n]] == 1), run_id
        )
        for run_id in ids
    }
