"""The door to installed packages: read from the names of metadata folders, without running any Python.

``importlib.metadata`` opens every METADATA file and ``pip`` takes a second; a folder's name says it all
(https://packaging.python.org/en/latest/specifications/recording-installed-packages/), and only what came from
somewhere else than an index has a ``direct_url.json`` worth opening.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from expctl.core import redact
from expctl.core.packages import Package, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_LIMIT = 1 << 16
_LONGEST = 200
_EGG = r"(?P<name>[^-]+)(?:-(?P<version>[^-]+))?(?:-py\d[\d.]*)?(?:-[\w.\-]+)?"


def packages(
    path: Sequence[str], prefix: str, *, root: str | os.PathLike[str] | None = None
) -> tuple[Package, ...]:
    """What is installed where an interpreter imports from; of two versions the one that it would import.

    Args:
        path: Its folders, in the order of import. Those that cannot be read are passed over.
        prefix: Root of its environment; a conda environment lists its libraries there.
        root: Top of the repository; packages installed from beneath it are named by their place in it.
    """
    found: dict[str, Package] = {}
    for folder in path:
        for package in _in_folder(folder, root):
            found.setdefault(package.name, package)
    for package in _of_conda(os.path.join(prefix, "conda-meta")):
        found.setdefault(package.name, package)
    return tuple(found[name] for name in sorted(found))


def owners(path: Sequence[str], modules: Iterable[str], listed: Iterable[str]) -> tuple[str, ...]:
    """The packages that modules came from: by their names, else by what the packages say they installed.

    Args:
        path: The folders that the interpreter imports from.
        modules: Top-level names.
        listed: Names of the packages that are there.

    Returns:
        Names out of ``listed``, sorted. Several packages may share a module, and a module that none of them
        claims has no package.
    """
    names = set(listed)
    found: set[str] = set()
    left: set[str] = set()
    for module in modules:
        name = normalise(module)
        (found if name in names else left).add(name if name in names else module)
    for folder in path if left else ():
        found.update(name for name in _claiming(folder, left) if name in names)
    return tuple(sorted(found))


def _claiming(folder: str, modules: set[str]) -> Iterable[str]:
    """The packages of a folder that say they installed one of some modules."""
    for name in _names(folder):
        stem, suffix = os.path.splitext(name)
        if suffix not in (".dist-info", ".egg-info"):
            continue
        place = os.path.join(folder, name)
        text = _read(os.path.join(place, "top_level.txt"))
        tops = set(text.split()) if text is not None else _tops(_read(os.path.join(place, "RECORD")) or "")
        if not tops.isdisjoint(modules):
            yield normalise(_text(stem.partition("-")[0]))


def _tops(record: str) -> set[str]:
    """The modules among the first files that a package installed."""
    first = {line.partition(",")[0].partition("/")[0] for line in record.splitlines()}
    return {name.partition(".")[0] for name in first if name}


def blas(path: Iterable[str]) -> str | None:
    """The linear algebra that the installed numpy was built with, such as ``openblas 0.3.29``."""
    for folder in path:
        text = _read(os.path.join(folder, "numpy", "__config__.py"))
        if text is None:
            continue
        if match := re.search(r'"blas":\s*\{([^}]*)\}', text):
            fields = dict(re.findall(r'"(name|version)":\s*"([^"]*)"', match[1]))
            if name := fields.get("name", ""):
                return f"{name.removeprefix('scipy-').rstrip('64')} {fields.get('version', '')}".strip()[
                    :_LONGEST
                ]
        # Before numpy 1.26: one dictionary a library, empty where it is not there.
        old = re.search(
            r"^(openblas|blas_mkl|mkl|blis|accelerate|atlas)\w*_info\s*=\s*\{.*\w", text, re.MULTILINE
        )
        return old[1].removeprefix("blas_") if old else None
    return None


def _names(folder: str) -> list[str]:
    """What is installed in a folder; none where it cannot be read."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    # pip renames what it is about to remove to "~name"; what stays behind is not installed.
    return [name for name in names if not name.startswith("~")]


