"""Gates: what must hold of a version before it may enter a stage, each with what to do where it does not.

::

    gates:
      production:
        - {require: metrics.f1_score > 0.85, otherwise: reject}
        - {no_worse: metrics.f1_score, by: 0.01}
        - {select: production-candidate}
        - {reproducible: [code, data, environment]}
        - {reproduced: {at_least: 1}}
        - {command: [python, fairness.py], otherwise: retrain on balanced data}

What is missing, or is no finite number, never passes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.core import directions, flows, selection
from expctl.core.checklist.lines import ELEMENTS, FAIL

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from expctl.core.checklist.lines import Checklist
    from expctl.core.keys import Scalar

REQUIRE, NO_WORSE, SELECT, COMMAND = ("require", "no_worse", "select", "command")
REPRODUCIBLE, REPRODUCED = ("reproducible", "reproduced")
KINDS = (REQUIRE, NO_WORSE, SELECT, COMMAND, REPRODUCIBLE, REPRODUCED)
#: What a column other than a metric begins with.
_PREFIXES = ("metrics.", "params.", "tags.", "artifacts.", "duration_s")
_MOST_GATES, _LONGEST, _MOST_REPEATS = 50, 4_000, 1_000
_OTHERWISE = {
    REQUIRE: "reject",
    NO_WORSE: "improve it, or keep what is there",
    SELECT: "see expctl select",
    COMMAND: "mend what the command complains of",
    REPRODUCIBLE: "mend what expctl check names",
    REPRODUCED: "repeat it: expctl reproduce RUN",
}


class Gate(NamedTuple):
    """One gate.

    Attributes:
        kind: One of ``KINDS``.
        text: The condition, the metric, the flow's name, or the command as one line.
        otherwise: What to do where it does not hold.
        by: How much worse is still no worse.
        command: The words of a command.
        flow: A condition as a flow of one step.
        elements: Of the checklist those that must not fail.
        at_least: So often it must have been reproduced.
    """

    kind: str
    text: str
    otherwise: str
    by: float = 0.0
    command: tuple[str, ...] = ()
    flow: flows.Flow | None = None
    elements: tuple[str, ...] = ()
    at_least: int = 0

    @property
    def rule(self) -> str:
        """The gate as people read it."""
        if self.kind == NO_WORSE:
            return f"{self.text} no worse" + (f" by more than {self.by:g}" if self.by else "")
        return {SELECT: "selection ", COMMAND: "$ "}.get(self.kind, "") + self.text


class Result(NamedTuple):
    """What a gate says of a version.

    Attributes:
        gate: The gate.
        passed: Whether it holds.
        candidate: The value that decided; empty where there is no single one.
        current: The same of the version that stands in the stage now; empty where nothing does.
        why: Why it does not hold; empty where it does.
        digest: Of a command's output: SHA-256 in hex digits.
    """

    gate: Gate
    passed: bool
    candidate: str = ""
    current: str = ""
    why: str = ""
    digest: str = ""


def read(declared: Any, at: str, faults: list[str]) -> tuple[Gate, ...]:
    """The gates of one stage; what is wrong goes to ``faults``."""
    if not isinstance(declared, list) or len(declared) > _MOST_GATES:
        faults.append(f"{at}: must be a list of at most {_MOST_GATES} gates")
        return ()
    found = [_gate(item, f"{at}[{number}]", faults) for number, item in enumerate(declared)]
    return tuple(gate for gate in found if gate is not None)


def _gate(item: Any, at: str, faults: list[str]) -> Gate | None:
    kinds = [kind for kind in KINDS if isinstance(item, dict) and kind in item]
    if len(kinds) != 1:
        faults.append(f"{at}: must have one of the keys {', '.join(KINDS)}")
        return None
    (kind,) = kinds
    value, otherwise, by = item[kind], item.get("otherwise", _OTHERWISE[kind]), item.get("by", 0)
    unknown = [key for key in item if key not in (kind, "otherwise", *(("by",) if kind == NO_WORSE else ()))]
    faults += [f"{at}.{key}: unknown" for key in unknown]
    if not isinstance(otherwise, str) or len(otherwise) > _LONGEST:
        faults.append(f"{at}.otherwise: must be text")
        return None
    if isinstance(by, bool) or not isinstance(by, int | float) or not by >= 0 or math.isinf(by):
        faults.append(f"{at}.by: must be a number, 0 or more")
        return None
    return _of_kind(kind, value, otherwise, float(by), at, faults)


def _of_kind(kind: str, value: Any, otherwise: str, by: float, at: str, faults: list[str]) -> Gate | None:
    if kind == COMMAND:
        if isinstance(value, list) and value and all(isinstance(word, str) for word in value):
            return Gate(kind, " ".join(value), otherwise, command=tuple(value))
        faults.append(f"{at}.command: must be a list of words")
        return None
    if kind in (REPRODUCIBLE, REPRODUCED):
        return _of_repeats(kind, value, otherwise, at, faults)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST:
        faults.append(f"{at}.{kind}: must be text")
        return None
    wrong: list[flows.Fault] = []
    step = {"require": value, "otherwise": otherwise}
    flow = flows.read("gate", [step], wrong) if kind == REQUIRE else None
    faults += [f"{at}: {fault.message}" for fault in wrong]
    return Gate(kind, value, otherwise, by, flow=flow)


def _of_repeats(kind: str, value: Any, otherwise: str, at: str, faults: list[str]) -> Gate | None:
    if kind == REPRODUCED:
        many = value.get("at_least") if isinstance(value, dict) and len(value) == 1 else value
        if not isinstance(many, int) or isinstance(many, bool) or not 0 < many <= _MOST_REPEATS:
            faults.append(f"{at}.reproduced: must be {{at_least: N}}, N from 1 to {_MOST_REPEATS}")
            return None
        text = "reproduced" if many == 1 else f"reproduced {many} times"
        return Gate(kind, text, otherwise, at_least=many)
    if value is True:
        return Gate(kind, "reproducible", otherwise, elements=ELEMENTS)
    if isinstance(value, list) and value and all(each in ELEMENTS for each in value):
        return Gate(kind, f"reproducible {', '.join(value)}", otherwise, elements=tuple(value))
    faults.append(f"{at}.reproducible: must be true, or a list of {', '.join(ELEMENTS)}")
    return None


def judge(
    gate: Gate,
    candidate: Mapping[str, Scalar],
    current: Mapping[str, Scalar] | None,
    *,
    now: datetime,
    configured: Mapping[str, str],
) -> Result:
    """Judge a version by a condition, a flow, or the version that it would replace.

    Args:
        gate: Of any kind but a command; that of a selection has its flow.
        candidate: The row of the version.
        current: The row of the version in the stage; None where nothing stands there.
        now: What times in conditions count from.
        configured: Metric to ``max`` or ``min``.

    Raises:
        QueryError: A name could mean several columns.
    """
    if gate.kind == NO_WORSE:
        return _no_worse(gate, candidate, current, configured)
    if gate.flow is None:
        return Result(gate, passed=False, why=f"there is no flow {gate.text}")
    columns = {*candidate, *(current or {})}
    found = selection.Judge(gate.flow, columns, now=now)
    verdict = found.verdict(candidate)
    shown = found.columns if gate.kind == REQUIRE else ()
    why = "; ".join(reason.text for reason in verdict.reasons)
    passed = verdict.outcome == selection.PASS
    gate = (
        gate if passed or gate.kind == REQUIRE else gate._replace(otherwise=verdict.follow or gate.otherwise)
    )
    return Result(gate, passed, _values(candidate, shown), _values(current, shown), why)


def of_checklist(gate: Gate, found: Checklist) -> Result:
    """Judge a version by what was found of its run: no element that the gate names may fail."""
    wrong = [line for line in found.lines if line.state == FAIL and line.element in gate.elements]
    if not wrong:
        return Result(gate, passed=True, candidate=f"grade {found.grade}")
    mend = next((line.mend for line in wrong if line.mend), "")
    if gate.otherwise == _OTHERWISE[REPRODUCIBLE] and mend:
        gate = gate._replace(otherwise=mend)
    why = "; ".join(f"{line.element}: {line.said}" for line in wrong)
    return Result(gate, passed=False, candidate=f"grade {found.grade}", why=why)


def _no_worse(
    gate: Gate,
    candidate: Mapping[str, Scalar],
    current: Mapping[str, Scalar] | None,
    configured: Mapping[str, str],
) -> Result:
    column = gate.text if gate.text.startswith(_PREFIXES) else f"metrics.{gate.text}"
    name = selection.spoken(column)
    mine, theirs = _number(candidate, column), _number(current or {}, column)
    shown = Result(gate, passed=False, candidate=_text(mine), current=_text(theirs))
    if mine is None:
        return shown._replace(why=f"{name} is missing")
    if current is None:
        return shown._replace(passed=True)
    if theirs is None:
        return shown._replace(why=f"{name} of the version in place is missing")
    better = directions.direction_of(name, configured)
    if better is None:
        return shown._replace(
            why=f"nobody says which way {name} is better: expctl config set directions.{name} max"
        )
    drop = theirs - mine if better == "max" else mine - theirs
    # 0.9 - 0.89 is a little more than 0.01 in binary.
    slack = 1e-9 * max(abs(mine), abs(theirs), gate.by)
    if drop <= gate.by + slack:
        return shown._replace(passed=True)
    return shown._replace(why=f"{name} is worse by {drop:.4g}")


def _values(row: Mapping[str, Scalar] | None, columns: tuple[str, ...]) -> str:
    found = [row.get(column) for column in columns] if row is not None else []
    return ", ".join(_text(value) for value in found if value is not None)


def _number(row: Mapping[str, Scalar], column: str) -> float | None:
    value = row.get(column)
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return float(value) if is_number and value is not None else None


def _text(value: Scalar) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
