"""One set of metrics out of what several sources hold, under the same names or under like ones."""

from __future__ import annotations

import math
import os
import re
import struct

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.series import Points

#: TensorBoard keeps single precision.
_SINGLE = 1e-6


class Merged:
    """What was found so far, the surest sources first.

    Attributes:
        points: By name.
    """

    def __init__(self, points: dict[str, Points]) -> None:
        self.points = points
        self._clashed: set[str] = set()
        #: Names that sources stand in front of, by the name as the source has it.
        self._apart: dict[str, list[str]] = {}

    def add(self, sources: Sequence[tuple[str, Mapping[str, Points]]]) -> None:
        """Add what sources of one weight hold, weaker than all before.

        A name that is taken by the same numbers keeps the longer series: a file of results often repeats the
        last value of what was logged by step. One that is taken by other numbers gets the source in front; so
        do all, where sources of one weight say different things.

        The same numbers under a name that differs in nothing but signs (``train/loss`` and ``train.loss``,
        ``eval/loss`` and ``eval_loss``, ``train/loss`` and ``loss`` as Hugging Face has them) are one metric.
        """
        points = self.points
        alike = {key: name for name in points for key in _keys(name)}
        before = set(points)
        clashing = _clashing(sources)
        self._clashed |= {name for name in clashing if isinstance(name, str)}
        for label, found in sources:
            # What one source holds under like names are two metrics.
            known = dict(alike)
            for name, given in found.items():
                if not given.values:
                    continue
                taken = _alike(name, given, points, known) or self._known_apart(name, given)
                if taken is not None:
                    if len(given.values) > len(points[taken].values):
                        points[taken] = given
                elif name in self._clashed or name in before:
                    apart = f"{clashing.get((name, label)) or stem(label)}.{name}"
                    points.setdefault(apart, given)
                    self._apart.setdefault(name, []).append(apart)
                else:
                    points.setdefault(name, given)
                    for key in _keys(name):
                        alike.setdefault(key, name)

    def _known_apart(self, name: str, given: Points) -> str | None:
        apart = (each for each in self._apart.get(name, ()) if agree(self.points[each], given))
        return next(apart, None)


def _alike(name: str, given: Points, points: Mapping[str, Points], known: Mapping[str, str]) -> str | None:
    """The name under which the same numbers are known; None if they are not."""
    names = [name] if name in points else [known[key] for key in _keys(name) if key in known]
    return next((each for each in names if agree(points[each], given)), None)


def with_curve(exact: Points, printed: Points) -> Points:
    """The printed series with the exact last value, where that rounds to what was printed."""
    last = _last(printed)
    if not _rounds_to(exact.values[0], printed.values[last]):
        return exact
    printed.values[last] = exact.values[0]
    return printed


def spell(known: Points, printed: Points) -> None:
    """Give the last value of TensorBoard's events the digits that were printed of the same number.

    They keep single precision, and say -0.019456267 of what is printed as -0.01945626735687256. Of all files
    only they have times.
    """
    last, said = _last(known), printed.values[_last(printed)]
    value, is_event = known.values[last], known.times[last] is not None
    if is_event and len(repr(said)) > len(repr(value)) and _single(said) == _single(value) != b"":
        known.values[last] = said


def _single(value: float) -> bytes:
    try:
        return struct.pack("f", value)
    except OverflowError:
        return b""


def is_echo(name: str, printed: Points, points: Mapping[str, Points]) -> bool:
    """Whether a printed series repeats, rounded, one of a file whose name differs by a part before or after.

    ``loss`` is printed, ``train/loss`` stands in TensorBoard's events; CatBoost prints ``test`` of
    ``test/AUC``, and not every round.
    """
    return len(printed.values) > 1 and any(
        (each.endswith(f"/{name}") or each.startswith(f"{name}/")) and _repeats(known, printed)
        for each, known in points.items()
    )


def _repeats(known: Points, printed: Points) -> bool:
    if len(known.values) == len(printed.values):
        return all(map(_rounds_to, known.values, printed.values))
    if None in printed.steps or len(known.values) < len(printed.values):
        return False
    exact = dict(zip(known.steps, known.values, strict=True))
    return all(
        step in exact and _rounds_to(exact[step], value)
        for step, value in zip(printed.steps, printed.values, strict=True)
    )


def agree(one: Points, other: Points) -> bool:
    """Whether two sources speak of one metric: the last value of the shorter is the last of the longer.

    Two series of different length agree also where one ends earlier, at a step that both have.
    """
    short, long = sorted((one, other), key=lambda points: len(points.values))
    last = _last(short)
    if _same(short.values[last], long.values[_last(long)]):
        return True
    step = short.steps[last]
    if step is None or len(short.values) == 1 or step not in long.steps:
        return False
    return _same(short.values[last], long.values[long.steps.index(step)])


def stem(label: str) -> str:
    """What stands before a name to say which file it is of."""
    return os.path.splitext(label)[0].strip("/").replace("/", ".")


def _keys(name: str) -> tuple[str, str]:
    """What names of one metric have in common: as it is, and as Hugging Face calls it in its table."""
    bare = re.sub(r"[/._\-\s]", "", name).lower()
    return bare, bare.removeprefix("train") if name.startswith("train/") else bare


def _clashing(sources: Sequence[tuple[str, Mapping[str, Points]]]) -> dict[object, str]:
    """Names under which two sources say different things; by name and source: what to put in front."""
    said: dict[str, list[tuple[str, Points]]] = {}
    for label, found in sources:
        for name, given in found.items():
            if given.values:
                said.setdefault(name, []).append((label, given))
    clashing: dict[object, str] = {}
    for name, sayings in said.items():
        if any(not agree(sayings[0][1], given) for _, given in sayings[1:]):
            labels = [label for label, _ in sayings]
            clashing[name] = ""
            clashing |= {(name, label): told for label, told in zip(labels, _told_apart(labels), strict=True)}
    return clashing


def _told_apart(labels: Sequence[str]) -> list[str]:
    """The labels without what all have in common: of ``out/train/metrics.json`` and its like ``train``."""
    paths = [os.path.splitext(label)[0].strip("/").split("/") for label in labels]
    while all(len(path) > 1 for path in paths) and len({path[0] for path in paths}) == 1:
        paths = [path[1:] for path in paths]
    while all(len(path) > 1 for path in paths) and len({path[-1] for path in paths}) == 1:
        paths = [path[:-1] for path in paths]
    return [".".join(path) for path in paths]


def _last(points: Points) -> int:
    """The place of the last point, as the manifest has it: the highest step, else the last one logged."""
    steps = points.steps
    return max(range(len(steps)), key=lambda place: (-1 if steps[place] is None else steps[place], place))


def _same(one: float, other: float) -> bool:
    return (
        one == other or (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=_SINGLE)
    )


def _rounds_to(exact: float, printed: float) -> bool:
    """Whether a number is the other one, rounded to as many digits as that has."""
    text = repr(printed)
    if not text.replace(".", "").lstrip("-").isdigit():
        return _same(exact, printed)
    return math.isfinite(exact) and round(exact, len(text.partition(".")[2])) == printed
