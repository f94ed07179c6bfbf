"""The door to copies of what users have: files and folders, by reflink where the file system can."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from expctl.adapters import reflink

if TYPE_CHECKING:
    from expctl.adapters.files import StrPath


def copy(source: StrPath, target: StrPath) -> None:
    """Copy a file or a folder, links followed: whoever writes to the copy changes nothing else.

    Args:
        source: What to copy.
        target: Where to; must not exist, its folder must.

    Raises:
        OSError: Something cannot be read or written, or there is no room.
    """
    if os.path.isdir(source):
        shutil.copytree(source, target, copy_function=copy_file)
    else:
        copy_file(source, target)


def copy_file(source: StrPath, target: StrPath) -> None:
    """Copy one file with its mode and times."""
    with open(source, "rb") as given, open(target, "xb") as made:
        is_done = reflink.clone(given.fileno(), made.fileno())
    if not is_done:
        shutil.copyfile(source, target)
    shutil.copystat(source, target)
    os.chmod(target, os.stat(target).st_mode | 0o200)
