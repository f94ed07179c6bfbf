"""Where files lie, looked at while the command runs."""

from __future__ import annotations

import os

from expctl.adapters import gitindex, host
from expctl.capture import atlas
from expctl.core import globs, settings
from expctl.store import outputs
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from expctl.capture.outputwalk import Atlas
    from expctl.store.live import LiveRun

#: File systems where the change time of a folder tells of every name that comes or goes. Those that a program
#: serves (FUSE) may make theirs up.
_EXACT = frozenset(
    ("ext2", "ext3", "ext4", "xfs", "btrfs", "zfs", "f2fs", "bcachefs", "tmpfs", "overlay", "nfs", "nfs4")
)


def survey(run: LiveRun, models: tuple[str, ...], *, is_over: Callable[[], bool]) -> Atlas | None:
    """Survey the work tree of a run; None if that was stopped, or is of no use.

    Tracked source is left out: whoever edits it, it is no output of the run, and nobody reads numbers there.

    Args:
        run: The run.
        models: Patterns of outputs that are models.
        is_over: Whether nobody needs the answer any more.
    """
    if run.state.get("scope") or host.file_system(os.fspath(run.root)) not in _EXACT:
        return None
    # None of the usual patterns fits source, and asking all of them about each path takes long.
    unusual = () if models == settings.MODEL_PATTERNS else models
    named = globs.matcher(
        [*unusual, *run.state["artifacts"], *(run.state.get("keep") or ()), *run.state["metrics"]]
    )
    tracked = frozenset(gitindex.tracked(run.root, run.state["index"]))

    def is_dull(path: str) -> bool:
        return path in tracked and outputs.looks_like_source(path) and not named(path)

    return atlas.survey(os.fspath(run.root), is_dull=is_dull, is_over=is_over)
