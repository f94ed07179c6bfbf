"""The registry of a repository as its tags tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import gittags
from expctl.core.registry import aliases, state, tags

if TYPE_CHECKING:
    import os

    from expctl.core.registry.state import Model


#: The last second of the year 9999: later ones cannot be shown, and nothing could come after them.
_LAST = 253_402_300_799


class Registry(NamedTuple):
    """All models.

    Attributes:
        models: By name.
        faults: Tags that look like the registry's and cannot be believed, each with the reason.
    """

    models: dict[str, Model]
    faults: tuple[str, ...]


def read(root: str | os.PathLike[str]) -> Registry:
    """Read every registry tag, in one call of git.

    A lightweight tag is nobody's registration, as in GTO. An annotated one whose object bears another name
    was copied from another ref, and says nothing here.
    """
    events, faults = [], []
    for tag in gittags.annotated(root):
        name = tags.parse(tag.ref) or aliases.parse(tag.ref)
        if name is None:
            continue
        if tag.name != tag.ref:
            faults.append(f"tag {tag.ref}: its object is called {tag.name}")
        elif not 0 <= tag.at <= _LAST:
            faults.append(f"tag {tag.ref}: its date is in no calendar")
        elif tag.target_kind != "commit":
            faults.append(
                f"tag {tag.ref}: it points at a {tag.target_kind or 'missing object'}, not at a commit"
            )
        else:
            events.append(
                state.Event(name, tag.ref, tag.id, tag.target, tag.at, tag.author, tag.email, tag.message)
            )
    models = state.fold(events)
    faults += [fault for model in models.values() for fault in model.faults]
    return Registry(models, tuple(faults))
