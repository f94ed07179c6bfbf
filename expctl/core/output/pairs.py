"""Names with numbers in one line of prose or progress: ``epoch 3/10: train_loss=0.41 val_acc=0.87``.

A line is read number by number; what stands between two of them says what the second is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.core.output import gaps, names, values

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NEXT_NUMBER = re.compile(r"\s+[-+]?\.?\d")
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
            if count >= _MOST_NUMBERS:
                return
            if match.start() < self.done:
                continue
            gap = gaps.read(self.text[self.done : match.start()])
            value = values.at(self.text, match)
            if gap.is_signed:
                yield from self._signed(gap, match, value)
            elif value is not None and not value.whole and not self.every:
                yield from self._bare(gap, value)

    def _signed(self, gap: gaps.Gap, match: re.Match[str], value: values.Value | None) -> Iterator[Pair]:
        """A number behind ``=`` or ``:``; whatever it is, the next name begins after it."""
        self._enter(gap)
        self.done = value.end if value is not None else match.end()
        if gap.is_wrapped:
            self.done = values.after_wrapper(self.text, self.done)
        if value is None or not gap.name:
            return
        if not self.every and not self.accepts(gap.name):
            if not self.named and names.is_setting(gap.name):
                self.settings.append(f"{gap.name}={match[0]}")
        elif not value.whole or self.every or names.allows_whole(gap.name):
            yield from self._pair(gap, value)

    def _bare(self, gap: gaps.Gap, value: values.Value) -> Iterator[Pair]:
        """A number behind words: ``loss 0.41``, ``an accuracy of 0.93``."""
        self._enter(gap)
        # "loss  0.41  0.52" is a row of a table whose columns nobody knows.
        is_row = _NEXT_NUMBER.match(self.text, value.end) is not None
        if gap.name and not is_row and self.accepts(gap.name):
            self.done = value.end
            yield from self._pair(gap, value)

    def _enter(self, gap: gaps.Gap) -> None:
        if gap.scope != gaps.SAME:
            self.scope = gap.scope

    def _pair(self, gap: gaps.Gap, value: values.Value) -> Iterator[Pair]:
        if self.scope is None:
            return
        name = gap.name
        own = names.scope_of(name)
        if own:
            # "train Loss: 0.6 Acc: 0.7" means the training's accuracy; "train_loss=0.6 acc=0.7" does not.
            self.scope = own if gap.is_phrase else self.scope
        elif self.scope:
            name = f"{self.scope}_{name}"
        self.named = True
        yield Pair(name, value.value, ",".join(self.settings))
