"""What stands between two numbers: the name of the second, and for what part of the data it holds.

Numbers differ from line to line, what is between them mostly does not: what was read once is remembered.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from expctl.core.output import names, values

#: Ends a clause: what stands before does not belong to the name behind.
_CLAUSE = re.compile(
    r"[,;|\t\u2022\u2502\u2503!?]|\s-+>?\s|\s[\u2013\u2014\u2192>/]\s|(?<!\bAdj)(?<!\bAvg)(?<!\bMax)(?<!\bMin)(?<!\bStd)(?<!\bVal)\.\s(?=[A-Z])|\s\s|\(|\)\s|\]|\[|\{|\}|\x00"
)
_VERB = re.compile(r"\s(?:is|of|was|is now|reached|at)\s+\Z")
_SIGN = re.compile(r"\s*(?:==?|:|->|→)\s*\Z")
_OPTION = re.compile(r"(?:\A|\s)--?\w[\w.\-]*\s*=?\s*\Z")
_POSSESSIVE = re.compile(r"\w['\u2019]s\s")
#: "Finished Squared Error in: 0.08" tells how long it took.
_UNTIL = re.compile(r"\s(?:in|after|took|within|since|until)\Z", re.IGNORECASE)
_CLOSED = re.compile(r"\s?\(([\w\-./]{1,24})\)(?=\s*\Z)")
#: Longer ones are read each time anew.
_LONGEST_KEPT = 160
#: The scope of a gap that says nothing of it.
SAME = "\0same"


class Gap(NamedTuple):
    """What a gap says of the number behind it.

    Attributes:
        is_signed: Whether ``=`` or ``:`` stands before the number.
        name: Tidy; empty when there is none that a number can belong to.
        is_phrase: Whether the name is of several words.
        scope: What goes before this name and those behind it: ``SAME``, a prefix, nothing, or None where
            nobody can tell.
        is_wrapped: Whether the number stands in ``tensor(…)`` or the like.
    """

    is_signed: bool
    name: str
    is_phrase: bool = False
    scope: str | None = SAME
    is_wrapped: bool = False


def read(gap: str) -> Gap:
    """Read a gap."""
    return _read_kept(gap) if len(gap) <= _LONGEST_KEPT else _read(gap)


def _read(gap: str) -> Gap:
    bare = values.before_wrapper(gap)
    sign = _SIGN.search(bare)
    if sign is not None:
        before = bare[: sign.start()]
        clause, scope = _clause(before.rstrip().removesuffix(":").rstrip())
        _, found, behind = clause.rpartition(" with ")
        if found:
            clause, scope = behind, ""  # "Best model: forest with F1 = 0.94"
        # "estimator rf's best error" is one of several; boosters have a rule of their own.
        owned = _POSSESSIVE.search(clause)
        is_other = owned is not None and names.mentions(clause[owned.end() :])
        name = (
            "" if is_other or _OPTION.search(before) or _UNTIL.search(clause) else names.tidy(clause.split())
        )
        return Gap(True, name, " " in clause, scope, bare != gap)  # noqa: FBT003 is_signed
    if not bare[-1:].isspace() or _OPTION.search(bare):
        return Gap(False, "")  # noqa: FBT003 as above
    verb = _VERB.search(bare)
    clause, scope = _clause((bare[: verb.start()] if verb else bare).rstrip())
    words = clause.split()
    words = names.tail(words) if verb else words if names.is_phrase(words) else []
    return Gap(False, names.tidy(words), len(words) > 1, scope)  # noqa: FBT003 as above


_read_kept = functools.lru_cache(maxsize=2048)(_read)


def _clause(text: str) -> tuple[str, str | None]:
    """The last clause of a text, and the scope that labels in front of it set."""
    scope: str | None = SAME
    # "F1 (macro)" as "F1 macro": a word in parentheses that are closed belongs to its name.
    pieces = _CLAUSE.split(_CLOSED.sub(r" \1", text))
    last = pieces.pop()
    for piece in pieces:
        if (word := piece.strip(" :=*#-").lower()) in names.SCOPES:
            scope = names.SCOPES[word]
    head, colon, rest = last.rpartition(": ")
    if colon:
        scope, last = names.label(head.replace("\0", "")), rest
    return last.strip(" :*#=~->\"'`"), scope
