"""What a run produced, as bytes: list it, and bring one thing out, checked against the manifest."""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import runbytes, runs, setup
from expctl.core import dvcfile, relpath
from expctl.core.manifest import Artifact
from expctl.errors import ConflictError, ExpctlError, IncompleteError, UsageError
from expctl.store import cache, objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from expctl.core.manifest import Manifest
    from expctl.project import Project

#: What a run's DVC directory holds besides artifacts, by its name in the manifest's ``outputs``.
_OUTPUTS = {"log": "output.log", "series": "series"}
#: What an input is called among what a run left.
_INPUT = "input"


class Item(NamedTuple):
    """One thing that a run left.

    Attributes:
        artifact: What the manifest says of it.
        here: Whether its bytes are in this clone; None where they were never stored.
    """

    artifact: Artifact
    here: bool | None


class Listing(NamedTuple):
    """All that a run left."""

    run: str
    items: tuple[Item, ...]


class Got(NamedTuple):
    """What was brought out: the run, the path in its manifest, where it lies now, how many bytes it has."""

    run: str
    path: str
    target: Path
    bytes: int


class NoArtifactError(ExpctlError):
    """The run has nothing of that name."""


def list_items(project: Project, reference: str) -> Listing:
    """List what a run left: its artifacts, and the log and series that were kept.

    Raises:
        RunNotFoundError: The reference names no run.
        AmbiguousRunError: It could mean two.
    """
    manifest = runs.find(project, reference).manifest
    folder = setup.cache_dir(project)
    items = []
    for each in _all(manifest):
        here = None
        if each.stored and each.md5 is not None:
            here = cache.has(folder, each.md5) or (
                each.md5.endswith(".dir") and _has_folder(project, manifest.id)
            )
        if here and each.bytes is None:
            each = each._replace(bytes=os.stat(cache.path_of(folder, each.md5 or "")).st_size)  # noqa: PLW2901
        items.append(Item(each, here))
    return Listing(manifest.id, tuple(_sized(project, manifest.id, items)))


def get(project: Project, reference: str, path: str, target: str | None, *, force: bool = False) -> Got:
    """Bring one thing out of the cache, fetched first where it is not here.

    Args:
        project: Where.
        reference: The run.
        path: As the manifest has it; its last part is enough if nothing else ends so.
        target: Absolute path of a file or folder to write, or of an existing folder to write into.
        force: Replace a file that is there.

    Raises:
        RunNotFoundError: The reference names no run.
        NoArtifactError: The run has nothing of that name.
        IncompleteError: Its bytes were never stored, or are nowhere to be had.
        ConflictError: Something of that name is there already.
        DamagedError: The bytes are not what the manifest says; nothing was written.
    """
    manifest, artifact = _find(project, reference, path)
    place = Path(target) if target is not None else Path.cwd()
    if place.is_dir():
        place /= os.path.basename(artifact.path)
    if os.path.lexists(place) and not (force and place.is_file() and not place.is_symlink()):
        raise ConflictError(
            f"{place} is there already.", hint="Choose another place with -o, or replace it with --force"
        )
    md5s = _bring(project, manifest, artifact)
    folder = setup.cache_dir(project)
    try:
        return Got(manifest.id, artifact.path, place, _write(folder, md5s, place))
    except (FileNotFoundError, NotADirectoryError, FileExistsError, IsADirectoryError) as err:
        raise ExpctlError(
            f"{place} cannot be written: {err.strerror}.", hint="Choose a place with -o"
        ) from err


def path_of(project: Project, reference: str, path: str) -> Path:
    """Where the bytes of one file lie, checked: to be read, never to be written.

    Raises:
        UsageError: It is a folder.
        ExpctlError: As for ``get``.
    """
    manifest, artifact = _find(project, reference, path)
    md5s = _bring(project, manifest, artifact)
    if "" not in md5s:
        raise UsageError(f"{artifact.path} is a folder.", hint="Name where to write it with: -o FOLDER")
    folder = setup.cache_dir(project)
    if not cache.is_whole(folder, md5s[""]):
        raise cache.DamagedError(
            f"The cached bytes of {artifact.path} are damaged.",
            hint=f"Remove {cache.path_of(folder, md5s[''])}",
        )
    return Path(cache.path_of(folder, md5s[""]))


def _write(folder: Path, md5s: Mapping[str, str], place: Path) -> int:
    """Write a file, or a folder of files by path inside it; give their bytes."""
    if "" in md5s:
        place.parent.mkdir(parents=True, exist_ok=True)
        return cache.get(folder, md5s[""], place)
    place.mkdir(parents=True)
    size = 0
    for name, md5 in md5s.items():
        objects.make_real_folders(place, os.path.dirname(name))
        size += cache.get(folder, md5, place / name)
    return size


