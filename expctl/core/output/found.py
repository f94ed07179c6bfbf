"""What the rules find in a line."""

from __future__ import annotations

from typing import NamedTuple


class Found(NamedTuple):
    """A metric in a line.

    Attributes:
        rule: Its name in the table of rules.
        name: The metric.
        value: Percentages as fractions.
        step: Where in the training, or None.
        setting: For what it holds, where the line says so.
        bar: Which progress bar shows it; empty for none.
        n: How far that bar is.
        epoch: Or round, of the whole training, where that is known.
    """

    rule: str
    name: str
    value: float
    step: int | None = None
    setting: str = ""
    bar: str = ""
    n: float = 0.0
    epoch: int | None = None
