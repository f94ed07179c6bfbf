"""What is said of one difference between two runs, and what must be known beside their manifests."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core.diff import Sides

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.keys import Scalar
    from expctl.core.manifest import Manifest

#: The runs used what differs.
CERTAIN = "certain"
#: They may have used it, or it only moves the last digits.
POSSIBLE = "possible"
#: They did not use it, or it is the same program.
HARMLESS = "harmless"
GRADES = (CERTAIN, POSSIBLE, HARMLESS)

ARROW = " → "


class Cause(NamedTuple):
    """One difference, and whether it can have moved the results.

    Attributes:
        kind: ``ending``, ``code``, ``parameter``, ``data``, ``seed``, ``package``, ``python``, ``blas``, …
        name: What differs: a path, a parameter, a package.
        grade: One of ``GRADES``.
        sentence: What differs, in plain words.
        evidence: How that is known, and why it counts or does not.
        before: In the first run.
        after: In the second run.
        weight: Among causes of one grade the smaller comes first.
    """

    kind: str
    name: str
    grade: str
    sentence: str
    evidence: str = ""
    before: Scalar = None
    after: Scalar = None
    weight: int = 50


class FileDelta(NamedTuple):
    """A file that is not the same in both source trees.

    Attributes:
        path: From the top.
        change: ``changed``, ``added`` or ``removed``.
        added: Lines that came; None for bytes that are no text.
        removed: Lines that went.
        same_program: Whether it is Python that differs in comments, docstrings and layout alone.
    """

    path: str
    change: str = "changed"
    added: int | None = None
    removed: int | None = None
    same_program: bool = False


class Facts(NamedTuple):
    """What is known beside the two manifests.

    Attributes:
        packages: The package list of each run.
        files: What differs between the source trees; None where they cannot be compared.
        importers: By package the source file that imports it.
        rows: By the path of data, how many lines it has in both runs.
        missing: What could not be gathered, and why.
    """

    packages: Sides = Sides()
    files: Sequence[FileDelta] | None = ()
    importers: Mapping[str, str] = {}
    rows: Mapping[str, tuple[int, int]] = {}
    missing: Sequence[str] = ()


class Pair(NamedTuple):
    """Two runs, the one that is asked about second."""

    before: Manifest
    after: Manifest


class Effect(NamedTuple):
    """A metric in both runs.

    Attributes:
        metric: Its name.
        before: None where the first run lacks it.
        after: None where the second run lacks it.
        is_timing: Whether it measures time or memory, which no two runs share.
        better: Whether the second run is better; None when nobody can tell.
    """

    metric: str
    before: float | None
    after: float | None
    is_timing: bool = False
    better: bool | None = None

    @property
    def is_same(self) -> bool:
        """Whether both are the same number; two NaN are."""
        both_nan = self.before != self.before and self.after != self.after
        return self.before == self.after or both_nan


class Explanation(NamedTuple):
    """Why two runs differ.

    Attributes:
        pair: The runs.
        effects: Their metrics, those that matter most first.
        causes: All differences, the likeliest cause first and the harmless ones last.
        verdict: What it comes to, in one sentence.
        missing: What could not be compared, or was not recorded.
    """

    pair: Pair
    effects: tuple[Effect, ...]
    causes: tuple[Cause, ...]
    verdict: str
    missing: tuple[str, ...] = ()

    def of_grade(self, grade: str) -> list[Cause]:
        """The causes of one grade, in order."""
        return [cause for cause in self.causes if cause.grade == grade]


def is_among(path: str, listed: Sequence[str]) -> bool:
    """Whether a path is in a list of paths, of which those that end in ``/`` stand for all beneath."""
    return path in listed or any(
        each == "./" or path.startswith(each) for each in listed if each.endswith("/")
    )


def both(one: Sequence[str] | None, other: Sequence[str] | None) -> list[str] | None:
    """What either of two runs used; None unless it is known of both."""
    return None if one is None or other is None else [*one, *other]
