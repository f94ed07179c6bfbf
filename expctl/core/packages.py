"""A package list: what was installed where a command ran, as one canonical text with a short name.

Two runs with the same packages share one file, ``environments/<sha12>.yaml``; its name is the beginning of
the SHA-256 of its bytes, so that nobody has to be asked whether it is already there.
"""

from __future__ import annotations

import re

from expctl.core import yamltext
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SCHEMA = "expctl/environment/v1"
#: How we are installed: what recorded a run need not be there to run it again.
OURS = "git-expctl"
_NAME = r"environments/[0-9a-f]{12}\.yaml"


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
    # Of two packages of one name the same one stays, whatever their order was.
    known = {package.name: package for package in sorted(packages, key=_order, reverse=True)}
    tree: dict[str, Any] = {"schema": SCHEMA}
    if python:
        tree["python"] = python
    if implementation:
        tree["implementation"] = implementation
    tree["packages"] = {
        name: {"version": known[name].version, "source": known[name].source}
        if known[name].source
        else known[name].version
        for name in sorted(known)
    }
    return yamltext.dump(tree).encode()


def name_of(data: bytes) -> str:
    """The file of a package list, relative to ``.experiments``: ``environments/<sha12>.yaml``."""
    import hashlib  # loads OpenSSL: only Python programs have packages

    return f"environments/{hashlib.sha256(data).hexdigest()[:12]}.yaml"


def is_name(text: str) -> bool:
    """Whether the text, from a manifest, may become the path of a package list."""
    return re.fullmatch(_NAME, text) is not None


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
