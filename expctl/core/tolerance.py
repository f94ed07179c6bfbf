"""How near two values of a metric must be to count as the same: ``1e-6``, ``5%``, ``f1_score=0.01``."""

from __future__ import annotations

import fnmatch
import math
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

_AMOUNT = re.compile(
    r"([0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]{1,3})?|\.[0-9]+(?:[eE][+-]?[0-9]{1,3})?)\s*(%?)", re.ASCII
)
_LONGEST = 40


class WrongToleranceError(ValueError):
    """The text says no tolerance."""


class Tolerance(NamedTuple):
    """How far a value may be from another.

    Attributes:
        amount: Absolute, or a part of the first value.
        relative: Which of the two.
        text: As it was given.
    """

    amount: float
    relative: bool
    text: str

    def holds(self, before: float, after: float) -> bool:
        """Whether the second value is near enough to the first; nothing is near NaN or an infinity."""
        if not (math.isfinite(before) and math.isfinite(after)):
            return False
        # A distance such as 0.9 - 0.8 carries the rounding of both: one last digit is no difference.
        allowed = self.amount * abs(before) if self.relative else self.amount
        return abs(after - before) <= allowed + math.ulp(max(abs(before), abs(after)))


class Tolerances(NamedTuple):
    """Tolerances by metric.

    Attributes:
        named: By the glob of a name; the first that fits decides.
        usual: For all others; None: only the same bits are the same.
    """

    named: Mapping[str, Tolerance] = {}
    usual: Tolerance | None = None

    def of(self, name: str) -> Tolerance | None:
        """The tolerance of a metric."""
        return next((each for glob, each in self.named.items() if _fits(name, glob)), self.usual)

    def idle(self, names: Iterable[str]) -> list[str]:
        """The globs that fit none of some metrics."""
        metrics = list(names)
        return [glob for glob in self.named if not any(_fits(name, glob) for name in metrics)]


def _fits(name: str, glob: str) -> bool:
    return fnmatch.fnmatchcase(name, glob) or fnmatch.fnmatchcase(name, glob.removeprefix("metrics."))


def parse(text: str) -> Tolerance:
    """Read an amount: ``1e-6`` is absolute, ``5%`` is relative to the original.

    Raises:
        WrongToleranceError: It is neither.
    """
    match = _AMOUNT.fullmatch(text.strip()) if len(text) <= _LONGEST else None
    amount = float(match[1]) if match else math.inf
    if match is None or not math.isfinite(amount):
        raise WrongToleranceError(
            f"{text[:_LONGEST]!r} is neither a number such as 1e-6 nor a part such as 5%"
        )
    return Tolerance(amount / 100 if match[2] else amount, bool(match[2]), match[0])


def parse_all(words: Sequence[str], configured: Mapping[str, str]) -> Tolerances:
    """Read what was typed, over what the settings say.

    Args:
        words: Each an amount for all metrics, or ``METRIC=AMOUNT``.
        configured: By metric or glob, as in the settings.

    Raises:
        WrongToleranceError: One of them says no tolerance.
    """
    named: dict[str, Tolerance] = {}
    usual = None
    for word in words:
        name, sign, amount = word.rpartition("=")
        if sign:
            named[name.strip()] = parse(amount)
        else:
            usual = parse(amount)
    if usual is None:
        named |= {name: parse(text) for name, text in configured.items() if name not in named}
    return Tolerances(named, usual)
