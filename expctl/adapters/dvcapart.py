"""The door to DVC for one pointer that lies in no work tree: a throw-away repository around it."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import TYPE_CHECKING

from expctl.adapters import dvc, files
from expctl.core import dvcconfig

if TYPE_CHECKING:
    from expctl.adapters.files import StrPath


def fetch(
    cache: StrPath, name: str, pointer: bytes, *, source: dvc.Remote, settings: dvcconfig.Settings
) -> None:
    """Bring the bytes that a pointer names into a cache.

    Args:
        cache: Its folder.
        name: Of the pointer; it passed as a plain name.
        pointer: Its text; it passed ``dvcfile.parse_plain``.
        source: The remote to fetch from.
        settings: Those that hold the remote where ``source`` brings none along; paths absolute.

    Raises:
        DvcError: DVC failed; the message holds its own words.
    """
    folder = tempfile.mkdtemp(prefix="expctl-dvc-")
    try:
        os.mkdir(f"{folder}/.dvc")
        kept = {key: section for key, section in settings.items() if key.startswith("remote ")}
        text = dvcconfig.format_settings(
            {"core": {"no_scm": "true", "analytics": "false"}, "cache": {"dir": os.fspath(cache)}, **kept}
        )
        files.write_atomic(f"{folder}/.dvc/config", text.encode(), mode=0o600)
        files.write_atomic(f"{folder}/{name}", pointer)
        dvc.fetch(folder, source, [name])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
