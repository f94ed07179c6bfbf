"""Where a request stands: whether what was asked for still means what it meant when somebody asked.

A request is stale when something that it rests on has moved: its version, the stage that it wants, or who
stands there. What else the ledger says meanwhile (another version was registered) does not matter to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core.registry import moves, record

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.registry.policy import Policy
    from expctl.core.registry.record import Record
    from expctl.core.registry.request import Request
    from expctl.core.registry.state import Model, Version

#: It may be applied; it was; somebody moved the version without it; it rests on what is no longer so; the
#: policy knows no such way.
WAITING, APPLIED, DONE, STALE, BARRED = "waiting", "applied", "done", "stale", "barred"


class Standing(NamedTuple):
    """Where a request stands.

    Attributes:
        state: One of the words above.
        why: What led to it, without a full stop; empty while it waits.
        first: The stage that the version must go to first; only where the policy bars it.
    """

    state: str
    why: str = ""
    first: str | None = None


class Ledger(NamedTuple):
    """All entries of a ledger, latest first, and the commits that hold them."""

    entries: Sequence[Record]
    commits: Sequence[str]


def judge(request: Request, digest: str, model: Model | None, ledger: Ledger, rules: Policy) -> Standing:
    """Say where a request stands.

    Args:
        request: What was asked for.
        digest: Of its file.
        model: The model as it stands now; None where there is none.
        ledger: What happened to it.
        rules: The policy that counts.
    """
    applied = next((one for one in ledger.entries if one.request == digest), None)
    if applied is not None:
        return Standing(APPLIED, f"entry {applied.seq} of the ledger, by {applied.by}")
    meanwhile = _since(request, ledger)
    if meanwhile is None:
        return Standing(STALE, "it was made against a ledger that is not this one")
    done = next((one for one in meanwhile if (one.version, one.to) == (request.version, request.to)), None)
    if done is not None:
        return Standing(DONE, f"{_sentence(done)}, without this request")
    if request.to not in rules.stages:
        return Standing(BARRED, f"the policy has no stage {request.to}")
    why = _stale(request, model, meanwhile)
    if why or model is None:
        return Standing(STALE, why)
    refused = moves.refusal(model, request.version, request.to, rules)
    return Standing(BARRED, *refused) if refused else Standing(WAITING)


def since(request: Request, ledger: Ledger) -> list[str]:
    """What the ledger says since the request was made, oldest first, a sentence each."""
    return [_sentence(one) for one in _since(request, ledger) or ()]


def _since(request: Request, ledger: Ledger) -> list[Record] | None:
    """The entries after the one that a request was made against, oldest first; None where that is not here.

    The number that the request gives is not believed: only the entry itself says how far the ledger was.
    """
    if not request.tip:
        return list(reversed(ledger.entries))
    if request.tip not in ledger.commits:
        return None
    return list(reversed(ledger.entries[: ledger.commits.index(request.tip)]))


def _stale(request: Request, model: Model | None, meanwhile: Sequence[Record]) -> str:
    one = model.versions.get(request.version) if model else None
    if model is None or one is None or one.registered is None:
        return f"{request.model}@{request.version} is not registered"
    touching = [entry for entry in meanwhile if _touches(entry, request)]
    return _changed(request, one) or "; ".join(map(_sentence, touching)) or _stands_else(request, model, one)


def _changed(request: Request, one: Version) -> str:
    """Whether the version is not what it was."""
    name = f"{request.model}@{request.version}"
    if not one.active:
        return f"{name} was withdrawn"
    is_same = one.registered is not None and one.registered.id == request.tag and one.commit == request.commit
    return "" if is_same else f"{name} is another one than was asked for"


def _stands_else(request: Request, model: Model, one: Version) -> str:
    """Whether tags that no ledger knows of have moved something."""
    now, holders = tuple(one.stages), model.holders.get(request.to, ())
    if sorted(now) != sorted(request.came_from):
        name = f"{request.model}@{request.version}"
        return f"{name} is in {_listed(now)} now, and was in {_listed(request.came_from)}"
    if sorted(holders) != sorted(request.in_place):
        return f"{request.to} holds {_listed(holders)} now, and held {_listed(request.in_place)}"
    return ""


def _touches(entry: Record, request: Request) -> bool:
    """Whether an entry of the ledger moves the version or the stage that a request is about."""
    if entry.to is None:
        return False
    return request.version in (entry.version, *entry.displaced) or request.to in (entry.to, *entry.came_from)


def _sentence(entry: Record) -> str:
    return f"entry {entry.seq} of the ledger, by {entry.by}: {record.subject(entry)}"


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names) or "none"
