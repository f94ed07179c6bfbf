"""Inputs that the project's own DVC versions: their bytes from its cache, or from its remote through it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from expctl.adapters import dvcproject
from expctl.core import dvcfile, relpath
from expctl.errors import IncompleteError
from expctl.store import cache, objects

if TYPE_CHECKING:
    from pathlib import Path

    from expctl.core.manifest import DataInput
    from expctl.project import Project


def has(project: Project, each: DataInput) -> bool:
    """Whether the cache of the project's DVC has all bytes of an input."""
    folder = _cache_of(project, each)
    if folder is None or not dvcfile.is_md5(each.md5):
        return False
    try:
        return all(cache.has(folder, md5) for _, md5 in _entries(folder, each.md5))
    except (OSError, cache.DamagedError):
        return False


def from_cache(project: Project, each: DataInput, target: Path) -> None:
    """Lay an input out from the cache.

    Raises:
        IncompleteError: The cache lacks it, or holds a path that is refused.
        DamagedError: Bytes are not what their name says.
        OSError: It cannot be written.
    """
    folder = _cache_of(project, each)
    if folder is None or not dvcfile.is_md5(each.md5):
        raise IncompleteError("no cache of DVC's.")
    for name, md5 in _entries(folder, each.md5):
        if name and (fault := relpath.check(name)):
            raise IncompleteError(f"{each.path} holds a path that is refused: {fault}.")
        if name:
            target.mkdir(exist_ok=True)
            objects.make_real_folders(target, os.path.dirname(name))
        cache.get(folder, md5, target / name if name else target)


def fetch(project: Project, each: DataInput, copy: Path, target: Path) -> None:
    """Fetch an input from the project's remote as its pointer in the copy names it, and lay it out.

    Raises:
        DvcError: DVC failed.
        IncompleteError: The remote lacks it.
    """
    top = _dvc_root(copy, each)
    folder = _cache_of(project, each)
    mine = _dvc_root(project.home, each)
    if top is None or folder is None or mine is None or not each.dvc:
        raise IncompleteError("the project's DVC is not in its source tree.")
    dvcproject.share(mine, top)
    dvcproject.fetch(top, os.path.relpath(copy / each.dvc, top))
    from_cache(project, each, target)


def _entries(folder: str, md5: str) -> list[tuple[str, str]]:
    return cache.read_dir(folder, md5) if md5.endswith(".dir") else [("", md5)]


def _cache_of(project: Project, each: DataInput) -> str | None:
    top = _dvc_root(project.home, each)
    return None if top is None else dvcproject.cache_of(top)


def _dvc_root(root: Path, each: DataInput) -> Path | None:
    """The DVC repository that a path of the input lies in: the nearest above it, the top at last."""
    place = root / (each.dvc or each.path or "")
    for folder in place.parents:
        if (folder / ".dvc").is_dir():
            return folder
        if folder == root:
            break
    return None
