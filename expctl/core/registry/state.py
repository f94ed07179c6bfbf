"""What registry tags add up to: versions of a model, and which of them stands in which stage.

Reads what stock GTO reads, in its order: by tagger date, an end before a beginning of the same second. Where
GTO gives up (two versions on one commit), this says so for the one model and goes on with the others.
"""

from __future__ import annotations

from expctl.core.registry import aliases, tags, versions
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

#: Order of events of one second, as ``gto history`` shows them.
_PRIORITY = {
    tags.DEPRECATION: 2,
    tags.REGISTRATION: 3,
    tags.DEREGISTRATION: 4,
    tags.ASSIGNMENT: 5,
    tags.UNASSIGNMENT: 6,
    tags.ALIAS: 7,
    tags.UNALIAS: 8,
}


class Event(NamedTuple):
    """One registry tag.

    Attributes:
        name: What its name says.
        tag: The name itself, without ``refs/tags/``.
        id: Of the tag object.
        commit: What it points at, in the end.
        at: Tagger date in seconds since 1970.
        author: Name of the tagger.
        email: Address of the tagger.
        message: The whole message, trailers and all, without a signature.
    """

    name: tags.Name
    tag: str
    id: str
    commit: str
    at: int
    author: str
    email: str
    message: str


class Placed(NamedTuple):
    """One event, and the version that it is about: a commit's id where none is registered there."""

    event: Event
    version: str | None


class Version(NamedTuple):
    """One version of a model.

    Attributes:
        version: ``v1.2.0``; a commit's id for what was put into a stage without being registered.
        commit: Where its files are.
        registered: The event that registered it; None for a bare commit.
        active: Whether it was not de-registered since.
        stages: Where it stands now, by the event that put it there, latest first.
    """

    version: str
    commit: str
    registered: Event | None
    active: bool
    stages: dict[str, Event]


class Model(NamedTuple):
    """One registered model.

    Attributes:
        name: As people type it.
        versions: By version, highest first; bare commits last.
        holders: By stage the versions that stand there, latest first. GTO shows the first.
        history: Every event, oldest first.
        deprecated: Whether the last event says so.
        faults: What stock GTO cannot read of it, in words.
        aliases: Version by alias.
    """

    name: str
    versions: dict[str, Version]
    holders: dict[str, tuple[str, ...]]
    history: tuple[Placed, ...]
    deprecated: bool
    faults: tuple[str, ...]
    aliases: Mapping[str, str]

    @property
    def latest(self) -> str | None:
        """The highest version that is registered and not withdrawn."""
        return next((name for name, one in self.versions.items() if one.registered and one.active), None)

    @property
    def last_at(self) -> int:
        """Date of the latest event, in seconds since 1970: whatever comes next must be later."""
        return max(placed.event.at for placed in self.history)

    @property
    def next_counter(self) -> int:
        """The number that the next stage tag gets."""
        return tags.next_counter(placed.event.name for placed in self.history)

    def called(self, word: str) -> str | None:
        """The version that a word means: a version, with its ``v`` or without, or an alias."""
        known = (word, f"v{word}", self.aliases.get(word))
        return next((one for one in known if one is not None and one in self.versions), None)

    def holder(self, stage: str) -> str | None:
        """The version that a stage hands out; None for an empty stage."""
        return next(iter(self.holders.get(stage, ())), None)


def fold(events: Iterable[Event]) -> dict[str, Model]:
    """Add up the events of a repository.

    Returns:
        Each model by its name, in alphabetical order.
    """
    by_model: dict[str, list[Event]] = {}
    for event in events:
        by_model.setdefault(event.name.model, []).append(event)
    # A name for a version makes no model: without any tag of GTO's it is somebody else's tag.
    return {
        name: _fold_model(name, by_model[name]) for name in sorted(by_model) if _last_of_gto(by_model[name])
    }


def latest_first(models: Iterable[Model]) -> list[Placed]:
    """Everything that happened as ``gto history`` lists it: of one second ends first, registrations last."""
    placed = [one for model in models for one in model.history]
    return sorted(placed, key=lambda one: _order(one.event)[:2], reverse=True)


