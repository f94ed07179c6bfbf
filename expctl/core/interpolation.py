"""OmegaConf's ``${…}`` in a composed configuration: plain references resolved, resolvers never evaluated.

``${oc.env:TOKEN}`` would put a secret into the record, and others run code; they stay as they are written. So
does what leads nowhere, in a circle, or is itself put together: ``${a.${b}}``.

Source: omegaconf.readthedocs.io, "Variable interpolation" (dots and brackets, relative with leading dots).
"""

from __future__ import annotations

import re
from typing import Any

_REFERENCE = re.compile(r"(?<!\\)\$\{\s*(\.*[\w\-]+(?:\.[\w\-]+|\[[\w\-]+\])*)\s*\}")
_WHOLE = re.compile(r"\$\{\s*(\.*[\w\-]+(?:\.[\w\-]+|\[[\w\-]+\])*)\s*\}")
_DEEPEST = 32
_MOST_VALUES = 20_000
_LONGEST = 4096


def resolve(tree: dict[str, Any]) -> dict[str, Any]:
    """The tree with its references replaced by what they lead to; the given one is left as it is."""
    resolved: dict[str, Any] = _Resolver(tree).value(tree, (), 0)
    return resolved


class _Resolver:
    def __init__(self, tree: dict[str, Any]) -> None:
        self.tree = tree
        self.left = _MOST_VALUES

    def value(self, value: Any, path: tuple[str, ...], depth: int) -> Any:
        """A value in its place, resolved."""
        self.left -= 1
        if depth > _DEEPEST or self.left < 0:
            return value
        if isinstance(value, dict):
            return {key: self.value(inside, (*path, str(key)), depth + 1) for key, inside in value.items()}
        if isinstance(value, list):
            return [self.value(inside, (*path, str(n)), depth + 1) for n, inside in enumerate(value)]
        return self._text(value, path, depth) if isinstance(value, str) and "${" in value else value

    def _text(self, text: str, path: tuple[str, ...], depth: int) -> Any:
        if whole := _WHOLE.fullmatch(text):
            found, target = self._follow(whole[1], path)
            return text if target is None else self.value(found, target, depth + 1)

        def put(reference: re.Match[str]) -> str:
            found, target = self._follow(reference[1], path)
            told = reference[0] if target is None else self.value(found, target, depth + 1)
            return reference[0] if isinstance(told, dict | list) else _said(told)

        told = _REFERENCE.sub(put, text)
        return told if len(told) <= _LONGEST else text

    def _follow(self, reference: str, path: tuple[str, ...]) -> tuple[Any, tuple[str, ...] | None]:
        """What a reference leads to and where that stands; None for the place when it leads nowhere."""
        dots = len(reference) - len(reference.lstrip("."))
        if dots > len(path):
            return None, None
        names = [name for name in re.split(r"[.\[\]]+", reference) if name]
        target = (*path[: len(path) - dots], *names) if dots else tuple(names)
        place: Any = self.tree
        for name in target:
            if isinstance(place, dict) and name in place:
                place = place[name]
            elif isinstance(place, list) and name.isdigit() and int(name) < len(place):
                place = place[int(name)]
            else:
                return None, None
        # A reference to what it stands in has no end.
        return (None, None) if path[: len(target)] == target else (place, target)


def _said(value: Any) -> str:
    return "None" if value is None else str(value)
