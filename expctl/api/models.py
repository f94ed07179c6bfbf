"""Registered models for programs: where the bytes of a version lie."""

from __future__ import annotations

import contextlib
import os

from expctl import project
from expctl.actions import modelpull, models
from expctl.errors import UsageError


def model_path(
    name: str, *, stage: str | None = None, version: str | None = None, repo: str | None = None
) -> str:
    """The local path of a registered version's bytes, fetched if they are not here and checked by their hash.

    Nothing is loaded or unpickled. An empty stage is an error: never is another version given instead.

    Args:
        name: Of the model; with ``@`` and a version or an alias behind it, neither is given besides.
        stage: The version that stands there, such as ``production``.
        version: That version, such as ``v1.2.0``, or an alias such as ``champion``; this or ``stage``.
        repo: URL of another git repository; by default the one that the working folder lies in.

    Returns:
        An absolute path of a file or folder, which is not to be changed.

    Raises:
        ExpctlError: There is no such model or version, or its bytes are nowhere to be had.
    """
    if (stage is not None) + (version is not None) + ("@" in name) != 1:
        raise UsageError("Name a version, an alias or a stage, and one of them alone.")
    model, at = models.parse_reference(f"{name}@{version}" if version else name)
    with modelpull.borrowed(repo) if repo else contextlib.nullcontext(None) as other:
        return modelpull.pull(other or project.find(os.getcwd()), model, at, stage, None).path
