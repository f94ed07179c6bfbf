"""Which tags a change of stage takes, with dates that stock tools cannot put in another order.

GTO and DVC order tags by their date in seconds, and DVC hands out what the last tag of a stage points at. So
what leaves a stage is dated before what enters it, all dates of a model differ, and the entry comes last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core.registry import policy, tags

if TYPE_CHECKING:
    from expctl.core.registry.policy import Policy
    from expctl.core.registry.state import Model

#: GitHub and GitLab start nothing for tags when more than three arrive in one push.
_AT_ONCE = 3


class Step(NamedTuple):
    """One tag to write: its name, what it points at, and its date in seconds since 1970."""

    tag: str
    commit: str
    at: int


class Plan(NamedTuple):
    """All tags of one change.

    Attributes:
        first: Those that make it effective, at most three.
        rest: Those that tidy up behind it: what the version left.
        came_from: Stages that the version leaves; empty when it stood in none.
        displaced: Versions that made room.
    """

    first: tuple[Step, ...]
    rest: tuple[Step, ...]
    came_from: tuple[str, ...]
    displaced: tuple[str, ...]


def refusal(
    model: Model, version: str, stage: str, rules: Policy, *, back: bool = False
) -> tuple[str, str | None] | None:
    """Why a version may not be moved to a stage, and the stage to go to first; None when it may.

    Args:
        model: The model as it stands.
        version: One of its versions.
        stage: One of the policy's stages.
        rules: The policy.
        back: A rollback: a version may return to where it was before, whichever way leads there.
    """
    one = model.versions[version]
    if not one.active or one.registered is None:
        return f"{model.name}@{version} is not registered", None
    if stage in one.stages:
        return f"{model.name}@{version} is in {stage} already", None
    standing = [each for each in one.stages if each in rules.stages] or [policy.NONE]
    allowed = rules.stages[stage].sources
    if back or any(each in allowed for each in standing):
        return None
    ways = " or ".join(allowed)
    on_the_way = (each for each in allowed if each in rules.stages)
    between = next((each for each in on_the_way if set(standing) & set(rules.stages[each].sources)), None)
    unknown = [each for each in one.stages if each not in rules.stages]
    where = " and ".join([each for each in standing if each != policy.NONE or not unknown] + unknown)
    where += ", which the policy does not name" if unknown else ""
    return f"{model.name}@{version} is in {where}; {stage} is reached from {ways}", between


def plan(model: Model, version: str, stage: str, rules: Policy, *, now: int) -> Plan:
    """The tags that move a version to a stage.

    Args:
        model: The model as it stands.
        version: One of its versions.
        stage: One of the policy's stages.
        rules: The policy.
        now: Seconds since 1970; a clock that is behind does not matter.
    """
    rule = rules.stages[stage]
    one = model.versions[version]
    leaves = [each for each in one.stages if each != stage] if rule.alone else []
    holders = [each for each in model.holders.get(stage, ()) if each != version] if rule.exclusive else []
    wanted: list[tuple[bool, str, str, str]] = []  # whether it can wait, event, stage, version
    for number, holder in enumerate(holders):
        wanted += _room_for(model, stage, (version, holder), rules)
        wanted.append((number > 0, tags.UNASSIGNMENT, stage, holder))
        target = rule.displaces_to
        if target is not None and target not in model.versions[holder].stages:
            wanted.append((number > 0, tags.ASSIGNMENT, target, holder))
    wanted += [(True, tags.UNASSIGNMENT, each, version) for each in leaves]
    wanted.append((False, tags.ASSIGNMENT, stage, version))
    at, counter = max(now, model.last_at + 1), model.next_counter
    first: list[Step] = []
    rest: list[Step] = []
    for number, (can_wait, event, where, who) in enumerate(wanted):
        name = tags.Name(model.name, event, stage=where, counter=counter + number)
        step = Step(tags.text(name), model.versions[who].commit, at + number)
        (rest if can_wait else first).append(step)
    if len(first) > _AT_ONCE:
        raise AssertionError("a change of stage takes at most three tags at once")
    return Plan(tuple(first), tuple(rest), tuple(leaves), tuple(holders))


def _room_for(
    model: Model, entered: str, comers: tuple[str, ...], rules: Policy
) -> list[tuple[bool, str, str, str]]:
    """What must leave the stage that one displaced from ``entered`` comes to, and where to; it can wait.

    A stage that was made room in once is not asked again: policies may send versions round in a circle.
    """
    wanted: list[tuple[bool, str, str, str]] = []
    made, stage = {entered}, rules.stages[entered].displaces_to
    while stage is not None and stage in rules.stages and rules.stages[stage].exclusive and stage not in made:
        made.add(stage)
        target = rules.stages[stage].displaces_to
        leaving = [each for each in model.holders.get(stage, ()) if each not in comers]
        for each in leaving:
            wanted.append((True, tags.UNASSIGNMENT, stage, each))
            if target is not None and target not in made and target not in model.versions[each].stages:
                wanted.append((True, tags.ASSIGNMENT, target, each))
        if not leaving:
            break
        stage, comers = target, (*comers, *leaving)
    return wanted
