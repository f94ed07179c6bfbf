"""Where in the training a line stands: ``epoch 3/10``, ``[100]``, ``Epoch: [0][10/40]``."""

from __future__ import annotations

import re
from typing import NamedTuple

_COUNTED = "global[_ ]?step|epoch|step|iteration|iters?|round|update|batch|episode|trial|generation"
_STEP = re.compile(
    rf"(?<![\w\-/.])(?P<word>{_COUNTED})(?:\s*[:=#]\s*|\s*[\[(]\s*|\s*[:=]\s*[\[(]\s*|\s+)(?P<n>\d{{1,12}})"
    rf"(?:\s*(?:/|of)\s*(?P<total>\d{{1,12}}))?\s*[\])]?(?![\w.%]*\d|[\w%])",
    re.IGNORECASE,
)
#: ``epoch 3`` after these is no step of this line.
_NOT_A_STEP = re.compile(r"(?:best|last|stop\w*|final|at|from|until|max|min|num|total|per|warmup|every|(?<!end )of)[\s_:\-]+(?:the )?\Z", re.IGNORECASE)  # fmt: skip # noqa: E501
#: A second counter right behind the first.
_INNER = re.compile(
    r"\s*[\[(|,]\s*(?P<n>\d{1,12})\s*/\s*(?P<total>\d{1,12})(?:\s*\(\s*\d+%\s*\))?(?:\s*batches)?\s*[\])]?"
)
#: At the very beginning: ``[100]``, ``[1,250]``, ``[1,  2000]``, ``[12/100]``.
_LEADING = re.compile(
    r"\s*\[(?:(?P<grouped>\d{1,3}(?:,\d{3}){1,3})|\s*(?P<n>\d{1,12})\s*(?:[,/]\s*(?P<total>\d{1,12})\s*)?)\]"
    r"(?=[\s:])"
)
_FINE = ("step", "iter", "iters", "iteration", "batch", "update", "global_step", "globalstep")


class Steps(NamedTuple):
    """The counters of a line.

    Attributes:
        rest: The line with NUL in their place.
        coarse: The epoch, or the only counter; None for a line without.
        fine: A counter within the epoch, with its total.
        total: Of ``fine``.
        word: What the first counter counts, in lower case; empty for a bare ``[100]``.
    """

    rest: str
    coarse: int | None = None
    fine: int | None = None
    total: int | None = None
    word: str = ""


def find(text: str) -> Steps:
    """Find the counters of a line."""
    leading = _LEADING.match(text)
    if leading is not None:
        rest = "\0" + text[leading.end() :]
        if leading["grouped"]:
            return Steps(rest, int(leading["grouped"].replace(",", "")))
        number, second = int(leading["n"]), leading["total"]
        if second is not None and "," in leading[0]:
            return Steps(rest, number, int(second))
        return Steps(rest, number, word="batch" if second else "")
    counters: list[tuple[str, int, int | None]] = []
    spans: list[tuple[int, int]] = []
    for match in _STEP.finditer(text):
        if _NOT_A_STEP.search(text[max(0, match.start() - 16) : match.start()]):
            spans.append(match.span())
            continue
        total = match["total"]
        counters.append((match["word"].lower(), int(match["n"]), int(total) if total else None))
        end = match.end()
        inner = _INNER.match(text, end)
        if inner is not None:
            counters.append(("batch", int(inner["n"]), int(inner["total"])))
            end = inner.end()
        spans.append((match.start(), end))
    rest = text
    for start, end in reversed(spans):
        rest = f"{rest[:start]}\0{rest[end:]}"
    return _of_counters(rest, counters)


def _of_counters(rest: str, counters: list[tuple[str, int, int | None]]) -> Steps:
    if not counters:
        return Steps(rest)
    coarse = next((each for each in counters if each[0] not in _FINE), counters[0])
    fine = next((each for each in counters if each[0] in _FINE and each is not coarse), None)
    if fine is None:
        return Steps(rest, coarse[1], word=coarse[0])
    return Steps(rest, coarse[1], fine[1], fine[2], coarse[0])
