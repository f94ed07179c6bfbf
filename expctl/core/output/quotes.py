"""What people are told of readings and of rules."""

from __future__ import annotations

from typing import NamedTuple


class Quote(NamedTuple):
    """One value that a line gave.

    Attributes:
        metric: Its name in the record.
        value: As read; percentages as fractions.
        step: Where in the training, or None.
        points: How many values of this metric were read.
        line: Number in the log, from 1.
        rule: Which rule read it.
        text: The line, without its secrets.
        remark: Why it is not in the record, or is there otherwise; empty if it is there so.
    """

    metric: str
    value: float
    step: int | None
    points: int
    line: int
    rule: str
    text: str
    remark: str


class Known(NamedTuple):
    """One rule: its name, what it reads, an example, what that gives, and whether it is on."""

    name: str
    what: str
    example: str
    gives: dict[str, float]
    on: bool
