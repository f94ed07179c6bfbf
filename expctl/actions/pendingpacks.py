"""What packing and unpacking left to commit: packs that came, and records that lie elsewhere now."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import git
from expctl.core import packfile, runid
from expctl.errors import ManifestError
from expctl.project import FOLDER
from expctl.store import manifests, packs, trees

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from expctl.adapters.gitindex import Change
    from expctl.project import Project

_RUNS = f"{FOLDER}/runs"
_PACK = re.compile(rf"{re.escape(_RUNS)}/{trees.PACKED}/([0-9a-f]+)\.(yaml|dvc)")
_FILE = re.compile(rf"{re.escape(_RUNS)}/([0-9-]{{10}})/([0-9a-z-]+)\.(?:yaml|dvc)")


class Folds(NamedTuple):
    """Repository paths to commit together.

    Attributes:
        came: Packs, and pointers of packs, that no commit holds.
        gone: Files of runs that are in packs now, and packs all of whose runs are somewhere else.
        packed: Ids of the runs whose files went into packs.
        unpacked: Ids of runs of the packs that are gone.
    """

    came: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    packed: frozenset[str] = frozenset()
    unpacked: frozenset[str] = frozenset()


def folds(project: Project, changes: Sequence[Change]) -> Folds:
    """Find what packing and unpacking left.

    What was deleted and lies nowhere else is the user's own to commit: somebody may have slipped.
    """
    deleted = {change.path for change in changes if "D" in (change.unstaged, change.staged)}
    came = tuple(
        change.path
        for change in changes
        if change.unstaged not in "Du" and change.staged != "D" and _PACK.fullmatch(change.path)
    )
    lost = {match[1] for path in deleted if (match := _PACK.fullmatch(path)) and match[2] == "yaml"}
    if not came and not lost and not any(_FILE.fullmatch(path) for path in deleted):
        return Folds()
    packed = _packed(project)
    files = {path: match[2] for path in deleted if (match := _FILE.fullmatch(path)) and match[2] in packed}
    here = packed | {entry.id for entry in manifests.scan(project.runs)}
    gone, unpacked = list(files), set[str]()
    for name, held in _held(project, sorted(lost)).items():
        if held <= here:
            unpacked |= held
            gone += [path for path in deleted if (match := _PACK.fullmatch(path)) and match[1] == name]
    return Folds(came, tuple(sorted(gone)), frozenset(files.values()), frozenset(unpacked - packed))


def _packed(project: Project) -> frozenset[str]:
    found: set[str] = set()
    for name in packs.listed(project.runs).ids:
        with contextlib.suppress(ManifestError):
            found.update(packs.read(packs.path_of(project.runs, name)))
    return frozenset(found)


def _held(project: Project, names: Iterable[str]) -> dict[str, set[str]]:
    """The runs of packs as the last commit has them; those that it lacks are not among them."""
    head = git.head(project.root)[0]
    found = {}
    for name in names if head else ():
        path = f"{head}:{_RUNS}/{trees.PACKED}/{name}.yaml"
        for data in git.read_blobs(project.root, [path], limit=packfile.MOST_BYTES).values():
            with contextlib.suppress(ValueError):
                ids = [packfile.id_of(part) for part in packfile.split(data)]
                found[name] = {run_id for run_id in ids if run_id and runid.is_valid(run_id)}
    return found
