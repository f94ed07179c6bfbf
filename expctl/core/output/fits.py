"""Several trainings in one log: where the count of epochs or rounds begins again, another one has begun."""

from __future__ import annotations

import bisect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

#: Counters that go through a whole training; the others may begin again with each epoch.
_WHOLE = frozenset(("epoch", "round", "episode", "trial", "generation"))
#: So do these, and a bare ``[100]``, in a log that counts nothing else.
_MAYBE = frozenset(("iteration", "iter", "iters", ""))
_MOST_NAMED = 5


class Counters:
    """Which counters of a log go through a whole training."""

    def __init__(self) -> None:
        self._has_whole = False

    def through(self, word: str, count: int | None) -> int | None:
        """The count, where it is one of a whole training.

        Args:
            word: What is counted, in lower case; empty for a bare ``[100]``.
            count: How far it is.
        """
        if count is None:
            return None
        if word in _WHOLE:
            self._has_whole = True
            return count
        return count if word in _MAYBE and not self._has_whole else None


def begins(counts: Iterable[int | None]) -> list[int]:
    """The places at which another training begins: a count that is lower than the one before it.

    Args:
        counts: Of one metric, in the order of the lines; None where a line has none.

    Returns:
        Empty for one training, and where nobody can tell: a count that falls, but not to where the first one
        began, is that of a training that was resumed, or of several at one time.
    """
    found: list[int] = []
    first: int | None = None
    before = 0
    for place, count in enumerate(counts):
        if count is None:
            continue
        if first is None:
            first = count
        elif count < before:
            if count > first:
                return []
            found.append(place)
        before = count
    return found


class Last:
    """Where the last training of a log begins, metric by metric.

    Attributes:
        times: How often the count of a metric began again, if it did.
    """

    def __init__(self) -> None:
        self.times: dict[str, int] = {}
        self._starts: dict[str, int] = {}
        self._uncounted: set[str] = set()
        self._line = 0

    def note(self, name: str, counts: Sequence[int | None], lines: Sequence[int]) -> None:
        """Look at one metric; all must be looked at before ``start`` is asked.

        Args:
            name: Of the metric.
            counts: Of the epochs or rounds, in the order of the lines.
            lines: Their numbers.
        """
        places = begins(counts)
        if places:
            self.times[name], self._starts[name] = len(places), places[-1]
            self._line = max(self._line, lines[places[-1]])
        elif all(count is None for count in counts):
            self._uncounted.add(name)

    def start(self, name: str, lines: Sequence[int]) -> int:
        """The place of the first reading that counts.

        What is said once a training, without a count, is the last one's too where that says it again.
        """
        if name in self._uncounted and self._line and lines[-1] >= self._line:
            return bisect.bisect_left(lines, self._line)
        return self._starts.get(name, 0)


def note(times: Mapping[str, int]) -> str:
    """What is said of metrics whose count began again.

    Args:
        times: How often, by metric; at least one.
    """
    names = sorted(times)
    named = ", ".join(names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    most = max(times.values())
    often = "once" if most == 1 else f"{most} times"
    return f"{named}{more} began again {often}: several trainings, of which the last one's points are kept"