def _in_folder(folder: str, root: str | os.PathLike[str] | None) -> Iterable[Package]:
    for name in _names(folder):
        stem, suffix = os.path.splitext(name)
        if suffix == ".dist-info":
            distribution, dash, version = stem.rpartition("-")
            if dash:
                yield _package(distribution, version, _origin(os.path.join(folder, name), root))
        elif suffix in (".egg-info", ".egg"):
            yield from _egg(folder, name, stem, root)


def _egg(folder: str, name: str, stem: str, root: str | os.PathLike[str] | None) -> Iterable[Package]:
    match = re.fullmatch(_EGG, stem)
    if match is None:
        return
    version = match["version"]
    source = None
    if version is None or version.startswith("py"):
        # No version in the name: the metadata lies in the source folder itself (setup.py develop).
        text = _read(os.path.join(folder, name, "PKG-INFO")) or _read(os.path.join(folder, name)) or ""
        said = re.search(r"^Version:\s*(\S+)", text, re.MULTILINE)
        version = said[1] if said else ""
        source = f"editable:{_place(folder, root)}"
    yield _package(match["name"], version, source)


def _origin(folder: str, root: str | os.PathLike[str] | None) -> str | None:
    """Where a package came from, when not from an index (PEP 610), credentials and local folders left out."""
    text = _read(os.path.join(folder, "direct_url.json"))
    if text is None:
        return None
    import json  # only packages that come from elsewhere need it

    try:
        facts = json.loads(text)
        url = facts["url"]
        vcs, archive, local = (facts.get(key) or {} for key in ("vcs_info", "archive_info", "dir_info"))
        is_local = url.startswith("file://")
        place = f"file:{_place(_path_of(url), root)}" if is_local else redact.strip_url(url)
        if local.get("editable"):
            return f"editable:{place.removeprefix('file:')}"
        if vcs:
            return f"{vcs['vcs']}+{place}@{vcs.get('commit_id', '')}"[: 2 * _LONGEST]
        return f"{place}{_hash(archive)}"[: 2 * _LONGEST]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "unknown"


def _hash(archive: dict[str, Any]) -> str:
    hashes = archive.get("hashes")
    if isinstance(hashes, dict) and isinstance(hashes.get("sha256"), str):
        return f"#sha256={hashes['sha256']}"
    old = archive.get("hash")
    return f"#{old}" if isinstance(old, str) else ""


def _path_of(url: str) -> str:
    from urllib.parse import unquote, urlsplit  # only packages installed from a folder need it

    return unquote(urlsplit(url).path)


def _place(path: str, root: str | os.PathLike[str] | None) -> str:
    """A local path by its place in the repository, else by its name alone: a home is nobody's business."""
    if root is not None:
        inside = os.path.relpath(os.path.realpath(path), os.path.realpath(root))
        if inside != ".." and not inside.startswith("../"):
            return inside
    return os.path.basename(path.rstrip("/"))


def _of_conda(folder: str) -> Iterable[Package]:
    """What conda installed, Python's own packages included under the names that conda gives them."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return
    for file in names:
        parts = file.removesuffix(".json").rsplit("-", 2)
        if file.endswith(".json") and len(parts) == 3:  # noqa: PLR2004 name, version, build
            yield _package(parts[0], parts[1], f"conda:{parts[2]}")


def _package(name: str, version: str, source: str | None) -> Package:
    return Package(normalise(_text(name)), _text(version), None if source is None else _text(source))


def _text(text: str) -> str:
    """Text that any file can hold, whatever bytes a file name was made of."""
    clean = text.encode("utf-8", "replace").decode()
    return "".join(char if char.isprintable() else "?" for char in clean)[: 2 * _LONGEST]


def _read(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return file.read(_LIMIT).decode("utf-8", "replace")
    except OSError:
        return None