def _order(event: Event) -> tuple[int, int, int, str]:
    return event.at, _PRIORITY[event.name.event], event.name.counter or 0, event.tag


def _fold_model(name: str, events: list[Event]) -> Model:
    events = sorted(events, key=_order)
    registered, faults = _registrations(name, events)
    placed = [_place(event, registered) for event in events]
    about: dict[str, list[Event]] = {}
    for one in placed:
        if one.version is not None and one.event.name.alias is None:
            about.setdefault(one.version, []).append(one.event)
    found = {label: _version(label, about[label]) for label in _sorted(about)}
    called = aliases.fold((one.event.name, one.version) for one in placed)
    return Model(
        name=name,
        versions=found,
        holders=_holders(found, {label: _order(about[label][0]) for label in found}),
        history=tuple(placed),
        # What happens to a model after it was deprecated brings it back, as in GTO.
        deprecated=_last_of_gto(events) == tags.DEPRECATION,
        faults=tuple(faults),
        aliases={alias: label for alias, label in called.items() if label in found},
    )


def _last_of_gto(events: list[Event]) -> str | None:
    return next((one.name.event for one in reversed(events) if one.name.alias is None), None)


def _registrations(name: str, events: list[Event]) -> tuple[dict[str, list[tuple[int, str]]], list[str]]:
    """By commit the versions registered there, each with its date, and what is wrong with that."""
    registered: dict[str, list[tuple[int, str]]] = {}
    for event in events:
        if event.name.event == tags.REGISTRATION and event.name.version is not None:
            there = registered.setdefault(event.commit, [])
            if event.name.version not in (version for _, version in there):
                there.append((event.at, event.name.version))
    staged = {event.commit for event in events if event.name.stage}
    faults = [
        f"{' and '.join(version for _, version in there)} of {name} are registered on one commit, "
        "and a stage was given there: stock gto stops at that"
        for commit, there in registered.items()
        if len(there) > 1 and commit in staged
    ]
    return registered, faults


def _place(event: Event, registered: dict[str, list[tuple[int, str]]]) -> Placed:
    """Find the version that an event is about: a stage tag tells it by its commit alone."""
    if event.name.event == tags.DEPRECATION:
        return Placed(event, None)
    if event.name.version is not None:
        return Placed(event, event.name.version)
    there = [version for at, version in registered.get(event.commit, ()) if at <= event.at]
    return Placed(event, there[-1] if there else event.commit)


def _sorted(labels: Iterable[str]) -> list[str]:
    labels = list(labels)
    named = sorted(filter(versions.is_valid, labels), key=lambda label: (versions.key(label), label))
    return named[::-1] + sorted(label for label in labels if not versions.is_valid(label))


def _version(label: str, events: list[Event]) -> Version:
    """One version from its own events, oldest first."""
    direct = [one for one in events if one.name.version is not None]
    stages: dict[str, Event] = {}
    for one in events:
        stage = one.name.stage
        if stage is None:
            continue
        stages.pop(stage, None)
        if one.name.event == tags.ASSIGNMENT:
            stages[stage] = one
    first = next((one for one in direct if one.name.event == tags.REGISTRATION), None)
    return Version(
        version=label,
        commit=(first or events[0]).commit,
        registered=first,
        active=not direct or direct[-1].name.event == tags.REGISTRATION,
        stages=dict(reversed(stages.items())),
    )


def _holders(
    found: dict[str, Version], began: dict[str, tuple[int, int, int, str]]
) -> dict[str, tuple[str, ...]]:
    """Who stands in each stage: the latest first, and of those of one second the older version, as in GTO."""
    standing: dict[str, list[tuple[int, tuple[int, int, int, str], str]]] = {}
    for label, one in found.items():
        for stage, event in one.stages.items() if one.active else ():
            standing.setdefault(stage, []).append((-event.at, began[label], label))
    return {stage: tuple(label for *_, label in sorted(standing[stage])) for stage in sorted(standing)}
