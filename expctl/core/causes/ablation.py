"""What it did to the metrics to put causes back one at a time, and whether that adds up."""

from __future__ import annotations

import math
import statistics
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import noise
from expctl.core.causes.explain import effects_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.causes.cause import Pair
    from expctl.core.manifest import Manifest

#: Effects that add up to within this part of the largest of them are said to add up.
_NEAR = 0.1
#: The same number, but for rounding.
_SAME = 1e-9
_METRICS = 4


class Tried(NamedTuple):
    """Something that was put back, and the runs that show what it did.

    Attributes:
        label: What was put back; all together for the last one.
        runs: None came to its end if this is empty.
    """

    label: str
    runs: tuple[Manifest, ...]


class Row(NamedTuple):
    """What one cause did to one metric.

    Attributes:
        label: The cause.
        value: Of the metric, the mean of repeats; None where no run has it.
        effect: Its distance from the first run.
        is_noise: Whether repeats of the first run differ by as much.
    """

    label: str
    value: float | None
    effect: float | None
    is_noise: bool = False


class Table(NamedTuple):
    """One metric.

    Attributes:
        metric: Its name.
        recorded: What the first run had.
        again: What the first run had when it was run again here.
        rows: One a cause.
        together: All of them at once; None where there is one only.
        target: What the second run had.
        sum: Of the effects of the rows.
        remarks: What is to be known of it, in sentences.
    """

    metric: str
    recorded: float
    again: float
    rows: tuple[Row, ...]
    together: Row | None
    target: float
    sum: float
    remarks: tuple[str, ...]


def tables(
    pair: Pair,
    again: Sequence[Manifest],
    tried: Sequence[Tried],
    together: Tried | None,
    *,
    configured: Mapping[str, str],
    noisy: bool,
) -> list[Table]:
    """What was found, one table a metric, those that moved most important first.

    Args:
        pair: The two runs.
        again: Repeats of the first one as it was.
        tried: Each cause.
        together: All causes at once.
        configured: Directions of metrics from the settings, by glob.
        noisy: Whether a generator had no seed, so that repeats differ.
    """
    moved = [each for each in effects_of(pair, configured) if not each.is_same and not each.is_timing]
    found = []
    for each in moved:
        known = _values(again, each.metric)
        if each.before is None or each.after is None or not known:
            continue
        if all(map(math.isfinite, (each.before, each.after, *known))):
            base = _Base(each.metric, each.before, known, noisy=noisy)
            found.append(base.table(tried, together, each.after))
    return found[:_METRICS]


class _Base:
    """One metric of the first run, and how far it moves by itself."""

    def __init__(self, metric: str, recorded: float, known: Sequence[float], *, noisy: bool) -> None:
        self.metric, self.recorded, self.noisy = metric, recorded, noisy
        self.again = statistics.fmean(known)
        # Of a script that gives the same every time the record tells no noise, but another machine.
        self.known = [*known, recorded] if noisy else list(known)

    def table(self, tried: Sequence[Tried], together: Tried | None, target: float) -> Table:
        rows = tuple(self._row(each) for each in tried)
        both = self._row(together) if together else None
        effects = [row.effect for row in rows if row.effect is not None]
        total = math.fsum(effects)
        remarks = [
            *self._of_base(),
            *self._of_sum(effects, total, both),
            *self._of_target(both or rows[0], target),
        ]
        return Table(self.metric, self.recorded, self.again, rows, both, target, total, tuple(remarks))

    def _row(self, each: Tried) -> Row:
        values = [value for value in _values(each.runs, self.metric) if math.isfinite(value)]
        if not values:
            return Row(each.label, None, None)
        value = statistics.fmean(values)
        return Row(each.label, value, value - self.again, self._is_noise(value, len(values)))

    def _is_noise(self, value: float, count: int) -> bool:
        if _is_same(value, self.again):
            return True
        if len(self.known) < 2 or len(set(self.known)) == 1:  # noqa: PLR2004 one value has no spread
            return False
        low, high = noise.interval(self.known, count)
        return low <= value <= high

    def _of_base(self) -> list[str]:
        said = []
        if not self.noisy and not _is_same(self.again, self.recorded):
            said.append(
                f"The first run gives {self.again:.6g} here, and {self.recorded:.6g} was recorded: "
                "something moved that cannot be put back, or repeats differ."
            )
        if self.noisy and len(self.known) < 3:  # noqa: PLR2004 fewer tell next to nothing
            said.append("A generator has no seed: how much of each effect is noise shows with --repeat 5.")
        return said

    def _of_sum(self, effects: Sequence[float], total: float, both: Row | None) -> list[str]:
        if both is None or both.effect is None:
            return []
        largest = max(map(abs, [*effects, both.effect]), default=0.0)
        if abs(total - both.effect) <= _NEAR * largest:
            return []
        return [(
            f"The effects do not add up: {total:+.4g} one at a time, {both.effect:+.4g} together; "
            "the causes act on each other."
        )]  # fmt: skip

    def _of_target(self, last: Row, target: float) -> list[str]:
        """Whether all of it leads to what the second run had."""
        if last.value is None:
            return []
        rest = target - last.value
        if _is_same(last.value, target):
            return ["With all of them back the second run's value is there, to the last digit."]
        if self.noisy and self._is_noise(target - last.value + self.again, 1):
            return [f"What is left to the second run, {rest:+.4g}, is within the noise."]
        return [f"{rest:+.4g} is left to the second run: none of these explains it."]


def _values(runs: Sequence[Manifest], metric: str) -> list[float]:
    return [run.metrics[metric].value for run in runs if metric in run.metrics]


def _is_same(one: float, other: float) -> bool:
    return abs(one - other) <= _SAME * max(abs(one), abs(other))
