"""Seeds that differ, and generators that nobody seeded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core.causes import settings
from expctl.core.causes.cause import ARROW, CERTAIN, POSSIBLE, Cause, Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from expctl.core.keys import Scalar
    from expctl.core.manifest import Seeds

_WEIGHT = 13


def of_seeds(pair: Pair) -> Iterator[Cause]:
    """One cause for all seeds that differ, or one for what both runs left unseeded."""
    before, after = (run.seeds for run in pair)
    changes = {
        **_asked(before, after),
        **{f"parameter {name}": sides for name, sides in settings.of_seeds(pair).items()},
        **_set(before, after),
    }
    lost, won = _unset(after) - _unset(before), _unset(before) - _unset(after)
    if changes or lost or won:
        yield _different(changes, sorted(lost), sorted(won))
    elif _unset(before):
        yield unseeded(sorted(_unset(before)))
    if "--seed" not in changes:
        yield from _hashing(pair)


def _hashing(pair: Pair) -> Iterator[Cause]:
    one, other = (run.environment.numeric.get("pythonhashseed") if run.environment else None for run in pair)
    if one != other and one is not None and other is not None:
        text = f"PYTHONHASHSEED {one}{ARROW}{other}"
        yield Cause(
            "seed", "PYTHONHASHSEED", POSSIBLE, text, "moves the order of sets", one, other, weight=59
        )


def unseeded(names: list[str]) -> Cause:
    """What no run seeded: noise beside every other cause."""
    was = "was" if len(names) == 1 else "were"
    sentence = f"{_listed(names)} {was} used without a seed in both runs"
    why = "a part of the difference may be noise"
    return Cause("seed", "unset", POSSIBLE, sentence, why, weight=51)


def alone(cause: Cause) -> Cause:
    """The same where nothing else differs that the runs used: then it is the whole explanation."""
    why = "every run draws other numbers, and nothing else that the runs used differs"
    return cause._replace(grade=CERTAIN, evidence=why, weight=_WEIGHT)


def _different(changes: dict[str, tuple[Scalar, Scalar]], lost: list[str], won: list[str]) -> Cause:
    whole = [pair for pair in changes.values() if None not in pair]
    before, after = (whole or [*changes.values(), (None, None)])[0]
    alike = [name for name, pair in changes.items() if pair == (before, after)]
    told = [", ".join(alike)] if alike else []
    told += [
        f"{name} {_shown(pair[0])}{ARROW}{_shown(pair[1])}"
        for name, pair in changes.items()
        if name not in alike
    ]
    told += [
        f"{_listed(names)} used without a seed in the {which} run only"
        for names, which in ((lost, "second"), (won, "first"))
        if names
    ]
    return Cause(
        "seed", "seed", CERTAIN, _sentence(before, after), "; ".join(told), before, after, weight=_WEIGHT
    )


def _sentence(before: Scalar, after: Scalar) -> str:
    if before is None and after is None:
        return "A generator had a seed in one run only"
    if after is None:
        return f"The first run had the seed {before}, the second one had none"
    return f"Seed {_shown(before)}{ARROW}{after}"


def _asked(before: Seeds | None, after: Seeds | None) -> dict[str, tuple[Scalar, Scalar]]:
    one, other = (seeds.requested if seeds else None for seeds in (before, after))
    return {} if one == other else {"--seed": (one, other)}


def _set(before: Seeds | None, after: Seeds | None) -> dict[str, tuple[Scalar, Scalar]]:
    old, new = (dict(seeds.set) if seeds else {} for seeds in (before, after))
    names = dict.fromkeys([*old, *new])
    return {
        f"generator of {name}": (old.get(name), new.get(name))
        for name in names
        if old.get(name) != new.get(name)
    }


def _unset(seeds: Seeds | None) -> set[str]:
    return set(seeds.unset) if seeds else set()


def _shown(value: Scalar) -> str:
    return "none" if value is None else str(value)


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
