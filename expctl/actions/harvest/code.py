"""The source that ran: its state at the start, and what was edited meanwhile."""

from __future__ import annotations

from expctl.actions.probes import attempt
from expctl.adapters import git
from expctl.capture import code
from expctl.store import live
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from expctl.actions.harvest.ended import Ended
    from expctl.core.manifest import CodeState


class SourceTree:
    """The paths of the source tree that ran, listed when first asked for."""

    def __init__(self, ended: Ended) -> None:
        self._ended = ended
        self._paths: frozenset[str] | None = None

    def holds(self, path: str) -> bool:
        """Whether a path was source when the run began."""
        if self._paths is None:
            state = live.code_from(self._ended.state)
            tree = state.tree if state else None
            entries = git.ls_tree(self._ended.root, tree, recursive=True) if tree else ()
            self._paths = frozenset(item.path for item in entries)
        return path in self._paths


def describe(ended: Ended, written: frozenset[str]) -> CodeState | None:
    """The state noted at the start, with the late edits.

    Args:
        ended: The run.
        written: Paths that the run itself read as metrics or left as outputs.
    """
    state = live.code_from(ended.state)
    index = ended.state["index"]
    if state is None or not index:
        return state
    changed = attempt(ended.notes, "late edits", lambda: code.changed_since(ended.root, index), ())
    return state._replace(changed_while_running=tuple(path for path in changed if path not in written))
