"""Requests as a commit holds them: read from git and never from the work tree, whose bytes may differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import git, yaml
from expctl.core import gittree
from expctl.core.registry import request as requests
from expctl.errors import ManifestError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping

    from expctl.core.registry.request import Request


_NO_FILE = f"it is no plain file of at most {requests.LIMIT >> 10} KiB"


class Found(NamedTuple):
    """One file in the place of a request.

    Attributes:
        path: From the top of the repository.
        digest: Of its bytes; empty where they were not read.
        request: What it says; None where it cannot be believed.
        fault: Why it cannot; empty where it can.
        is_newer: Whether a newer expctl could, as far as one can tell.
    """

    path: str
    digest: str
    request: Request | None
    fault: str = ""
    is_newer: bool = False


def listed(root: str | os.PathLike[str], commit: str) -> dict[str, str]:
    """The files in the place of requests by path, with the ids of their content; approvals are none of them.

    Args:
        root: The repository.
        commit: Which commit.
    """
    entries = git.ls_tree(root, commit, requests.FOLDER, recursive=True)
    return {
        # What is no plain file holds no request, whatever it is called.
        one.path: one.id if one.kind == "blob" and one.mode in gittree.FILE_MODES else ""
        for one in entries
        if not requests.is_approval(one.path)
    }


def read(root: str | os.PathLike[str], files: Mapping[str, str]) -> list[Found]:
    """Read and check requests; by the time that they bear, then by path.

    Args:
        root: The repository.
        files: Path to the id of its content, as ``listed`` gives them.
    """
    contents = git.read_blobs(root, dict.fromkeys(files.values()), limit=requests.LIMIT)
    found = [_checked(path, contents.get(oid)) for path, oid in files.items()]
    return sorted(found, key=lambda one: (one.request.at if one.request else 0, one.path))


def check(path: str, data: bytes) -> Found:
    """Read one request from its bytes; its name must be what they add up to."""
    where = requests.place(path)
    if where is None:
        return Found(path, "", None, "it is no request: its name is not <model>/<id>.yaml")
    model, short = where
    if len(data) > requests.LIMIT:
        return Found(path, "", None, _NO_FILE)
    full = requests.digest(data)
    if requests.id_of(full) != short:
        return Found(
            path,
            full,
            None,
            f"its name is not the beginning of its content's SHA-256, {requests.id_of(full)}: "
            "a request never changes",
        )
    try:
        return Found(path, full, requests.decode(yaml.parse(data, name=path), model=model))
    except (ValueError, ManifestError) as err:
        is_newer = isinstance(err, requests.NewerError)
        return Found(path, full, None, str(err).removeprefix(f"{path}: "), is_newer)


def _checked(path: str, data: bytes | None) -> Found:
    if data is None:
        return Found(path, "", None, _NO_FILE)
    return check(path, data)
