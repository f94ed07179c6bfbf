"""Limits of a model in service: what its live metrics must keep to, and how far they may fall.

::

    monitor:
      production:
        - {metric: f1_score, min: 0.80, otherwise: retrain on this month's data}
        - {metric: f1_score, drop: 0.05}
        - {metric: inference_time_ms, drop: 20 %, otherwise: look for a slower host, warn: true}

A drop is counted from the registered value, towards what is worse. What is missing or is no finite number is
never good.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.core import directions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

MIN, MAX, DROP = KINDS = ("min", "max", "drop")
OK, WARNING, DEGRADED, MISSING = "ok", "warning", "degraded", "missing"
#: From bad to good: the verdict of several is the first of these that one of them has.
VERDICTS = (DEGRADED, MISSING, WARNING, OK)
#: Without a policy: a drop by more than this share of the registered value is worth a warning.
USUAL_DROP = 0.05
#: An observation is an entry of the ledger, which is read whole: it stays far below the limit of one.
_MOST, _LONGEST_NAME, _LONGEST = 200, 200, 4_000
_SHARE = re.compile(r"\s*([0-9]{1,6}(?:\.[0-9]{1,9})?)\s*%\s*", re.ASCII)
_PER_CENT = 100


class Limit(NamedTuple):
    """One limit.

    Attributes:
        metric: Its name, without ``metrics.``.
        kind: One of ``KINDS``.
        bound: The least or most it may be, or by how much it may be worse than it was registered.
        is_share: Whether ``bound`` is a share of the registered value.
        otherwise: What to do where it does not hold.
        warn: Whether that is only worth a warning.
    """

    metric: str
    kind: str
    bound: float
    is_share: bool = False
    otherwise: str = "retrain, or go back to the version before"
    warn: bool = False

    @property
    def rule(self) -> str:
        """The limit as people read it."""
        bound = f"{self.bound * _PER_CENT:g} %" if self.is_share else f"{self.bound:g}"
        return {MIN: f"≥ {bound}", MAX: f"≤ {bound}", DROP: f"drop ≤ {bound}"}[self.kind]


class Check(NamedTuple):
    """What a limit says of a live value.

    Attributes:
        limit: The limit.
        registered: The value that the version was registered with; None where it has none.
        observed: The live value; None where it is missing or no finite number.
        verdict: One of ``VERDICTS``.
        why: Why it is not ``ok``; empty where it is.
    """

    limit: Limit
    registered: float | None
    observed: float | None
    verdict: str
    why: str = ""

    @property
    def change(self) -> float | None:
        """By how much the live value is above the registered one."""
        if self.observed is None or self.registered is None:
            return None
        return self.observed - self.registered


def read(declared: Any, at: str, faults: list[str]) -> tuple[Limit, ...]:
    """The limits of one stage; what is wrong goes to ``faults``."""
    if not isinstance(declared, list) or len(declared) > _MOST:
        faults.append(f"{at}: must be a list of at most {_MOST} limits")
        return ()
    return tuple(
        limit for number, item in enumerate(declared) for limit in _item(item, f"{at}[{number}]", faults)
    )


def _item(item: Any, at: str, faults: list[str]) -> list[Limit]:
    """One line of the policy may set several limits for its metric."""
    if not isinstance(item, dict):
        faults.append(f"{at}: must be a mapping with a metric and one of {', '.join(KINDS)}")
        return []
    faults += [f"{at}.{key}: unknown" for key in item if key not in ("metric", "otherwise", "warn", *KINDS)]
    metric, warn = item.get("metric"), item.get("warn", False)
    otherwise = item.get("otherwise", Limit._field_defaults["otherwise"])
    if not isinstance(metric, str) or not 0 < len(metric) <= _LONGEST_NAME:
        faults.append(f"{at}.metric: must be the name of a metric")
        return []
    if not isinstance(otherwise, str) or len(otherwise) > _LONGEST or not isinstance(warn, bool):
        faults.append(f"{at}: otherwise must be text, and warn true or false")
        return []
    kinds = [kind for kind in KINDS if kind in item]
    if not kinds:
        faults.append(f"{at}: must have one of the keys {', '.join(KINDS)}")
    found = []
    for kind in kinds:
        bound = _bound(item[kind], kind)
        if bound is None:
            what = "a number, 0 or more, or a share such as 5 %" if kind == DROP else "a number"
            faults.append(f"{at}.{kind}: must be {what}")
        else:
            found.append(Limit(metric.removeprefix("metrics."), kind, *bound, otherwise, warn))
    return found


def _bound(value: Any, kind: str) -> tuple[float, bool] | None:
    if kind == DROP and isinstance(value, str) and (share := _SHARE.fullmatch(value)):
        return float(share[1]) / _PER_CENT, True
    number = finite(value)
    return None if number is None or (kind == DROP and number < 0) else (number, False)


def usual(
    registered: Mapping[str, float], observed: Mapping[str, Any], configured: Mapping[str, str]
) -> tuple[Limit, ...]:
    """The limits where no policy names any: a warning for each metric that is known and has a direction."""
    shared = [
        name
        for name in sorted(registered)
        if name in observed and len(name) <= _LONGEST_NAME and directions.direction_of(name, configured)
    ]
    return tuple(
        Limit(name, DROP, USUAL_DROP, is_share=True, otherwise="look into it", warn=True)
        for name in shared[:_MOST]
    )


def judge(
    limit: Limit, registered: Mapping[str, float], observed: Mapping[str, Any], configured: Mapping[str, str]
) -> Check:
    """Judge a live metric by one limit.

    Args:
        limit: The limit.
        registered: The metrics of the version's record.
        observed: The live metrics.
        configured: Metric to ``max`` or ``min``.

    Raises:
        ValueError: A drop is limited, and nobody says which way the metric is better.
    """
    name = limit.metric
    was, is_now = finite(registered.get(name)), finite(observed.get(name))
    check = Check(limit, was, is_now, MISSING)
    if is_now is None:
        shown = (
            "is missing" if observed.get(name) is None else f"is {observed[name]}, which is no finite number"
        )
        return check._replace(why=f"{name} {shown}")
    if limit.kind != DROP:
        holds = is_now >= limit.bound if limit.kind == MIN else is_now <= limit.bound
        return _said(check, holds=holds, why=f"{name} {is_now:.4g} is not {limit.rule}")
    if was is None:
        return check._replace(why=f"the version was registered without {name}")
    better = directions.direction_of(name, configured)
    if better is None:
        raise ValueError(name)
    drop = was - is_now if better == "max" else is_now - was
    allowed = limit.bound * abs(was) if limit.is_share else limit.bound
    # 0.9 - 0.85 is a little more than 0.05 in binary.
    holds = drop <= allowed + 1e-9 * max(abs(was), abs(is_now), allowed)
    return _said(check, holds=holds, why=_worse(limit, drop, was))


def _said(check: Check, *, holds: bool, why: str) -> Check:
    if holds:
        return check._replace(verdict=OK)
    return check._replace(verdict=WARNING if check.limit.warn else DEGRADED, why=why)


def _worse(limit: Limit, drop: float, was: float) -> str:
    share = limit.is_share and was
    by = f"{drop / abs(was) * _PER_CENT:.3g} %" if share else f"{drop:.4g}"
    return f"{limit.metric} is worse by {by}, and {limit.rule.removeprefix('drop ≤ ')} is allowed"


def overall(checks: Sequence[Check]) -> str:
    """The verdict of several: the worst one."""
    found = {check.verdict for check in checks}
    return next((verdict for verdict in VERDICTS if verdict in found), OK)


def reason(checks: Iterable[Check], *, longest: int = 500) -> str:
    """Why a version is taken out of service, in a line for the ledger."""
    said = "; ".join(check.why for check in checks if check.verdict == DEGRADED)
    said = " ".join(f"monitor: {said}".split())
    return said if len(said) <= longest else said[: longest - 1] + "…"


def finite(value: Any) -> float | None:
    """A number that can be compared; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None
