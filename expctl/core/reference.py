"""How people name a run: by id, its beginning or its suffix, by name, ``@``, ``@-2`` or ``best:f1_score``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import runid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_BACK = re.compile(r"@(?:-([0-9]{0,6}))?", re.ASCII)
_BEST = re.compile(r"best:(.+?)(?::(max|min))?", re.DOTALL)


class Best(NamedTuple):
    """``best:f1_score`` or ``best:f1_score:max``: the run with the best value of a metric."""

    metric: str
    direction: str | None


def back(text: str) -> int | None:
    """How many runs before the latest: 0 for ``@``, 1 for ``@-``, 2 for ``@-2``; else None."""
    match = _BACK.fullmatch(text)
    if match is None:
        return None
    if match.group(1) is None:
        return 0
    return int(match.group(1) or 1)


def best(text: str) -> Best | None:
    """What a reference to the best run asks for; None for other references."""
    match = _BEST.fullmatch(text)
    return Best(match.group(1), match.group(2)) if match else None


def named(text: str, ids: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """The runs that an id, a part of one or a name could mean.

    What fits whole (an id, a suffix, a name) goes before what only begins so.

    Args:
        text: What was typed.
        ids: All runs.
        names: Names of runs by id; a name may occur twice.
    """
    known = list(ids)
    lower = text.lower()
    if lower in known:
        return [lower]
    whole = [i for i in known if runid.suffix(i) == lower or names.get(i) == text]
    return whole or runid.matching(lower, known)


def nearest(text: str, ids: Iterable[str], names: Mapping[str, str]) -> list[str]:
    """Suffixes, ids or names that a mistyped or shortened reference most likely meant: none, one or two."""
    from difflib import get_close_matches  # the rare road

    known = list(ids)[:5000]
    spelled = [*{names[i] for i in known if i in names}, *map(runid.suffix, known)]
    if len(text) > runid.LENGTH // 2:
        spelled += known
    close = get_close_matches(text, spelled, n=1, cutoff=0.7)
    lower = text.lower()
    longer = sorted({name for name in names.values() if lower and name.lower().startswith(lower)})
    return close or longer[:2]
