"""How two runs differ in the six elements: hyperparameters, metrics, artifacts, environment, data, code."""

from __future__ import annotations

import math
import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.core import directions, keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.core.keys import Scalar
    from expctl.core.manifest import Environment, Manifest
    from expctl.core.packages import Package

#: The six elements, in the order in which they are told.
ELEMENTS = ("hyperparameters", "metrics", "artifacts", "environment", "data version", "source code")
_FILE = re.compile(r"^diff --git ", re.MULTILINE)


class Change(NamedTuple):
    """One value that is not the same.

    Attributes:
        key: What it is called within its element.
        before: Its value in the first run; None also where the run lacks it (see ``kind``).
        after: Its value in the second run.
        kind: ``changed``, ``added`` (only the second run has it) or ``removed``.
        better: For a metric whose direction is known, whether the second run is better.
    """

    key: str
    before: Scalar
    after: Scalar
    kind: str
    better: bool | None = None


class Section(NamedTuple):
    """One of the six elements: what differs, and how many values are the same in both."""

    element: str
    changes: tuple[Change, ...]
    same: int


class FileChange(NamedTuple):
    """One file of a patch, with the number of lines that came and went."""

    path: str
    added: int
    removed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two runs side by side.

    Attributes:
        before: The first run.
        after: The second run.
        sections: One for each of ``ELEMENTS``, in that order.
        patch: The code diff; None when it cannot be had, empty when the trees are the same.
        files: The files that the patch touches.
        notes: What could not be compared, and why.
    """

    before: Manifest
    after: Manifest
    sections: tuple[Section, ...]
    patch: str | None = None
    files: tuple[FileChange, ...] = ()
    notes: tuple[str, ...] = ()


class Sides(NamedTuple):
    """The package list of each of the two runs, or None where it could not be read."""

    before: Sequence[Package] | None = None
    after: Sequence[Package] | None = None


_NO_PACKAGES = Sides()


def diff(
    before: Manifest,
    after: Manifest,
    *,
    packages: Sides = _NO_PACKAGES,
    patch: str | None = None,
    configured: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
) -> Difference:
    """Compare two runs in all six elements.

    Args:
        before: The first run.
        after: The second run.
        packages: The package list of each; the lists' names are compared where one is None.
        patch: The code diff, see ``Difference``.
        configured: Directions of metrics from the settings, by glob.
        notes: What could not be gathered.
    """
    both_listed = packages.before is not None and packages.after is not None
    sections = (
        _section(ELEMENTS[0], _params(before), _params(after)),
        _metrics(before, after, configured or {}),
        _section(ELEMENTS[2], _artifacts(before), _artifacts(after)),
        _section(
            ELEMENTS[3],
            _environment(before.environment, packages.before if both_listed else None),
            _environment(after.environment, packages.after if both_listed else None),
        ),
        _section(ELEMENTS[4], _data(before), _data(after)),
        _section(ELEMENTS[5], _code(before), _code(after)),
    )
    files = tuple(files_of(patch)) if patch else ()
    return Difference(
        before=before, after=after, sections=sections, patch=patch, files=files, notes=tuple(notes)
    )


def files_of(patch: str) -> list[FileChange]:
    """The files of a git patch, with lines added and removed; 0 and 0 for binary files and pure renames."""
    starts = [match.start() for match in _FILE.finditer(patch)]
    pieces = [patch[a:b] for a, b in zip(starts, [*starts[1:], len(patch)], strict=True)]
    return [_file_of(piece.split("\n")) for piece in pieces]


def _file_of(lines: list[str]) -> FileChange:
    body = next((at for at, text in enumerate(lines) if text.startswith("@@")), len(lines))
    names = [text[6:] for text in lines[:body] if text.startswith(("+++ b/", "--- a/"))]
    name = names[-1] if names else lines[0].removeprefix("diff --git ").rpartition(" b/")[2]
    added = sum(text.startswith("+") for text in lines[body:])
    removed = sum(text.startswith("-") for text in lines[body:])
    return FileChange(name.removesuffix("\t"), added, removed)


def _section(element: str, before: Mapping[str, Scalar], after: Mapping[str, Scalar]) -> Section:
    names = [*before, *(name for name in after if name not in before)]
    changes = [change for name in names if (change := _change(name, before, after)) is not None]
    return Section(element, tuple(changes), len(names) - len(changes))


def _change(name: str, before: Mapping[str, Scalar], after: Mapping[str, Scalar]) -> Change | None:
    if name not in after:
        return Change(name, before[name], None, "removed")
    if name not in before:
        return Change(name, None, after[name], "added")
    old, new = before[name], after[name]
    return None if _equal(old, new) else Change(name, old, new, "changed")


def _equal(one: Scalar, other: Scalar) -> bool:
    if isinstance(one, float) and isinstance(other, float) and math.isnan(one) and math.isnan(other):
        return True
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _params(run: Manifest) -> dict[str, Scalar]:
    found = keys.flatten(run.params)
    if run.seeds is not None:
        if run.seeds.requested is not None:
            found["seed (requested)"] = run.seeds.requested
        found.update({f"seed ({library})": seed for library, seed in run.seeds.set.items()})
    return found


def _metrics(before: Manifest, after: Manifest, configured: Mapping[str, str]) -> Section:
    old = {name: metric.value for name, metric in before.metrics.items()}
    new = {name: metric.value for name, metric in after.metrics.items()}
    section = _section(ELEMENTS[1], old, new)
    judged = [change._replace(better=_is_better(change, after, configured)) for change in section.changes]
    return section._replace(changes=tuple(judged))


def _is_better(change: Change, after: Manifest, configured: Mapping[str, str]) -> bool | None:
    if change.kind != "changed" or not (_finite(change.before) and _finite(change.after)):
        return None
    stated = after.metrics[change.key].direction
    direction = stated or directions.direction_of(change.key, configured)
    if direction is None:
        return None
    rose: bool = change.after > change.before  # type: ignore[operator]  # finite numbers: seen above
    return rose == (direction == "max")


def _finite(value: Scalar) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _artifacts(run: Manifest) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for item in run.artifacts:
        found[item.path] = item.md5
        found[f"{item.path} bytes"] = item.bytes
    return found


def _environment(found: Environment | None, packages: Sequence[Package] | None) -> dict[str, Scalar]:
    if found is None:
        return {}
    facts: dict[str, Any] = {
        "python": found.python,
        "platform": found.platform,
        "cpu": dict(found.cpu),
        "memory_bytes": found.memory_bytes,
        "gpus": ", ".join(str(gpu.get("name", "unknown")) for gpu in found.gpus) or None,
        "cuda": found.cuda,
        "numeric": dict(found.numeric),
        "container": found.container,
    }
    flat = keys.flatten({name: fact for name, fact in facts.items() if fact not in (None, {})})
    if packages is None:
        return flat if found.packages is None else {**flat, "packages": found.packages}
    listed = {
        f"package {item.name}": " ".join(filter(None, (item.version, item.source))) for item in packages
    }
    return {**flat, **listed}


def _data(run: Manifest) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {}
    for item in run.data:
        where = item.path or item.uri or "?"
        found[where] = item.md5 or item.etag or item.version_id
        for fact, value in (("version", item.version), ("bytes", item.bytes)):
            if value is not None:
                found[f"{where} {fact}"] = value
        if item.changed:
            found[f"{where} changed while running"] = True
    return found


def _code(run: Manifest) -> dict[str, Scalar]:
    found: dict[str, Scalar] = {"command": shlex.join(run.command.argv), "folder": run.command.cwd}
    if run.code is not None:
        code = run.code
        facts = {"commit": code.commit, "branch": code.branch, "dirty": code.dirty, "source tree": code.tree}
        found.update({name: fact for name, fact in facts.items() if fact is not None})
        found.update({f"submodule {item.path}": item.commit for item in code.submodules})
    return found
