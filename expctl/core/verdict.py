"""Whether a run that was repeated gave the same: per metric, per artifact, and in one word.

Metrics of time and speed are never the same twice. They are shown, and count only where a tolerance is given.
"""

from __future__ import annotations

import math
import re
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from expctl.core.manifest import Artifact, Manifest, Metric
    from expctl.core.tolerance import Tolerances

#: From best to worst; the worst of all counts.
IDENTICAL, CLOSE, NOISE, DIFFERENT, MISSING = (
    "identical", "within tolerance", "within noise", "different", "missing",
)  # fmt: skip
#: The repeated run did not come to the end that the original came to.
ENDED = "ended otherwise"
#: Shown, and not counted: a time, or what only the repeated run has.
TIMING, NEW = "not judged: a time", "only in the repeat"
ORDER = (IDENTICAL, CLOSE, NOISE, DIFFERENT, MISSING, ENDED)
REPRODUCED = frozenset((IDENTICAL, CLOSE, NOISE))

_TIMES = frozenset(
    """
    time times duration seconds secs sec ms millis milliseconds latency runtime elapsed throughput fps
    speed wall cpu rss memory mem
    """.split()  # noqa: SIM905  a list of words reads better so
)
_RATES = re.compile(r"per_(?:s|sec|second|minute|hour)(?:_|$)|it_s$", re.ASCII)
_DIGITS = re.compile(r"[0-9]+", re.ASCII)
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")


class MetricVerdict(NamedTuple):
    """One metric of the two runs.

    Attributes:
        name: Its name.
        before: Its value in the original; None where that lacks it.
        after: Its values in the repeats, one each; None where a repeat lacks it.
        verdict: One of the words above.
        why: What decided, such as the interval; empty where the word says all.
    """

    name: str
    before: float | None
    after: tuple[float | None, ...]
    verdict: str
    why: str = ""

    @property
    def counts(self) -> bool:
        """Whether it has a say in the verdict on the run."""
        return self.verdict in ORDER


class ArtifactVerdict(NamedTuple):
    """One artifact of the two runs: hash before and (in the first repeat) after."""

    path: str
    before: str | None
    after: str | None
    verdict: str


class Judgement(NamedTuple):
    """All that is said of a repeated run.

    Attributes:
        verdict: The worst of what counts.
        metrics: By name.
        artifacts: By path.
        remarks: What should be known beside the table.
    """

    verdict: str
    metrics: tuple[MetricVerdict, ...]
    artifacts: tuple[ArtifactVerdict, ...]
    remarks: tuple[str, ...] = ()

    @property
    def is_reproduced(self) -> bool:
        """Whether the answer is yes."""
        return self.verdict in REPRODUCED


def judge(
    original: Manifest,
    repeats: Sequence[Manifest],
    *,
    tolerances: Tolerances,
    siblings: Sequence[Manifest] = (),
) -> Judgement:
    """Judge repeats of a run.

    Args:
        original: The run.
        repeats: At least one run that was made as it was.
        tolerances: What is near enough.
        siblings: Other runs of the same code, parameters, data and packages: they tell its noise.
    """
    metrics = tuple(_judge_metrics(original, repeats, tolerances, siblings))
    artifacts = tuple(_judge_artifacts(original.artifacts, repeats[0].artifacts))
    words = [each.verdict for each in metrics if each.counts]
    if not words:
        # Without a metric the outputs are all that can be compared.
        words = [each.verdict for each in artifacts if each.verdict in ORDER] or [
            _of_output(original, repeats)
        ]
    otherwise = [run for run in repeats if run.status != original.status]
    if otherwise:
        words.append(ENDED)
    verdict = max(words, key=ORDER.index, default=IDENTICAL)
    return Judgement(verdict, metrics, artifacts, tuple(_remarks(original, otherwise, metrics, artifacts)))


