"""Names with numbers in one line of prose or progress: ``epoch 3/10: train_loss=0.41 val_acc=0.87``.

A line is read number by number; what stands between two of them says what the second is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.core.output import names, values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Ends a clause: what stands before does not belong to the name behind.
_CLAUSE = re.compile(
    r"[,;|\t\u2022\u2502\u2503!?]|\s-+>?\s|\s[\u2013\u2014\u2192>/]\s|\.\s|\s\s|\(|\)\s|\]|\[|\{|\}|\x00"
)
_VERB = re.compile(r"\s(?:is|of|was|is now|reached|at)\s+\Z")
_SIGN = re.compile(r"\s*(?:==?|:|->|→)\s*\Z")
_OPTION = re.compile(r"(?:\A|\s)--?\w[\w.\-]*\s*=?\s*\Z")
_MOST_NUMBERS = 64


class Pair(NamedTuple):
    """A metric that a line names.

    Attributes:
        name: As it goes into the record.
        value: Percentages as fractions.
        setting: For what it holds, where the line says so: ``threshold=0.3``.
    """

    name: str
    value: float
    setting: str = ""


def scan(text: str, *, every: bool = False, accepts: Callable[[str], bool] = names.measures) -> list[Pair]:
    """The metrics that a line names; one that it names twice is none.

    Args:
        text: Without a logger's prefix, steps replaced by NUL.
        every: Every name is that of a metric (a bar whose form is known), as long as it has a sign.
        accepts: Tells names of metrics.
    """
    found: dict[str, Pair | None] = {}
    for pair in _Scan(text, every=every, accepts=accepts).pairs():
        found[pair.name] = None if pair.name in found else pair
    return [pair for pair in found.values() if pair is not None]


class _Scan:
    """One pass over one line."""

    def __init__(self, text: str, *, every: bool, accepts: Callable[[str], bool]) -> None:
        self.text = text
        self.every = every
        self.accepts = accepts
        self.done = 0
        self.scope: str | None = ""
        self.settings: list[str] = []
        self.named = False

    def pairs(self) -> Iterator[Pair]:
        for count, match in enumerate(values.NUMBER.finditer(self.text)):
            if count >= _MOST_NUMBERS or match.start() < self.done:
                if count >= _MOST_NUMBERS:
                    return
                continue
            gap = self.text[self.done : match.start()]
            bare = values.before_wrapper(gap)
            value = values.at(self.text, match)
            sign = _SIGN.search(bare)
            if sign:
                yield from self._signed(bare[: sign.start()], match, value, is_wrapped=bare != gap)
            elif value is not None and not value.whole:
                yield from self._bare(bare, value)

    def _signed(
        self, before: str, match: re.Match[str], value: values.Value | None, *, is_wrapped: bool
    ) -> Iterator[Pair]:
        """A number behind ``=`` or ``:``; whatever it is, the next name begins after it."""
        clause = self._enter(before)
        self.done = value.end if value is not None else match.end()
        if is_wrapped:
            self.done = values.after_wrapper(self.text, self.done)
        name = names.tidy(clause.split())
        if value is None or not name or _OPTION.search(before):
            return
        if not self._accepts(name):
            if not self.named and names.is_setting(name):
                self.settings.append(f"{name}={match[0]}")
            return
        if not value.whole or self.every or names.allows_whole(name):
            yield from self._pair(name, value, clause)

    def _bare(self, before: str, value: values.Value) -> Iterator[Pair]:
        """A number behind words: ``loss 0.41``, ``an accuracy of 0.93``."""
        if self.every or not before[-1:].isspace() or _OPTION.search(before):
            return
        verb = _VERB.search(before)
        clause = self._enter(before[: verb.start()] if verb else before, keep=True)
        words = clause.split()
        words = names.tail(words) if verb else words if names.is_phrase(words) else []
        name = names.tidy(words)
        if name and self._accepts(name):
            self.done = value.end
            yield from self._pair(name, value, " ".join(words))

    def _accepts(self, name: str) -> bool:
        return self.every or self.accepts(name)

    def _enter(self, before: str, *, keep: bool = False) -> str:
        """The clause that ends a gap; labels in front of it set the scope of all that follow."""
        scope = self.scope
        text = before.rstrip().removesuffix(":").rstrip() if not keep else before.rstrip()
        pieces = _CLAUSE.split(_parenthesised(text))
        last = pieces.pop()
        for piece in pieces:
            if (word := piece.strip(" :=*#-").lower()) in names.SCOPES:
                scope = names.SCOPES[word]
        head, colon, rest = last.rpartition(": ")
        if colon:
            scope = names.label(head.replace("\0", ""))
            last = rest
        _, found, rest = last.rpartition(" with ")
        if found and not keep:
            scope, last = "", rest  # "Best model: forest with F1 = 0.94"
        if not keep or scope != self.scope:
            self.scope = scope
        return last.strip(" :*#=~->\"'`")

    def _pair(self, name: str, value: values.Value, clause: str) -> Iterator[Pair]:
        if self.scope is None:
            return
        own = names.scope_of(name)
        if own:
            # "train Loss: 0.6 Acc: 0.7" means the training's accuracy; "train_loss=0.6 acc=0.7" does not.
            self.scope = own if " " in clause.strip() else self.scope
        elif self.scope:
            name = f"{self.scope}_{name}"
        self.named = True
        yield Pair(name, value.value, ",".join(self.settings))


def _parenthesised(text: str) -> str:
    """``F1 (macro)`` as ``F1 macro``: a word in parentheses that are closed belongs to its name."""
    return re.sub(r"\s?\(([\w\-./]{1,24})\)(?=\s*\Z)", r" \1", text)
