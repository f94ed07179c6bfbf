"""A package list: what was installed where a command ran, as one canonical text with a short name.

Two runs with the same packages share one file, ``environments/<sha12>.yaml``; its name is the beginning of
the SHA-256 of its bytes, so that nobody has to be asked whether it is already there.
"""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCHEMA = "expctl/environment/v1"
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+!\-]*")
_NAME = re.compile(r"environments/[0-9a-f]{12}\.yaml")


class Package(NamedTuple):
    """One installed distribution.

    Attributes:
        name: Normalised as PEP 503 has it.
        version: As its metadata says it; "" when it does not.
        source: Where it came from when not from an index (PEP 610): ``git+https://host/repo@<commit>``,
            ``editable:lib/foo``, ``file:x-1.0.whl#sha256=…``, ``conda:<build>``.
    """

    name: str
    version: str
    source: str | None = None


def normalise(name: str) -> str:
    """A distribution's name as PEP 503 compares them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def encode(packages: Iterable[Package], *, python: str | None, implementation: str | None = None) -> bytes:
    """The canonical text of a package list: sorted, one package a line, the same list the same bytes."""
    lines = [f"schema: {SCHEMA}"]
    if python:
        lines.append(f"python: {_scalar(python)}")
    if implementation:
        lines.append(f"implementation: {_scalar(implementation)}")
    known = {package.name: package for package in sorted(set(packages), key=_order, reverse=True)}
    lines.append("packages:" if known else "packages: {}")
    for name in sorted(known):
        package = known[name]
        value = _scalar(package.version)
        if package.source:
            value = f"{{version: {value}, source: {_scalar(package.source)}}}"
        lines.append(f"  {_key(name)}: {value}")
    return ("\n".join(lines) + "\n").encode()


def name_of(data: bytes) -> str:
    """The file of a package list, relative to ``.experiments``: ``environments/<sha12>.yaml``."""
    return f"environments/{hashlib.sha256(data).hexdigest()[:12]}.yaml"


def is_name(text: str) -> bool:
    """Whether the text, from a manifest, may become the path of a package list."""
    return _NAME.fullmatch(text) is not None


def from_dict(data: Any) -> tuple[Package, ...]:
    """Packages from what a YAML reader made of the file.

    Raises:
        ValueError: It is no package list; the message says why.
    """
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise ValueError(f"does not begin with schema: {SCHEMA}")
    listed = data.get("packages")
    if not isinstance(listed, dict):
        raise ValueError("packages: not a mapping of names to versions")  # noqa: TRY004
    return tuple(_package(str(name), value) for name, value in listed.items())


def _package(name: str, value: Any) -> Package:
    if isinstance(value, str):
        return Package(name, value)
    fields: Mapping[str, Any] = value if isinstance(value, dict) else {}
    version, source = fields.get("version"), fields.get("source")
    if not isinstance(version, str) or not (source is None or isinstance(source, str)):
        raise ValueError(f"packages.{name}: neither a version nor {{version, source}}")
    return Package(name, version, source)


def _order(package: Package) -> tuple[str, str, str]:
    return package.name, package.version, package.source or ""


def _key(name: str) -> str:
    # A name such as "y", "on" or "1e3" would be read as something else than text.
    return (
        name
        if _SAFE.fullmatch(name) and len(name) >= _SHORTEST_PLAIN and name[0].isalpha() and name not in _WORDS
        else json.dumps(name)
    )


def _scalar(text: str) -> str:
    return f"'{text}'" if _SAFE.fullmatch(text) else json.dumps(text)


#: Shorter words may be booleans of YAML 1.1: y, on, off.
_SHORTEST_PLAIN = 4
_WORDS = frozenset({"null", "true", "false"})
