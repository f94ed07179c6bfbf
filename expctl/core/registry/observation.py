"""What the live metrics of a version said, as one entry of its ledger keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.core.registry import limits

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.core.registry.limits import Check

_MOST_CHECKS = 1000


class Seen(NamedTuple):
    """One limit and what was seen of it.

    Attributes:
        metric: Its name.
        rule: The limit, as people read it.
        verdict: One of ``limits.VERDICTS``.
        registered: The value that the version was registered with; None where it has none.
        observed: The live value; None where it was missing or no finite number.
    """

    metric: str
    rule: str
    verdict: str
    registered: float | None = None
    observed: float | None = None


class Observation(NamedTuple):
    """One look at a version in service.

    Attributes:
        version: The version that was looked at; a rollback is about the one that comes in its place.
        stage: Where it stood.
        verdict: One of ``limits.VERDICTS``.
        digest: Of the file with the live metrics: SHA-256 in hex digits.
        seen: What each limit said.
    """

    version: str
    stage: str
    verdict: str
    digest: str
    seen: tuple[Seen, ...]

    def says_the_same(self, other: Observation | None) -> bool:
        """Whether another look came to the same verdicts; the values may have changed."""
        return other is not None and _verdicts(self) == _verdicts(other)


def of(version: str, stage: str, digest: str, checks: tuple[Check, ...]) -> Observation:
    """The observation that some checks are."""
    seen = tuple(
        Seen(one.limit.metric, one.limit.rule, one.verdict, one.registered, one.observed) for one in checks
    )
    return Observation(version, stage, limits.overall(checks), digest, seen)


def to_tree(one: Observation) -> dict[str, Any]:
    """As it stands in an entry of the ledger."""
    listed = [{key: value for key, value in seen._asdict().items() if value is not None} for seen in one.seen]
    return {**one._replace(seen=())._asdict(), "seen": listed}


def from_tree(tree: Any) -> Observation:
    """An observation from an entry, which may be a stranger's.

    Raises:
        ValueError: It is none.
    """
    listed = tree.get("seen") if isinstance(tree, dict) else None
    if not isinstance(listed, list) or len(listed) > _MOST_CHECKS:
        raise ValueError("observed: must have a list of what was seen")
    seen = tuple(_seen(one) for one in listed)
    version, stage, verdict, digest = (_text(tree, key) for key in Observation._fields[:4])
    return Observation(version, stage, verdict, digest, seen)


def _seen(tree: Any) -> Seen:
    if not isinstance(tree, dict):
        raise ValueError("observed.seen: must be mappings")  # noqa: TRY004 - one kind of fault
    numbers = (limits.finite(tree.get("registered")), limits.finite(tree.get("observed")))
    return Seen(_text(tree, "metric"), _text(tree, "rule"), _text(tree, "verdict"), *numbers)


def _text(tree: Mapping[str, Any], key: str) -> str:
    value = tree.get(key)
    if not isinstance(value, str):
        raise ValueError(f"observed.{key}: must be text")  # noqa: TRY004 - one kind of fault
    return value


def _verdicts(one: Observation) -> tuple[str, str, list[tuple[str, str, str]]]:
    return one.version, one.stage, [(seen.metric, seen.rule, seen.verdict) for seen in one.seen]