def _inputs(manifest: Manifest) -> list[Artifact]:
    """Inputs whose bytes were stored with the run, as if it had left them."""
    return [
        Artifact(path=each.path, md5=each.md5, bytes=each.bytes, nfiles=each.nfiles, kind=_INPUT, stored=True)
        for each in manifest.data
        if each.stored and each.path is not None and dvcfile.is_md5(each.md5)
    ]


def _all(manifest: Manifest) -> list[Artifact]:
    extra = [
        Artifact(path=name, md5=manifest.outputs[key], kind=key, stored=True)
        for key, name in _OUTPUTS.items()
        if dvcfile.is_md5(manifest.outputs.get(key))
    ]
    return [*manifest.artifacts, *extra, *_inputs(manifest)]


def _find(project: Project, reference: str, path: str) -> tuple[Manifest, Artifact]:
    manifest = runs.find(project, reference).manifest
    known = _all(manifest)
    exact = [each for each in known if each.path == path]
    found = exact or [each for each in known if each.path.endswith(f"/{path}")]
    if len(found) != 1:
        names = [each.path for each in (found or known)]
        near = names if found else difflib.get_close_matches(path, names, n=3, cutoff=0.4)
        said = f"could be {len(found)} things" if found else "is nothing that this run left"
        raise NoArtifactError(
            f'"{path}" {said}.', hint=_named(near) or f"See: expctl artifacts {manifest.id}"
        )
    if not found[0].stored or found[0].md5 is None:
        raise IncompleteError(
            f"The bytes of {found[0].path} were not stored.",
            hint="Next time name it before the run: expctl run --artifact PATTERN -- COMMAND",
        )
    return manifest, found[0]


def _bring(project: Project, manifest: Manifest, artifact: Artifact) -> dict[str, str]:
    """Make sure the bytes are here; MD5 by path inside the artifact (empty for a file)."""
    folder = setup.cache_dir(project)
    assert artifact.md5 is not None  # _find gives nothing else
    is_folder = artifact.md5.endswith(".dir")
    if not is_folder and cache.has(folder, artifact.md5):
        return {"": artifact.md5}
    try:
        runbytes.ensure(project, [manifest.id])
        entries = _entries(project, manifest.id)
    except FileNotFoundError as err:
        raise IncompleteError(f"The pointer of run {manifest.id} is not in this work tree.") from err
    if not is_folder:
        if not cache.has(folder, artifact.md5):
            raise IncompleteError(f"The bytes of {artifact.path} are not among what run {manifest.id} kept.")
        return {"": artifact.md5}
    top = f"{_place(manifest, artifact)}/"
    inside = {name.removeprefix(top): md5 for name, md5 in entries if name.startswith(top)}
    if dvcfile.dir_md5(inside.items()) != artifact.md5:
        raise cache.DamagedError(
            f"What run {manifest.id} kept as {artifact.path} is not what its manifest says."
        )
    faults = [fault for name in inside if (fault := relpath.check(name))]
    if faults:
        raise ExpctlError(f"{artifact.path} holds a path that is refused: {faults[0]}.")
    return inside


def _place(manifest: Manifest, artifact: Artifact) -> str:
    """Where the run's DVC directory holds it."""
    if artifact in _inputs(manifest):
        return f"data/{artifact.path.lstrip('/')}"
    return f"artifacts/{artifact.path}"


def _sized(project: Project, run_id: str, items: list[Item]) -> list[Item]:
    """The same, with the size of a log or series that lies elsewhere: the pointer knows that of the whole."""
    unknown = [at for at, (each, _) in enumerate(items) if each.stored and each.bytes is None]
    if len(unknown) != 1:
        return items
    try:
        whole = objects.pointer_of(project.runs, run_id).bytes
    except (OSError, ExpctlError):
        return items
    rest = (whole or 0) - sum(each.bytes or 0 for each, _ in items if each.stored)
    at = unknown[0]
    if rest >= 0 and whole is not None:
        items[at] = Item(items[at].artifact._replace(bytes=rest), items[at].here)
    return items


def _entries(project: Project, run_id: str) -> list[tuple[str, str]]:
    out = objects.pointer_of(project.runs, run_id)
    return cache.read_dir(setup.cache_dir(project), out.md5 or "")


def _has_folder(project: Project, run_id: str) -> bool:
    try:
        out = objects.pointer_of(project.runs, run_id)
        return not objects.missing(setup.cache_dir(project), out.md5 or "")
    except (OSError, ExpctlError):
        return False


def _named(names: Iterable[str]) -> str | None:
    listed = list(names)[:3]
    return f"Did you mean {' or '.join(listed)}?" if listed else None
