"""What a failed repeat may lack: a file of the user's work tree that it speaks of, and no record names."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
from typing import TYPE_CHECKING

from expctl.actions import reading
from expctl.core import relpath
from expctl.core.text import clean
from expctl.errors import ExpctlError
from expctl.project import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from expctl.core.manifest import Manifest
    from expctl.project import Project

#: The end of the output is looked at, and of its words so many: why a program stopped stands there.
_END_BYTES, _WORDS = 1 << 14, 500
_WORD = re.compile(r"""[^\s'"`:,;()<>=\[\]]+""")


def remarks(project: Project, run: Manifest, folder: Path) -> list[str]:
    """Name the file that the last words of a repeat are about.

    Args:
        project: The user's.
        run: The repeat, which failed.
        folder: The copy that it ran in.
    """
    lacking = next(_lacking(project, run, folder), None)
    if lacking is None:
        return []
    again = f"expctl run --data {shlex.quote(lacking)} -- CMD"
    return [f"{clean(lacking)} is in your work tree, but no record names it: record it with {again}"]


def _lacking(project: Project, run: Manifest, folder: Path) -> Iterator[str]:
    for word in reversed(_words(project, run)):
        path = os.path.relpath(os.path.join(folder, run.command.cwd, word), folder)
        if relpath.check(path) or path.split("/")[0] in (FOLDER, ".git", "."):
            continue
        with contextlib.suppress(OSError, ValueError):
            if os.path.exists(project.home / path) and not os.path.lexists(folder / path):
                yield path


def _words(project: Project, run: Manifest) -> list[str]:
    try:
        with open(reading.log_path(project, run.id), "rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _END_BYTES))
            text = file.read(_END_BYTES).decode("utf-8", "replace")
    except (ExpctlError, OSError):
        return []
    # A word of a sentence may be the name of a folder: "failed to build".
    return [word for word in _WORD.findall(text) if "\0" not in word and re.search(r"[/.]\w", word)][-_WORDS:]
