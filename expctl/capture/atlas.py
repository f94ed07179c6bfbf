"""Where files lie in a work tree: surveyed beside the command, so that the walk after it is short.

A folder whose change time is what it was holds the names that it held: then only its files are looked at, and
no folder is listed again. Nothing sets the change time of a folder, unlike the time of its modification.
"""

from __future__ import annotations

import os

from expctl.adapters import clock
from expctl.capture import outputwalk
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: A folder this young may change again within the same tick of a coarse clock (FAT: 2 s).
_YOUNG_NS = 2_000_000_000
#: More are surveyed by no one who waits.
_MOST_FOLDERS = 200_000


def survey(
    top: str, *, is_dull: Callable[[str], bool], is_over: Callable[[], bool]
) -> outputwalk.Atlas | None:
    """List all folders of a work tree.

    Args:
        top: Its top.
        is_dull: Whether a file, by its path relative to the top, is none that any part of a harvest asks for.
        is_over: Whether nobody needs the answer any more.

    Returns:
        Folders by path relative to the top (with ``/`` behind; empty for the top); None if it was stopped.
    """
    atlas: outputwalk.Atlas = {}
    now_ns, device = clock.wall_ns(), 0
    pending = [""]
    for inside in pending:
        if is_over() or len(pending) > _MOST_FOLDERS:
            return None
        try:
            facts = os.stat(f"{top}/{inside}")
        except OSError:
            continue
        device = device or facts.st_dev
        listed = outputwalk.list_folder(f"{top}/{inside}", outputwalk.PRUNED, is_top=not inside)
        kept = tuple(name for name in listed.files if not is_dull(inside + name))
        # Of what is mounted beneath the top it is not known how it keeps time.
        is_sure = facts.st_ctime_ns < now_ns - _YOUNG_NS and facts.st_dev == device
        atlas[inside] = listed._replace(files=kept, changed_ns=facts.st_ctime_ns if is_sure else -1)
        pending += [f"{inside}{name}/" for name in listed.folders]
    return atlas
