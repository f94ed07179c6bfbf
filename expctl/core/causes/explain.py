"""Why two runs differ: all differences, what the runs used first, and what they come to in one sentence."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from expctl.core import directions, verdict
from expctl.core.causes import data, ending, files, machine, packages, seeds, settings
from expctl.core.causes.cause import (
    CERTAIN,
    GRADES,
    POSSIBLE,
    Cause,
    Effect,
    Explanation,
    Facts,
    Pair,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.manifest import Manifest

#: Differences below this part of the value are those of rounding.
_TINY = 1e-6
#: What no record holds, and is worth a word where nothing else is left.
_NEVER_SEEN = (
    "environment variables (time zone and locale among them), what was typed or came over the network, "
    "and files and modules outside of the repository that nothing named"
)
#: What rounds otherwise, and is therefore the first to be asked where only the last digits differ.
_ROUNDING = ("threads", "blas", "hardware", "variable", "python")


def explain(
    before: Manifest, after: Manifest, facts: Facts, *, configured: Mapping[str, str] | None = None
) -> Explanation:
    """Rank what may be why the second run's results are not the first's.

    Args:
        before: The first run.
        after: The second run.
        facts: What is known beside the manifests.
        configured: Directions of metrics from the settings, by glob.
    """
    pair = Pair(before, after)
    found = _causes(pair, facts)
    effects = tuple(effects_of(pair, configured or {}))
    if not any(cause.grade == CERTAIN for cause in found):
        found = [seeds.alone(cause) if cause.name == "unset" else cause for cause in found]
    if _is_tiny(effects):
        found = [_of_rounding(cause) for cause in found]
    found.sort(key=lambda cause: (GRADES.index(cause.grade), cause.weight))
    missing = dict.fromkeys([*facts.missing, *data.uncompared(pair), *ending.unseen(pair)])
    if facts.files is None and not facts.missing:
        missing["the source trees"] = None
    if not _is_blamed(found) and any(not effect.is_same for effect in effects):
        missing[_NEVER_SEEN] = None
    return Explanation(pair, effects, tuple(found), sentence(pair, effects, found), tuple(missing))


def effects_of(pair: Pair, configured: Mapping[str, str]) -> list[Effect]:
    """The metrics of two runs: those that differ and are judged first, timings last."""
    old, new = (run.metrics for run in pair)
    names = [*old, *(name for name in new if name not in old)]
    found = [_effect(name, pair, configured) for name in names]
    judged = [directions.direction_of(each.metric, configured) is None for each in found]
    order = sorted(range(len(found)), key=lambda at: (found[at].is_same, found[at].is_timing, judged[at], at))
    return [found[at] for at in order]


def sentence(pair: Pair, effects: Sequence[Effect], causes: Sequence[Cause]) -> str:
    """What the differences come to."""
    if pair.before.id == pair.after.id:
        return "This is one run."
    counted = [effect for effect in effects if not effect.is_timing]
    certain = [cause for cause in causes if cause.grade == CERTAIN]
    if effects and all(effect.is_same for effect in counted):
        what = "The metrics are" if counted else "Nothing but timings was measured, and they are"
        same = f"{what} the same to the last bit"
        return f"{same}: what differs did not matter." if _is_blamed(causes) else f"{same}."
    if certain:
        return _of_certain(certain)
    if any(cause.grade == POSSIBLE for cause in causes):
        return "Nothing that both runs are known to have used differs; what may have moved the results:"
    return "No difference was found in what was recorded."


def _is_blamed(causes: Sequence[Cause]) -> bool:
    return any(cause.grade in (CERTAIN, POSSIBLE) for cause in causes)


def _of_certain(certain: Sequence[Cause]) -> str:
    if len(certain) > 1:
        return f"{len(certain)} things that the runs used differ."
    if certain[0].name == "unset":
        return "No seed: this is the noise of the script."
    return "One thing that the runs used differs."


def _causes(pair: Pair, facts: Facts) -> list[Cause]:
    return [
        *ending.of_ending(pair),
        *settings.of_command(pair),
        *settings.of_params(pair),
        *files.of_files(pair, facts),
        *files.of_submodules(pair),
        *data.of_data(pair, facts),
        *data.of_changes(pair),
        *seeds.of_seeds(pair),
        *packages.of_packages(pair, facts),
        *machine.of_machine(pair, facts),
        *ending.of_length(pair),
    ]


def _effect(name: str, pair: Pair, configured: Mapping[str, str]) -> Effect:
    one, other = (run.metrics.get(name) for run in pair)
    before, after = (metric.value if metric else None for metric in (one, other))
    stated = other.direction if other else None
    direction = stated or directions.direction_of(name, configured)
    better = None
    if direction and before is not None and after is not None and before != after:
        better = (after > before) == (direction == "max") if math.isfinite(after - before) else None
    return Effect(name, before, after, verdict.is_timing(name), better)


def _is_tiny(effects: Sequence[Effect]) -> bool:
    """Whether all differences are in the last digits."""
    moved = [each for each in effects if not each.is_same and not each.is_timing]
    return bool(moved) and all(
        each.before is not None
        and each.after is not None
        and abs(each.after - each.before) <= _TINY * max(abs(each.before), abs(each.after))
        for each in moved
    )


def _of_rounding(cause: Cause) -> Cause:
    if cause.kind in _ROUNDING and cause.grade == POSSIBLE:
        why = f"{cause.evidence}; the metrics differ in their last digits alone"
        return cause._replace(weight=cause.weight - 50, evidence=why)
    return cause
