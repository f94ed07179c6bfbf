"""Selection flows as people declare them: requirements in order, and what to do where one is not met.

::

    selections:
      production-candidate:
        - {require: metrics.f1_score > 0.85, otherwise: reject}
        - {then: register}

A settings file of a branch may have been written by a stranger: everything has a bound, and each fault says
where it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.core import query
from expctl.core.fields import place
from expctl.core.query import lexer
from expctl.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from expctl.core.query.tree import Node

#: What stands for a step that does not say it.
REJECT, ACCEPT = "reject", "accept"
EXAMPLE = """\
selections:
  production-candidate:
    - {require: metrics.f1_score > 0.85, otherwise: reject}
    - {require: metrics.inference_time_ms < 50, otherwise: optimise the model and re-evaluate}
    - {then: register}"""
_MOST_FLOWS, _MOST_STEPS, _MOST_TESTS = 100, 50, 200
_LONGEST_REQUIREMENT, _LONGEST_TEXT = 4_000, 500
_KEYS = ("require", "otherwise", "then")


class Step(NamedTuple):
    """One requirement: its text, the same as a tree, and what to do with a run that does not meet it."""

    require: str
    node: Node
    otherwise: str


class Flow(NamedTuple):
    """A declared flow: what is required in order, and what to do with a run that meets all of it."""

    name: str
    steps: tuple[Step, ...]
    then: str


class Fault(NamedTuple):
    """What is wrong with a declaration: where in the file, and what, with a caret under a condition."""

    path: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


def check(declared: Mapping[str, Any]) -> list[Fault]:
    """All that is wrong with the flows of a settings file."""
    if len(declared) > _MOST_FLOWS:
        return [Fault("selections", f"more than {_MOST_FLOWS} flows")]
    faults: list[Fault] = []
    for name, steps in declared.items():
        read(name, steps, faults)
    return faults


def read(name: str, declared: Any, faults: list[Fault]) -> Flow | None:
    """Read one flow.

    Args:
        name: What it is called.
        declared: Its steps, as in the file.
        faults: Gets what is wrong.

    Returns:
        The flow; None if anything is wrong with it.
    """
    path = place("selections", name)
    before = len(faults)
    steps: list[Step] = []
    then = ACCEPT
    if not isinstance(declared, list) or not declared:
        faults.append(Fault(path, "not a list of steps, such as - {require: metrics.f1 > 0.8}"))
    elif len(declared) > _MOST_STEPS:
        faults.append(Fault(path, f"more than {_MOST_STEPS} steps"))
    else:
        for at, item in enumerate(declared):
            where = f"{path}[{at}]"
            found = list(_step_faults(item, where, is_last=at == len(declared) - 1))
            faults += found
            if not found and "then" in item:
                then = item["then"].strip()
            elif not found and (step := _step(item, where, faults)):
                steps.append(step)
        if len(faults) == before:
            faults += _flow_faults(steps, path)
    return None if len(faults) > before else Flow(name, tuple(steps), then)


def nearest(name: str, declared: Mapping[str, Any]) -> str | None:
    """The declared flow that a mistyped name most likely means."""
    return lexer.nearest(name, declared)


def _step_faults(item: Any, where: str, *, is_last: bool) -> Iterator[Fault]:
    """What is wrong with the shape of one step."""
    if not isinstance(item, dict):
        yield Fault(where, "not a step such as {require: metrics.f1 > 0.8, otherwise: reject}")
        return
    for key, value in item.items():
        if key not in _KEYS:
            near = lexer.nearest(key[:80], _KEYS)
            meant = f"Did you mean {near}?" if near else f"A step has the keys {', '.join(_KEYS)}."
            yield Fault(place(where, key), "no key of a step", meant)
        elif not isinstance(value, str) or not value.strip():
            yield Fault(place(where, key), "not text; put it in quotes" if value else "says nothing")
        elif len(value) > (most := _LONGEST_REQUIREMENT if key == "require" else _LONGEST_TEXT):
            yield Fault(place(where, key), f"longer than {most} characters")
    if "then" in item and (len(item) > 1 or not is_last):
        yield Fault(f"{where}.then", "stands alone in the last step of a flow")
    elif "require" not in item and "then" not in item:
        yield Fault(where, "neither require nor then")


def _step(item: Mapping[str, str], where: str, faults: list[Fault]) -> Step | None:
    try:
        node = query.parse(item["require"]).node
    except QueryError as err:
        faults.append(Fault(f"{where}.require", str(err), err.hint))
        return None
    return Step(item["require"].strip(), node, item.get("otherwise", REJECT).strip())


def _flow_faults(steps: list[Step], path: str) -> Iterator[Fault]:
    if not steps:
        yield Fault(path, "requires nothing")
    if sum(_tests(step.node) for step in steps) > _MOST_TESTS:
        yield Fault(path, f"more than {_MOST_TESTS} tests in all")


def _tests(node: Node) -> int:
    """How many comparisons a condition holds."""
    inner = getattr(node, "inner", None)
    if isinstance(inner, tuple):
        return sum(_tests(one) for one in inner)
    values = getattr(node, "values", None)
    return len(values) if isinstance(values, tuple) else 1 if inner is None else _tests(inner)
