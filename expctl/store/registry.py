"""The registry of a repository as its tags tell it."""

from __future__ import annotations

from expctl.adapters import gittags
from expctl.core.registry import aliases, state
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    from expctl.adapters.gittags import AnnotatedTag
    from expctl.core.registry.state import Model


#: The last second of the year 9999: later ones cannot be shown, and nothing could come after them.
_LAST = 253_402_300_799


class Registry(NamedTuple):
    """All models.

    Attributes:
        models: By name.
        by_model: Tags that look like the registry's and cannot be believed: the model, and the reason.
    """

    models: dict[str, Model]
    by_model: tuple[tuple[str, str], ...]

    @property
    def faults(self) -> tuple[str, ...]:
        """What cannot be believed, each with the reason."""
        return tuple(fault for _, fault in self.by_model)


def read(root: str | os.PathLike[str]) -> Registry:
    """Read every registry tag, in one call of git."""
    return gather(gittags.annotated(root))


def gather(tagged: Iterable[AnnotatedTag]) -> Registry:
    """What tags add up to.

    A lightweight tag is nobody's registration, as in GTO. An annotated one whose object bears another name
    was copied from another ref, and says nothing here.
    """
    events: list[state.Event] = []
    faults: list[tuple[str, str]] = []
    for tag in tagged:
        name = aliases.any_tag(tag.ref)
        if name is None:
            continue
        why = _fault(tag)
        if why is not None:
            faults.append((name.model, f"tag {tag.ref}: {why}"))
            continue
        events.append(
            state.Event(name, tag.ref, tag.id, tag.target, tag.at, tag.author, tag.email, tag.message)
        )
    models = state.fold(events)
    faults += [(name, fault) for name, model in models.items() for fault in model.faults]
    return Registry(models, tuple(faults))


def _fault(tag: AnnotatedTag) -> str | None:
    if tag.name != tag.ref:
        return f"its object is called {tag.name}"
    if not 0 <= tag.at <= _LAST:
        return "its date is in no calendar"
    if tag.target_kind != "commit":
        return f"it points at a {tag.target_kind or 'missing object'}, not at a commit"
    return None
