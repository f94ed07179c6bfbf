"""Which causes can be put back one at a time: parts of the second run's world to be put into the first's."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.core.causes import settings
from expctl.core.causes.cause import CERTAIN, POSSIBLE, Cause, Explanation

if TYPE_CHECKING:
    from collections.abc import Iterable

SOURCE, FILE, DATA, PARAMETER, SEED, PACKAGE, SETTINGS, COMMAND = (
    "source", "file", "data", "parameter", "seed", "package", "settings", "command",
)  # fmt: skip
_KIND = {
    "code": SOURCE, "seed": SEED, "package": PACKAGE, "python": PACKAGE, "threads": SETTINGS,
    "variable": SETTINGS, "command": COMMAND,
}  # fmt: skip
_NOT_PUT_BACK = frozenset({("seed", "unset"), ("seed", "PYTHONHASHSEED"), ("command", "folder")})
#: Told to be possible, and put back all the same: it is known what it was.
_PUT_BACK = frozenset({"threads", "variable"})
_LONGEST = 48


class Swap(NamedTuple):
    """One part of the second run's world.

    Attributes:
        kind: One of the words above.
        label: What it is called.
        names: What it holds: parameters, paths, packages.
    """

    kind: str
    label: str
    names: tuple[str, ...]


class Chosen(NamedTuple):
    """What can be tried.

    Attributes:
        swaps: To be put back one at a time.
        left: What differs and cannot be put back, and why.
    """

    swaps: tuple[Swap, ...]
    left: tuple[str, ...]


def choose(found: Explanation, *, recreate: bool) -> Chosen:
    """Choose what of an explanation is put back.

    Args:
        found: The explanation.
        recreate: Whether environments are made anew, so that packages can be exchanged one by one.
    """
    listed = {item.path or item.uri or "" for run in found.pair for item in run.data}
    groups: dict[tuple[str, str], list[Cause]] = {}
    left: list[str] = []
    for cause in found.causes:
        if cause.grade == CERTAIN or (cause.grade == POSSIBLE and cause.kind in _PUT_BACK):
            group = _group(cause, found, listed, recreate=recreate)
            if group is None:
                left.append(f"{cause.sentence}: it cannot be put back")
            else:
                groups.setdefault(group, []).append(cause)
    _fold_command(groups)
    swaps = [
        Swap(kind, _label(kind, causes), _names(kind, causes, found)) for (kind, _), causes in groups.items()
    ]
    return Chosen(tuple(swaps), tuple(left))


def _group(
    cause: Cause, found: Explanation, listed: Iterable[str], *, recreate: bool
) -> tuple[str, str] | None:
    """What a cause is put back together with; None where it cannot be."""
    modules = {item.path for run in found.pair if run.code for item in run.code.submodules}
    if cause.name in modules or cause.name == "late edits" or (cause.kind, cause.name) in _NOT_PUT_BACK:
        return None
    if cause.kind == "data":
        return (DATA if cause.name in listed else FILE, cause.name)
    if cause.kind == "parameter":
        file = _file_of(cause.name, found)
        return (FILE, file) if file else (PARAMETER, cause.name)
    kind = _KIND.get(cause.kind)
    return None if kind is None else (kind, cause.name if kind == PACKAGE and recreate else "")


def _file_of(name: str, found: Explanation) -> str:
    """The file that a parameter came from, if no word of the command gave it."""
    for run in reversed(found.pair):
        if any(isinstance(given, (list, tuple)) and name in given for given in run.params_from.values()):
            return ""
    files = [path for run in reversed(found.pair) for path, how in run.params_from.items() if how == "file"]
    return files[0] if files else ""


def _fold_command(groups: dict[tuple[str, str], list[Cause]]) -> None:
    """Another command is put back with all its words."""
    if (COMMAND, "") in groups:
        for group in [each for each in groups if each[0] == PARAMETER]:
            groups[COMMAND, ""] += groups.pop(group)


def _label(kind: str, causes: list[Cause]) -> str:
    if kind == SOURCE:
        return causes[0].name if len(causes) == 1 else f"source ({len(causes)} files)"
    if kind in (DATA, FILE):
        return causes[0].sentence.removesuffix(" has other bytes").removesuffix(" changed")
    text = causes[0].sentence
    text = text[:1].lower() + text[1:] if kind == SEED else text
    more = f" and {len(causes) - 1} more" if len(causes) > 1 else ""
    return (text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…") + more


def _names(kind: str, causes: list[Cause], found: Explanation) -> tuple[str, ...]:
    if kind == SEED:
        return tuple(settings.of_seeds(found.pair))
    if kind == FILE and causes[0].kind == "parameter":
        return (_file_of(causes[0].name, found),)
    return tuple(cause.name for cause in causes)
