"""Aliases: names such as ``champion`` that point at a version, and move from one to another.

GTO knows no aliases. Each change is a tag of its own that lies outside of GTO's grammar and that stock tools
therefore pass over: ``fraud@champion#7`` points at a version, ``fraud@champion!#8`` takes the name away. As
with stages, tags are only added, and the last one by date counts.
"""

from __future__ import annotations

import re

from expctl.core.registry import tags
from expctl.core.registry.tags import ALIAS, UNALIAS
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_ALIAS = r"[a-zA-Z](?:[a-zA-Z0-9_-]*[a-zA-Z0-9])?"
_TAG = re.compile(rf"(?P<model>[^@#]+)@(?P<alias>{_ALIAS})(?P<off>!?)#(?P<counter>[0-9]{{1,18}})", re.ASCII)
_NAME = re.compile(_ALIAS, re.ASCII)
_LONGEST = 50
#: Words of GTO's grammar (``created`` makes every gto command crash), and one that would be misunderstood.
_TAKEN = frozenset(("created", "deprecated", "latest", "none"))
_VERSION_LIKE = re.compile(r"[vV]?[0-9].*")


def fault(alias: str) -> str | None:
    """Why no alias can have this name; None when one can."""
    if len(alias) > _LONGEST:
        return f"is longer than {_LONGEST} characters"
    if not _NAME.fullmatch(alias):
        return "must be letters, digits, '-' and '_', begin with a letter and end with a letter or a digit"
    if alias.lower() in _TAKEN:
        return "means something else already"
    if _VERSION_LIKE.fullmatch(alias):
        return "looks like a version"
    return None


def parse(tag: str) -> tags.Name | None:
    """Read the name of a tag (without ``refs/tags/``); None when it is none of an alias."""
    found = _TAG.fullmatch(tag) if len(tag) <= tags.LONGEST else None
    if found is None or fault(found["alias"]) or ":" in found["model"]:
        return None
    model = found["model"].replace("=", ":")
    if tags.model_fault(model):
        return None
    event = UNALIAS if found["off"] else ALIAS
    return tags.Name(model, event, alias=found["alias"], counter=int(found["counter"]))


def any_tag(tag: str) -> tags.Name | None:
    """Read the name of any tag of the registry, of GTO's grammar or of an alias; None when it is neither."""
    return tags.parse(tag) or parse(tag)


def text(name: tags.Name) -> str:
    """The name of the tag that says this; ``parse`` reads it back."""
    mark = "!" if name.event == UNALIAS else ""
    return f"{tags.stem(name.model)}@{name.alias}{mark}#{name.counter}"


def fold(history: Iterable[tuple[tags.Name, str | None]]) -> dict[str, str]:
    """What each alias points at, by alias, from a model's events and their versions, oldest first."""
    found: dict[str, str] = {}
    for said, version in history:
        if said.alias is None:
            continue
        found.pop(said.alias, None)
        if said.event == ALIAS and version is not None:
            found[said.alias] = version
    return dict(sorted(found.items()))
