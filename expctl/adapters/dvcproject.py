"""The door to the project's own DVC, seen from a copy of its source tree: its cache, and one fetch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from expctl.adapters import dvc, files
from expctl.core import dvcconfig

if TYPE_CHECKING:
    from expctl.adapters.files import StrPath


def cache_of(top: StrPath) -> str:
    """The folder of the cache of a DVC repository; it may not exist yet."""
    folder = f"{os.fspath(top)}/.dvc"
    # Relative ones are meant from the folder of the file that says them, and the later file wins.
    for name in ("config.local", "config"):
        found = dvc.plain_settings(f"{folder}/{name}").get("cache", {}).get("dir")
        if found:
            return os.path.normpath(os.path.join(folder, os.path.expanduser(found)))
    return dvc.user_settings().get("cache", {}).get("dir") or f"{folder}/cache"


def share(mine: StrPath, copy: StrPath) -> None:
    """Give a copy of a DVC repository the cache and the local settings of the user's own.

    Args:
        mine: The user's repository; only read.
        copy: The copy, into whose ``config.local`` (credentials may be in it) they are written.
    """
    local = dvcconfig.anchored(
        dvc.plain_settings(f"{os.fspath(mine)}/.dvc/config.local"), f"{os.fspath(mine)}/.dvc"
    )
    text = dvcconfig.format_settings(dvcconfig.merged(local, {"cache": {"dir": cache_of(mine)}}))
    files.write_atomic(f"{os.fspath(copy)}/.dvc/config.local", text.encode(), mode=0o600)


def fetch(copy: StrPath, target: str) -> None:
    """Bring what a pointer, or a stage, of a copy names into the shared cache.

    Raises:
        DvcError: DVC failed; the message holds its own words.
    """
    dvc.call(copy, "fetch", "--", target)
