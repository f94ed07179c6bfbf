"""Manifests on the disk: one file a run, in one folder a day."""

from __future__ import annotations

import errno
import os
import re
import stat

from expctl.adapters import files
from expctl.core import canonical, runid, schema, yamltext
from expctl.core.fields import Fault
from expctl.errors import ManifestError
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from expctl.core.manifest import Manifest

#: Larger files are not looked at.
LIMIT = 1 << 20
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_SUFFIX = ".yaml"


class Entry(NamedTuple):
    """A manifest's file as a folder listing shows it: enough to know whether it changed."""

    id: str
    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


class Unreadable(NamedTuple):
    """A file in the place of a manifest that cannot be believed, and why."""

    path: str
    reason: str


def path_of(runs: Path, run_id: str) -> Path:
    """Where the manifest of a run lies.

    Raises:
        ValueError: Not a run id.
    """
    return runs / runid.day_of(run_id) / f"{run_id}{_SUFFIX}"


def write(runs: Path, manifest: Manifest, *, exclusive: bool = False) -> Path:
    """Write a manifest whole or not at all.

    Args:
        runs: The folder that holds the folders of days.
        manifest: The run.
        exclusive: Refuse to replace a manifest that exists.

    Returns:
        The file.

    Raises:
        ManifestError: It would not be read back.
        FileExistsError: ``exclusive`` and the file is there.
        OSError: The disk is full, or the folder cannot be written.
    """
    path = path_of(runs, manifest.id)
    files.write_atomic(path, encode(manifest), exclusive=exclusive)
    return path


def encode(manifest: Manifest) -> bytes:
    """The bytes of a manifest, read back before they are given out.

    What the reader would refuse is left out, or cut, and the manifest's capture notes say so.

    Raises:
        ManifestError: Not even the bare facts of the run can be written.
    """
    plain = schema.to_dict(manifest)
    data = _proved(plain, manifest.id)
    if data is None:
        from expctl.core import fitting  # the rare road

        for attempt in fitting.attempts(plain):
            if (data := _proved(attempt, manifest.id)) is not None:
                break
    if data is None:
        raise ManifestError(f"The manifest of {manifest.id} cannot be written so that it can be read again.")
    return data


def parse(data: bytes, *, name: str, expect_id: str | None = None) -> Manifest:
    """Read a manifest that nobody vouches for.

    Args:
        data: The content of the file.
        name: What to call it in a message.
        expect_id: The id that its file name promises.

    Raises:
        ManifestError: ``name: reason``, on one line; further reasons are counted.
    """
    try:
        manifest = schema.from_dict(_plain(data, name))
    except schema.SchemaError as err:
        first, rest = err.faults[0], len(err.faults) - 1
        raise ManifestError(f"{name}: {first}" + (f" (and {rest} more)" if rest else "")) from err
    if expect_id is not None and manifest.id != expect_id:
        raise ManifestError(f"{name}: the id inside is {manifest.id}, the file name says {expect_id}")
    return manifest


def faults(data: bytes, *, name: str, expect_id: str | None = None) -> list[Fault]:
    """Everything that is wrong with a manifest; an empty list for a good one."""
    try:
        parse(data, name=name, expect_id=expect_id)
    except ManifestError as err:
        if isinstance(err.__cause__, schema.SchemaError):
            return err.__cause__.faults
        return [Fault("", str(err).removeprefix(f"{name}: "))]
    return []


def read(path: Path, *, expect_id: str | None = None) -> Manifest:
    """Read a manifest from a regular file that is no link.

    Raises:
        ManifestError: It is missing, or cannot be believed.
    """
    name = name_of(path)
    return parse(read_bytes(path, name=name), name=name, expect_id=expect_id)


def read_bytes(path: str | os.PathLike[str], *, name: str, limit: int = LIMIT) -> bytes:
    """The content of a file that may be hostile: no link is followed, nothing but a regular file is opened.

    Args:
        path: The file.
        name: What to call it in a message.
        limit: Larger ones are refused.

    Raises:
        ManifestError: ``name: reason``.
    """
    try:
        return files.read_plain(path, limit=limit)
    except OSError as err:
        raise ManifestError(f"{name}: {_complaint(err, limit)}") from err


def name_of(path: str | os.PathLike[str]) -> str:
    """What to call a file in a message: its path from ``.experiments`` on, else its last two parts."""
    parts = os.fspath(path).split("/")
    start = parts.index(".experiments") if ".experiments" in parts else len(parts) - 2
    return "/".join(parts[max(0, start) :])


def scan(folder: Path) -> list[Entry]:
    """List the manifests under the folders of days, oldest first, without reading one.

    Linked folders are passed over. A linked manifest is listed, and refused by ``read``. Missing folder: no
    entries.
    """
    found: list[Entry] = []
    for day in _entries(folder):
        if re.fullmatch(_DAY, day.name) and day.is_dir(follow_symlinks=False):
            found.extend(e for e in _manifests(day.path) if runid.day_of(e.id) == day.name)
    found.sort()
    return found


def scan_flat(folder: Path) -> list[Entry]:
    """List the manifests directly in a folder, as ``scan`` does."""
    return sorted(_manifests(folder))


def _manifests(folder: str | os.PathLike[str]) -> Iterator[Entry]:
    for item in _entries(folder):
        name = item.name
        if name.endswith(_SUFFIX) and runid.is_valid(run_id := name[: -len(_SUFFIX)]):
            try:
                facts = item.stat(follow_symlinks=False)
            except OSError:  # removed meanwhile
                continue
            yield Entry(run_id, item.path, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino)


def _entries(folder: str | os.PathLike[str]) -> list[os.DirEntry[str]]:
    """The entries of a folder that is no link; none if it is missing or may not be read."""
    try:
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return []
        with os.scandir(os.fspath(folder)) as listing:
            return list(listing)
    except OSError:
        return []


def _plain(data: bytes, name: str) -> Any:
    if len(data) <= canonical.MAX_CHARS:
        try:
            found = canonical.parse(data.decode())
        except UnicodeDecodeError:
            found = None
        if found is not None:
            return found
    from expctl.adapters import yaml  # costs 28 ms; needed only for files that people or strangers wrote

    return yaml.parse(data, name=name, limit=LIMIT)


def _proved(plain: dict[str, Any], run_id: str) -> bytes | None:
    """The bytes if the reader makes the same manifest of them, else None."""
    try:
        text = yamltext.dump(plain, inline=schema.INLINE)
        data = text.encode()
        if "\ufffd" in text:  # perhaps half a character was replaced, and a path is not that path any more
            schema.from_dict(plain)
        again = schema.to_dict(parse(data, name=run_id, expect_id=run_id))
    except (ManifestError, schema.SchemaError, RecursionError):
        return None
    return data if yamltext.dump(again, inline=schema.INLINE) == text else None


def _complaint(err: OSError, limit: int) -> str:
    if err.errno == errno.ELOOP:
        return "a symbolic link, which is not followed"
    if err.errno == errno.EFBIG:
        return f"larger than {limit} bytes"
    return (err.strerror or type(err).__name__).lower()
