"""Fold the records of old runs into a few files, so that git has fewer to look at.

Nothing is committed: git sees files that went and packs that came, and the user's next commit holds both.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import committing
from expctl.adapters import clock, files, git, gitindex
from expctl.core import packfile, runid
from expctl.errors import ManifestError
from expctl.project import FOLDER
from expctl.store import index, manifests, objects, packing, packpointers, packs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from expctl.core.dvcfile import Out
    from expctl.project import Project
    from expctl.store.packing import Held

#: Days that a run stays a file, where nothing else is said: it may still be tagged, noted and compared daily.
DAYS = 7
#: A pack with fewer runs is folded into the next one, so that their number stays small.
_SMALL = packfile.MOST_RUNS // 2
_BLOCK = 512


class Packed(NamedTuple):
    """What was packed, or would be.

    Attributes:
        runs: Runs whose files went.
        packs: Names of the packs that came.
        replaced: Names of packs that went.
        files: How many files went.
        files_now: How many came.
        bytes: What the former took on the disk.
        bytes_now: What the latter take.
        seconds: How long the system took to tell of the files that went, which every ``git status`` asks.
        left_out: By reason the runs that stay files.
    """

    runs: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()
    files: int = 0
    files_now: int = 0
    bytes: int = 0
    bytes_now: int = 0
    seconds: float = 0.0
    left_out: tuple[tuple[str, tuple[str, ...]], ...] = ()


class _Loose(NamedTuple):
    """A run that is a file, with its pointer: absolute paths with what the system tells of each, and both."""

    paths: dict[str, os.stat_result]
    document: bytes
    out: Out | None


def pack(project: Project, *, older_than: int = DAYS, everything: bool = False, dry: bool = False) -> Packed:
    """Fold the committed runs of days that are over into packs.

    Args:
        project: Where.
        older_than: Runs that began less than so many days ago stay files.
        everything: Of all days.
        dry: Only tell what would be done.

    Raises:
        ConflictError: A merge, rebase, … is under way.
        DvcError: A link stands where the folder of packs should.
        OSError: The disk is full, or the folder cannot be written.
    """
    end = clock.now() - timedelta(days=0 if everything else older_than)
    committing.check_idle(project)
    with files.locked(project.state / "edit.lock"):
        if not dry:
            _sweep(project)
        wanted = [each for each in _listed(project) if everything or runid.day_of(each) < f"{end:%Y-%m-%d}"]
        left_out: dict[str, list[str]] = {}
        loose = dict(_foldable(project, wanted, left_out))
        kept, folded = _existing(project, loose)
        for run_id in [
            each for each in loose if kept.get(each, loose[each].document) != loose[each].document
        ]:
            left_out.setdefault("in a pack that is not understood", []).append(run_id)
            del loose[run_id]
        told = tuple((reason, tuple(ids)) for reason, ids in sorted(left_out.items()))
        # Of packs that differ the first one counts, and a file before any; yet only a pack may know of bytes.
        documents = {run_id: data for each in reversed(folded) for run_id, data in each.documents.items()}
        outs = {run_id: out for each in reversed(folded) for run_id, out in each.outs.items()}
        documents |= {run_id: each.document for run_id, each in loose.items() if run_id not in kept}
        outs |= {run_id: each.out for run_id, each in loose.items() if each.out is not None}
        if not loose and len(folded) < 2:  # noqa: PLR2004  one alone stays as it is
            return Packed(left_out=told)
        return _fold(project, loose, folded, _portions(documents), outs, dry=dry)._replace(left_out=told)


def count_files(project: Project) -> int:
    """How many files the runs of the work tree are that could be packed."""
    end = f"{clock.now() - timedelta(days=DAYS):%Y-%m-%d}"
    return 2 * sum(runid.day_of(each) < end for each in _listed(project))


def _sweep(project: Project) -> None:
    """Remove the pointer of a pack that was never written, as one that was killed leaves it.

    One that git has stays: its pack was removed by somebody, and may come back.
    """
    alone = packpointers.alone(project.runs)
    tracked = set(gitindex.tracked(project.root, None)) if alone else set()
    for path in alone:
        if os.path.relpath(path, project.root) not in tracked:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)


def _listed(project: Project) -> list[str]:
    return [entry.id for entry in manifests.scan(project.runs)]


def _foldable(
    project: Project, wanted: Sequence[str], left_out: dict[str, list[str]]
) -> Iterator[tuple[str, _Loose]]:
    """Those of some runs that may be packed; ``left_out`` learns why others may not."""
    if not wanted:
        return
    folder = f"{FOLDER}/runs"
    head = git.head(project.root)[0]
    known = (
        {entry.path for entry in git.ls_tree(project.root, head, folder, recursive=True)} if head else set()
    )
    status = gitindex.status(project.root, f":(top,literal){folder}")
    changed = {change.path for change in status.changes}
    with contextlib.closing(index.look(project.index, runs=project.runs)) as view:
        readable = set(view.ids.values())
    for run_id in wanted:
        stem = f"{folder}/{runid.day_of(run_id)}/{run_id}"
        names = [name for name in (f"{stem}.yaml", f"{stem}.dvc") if os.path.lexists(project.root / name)]
        reason = ""
        if not known.issuperset(names):
            reason = "not committed yet"
        elif not changed.isdisjoint((f"{stem}.yaml", f"{stem}.dvc")):
            reason = "changed since they were committed"
        elif run_id not in readable:
            reason = "cannot be read"
        found = reason or _read(project, run_id, names)
        if isinstance(found, str):
            left_out.setdefault(found, []).append(run_id)
        else:
            yield run_id, found


def _read(project: Project, run_id: str, names: Iterable[str]) -> _Loose | str:
    """A run as it is packed, or why it cannot be."""
    path = manifests.path_of(project.runs, run_id)
    paths = {f"{project.root}/{name}": os.lstat(project.root / name) for name in names}
    try:
        document = manifests.read_bytes(path, name=run_id)
        out = objects.read_pointer(objects.pointer_path(project.runs, run_id), run_id)
    except FileNotFoundError:
        out = None
    except ManifestError:
        return "cannot be read"
    if packfile.fault(document, run_id):
        return "not as expctl writes them"
    return _Loose(paths, document, out)


def _existing(project: Project, loose: Mapping[str, _Loose]) -> tuple[dict[str, bytes], list[Held]]:
    """The manifests in packs that stay, and the packs that are folded into new ones.

    Those are small, or hold a run that another one holds, too, or that lies in a file which says more.
    """
    found = []
    for name in packs.listed(project.runs).ids:
        with contextlib.suppress(ManifestError):  # what cannot be read stays where it is
            found.append(packing.held(project.runs, name))
    times = Counter(run_id for each in found for run_id in each.documents)
    kept: dict[str, bytes] = {}
    folded = []
    for each in found:
        is_behind = any(
            times[run_id] > 1 or (run_id in loose and _says_more(loose[run_id], data, each.outs.get(run_id)))
            for run_id, data in each.documents.items()
        )
        if each.is_whole and (is_behind or _is_small(each)):
            folded.append(each)
        else:
            kept.update(each.documents)
    return kept, folded


def _says_more(loose: _Loose, document: bytes, out: Out | None) -> bool:
    return loose.document != document or (loose.out is not None and loose.out != out)


def _is_small(pack: Held) -> bool:
    return len(pack.documents) < _SMALL and sum(map(len, pack.documents.values())) < packfile.MOST_BYTES // 2


def _portions(documents: Mapping[str, bytes]) -> Iterator[dict[str, bytes]]:
    """What goes into one pack each: by id, so that the same runs make the same packs everywhere."""
    portion: dict[str, bytes] = {}
    room = packfile.MOST_BYTES
    for run_id in sorted(documents):
        size = len(packfile.join([documents[run_id]]))
        if portion and (size > room or len(portion) == packfile.MOST_RUNS):
            yield portion
            portion, room = {}, packfile.MOST_BYTES
        portion[run_id] = documents[run_id]
        room -= size
    if portion:
        yield portion


def _fold(
    project: Project,
    loose: Mapping[str, _Loose],
    folded: Sequence[Held],
    portions: Iterable[dict[str, bytes]],
    outs: Mapping[str, Out],
    *,
    dry: bool,
) -> Packed:
    """Write all packs, then remove what they stand for."""
    names, files_now, bytes_now = [], 0, 0
    for portion in portions:
        inside = {run_id: outs[run_id] for run_id in portion if run_id in outs}
        data = packfile.join(portion[run_id] for run_id in sorted(portion))
        names.append(packfile.name_of(data, inside) if dry else packing.write(project.runs, portion, outs))
        files_now += 2 if inside else 1
        bytes_now += _rounded(len(data)) + (_rounded(len(packfile.pointer_text(inside))) if inside else 0)
    before = {path: facts for each in loose.values() for path, facts in each.paths.items()}
    begin = time.monotonic()
    now = {path: os.lstat(path) for path in before}
    seconds = time.monotonic() - begin
    # What somebody has edited meanwhile stays, and goes before the pack.
    gone = [path for path, facts in now.items() if _same(facts, before[path])]
    size = sum(facts.st_blocks for facts in now.values()) * _BLOCK
    replaced = [each.name for each in folded if each.name not in names]
    if not dry:
        for name in replaced:
            packing.drop(project.runs, name)
        _remove(gone)
    return Packed(
        tuple(sorted(loose)),
        tuple(names),
        tuple(replaced),
        len(gone),
        files_now,
        size,
        bytes_now,
        seconds,
    )


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_size, one.st_mtime_ns, one.st_ino) == (other.st_size, other.st_mtime_ns, other.st_ino)


def _remove(paths: Iterable[str]) -> None:
    folders = set()
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        folders.add(os.path.dirname(path))
    for folder in folders:
        with contextlib.suppress(OSError):  # other runs of that day are in it, or bytes that were brought
            os.rmdir(folder)


def _rounded(size: int) -> int:
    return -(-size // 4096) * 4096
