"""What requests come to, as values: one weighed, and all of a pull request together."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from expctl.core.registry.gates import Result
    from expctl.core.registry.request import Request

#: What cannot be believed, or not be judged, or not be done.
FAULT = "fault"
#: A gate does not hold.
FAILED = "failed"
#: Which of several exit codes counts: what must be mended first.
_ORDER = (1, 2, 8, 7, 5, 3, 4)


class Change(NamedTuple):
    """A version that leaves stages, and where it goes; None: into no stage."""

    version: str
    came_from: tuple[str, ...]
    to: str | None


class Weighed(NamedTuple):
    """What a request comes to.

    Attributes:
        path: Its file.
        digest: Of the file.
        request: What it says; None where it cannot be believed.
        state: One of the words of ``standing``, or one of those above.
        why: What led to that; empty where nothing is in its way.
        todo: What to do about it; empty for nothing.
        in_place: The version that stands in the wanted stage now.
        changes: What would move.
        gates: What each gate says; empty where they were not asked.
        meanwhile: What the ledger says since the request was made.
        code: The exit code that this alone would have.
    """

    path: str
    digest: str
    request: Request | None
    state: str
    why: str = ""
    todo: str = ""
    in_place: str | None = None
    changes: tuple[Change, ...] = ()
    gates: tuple[Result, ...] = ()
    meanwhile: tuple[str, ...] = ()
    code: int = 0

    @property
    def name(self) -> str:
        """What it is about: ``fraud@v1.2.0``, or its file where that says nothing."""
        return f"{self.request.model}@{self.request.version}" if self.request else self.path


class Checked(NamedTuple):
    """What a pull request asks for.

    Attributes:
        base: The branch that it would enter, as people call it.
        base_commit: Its tip, whose rules count.
        head: The commit that was looked at.
        requests: What it adds, by the time of asking.
        altered: Requests that it changes, which cannot be.
        removed: A sentence for each request that it removes.
        rules: What it changes of the rules.
    """

    base: str
    base_commit: str
    head: str
    requests: tuple[Weighed, ...]
    altered: tuple[str, ...]
    removed: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def code(self) -> int:
        """The exit code that says it all."""
        return worst([*([1] if self.altered else []), *(one.code for one in self.requests)])


def worst(codes: Iterable[int]) -> int:
    """The exit code of several things together."""
    there = set(codes)
    return next((code for code in _ORDER if code in there), max(there, default=0))
