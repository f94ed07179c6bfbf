"""Package lists on disk: ``environments/<sha12>.yaml``, one file for all runs that had the same packages."""

from __future__ import annotations

import errno
import os

from expctl.adapters import files
from expctl.core import packages as core
from expctl.errors import ManifestError
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

#: A list of 10 000 packages is a quarter of this.
LIMIT = 1 << 20


def write(
    experiments: Path,
    packages: Sequence[core.Package],
    *,
    python: str | None = None,
    implementation: str | None = None,
) -> str:
    """Keep a package list, if it is not there yet.

    Returns:
        Its path relative to ``experiments``, as manifests name it.

    Raises:
        OSError: The folder cannot be written, or is a link.
    """
    data = core.encode(packages, python=python, implementation=implementation)
    name = core.name_of(data)
    path = os.path.join(experiments, name)
    if os.path.islink(os.path.dirname(path)):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.path.dirname(path))
    try:
        if files.read_plain(path, limit=LIMIT) == data:
            return name
    except OSError:
        pass  # missing, or something that is no package list: replaced
    files.write_atomic(path, data)
    return name


def read(experiments: Path, name: str) -> tuple[core.Package, ...]:
    """Read a package list that a manifest names.

    Raises:
        ManifestError: The name is none, the file is missing or is no package list.
    """
    if not core.is_name(name):
        raise ManifestError(f"{name!r} does not name a package list.")
    try:
        data = files.read_plain(os.path.join(experiments, name), limit=LIMIT)
    except OSError as err:
        raise ManifestError(f"{name}: {err.strerror or err}") from err
    return parse(data, name=name)


def parse(data: bytes, *, name: str) -> tuple[core.Package, ...]:
    """Take a package list from its text.

    Raises:
        ManifestError: It is none.
    """
    from expctl.adapters import yaml  # slow to import, and only readers need it

    try:
        return core.from_dict(yaml.parse(data, name=name))
    except ValueError as err:
        raise ManifestError(f"{name}: {err}") from err
