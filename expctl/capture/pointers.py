"""What DVC says about a path of the work tree: read from its files, without DVC and mostly without YAML."""

from __future__ import annotations

import os

from expctl.adapters import files
from expctl.core import dvcfile
from expctl.errors import ExpctlError
from expctl.typed import NamedTuple

_POINTER_LIMIT = 1 << 20
_LOCK_LIMIT = 1 << 20


class Tracked(NamedTuple):
    """How DVC tracks a path.

    Attributes:
        by: The pointer, or ``dvc.yaml:stage``, relative to the top.
        md5: Of the bytes that it names; None when it names a folder above the path, or says nothing of use.
        version: What its owner wrote into the pointer.
    """

    by: str
    md5: str | None
    version: str | None


def pointer_beside(root: str, full: str) -> str | None:
    """Full path of the ``.dvc`` file of a path, or of a folder that it lies in; nothing is read."""
    path = full
    while len(path) > len(root) and path.startswith(root + "/"):
        if os.path.isfile(f"{path}.dvc"):
            return f"{path}.dvc"
        path = os.path.dirname(path)
    return None


def tracked_by(root: str, full: str) -> Tracked | None:
    """How DVC tracks a path: by a pointer beside it or above it, or as an output of a pipeline.

    Files of DVC's that cannot be read count as absent: DVC itself will complain about them.
    """
    pointer = pointer_beside(root, full)
    if pointer is not None:
        target = pointer.removesuffix(".dvc")
        for out in _outs(pointer):
            if os.path.normpath(os.path.join(os.path.dirname(pointer), out.path)) == target:
                return Tracked(
                    os.path.relpath(pointer, root), out.md5 if target == full else None, out.version
                )
    return _in_pipeline(root, full)


def _in_pipeline(root: str, full: str) -> Tracked | None:
    folder = full
    while len(folder) > len(root):
        folder = os.path.dirname(folder)
        lock = f"{folder}/dvc.lock"
        for stage, out in dvcfile.outs_of_lock(_yaml(lock, _LOCK_LIMIT)) if os.path.isfile(lock) else ():
            path = os.path.normpath(os.path.join(folder, out.path))
            if full == path or full.startswith(path + "/"):
                where = os.path.relpath(f"{folder}/dvc.yaml", root)
                return Tracked(f"{where}:{stage}", out.md5 if full == path else None, None)
    return None


def _outs(pointer: str) -> list[dvcfile.Out]:
    try:
        text = files.read_plain(pointer, limit=_POINTER_LIMIT).decode()
    except (OSError, UnicodeDecodeError):
        return []
    plain = dvcfile.parse_plain(text)
    return [plain] if plain is not None else dvcfile.outs_of(_yaml(pointer, _POINTER_LIMIT))


def _yaml(path: str, limit: int) -> object:
    from expctl.adapters import yaml  # only where a pointer is not plain, or there is a pipeline

    try:
        return yaml.parse(files.read_plain(path, limit=limit), name=os.path.basename(path))
    except (OSError, ExpctlError):
        return None