def is_timing(name: str) -> bool:
    """Whether a metric's name says that it measures time or speed, which no two runs share."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return not _TIMES.isdisjoint(words) or _RATES.search("_".join(words)) is not None


def same_bits(one: float, other: float) -> bool:
    """Whether two numbers are the same to the last bit; any NaN is as any other, and 0.0 is not -0.0."""
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return struct.pack("<d", one) == struct.pack("<d", other)


def _judge_metrics(
    original: Manifest, repeats: Sequence[Manifest], tolerances: Tolerances, siblings: Sequence[Manifest]
) -> Iterable[MetricVerdict]:
    names = dict.fromkeys([*original.metrics, *(name for run in repeats for name in run.metrics)])
    for name in names:
        before = _value(original.metrics, name)
        after = tuple(_value(run.metrics, name) for run in repeats)
        known = [value for run in siblings if (value := _value(run.metrics, name)) is not None]
        yield _judge_metric(name, before, after, tolerances, known)


def _judge_metric(
    name: str,
    before: float | None,
    after: tuple[float | None, ...],
    tolerances: Tolerances,
    known: Sequence[float],
) -> MetricVerdict:
    values = [value for value in after if value is not None]
    if before is None:
        return MetricVerdict(name, None, after, NEW)
    if len(values) < len(after):
        return MetricVerdict(name, before, after, TIMING if is_timing(name) else MISSING)
    if all(same_bits(before, value) for value in values):
        return MetricVerdict(name, before, after, IDENTICAL)
    word, why = _differing(name, before, values, tolerances, known)
    return MetricVerdict(name, before, after, word, why)


def _differing(
    name: str, before: float, values: Sequence[float], tolerances: Tolerances, known: Sequence[float]
) -> tuple[str, str]:
    """What is said of values that are not the same bits, and why."""
    allowed = tolerances.of(name)
    if allowed is not None and all(allowed.holds(before, value) for value in values):
        return CLOSE, allowed.text
    if allowed is None and is_timing(name):
        return TIMING, ""
    from expctl.core import noise  # only where values differ

    found = noise.judge(before, values, known)
    return (NOISE if found is not None and found.holds else DIFFERENT), found.sentence if found else ""


def _of_output(original: Manifest, repeats: Sequence[Manifest]) -> str:
    """The last resort: what was printed."""
    was = original.outputs.get("log")
    return IDENTICAL if all(run.outputs.get("log") == was for run in repeats) else DIFFERENT


def _judge_artifacts(before: Sequence[Artifact], after: Sequence[Artifact]) -> Iterable[ArtifactVerdict]:
    twins = _twins(before, after)
    for each in before:
        now = twins.get(each.path)
        if now is None:
            yield ArtifactVerdict(each.path, each.md5, None, MISSING)
        elif each.md5 is not None and now.md5 is not None:
            word = IDENTICAL if each.md5 == now.md5 else DIFFERENT
            yield ArtifactVerdict(each.path, each.md5, now.md5, word)
    known = {now.path for now in twins.values()}
    yield from (ArtifactVerdict(now.path, None, now.md5, NEW) for now in after if now.path not in known)


def _twins(before: Sequence[Artifact], after: Sequence[Artifact]) -> dict[str, Artifact]:
    """What each artifact became: that of the same path, else of one that differs in numbers only.

    Many programs write into a folder that is named after the time: ``outputs/2026-11-22/19-05-46/model.pt``.
    """
    found = {each.path: each for each in after}
    same = {each.path: found.pop(each.path) for each in before if each.path in found}
    left: dict[str, list[Artifact]] = {}
    for now in found.values():
        left.setdefault(_DIGITS.sub("0", now.path), []).append(now)
    for each in before:
        alike = left.get(_DIGITS.sub("0", each.path), [])
        if each.path not in same and alike:
            same[each.path] = alike.pop(0)
    return same


def _remarks(
    original: Manifest,
    otherwise: Sequence[Manifest],
    metrics: Sequence[MetricVerdict],
    artifacts: Sequence[ArtifactVerdict],
) -> Iterable[str]:
    for run in otherwise:
        code = f" with code {run.command.exit_code}" if run.command.exit_code else ""
        yield f"The original {original.status}, its repeat {run.status}{code}."
    if not any(each.counts for each in metrics):
        what = "its artifacts decide" if artifacts else "and it left no artifact: what it printed decides"
        yield f"The original has no metric that could be compared; {what}."
        return
    agree = all(each.verdict in REPRODUCED for each in metrics if each.counts)
    differing = [each.path for each in artifacts if each.verdict == DIFFERENT]
    if agree and differing:
        named = ", ".join(differing[:3]) + (" …" if len(differing) > 3 else "")  # noqa: PLR2004
        is_exact = all(each.verdict == IDENTICAL for each in metrics if each.counts)
        why = ": many formats hold times or paths" if is_exact else ""
        yield f"Artifacts differ byte for byte ({named}), but the metrics agree{why}."


def _value(metrics: Mapping[str, Metric], name: str) -> float | None:
    found = metrics.get(name)
    return None if found is None else found.value
