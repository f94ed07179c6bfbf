"""Words of a command that name files, as paths from the top of the repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from expctl.core.manifest import Manifest


def place_of(run: Manifest, word: str) -> str:
    """Where a word leads to, seen from where the command ran; a word that leads out of the top stays."""
    if word.startswith("/") or "://" in word:
        return word
    parts: list[str] = []
    for part in f"{run.command.cwd}/{word}".split("/"):
        if part == ".." and not parts:
            return word
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts) or "."


def names_data(run: Manifest, value: object) -> bool:
    """Whether a value is the path or address of an input of the run."""
    known = {item.path or item.uri for item in run.data}
    return isinstance(value, str) and (value in known or place_of(run, value) in known)
