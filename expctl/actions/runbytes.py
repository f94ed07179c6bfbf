"""Make sure that the bytes of runs are here, and lay them out: what ``pull`` and ``artifacts`` share."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from expctl.actions import runs, setup
from expctl.adapters import dvc, dvcapart, git
from expctl.core import dvcfile, runid
from expctl.core.row import BRANCH
from expctl.errors import ExpctlError, IncompleteError
from expctl.project import FOLDER
from expctl.store import objects, packpointers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from expctl.adapters.files import StrPath
    from expctl.core.row import Row
    from expctl.project import Project


def pointer_name(run_id: str) -> str:
    """The pointer of a run, relative to ``.experiments``: how DVC is told of it."""
    return f"runs/{runid.day_of(run_id)}/{run_id}.dvc"


def has_pointer(project: Project, run_id: str) -> bool:
    """Whether anything in this work tree says what a run left."""
    path = objects.pointer_path(project.runs, run_id)
    return os.path.lexists(path) or run_id in packpointers.everything(project.runs)


def can_read(project: Project, row: Row, notes: list[str]) -> bool:
    """Whether the pointer of a run is here and can be believed; why not is noted."""
    try:
        objects.pointer_of(project.runs, row.id)
    except FileNotFoundError:
        why = "has no bytes of its own"
        if branch := row.values.get(BRANCH):
            why = (
                f"its record is on branch {branch}; bring it here with: {runs.way_here(project, str(branch))}"
            )
        notes.append(f"{runid.suffix(row.id)}: {why}")
        return False
    except ExpctlError as err:
        notes.append(f"{runid.suffix(row.id)}: {err}")
        return False
    return True


def ensure(project: Project, run_ids: Sequence[str]) -> list[str]:
    """Fetch what the cache lacks of some runs; each has a pointer that passed ``objects.read_pointer``.

    Returns:
        Those of them that had to be fetched.

    Raises:
        DvcError: There is no remote, or DVC failed.
        IncompleteError: The remote lacks something.
        DamagedError: A directory object is damaged.
    """
    cache = setup.cache_dir(project)
    lacking = [each for each in run_ids if objects.missing(cache, _md5(project, each))]
    if not lacking:
        return []
    with (
        dvc.remote(project.root, project.experiments) as remote,
        repositories(project, lacking) as known,
    ):
        for folder, pointers in known:
            dvc.fetch(folder, remote, list(pointers.values()))
        still = [each for each in lacking if objects.missing(cache, _md5(project, each))]
        if still:
            many = f"run {still[0]}" if len(still) == 1 else f"{len(still)} runs, such as {still[0]}"
            is_gone = os.path.isabs(remote.url) and not os.path.isdir(remote.url)
            raise IncompleteError(
                f"The remote {remote.url} lacks bytes of {many}" + (": no such folder." if is_gone else "."),
                hint="Ask who recorded it to type: expctl push",
            )
    return lacking


@contextlib.contextmanager
def repositories(
    project: Project, run_ids: Iterable[str], apart: Mapping[str, bytes] | None = None
) -> Iterator[list[tuple[StrPath, dict[str, str]]]]:
    """DVC repositories that know what some runs left: ours, and a throw-away one for those that are packed.

    Asked for one output of a pack's pointer, DVC would look through all of them, and through all packs.

    Args:
        project: Where.
        run_ids: The runs.
        apart: Pointers of some of them that are not in this work tree.

    Yields:
        Each repository's folder, and by run id the pointer in it.

    Raises:
        FileNotFoundError: A pointer is not in this work tree.
        ManifestError: One cannot be believed.
    """
    loose, packed = {}, dict(apart or {})
    for each in run_ids:
        if each in packed:
            continue
        if os.path.lexists(objects.pointer_path(project.runs, each)):
            _make_folder(project, each)
            loose[each] = pointer_name(each)
        else:
            packed[each] = dvcfile.pointer_text(objects.pointer_of(project.runs, each)).encode()
    known: list[tuple[StrPath, dict[str, str]]] = [(project.experiments, loose)] if loose else []
    if not packed:
        yield known
        return
    settings = dvc.own_settings(project.experiments)
    texts = {f"{each}.dvc": text for each, text in packed.items()}
    with dvcapart.repository(setup.cache_dir(project), texts, settings) as folder:
        yield [*known, (folder, {each: f"{each}.dvc" for each in packed})]


def fetch_parts(project: Project, run_ids: Sequence[str], name: str) -> None:
    """Fetch one file of what some runs kept, and nothing else of it; the remote may lack it.

    Args:
        project: Where.
        run_ids: Runs whose pointers are in this work tree, or on the tip of a branch.
        name: The file's path in the run's folder, such as ``series``.

    Raises:
        FileNotFoundError: A pointer is neither in this work tree nor on a branch.
        DvcError: There is no remote, a pointer is refused, or DVC failed.
    """
    apart = _on_branches(project, [each for each in run_ids if not has_pointer(project, each)])
    for each in run_ids:
        if each not in apart:
            _md5(project, each)
    with (
        dvc.remote(project.root, project.experiments) as remote,
        repositories(project, run_ids, apart) as known,
    ):
        for folder, pointers in known:
            parts = [f"{pointer.removesuffix('.dvc')}/{name}" for pointer in pointers.values()]
            dvc.fetch(folder, remote, parts)


def _on_branches(project: Project, run_ids: Sequence[str]) -> dict[str, bytes]:
    """The pointers that tips of branches hold, by run; of several the first that can be believed."""
    if not run_ids:
        return {}
    tips = [branch.commit for branch in git.branches(project.root)]
    labels = {f"{tip}:{FOLDER}/{pointer_name(each)}": each for each in run_ids for tip in tips}
    found: dict[str, bytes] = {}
    for label, text in git.read_blobs(project.root, list(labels), limit=objects.POINTER_LIMIT).items():
        out = dvcfile.parse_plain(text.decode("ascii", "replace"))
        if out is not None and out.is_folder and out.path == labels[label]:
            found.setdefault(labels[label], text)
    wanted = [each for each in run_ids if each not in found]
    packed = packpointers.on_branches(project.root, tips, wanted) if wanted else {}
    return found | {each: dvcfile.pointer_text(out).encode() for each, out in packed.items()}


def checkout(project: Project, run_id: str) -> str:
    """Lay a run's files out beside its manifest, as ``dvc checkout`` would.

    Returns:
        The folder, relative to the top of the repository.

    Raises:
        DvcError: A path would leave the folder, or a link stands in its way.
        DamagedError: Bytes are not what their name says.
    """
    folder = pointer_name(run_id).removesuffix(".dvc")
    objects.make_real_folders(project.experiments, os.path.dirname(folder))
    objects.checkout(setup.cache_dir(project), _md5(project, run_id), f"{project.experiments}/{folder}")
    return os.path.relpath(f"{project.experiments}/{folder}", project.root)


def _make_folder(project: Project, run_id: str) -> None:
    """DVC only follows a path that no link leads astray (dvc#11101)."""
    objects.make_real_folders(project.experiments, os.path.dirname(pointer_name(run_id)))


def _md5(project: Project, run_id: str) -> str:
    out = objects.pointer_of(project.runs, run_id)
    assert out.md5 is not None  # read_pointer gives nothing else
    return out.md5
