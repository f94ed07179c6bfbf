"""Which stages there are, and which way leads to each.

The policy is read from ``.experiments/policy/registry.yaml``; without that file it is the four stages of the
field: none, staging, production, archived.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from expctl.core.registry import aliases, gates, limits, tags

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from expctl.core.registry.gates import Gate
    from expctl.core.registry.limits import Limit

T = TypeVar("T")
SCHEMA = "expctl/policy/v1"
#: Where a version stands that is in no stage. Never the name of a tag.
NONE = "none"
_KEYS = ("schema", "stages", "gates", "monitor", "aliases")
_STAGE_KEYS = {"from", "exclusive", "displaces_to", "alone"}
_MOST_STAGES = 50


class Stage(NamedTuple):
    """One stage.

    Attributes:
        sources: Stages that a version may come from; ``none`` for one that is only registered.
        exclusive: At most one version stands there.
        displaces_to: Where the version goes that had to make room; None: into no stage.
        alone: A version that comes here leaves its other stages.
    """

    sources: tuple[str, ...]
    exclusive: bool = True
    displaces_to: str | None = None
    alone: bool = True


class Policy(NamedTuple):
    """The rules of one repository.

    Attributes:
        stages: By name, in the order of a model's life.
        gates: What must hold of a version that enters a stage, by the stage.
        monitor: What the live metrics of the version in a stage must keep to, by the stage.
        aliases: The names that versions may be given; None for any.
        from_file: Whether a file says so, or these are the usual ones.
    """

    stages: Mapping[str, Stage]
    gates: Mapping[str, tuple[Gate, ...]] = {}
    monitor: Mapping[str, tuple[Limit, ...]] = {}
    aliases: tuple[str, ...] | None = None
    from_file: bool = False

    @property
    def retired(self) -> str | None:
        """Where ``archive`` moves a version to: the last stage, if others lead there."""
        last = list(self.stages)[-1]
        return None if self.stages[last].exclusive else last


DEFAULT = Policy(
    {
        "staging": Stage((NONE, "archived")),
        "production": Stage(("staging",), displaces_to="archived"),
        "archived": Stage((NONE, "staging", "production"), exclusive=False),
    }
)


def read(data: Any, name: str) -> tuple[Policy, list[str]]:
    """A policy from its parsed file.

    Args:
        data: What the file holds.
        name: Of the file, for messages.

    Returns:
        The policy, and every fault found; a policy with faults must not be used.
    """
    if not isinstance(data, dict):
        return DEFAULT, [f"{name}: must be a mapping"]
    faults = [f"{name}: {key}: unknown" for key in data if key not in _KEYS]
    if data.get("schema") != SCHEMA:
        faults.append(f"{name}: schema: must be {SCHEMA}")
    start = DEFAULT._replace(
        from_file=True,
        gates=_by_stage(data.get("gates", {}), f"{name}: gates", gates.read, faults),
        monitor=_by_stage(data.get("monitor", {}), f"{name}: monitor", limits.read, faults),
        aliases=_aliases(data.get("aliases"), f"{name}: aliases", faults),
    )
    given = data.get("stages")
    if given is None:
        return start, [*faults, *_strays(start, name)]
    if not isinstance(given, dict) or not 0 < len(given) <= _MOST_STAGES:
        return DEFAULT, [*faults, f"{name}: stages: must be a mapping of 1 to {_MOST_STAGES} stages"]
    stages = {str(key): _stage(value, f"{name}: stages.{key}", faults) for key, value in given.items()}
    for key, stage in stages.items():
        at = f"{name}: stages.{key}"
        if key == NONE or (why := tags.stage_fault(key)):
            faults.append(f"{at}: {why if key != NONE else 'is where a version stands that is in no stage'}")
        named = [*stage.sources, *([stage.displaces_to] if stage.displaces_to else [])]
        faults += [f"{at}: there is no stage {one}" for one in named if one not in (*stages, NONE)]
        if stage.displaces_to == key:
            faults.append(f"{at}: displaces_to: must be another stage")
    found = start._replace(stages=stages)
    return found, [*faults, *_strays(found, name)]


def _aliases(value: Any, at: str, faults: list[str]) -> tuple[str, ...] | None:
    if value is None:
        return None
    if (
        not isinstance(value, list)
        or len(value) > _MOST_STAGES
        or not all(isinstance(one, str) for one in value)
    ):
        faults.append(f"{at}: must be a list of at most {_MOST_STAGES} names")
        return ()
    faults += [f"{at}: {one!r} {why}" for one in value if (why := aliases.fault(one))]
    return tuple(value)


def _by_stage(
    value: Any, at: str, read_one: Callable[[Any, str, list[str]], tuple[T, ...]], faults: list[str]
) -> dict[str, tuple[T, ...]]:
    if not isinstance(value, dict):
        faults.append(f"{at}: must be a mapping from a stage to a list")
        return {}
    return {str(stage): read_one(listed, f"{at}.{stage}", faults) for stage, listed in value.items()}


def _strays(found: Policy, name: str) -> list[str]:
    return [
        f"{name}: {key}.{stage}: there is no stage {stage}"
        for key, by_stage in (("gates", found.gates), ("monitor", found.monitor))
        for stage in by_stage
        if stage not in found.stages
    ]


def _stage(value: Any, at: str, faults: list[str]) -> Stage:
    if not isinstance(value, dict):
        faults.append(f"{at}: must be a mapping")
        return Stage(())
    faults += [f"{at}.{key}: unknown" for key in value if key not in _STAGE_KEYS]
    sources, exclusive = value.get("from", [NONE]), value.get("exclusive", True)
    displaces_to, alone = value.get("displaces_to"), value.get("alone", True)
    if not isinstance(sources, list) or not all(isinstance(one, str) for one in sources):
        faults.append(f"{at}.from: must be a list of stages")
        sources = []
    if not isinstance(exclusive, bool) or not isinstance(alone, bool):
        faults.append(f"{at}: exclusive and alone must be true or false")
    if displaces_to is not None and not isinstance(displaces_to, str):
        faults.append(f"{at}.displaces_to: must be a stage")
        displaces_to = None
    if displaces_to == NONE:
        displaces_to = None
    return Stage(tuple(sources), exclusive is True, displaces_to, alone is not False)
