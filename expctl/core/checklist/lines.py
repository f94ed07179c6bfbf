"""The lines of a checklist, what they add up to, and how a place becomes a line.

What lies in one clone alone can be lost with it, and no colleague can run it again: with a remote to send it
to that fails. Without one there is nobody to send it to, and it is a warning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

OK, WARN, FAIL = STATES = ("ok", "warn", "fail")
#: In the order in which they are shown.
ELEMENTS = (
    "record", "code", "data", "environment", "seeds", "determinism", "artifacts", "hardware",
)  # fmt: skip
_GRADES = "ABCDF"
_NAMED = 3


class Line(NamedTuple):
    """One thing that was looked at.

    Attributes:
        element: One of ``ELEMENTS``.
        state: One of ``STATES``.
        said: What was found.
        mend: The command that mends it, or what to do in words; empty where nothing is to be done.
    """

    element: str
    state: str
    said: str
    mend: str = ""


class Checklist(NamedTuple):
    """All that was looked at of one run.

    Attributes:
        run: Its id.
        name: As its owner calls it.
        status: How it ended.
        lines: By element.
    """

    run: str
    name: str | None
    status: str
    lines: tuple[Line, ...]

    @property
    def grade(self) -> str:
        """A: nothing to mend. B: warnings alone. C, D, F: one, two or more elements fail."""
        failing = len(self.failing())
        if not failing:
            return _GRADES[any(line.state == WARN for line in self.lines)]
        return _GRADES[min(failing + 1, len(_GRADES) - 1)]

    def failing(self) -> list[str]:
        """The elements that fail."""
        return [each for each in ELEMENTS if self.state_of(each) == FAIL]

    def state_of(self, element: str) -> str:
        """The worst state of an element's lines."""
        found = [line.state for line in self.lines if line.element == element]
        return max(found, key=STATES.index, default=OK)

    def only(self, among: Collection[str]) -> Checklist:
        """The same with some elements alone."""
        return self._replace(lines=tuple(line for line in self.lines if line.element in among))


class Holding(NamedTuple):
    """Where something lies.

    Attributes:
        here: Whether this clone has it.
        there: Whether the remote has it; None where nobody knows.
        remote: Where it would be sent to; empty where there is no remote.
        how: How it is known that it is there.
        fault: Why the remote could not be asked; empty where nobody tried, or it answered.
    """

    here: bool
    there: bool | None = None
    remote: str = ""
    how: str = ""
    fault: str = ""


class Ways(NamedTuple):
    """What to type about something that is not where it should be.

    Attributes:
        send: Sends it.
        ask: Asks the remote whether it is there.
        remote: Makes a remote.
    """

    send: str
    ask: str
    remote: str


def placed(element: str, what: str, held: Holding, ways: Ways) -> Line:
    """One line about where something lies.

    Args:
        element: One of ``ELEMENTS``.
        what: What it is, with what stands before its place: ``model.pt: kept, ``.
        held: Where it lies.
        ways: What to type.
    """
    remote = held.remote
    if held.there:
        return Line(element, OK, f"{what}{held.how or f'on {remote}'}")
    if held.fault:
        return Line(element, FAIL, f"{what}{remote or 'the remote'} cannot be asked: {held.fault}")
    if held.there is None and remote:
        where = "in this clone" if held.here else "not in this clone"
        return Line(element, WARN, f"{what}{where}; {remote} was not asked", ways.ask)
    if not held.here:
        beside = f"nor on {remote}" if remote else "and there is no remote"
        way = "ask who recorded it to send it" if remote else ""
        return Line(element, FAIL, f"{what}not in this clone, {beside}", way)
    if remote:
        return Line(element, FAIL, f"{what}in this clone alone", ways.send)
    return Line(element, WARN, f"{what}in this clone alone, and there is no remote", ways.remote)


def named(names: Sequence[str]) -> str:
    """Some names, and how many more there are."""
    shown, more = names[:_NAMED], len(names) - _NAMED
    if more > 0:
        return f"{', '.join(shown)} and {more} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def in_order(found: Iterable[Line]) -> tuple[Line, ...]:
    """Lines by element, the worst of each first; those of one state stay as they come."""
    return tuple(sorted(found, key=lambda line: (ELEMENTS.index(line.element), -STATES.index(line.state))))
