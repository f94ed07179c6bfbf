"""The inputs of a run: where their recorded bytes are to be had, and how they come back into a copy.

Nothing that a command could write to is shared with the user's own files: bytes come by reflink or as a copy.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import artifacts
from expctl.actions.reproducing import dvcdata, source
from expctl.adapters import copying
from expctl.capture import hashing, uris
from expctl.errors import ExpctlError, IncompleteError
from expctl.store import objects

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from expctl.actions.reproducing.world import World
    from expctl.core.manifest import DataInput
    from expctl.project import Project

#: Where bytes come from, best first; what stands in a plan.
TREE, RUN, DVC, FILE, OUTSIDE, FETCH, DVC_FETCH, URI, UNCHECKED = (
    "in the source tree", "kept with the run", "in DVC's cache", "your file, same hash",
    "outside, same hash", "to be fetched: kept with the run", "to be fetched: DVC's remote",
    "its version is compared", "not checked",
)  # fmt: skip
#: What is found of an input elsewhere, once it was asked for.
SAME = "same version"
_SHOWN = 8
#: Folders are measured up to so many files; and hashed, where no size was recorded, up to so many bytes.
_COUNTED, _UNTOLD_BYTES = 100_000, 2 << 30


class Origin(NamedTuple):
    """Where one input comes from.

    Attributes:
        input: As the record has it.
        ways: From where its bytes may be had, to be tried in that order.
        fault: Why they cannot be had, or that they differ; None where they can.
        changed: Whether something is in its place, with other content.
    """

    input: DataInput
    ways: tuple[str, ...] = ()
    fault: str | None = None
    changed: bool = False

    @property
    def name(self) -> str:
        """What people call it."""
        return self.input.path or self.input.uri or ""


def find(project: Project, world: World) -> list[Origin]:
    """Find out where the inputs of a world are to be had; nothing is fetched.

    Args:
        project: The user's.
        world: What is to be brought back.
    """
    kept = _kept(project, world)
    found = []
    for each in world.data:
        if each.uri is not None:
            # To ask for it may send credentials to wherever a record says: not before somebody said yes.
            found.append(Origin(each, (URI,)))
        elif each.path is not None and os.path.isabs(each.path):
            found.append(_of_outside(project, each))
        elif each.path is not None:
            found.append(_of_path(project, world, each, kept=kept.get(each.path)))
    return found


def compare_elsewhere(project: Project, origins: Sequence[Origin]) -> list[Origin]:
    """Compare the versions of inputs that lie elsewhere with the recorded ones, as far as they can be asked.

    Returns:
        Those inputs, what was found in their ``ways`` or their ``fault``.
    """
    elsewhere = [each.input for each in origins if each.input.uri is not None]
    answers = _ask(project, [each.uri for each in elsewhere if each.uri])
    return [_of_uri(each, answers.get(each.uri or "", {})) for each in elsewhere]


def bring(
    project: Project, world: World, origin: Origin, copy: Path, *, scratch: Path, allow_changed: bool
) -> str:
    """Bring one input into a copy of the source tree.

    Returns:
        Where it came from.

    Raises:
        IncompleteError: None of the ways gave the recorded bytes.
    """
    path = origin.input.path
    if path is None or os.path.isabs(path):
        return origin.ways[0] if origin.ways else "as it is now"
    target = copy / path
    if TREE in origin.ways and _is_same(origin.input, target, scratch):
        return TREE
    ways: dict[str, Callable[[], None]] = {
        RUN: lambda: _from_run(project, world, path, target),
        FETCH: lambda: _from_run(project, world, path, target),
        DVC: lambda: dvcdata.from_cache(project, origin.input, target),
        FILE: lambda: copying.copy(project.home / path, target),
        UNCHECKED: lambda: copying.copy(project.home / path, target),
        DVC_FETCH: lambda: dvcdata.fetch(project, origin.input, copy, target),
    }
    faults = []
    for way in origin.ways:
        if way in ways:
            try:
                _clear(copy, path)
                ways[way]()
            except (ExpctlError, OSError) as err:
                faults.append(str(err).rstrip("."))
                continue
            if way == UNCHECKED or _is_same(origin.input, target, scratch):
                return way
            faults.append(f"{way}: other bytes")
    if not allow_changed:
        raise IncompleteError(
            f"{path} cannot be brought back: {'; '.join(faults) or origin.fault or 'differs'}."
        )
    if not os.path.lexists(target) and os.path.exists(project.home / path):
        _clear(copy, path)
        copying.copy(project.home / path, target)
    return "as it is now"


def _of_path(project: Project, world: World, each: DataInput, *, kept: bool | None) -> Origin:
    assert each.path is not None  # the caller looked
    mine, ways = project.home / each.path, list[str]()
    if source.holds(project, world.code, each.path):
        ways.append(TREE)
    if each.md5 is None:
        ways += [UNCHECKED] if mine.exists() else []
        return Origin(each, tuple(ways), None if ways else f"{each.path}: is not here, and was not hashed")
    ways += [RUN] if kept else []
    ways += [DVC] if dvcdata.has(project, each) else []
    now = _md5_of(project, each, mine)
    ways += [FILE] if now == each.md5 else []
    ways += [FETCH] if kept is False else []
    ways += [DVC_FETCH] if each.dvc else []
    if ways:
        return Origin(each, tuple(ways))
    return _fault(each, now)


def _of_outside(project: Project, each: DataInput) -> Origin:
    path = each.path or ""
    if each.md5 is None:
        is_there = os.path.exists(path)
        return Origin(each, (UNCHECKED,) if is_there else (), None if is_there else f"{path}: is not here")
    now = _md5_of(project, each, path)
    return Origin(each, (OUTSIDE,)) if now == each.md5 else _fault(each, now)


def _fault(each: DataInput, now: str | None) -> Origin:
    if now is None:
        hint = "" if each.stored or each.dvc else "; neither git, DVC nor the run holds its bytes"
        return Origin(each, fault=f"{each.path}: is not here{hint}")
    was = (each.md5 or "")[:_SHOWN]
    what = f"md5 {was} then, {now[:_SHOWN]} now" if now else "its size is another"
    return Origin(each, fault=f"{each.path}: has other bytes now ({what})", changed=True)


def _of_uri(each: DataInput, now: dict[str, object]) -> Origin:
    known = {
        name: getattr(each, name)
        for name in ("version_id", "etag", "bytes")
        if getattr(each, name) is not None
    }
    if "problem" in now or not known or not now:
        return Origin(each, (UNCHECKED,))
    for name, was in known.items():
        if name in now and now[name] != was:
            word = name.removesuffix("_id")
            return Origin(
                each, fault=f"{each.uri}: has another {word} now ({was} then, {now[name]} now)", changed=True
            )
    return Origin(each, (SAME,) if not known.keys().isdisjoint(now) else (UNCHECKED,))


def _ask(project: Project, names: Sequence[str]) -> dict[str, dict[str, object]]:
    if not names or not project.config.lookup_uris:
        return {}
    answers = uris.look_up(names, [sys.executable], root=project.home, env=os.environ)
    return dict(zip(names, answers, strict=True))


def _kept(project: Project, world: World) -> dict[str, bool]:
    """Of inputs that were kept with the run, whether their bytes are in this clone."""
    if not any(each.stored for each in world.data):
        return {}
    found = {}
    for run in {world.run, *world.keepers.values()}:
        for item in artifacts.list_items(project, run).items:
            path = item.artifact.path
            if item.artifact.kind == "input" and world.keepers.get(path, world.run) == run:
                found[path] = bool(item.here)
    return found


def _from_run(project: Project, world: World, path: str, target: Path) -> None:
    artifacts.get(project, world.keepers.get(path, world.run), path, str(target))


def _clear(copy: Path, path: str) -> None:
    """Make room for an input; a link on the way would lead out of the copy."""
    objects.make_real_folders(copy, os.path.dirname(path))
    target = copy / path
    if target.is_symlink() or target.is_file():
        target.unlink()
    elif target.is_dir():
        shutil.rmtree(target)


def _is_same(each: DataInput, target: Path, scratch: Path) -> bool:
    if each.md5 is None:
        return os.path.exists(target)
    try:
        return hashing.hash_path(target, scratch).md5 == each.md5
    except OSError:
        return False


def _md5_of(project: Project, each: DataInput, path: str | Path) -> str | None:
    """The hash that a path has now; empty where its size alone tells that it is another; None for none.

    A record can name any path: what is much larger than it says is not read.
    """
    try:
        if not _may_be_same(each, path):
            return ""
        return hashing.hash_path(path, project.common / "expctl" / "cache").md5
    except OSError:
        return None


def _may_be_same(each: DataInput, path: str | Path) -> bool:
    """Whether the size of a path is that of an input; where the record has none, it must be small."""
    if not os.path.isdir(path):
        return each.bytes is None or os.stat(path).st_size == each.bytes
    at_most = _UNTOLD_BYTES if each.bytes is None else each.bytes
    found = hashing.measure(path, at_most=at_most)
    if found.files > _COUNTED:  # the measuring ended there
        return (each.nfiles or 0) > _COUNTED
    return found.bytes <= at_most and each.bytes in (None, found.bytes)
