"""The door to DVC for pointers that lie in no work tree: a throw-away repository around them."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from typing import TYPE_CHECKING

from expctl.adapters import dvc, files
from expctl.core import dvcconfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    with repository(cache, {name: pointer}, settings) as folder:
        dvc.fetch(folder, source, [name])


def lacking(
    cache: StrPath, pointers: Mapping[str, bytes], *, at: dvc.Remote, settings: dvcconfig.Settings
) -> set[str]:
    """Ask a remote what it lacks of what some pointers name; nothing is transferred.

    Args:
        cache: Where the bytes are, as far as they are here.
        pointers: Text by name, each with one output of that name without its ``.dvc``.
        at: The remote.
        settings: Those that hold the remote where ``at`` brings none along; paths absolute.

    Returns:
        The names of the pointers.

    Raises:
        DvcError: DVC failed; the message holds its own words.
    """
    if not pointers:
        return set()
    with repository(cache, pointers, settings) as folder:
        found = dvc.not_there(folder, at, list(pointers))
    return {name for name in pointers if name.removesuffix(".dvc") in {one.split("/")[0] for one in found}}


@contextlib.contextmanager
def repository(cache: StrPath, pointers: Mapping[str, bytes], settings: dvcconfig.Settings) -> Iterator[str]:
    """Make a DVC repository that holds some pointers and nothing else, for as long as the block lasts.

    Args:
        cache: The folder of its cache.
        pointers: By name, which passed as a plain one, the text of each.
        settings: Those that hold the remotes; paths absolute.

    Yields:
        Its folder.
    """
    folder = tempfile.mkdtemp(prefix="expctl-dvc-")
    try:
        os.mkdir(f"{folder}/.dvc")
        kept = {key: section for key, section in settings.items() if key.startswith("remote ")}
        shared = settings.get("cache", {}).get("shared")
        text = dvcconfig.format_settings(
            {
                "core": {"no_scm": "true", "analytics": "false"},
                "cache": {"dir": os.fspath(cache), **({"shared": shared} if shared else {})},
                **kept,
            }
        )
        # Credentials may be in there.
        files.write_atomic(f"{folder}/.dvc/config", text.encode(), mode=0o600)
        for name, pointer in pointers.items():
            with open(f"{folder}/{name}", "xb") as file:
                file.write(pointer)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
