"""Say why two runs differ: gather what their manifests do not hold, and let ``core.causes`` rank it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.actions import differing, runs, setup
from expctl.adapters import files, gitchanges, gitobjects
from expctl.core import datawords
from expctl.core.causes import explain as core
from expctl.core.causes import packages, places, program
from expctl.core.causes.cause import Explanation, Facts, FileDelta
from expctl.core.diff import Sides
from expctl.errors import ExpctlError, GitError
from expctl.store import cache, snapshots

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from expctl.adapters.gitchanges import Changed
    from expctl.core.manifest import DataInput, Manifest
    from expctl.project import Project

#: So many changed Python files are looked into, and so many imported ones.
_MOST_FILES = 200
#: Lines are counted in files of text up to this size.
_COUNTED_BYTES = 64 << 20
_TEXT = (".csv", ".tsv", ".jsonl", ".ndjson", ".txt", ".svm", ".libsvm", ".dat", ".arff")


def explain(project: Project, before: str, after: str) -> Explanation:
    """Say why the second run's results are not the first's.

    Args:
        project: Where they lie.
        before: Reference of the first run.
        after: Reference of the second run.

    Raises:
        RunNotFoundError: A reference names no run.
        AmbiguousRunError: A reference could mean two.
    """
    return of_runs(project, runs.find(project, before).manifest, runs.find(project, after).manifest)


def of_runs(project: Project, before: Manifest, after: Manifest) -> Explanation:
    """The same for two manifests."""
    missing: list[str] = []
    sides = Sides(*(differing.packages_of(project, run, missing) for run in (before, after)))
    changed = _changed(project, before, after, missing)
    facts = Facts(
        packages=sides,
        files=None if changed is None else _deltas(project, changed),
        importers=_importers(project, after) if sides.before != sides.after else {},
        rows=_rows(project, before, after),
        missing=missing,
    )
    return core.explain(before, after, facts, configured=project.config.directions)


def _changed(project: Project, before: Manifest, after: Manifest, missing: list[str]) -> list[Changed] | None:
    one, other = (run.code.tree if run.code else None for run in (before, after))
    if one is None or other is None:
        return None
    if one == other:
        return []
    try:
        for run in (before, after):
            snapshots.ensure(project.root, run.code)
        return gitchanges.changed_files(project.root, one, other)
    except GitError:
        missing.append(
            f"a source tree, which is not in this clone; fetch both with: expctl pull {before.id} {after.id}"
        )
        return None


def _deltas(project: Project, changed: Sequence[Changed]) -> list[FileDelta]:
    python = [each for each in changed if each.path.endswith(".py") and each.before and each.after]
    names = [name for each in python[:_MOST_FILES] for name in (each.before, each.after)]
    blobs = gitobjects.read_blobs(project.root, names, limit=program.LIMIT)
    same = {
        each.path
        for each in python[:_MOST_FILES]
        if each.before in blobs and each.after in blobs
        if program.same_program(blobs[each.before], blobs[each.after])
    }
    return [
        FileDelta(
            each.path,
            "changed" if each.before and each.after else "added" if each.after else "removed",
            each.added,
            each.removed,
            same_program=each.path in same,
        )
        for each in changed
    ]


def _importers(project: Project, run: Manifest) -> dict[str, str]:
    """By package the source file that imports it, the command's own script first."""
    if run.code is None or run.code.tree is None or not run.code.imported:
        return {}
    words = [places.place_of(run, word) for word in run.command.argv]
    paths = sorted(run.code.imported, key=lambda path: path not in words)[:_MOST_FILES]
    names = {f"{run.code.tree}:{path}": path for path in paths if not path.endswith("/")}
    blobs = gitobjects.read_blobs(project.root, names, limit=program.LIMIT)
    found: dict[str, str] = {}
    for name, path in names.items():
        for module in program.imported_modules(blobs.get(name, b"")):
            found.setdefault(packages.owner_of(module), path)
    return found


def _rows(project: Project, before: Manifest, after: Manifest) -> dict[str, tuple[int, int]]:
    """By path of data that is text and differs, how many lines both have, where they are at hand."""
    old, new = ({item.path: item for item in run.data if item.path} for run in (before, after))
    found = {}
    for path in old.keys() & new.keys():
        one, other = old[path], new[path]
        if one.md5 == other.md5 or not path.lower().endswith(_TEXT) or not datawords.looks_like_data(path):
            continue
        counts = [_lines_of(project, run, item) for run, item in ((before, one), (after, other))]
        if counts[0] is not None and counts[1] is not None:
            found[path] = (counts[0], counts[1])
    return found


def _lines_of(project: Project, run: Manifest, item: DataInput) -> int | None:
    """How many lines data had, from what the run kept or from its source tree."""
    if item.md5 is None or item.path is None or (item.bytes or 0) > _COUNTED_BYTES:
        return None
    content = next(_contents(project, run, item.path, item.md5), None)
    return None if content is None else content.count(b"\n") + (content[-1:] not in {b"", b"\n"})


def _contents(project: Project, run: Manifest, path: str, md5: str) -> Iterator[bytes]:
    try:
        folder = setup.cache_dir(project)
        if cache.has(folder, md5):
            yield files.read_plain(cache.path_of(folder, md5), limit=_COUNTED_BYTES)
    except (OSError, ValueError, ExpctlError):
        pass  # the number of lines is a remark
    if run.code and run.code.tree:
        name = f"{run.code.tree}:{path}"
        yield from gitobjects.read_blobs(project.root, [name], limit=_COUNTED_BYTES).values()
