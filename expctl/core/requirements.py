"""A recorded package list as requirements that pip and uv install, and what of it they cannot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.core.packages import OURS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from expctl.core.packages import Package

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", re.ASCII)
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.!+_-]*", re.ASCII)
#: An address that a line of requirements can hold; anything else would be more options for pip.
_ADDRESS = re.compile(r"(?:(?:git|hg|bzr|svn)\+)?(?:https?|ssh|git)://[^\s;\\]+", re.ASCII)


class Requirements(NamedTuple):
    """What is installed, and how.

    Attributes:
        lines: In pip's format.
        editable: Places in the repository from which packages are imported as they stand.
        notes: What is installed otherwise than it was, or not at all.
    """

    lines: tuple[str, ...]
    editable: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The file."""
        return "".join(f"{line}\n" for line in self.lines)


def of(packages: Iterable[Package]) -> Requirements:
    """Turn a package list into requirements.

    A list may come from a stranger's branch, and a line of requirements can do more than name a version:
    what is not plainly a name, a version or an address is left out and said.
    """
    lines, editable, notes = [], [], []
    for each in packages:
        source = each.source or ""
        if each.name == OURS:  # the command gets expctl through the hook
            continue
        if not _NAME.fullmatch(each.name):
            notes.append(f"not installed: {each.name!r} is no name of a package")
        elif source.startswith("editable:"):
            editable.append(source.removeprefix("editable:"))
        elif source.startswith("conda:"):
            notes.append(f"not installed: {each.name} {each.version}, which conda had installed")
        elif _ADDRESS.fullmatch(source):
            lines.append(f"{each.name} @ {source}")
            notes.append(f"{each.name} is installed from {source}")
        elif not _VERSION.fullmatch(each.version):
            notes.append(f"not installed: {each.name}, whose version is not known")
        else:
            lines.append(f"{each.name}=={each.version}")
            if source:
                notes.append(f"{each.name} {each.version} came from {source}; taken from the index now")
    return Requirements(tuple(lines), tuple(editable), tuple(notes))
