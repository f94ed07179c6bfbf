"""The source that ran: its state at the start, what was edited meanwhile, and what was imported besides."""

from __future__ import annotations

import os

from expctl.actions.probes import attempt
from expctl.adapters import git
from expctl.capture import code, used
from expctl.core.manifest import LATE_EDITS, LeftOut
from expctl.store import live
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from expctl.actions.harvest.ended import Ended
    from expctl.core.manifest import CodeState

#: So many files are named in a note, or beside those that the snapshot left out.
_NAMED = 20
#: The times of files come from a coarse clock that may lag one tick (10 ms at 100 Hz) behind the one we read.
_TICK_NS = 10_000_000


class SourceTree:
    """What is source: the tree that ran, listed when first asked for, and what was imported.

    Attributes:
        imported: Paths that Python processes imported or ran, and when last, in nanoseconds since 1970.
        changed: When these had been changed last before they were imported, likewise.
    """

    def __init__(self, ended: Ended) -> None:
        self._ended = ended
        self._paths: frozenset[str] | None = None
        processes = ended.hooked.processes if ended.hooked else ()
        self.imported: dict[str, int] = {}
        self.changed: dict[str, int] = {}
        for process in processes:
            for found, given in ((self.imported, process.sources), (self.changed, process.changes.items())):
                for full, when_ns in given:
                    path = _inside(ended.root, full)
                    if path is not None:
                        found[path] = max(when_ns, found.get(path, 0))

    def is_in_tree(self, path: str) -> bool:
        """Whether a path was source when the run began."""
        if self._paths is None:
            state = live.code_from(self._ended.state)
            tree = state.tree if state else None
            entries = git.ls_tree(self._ended.root, tree, recursive=True) if tree else ()
            self._paths = frozenset(item.path for item in entries)
        return path in self._paths

    def holds(self, path: str) -> bool:
        """Whether a path is source, and so no output."""
        return path in self.imported or self.is_in_tree(path)


def describe(ended: Ended, source: SourceTree, outputs: Container[str]) -> CodeState | None:
    """The state noted at the start, with the late edits and what was imported beside the snapshot.

    Args:
        ended: The run.
        source: What is source.
        outputs: Paths that it read as metrics or left as outputs. One that its own processes were seen to
            write, and did not run, was not edited.
    """
    state = live.code_from(ended.state)
    index = ended.state["index"]
    if state is None:
        return None
    changed = (
        attempt(ended.notes, "source edits", lambda: code.changed_since(ended.root, index), ())
        if index
        else ()
    )
    added, left_out = attempt(
        ended.notes, "imports", lambda: _beside_the_tree(ended, state, source), ([], [])
    )
    own = _written(ended) - source.imported.keys()
    edited = sorted([*(path for path in changed if path not in own or path not in outputs), *added])
    _say_late(ended, edited, source)
    used = attempt(ended.notes, "files that were read", lambda: _used(ended, source), (None, None))
    return state._replace(
        imported=used[0],
        opened=used[1],
        changed_while_running=tuple(edited),
        left_out=tuple(sorted([*state.left_out, *left_out], key=lambda file: file.path)),
    )


def _beside_the_tree(ended: Ended, state: CodeState, source: SourceTree) -> tuple[list[str], list[LeftOut]]:
    """What was imported and is not in the snapshot: added meanwhile, or there before and left out."""
    known = {each.path for each in state.left_out}
    inside = tuple(f"{each.path}/" for each in state.submodules)
    missing = [
        path
        for path in source.imported
        if path not in known and not path.startswith(inside) and not source.is_in_tree(path)
    ]
    if state.tree is None or not missing:
        return [], []
    there = [(path, at_ns) for path in missing if (at_ns := _changed_ns(ended.root, path)) is not None]
    own = _written(ended)
    added = [path for path, at_ns in there if ended.span.holds(at_ns) and path not in own]
    before = [path for path, at_ns in there if not ended.span.holds(at_ns)][:_NAMED]
    ignored = git.is_ignored(ended.root, before)
    why = {True: "imported, but git ignores it", False: "imported, but not taken"}
    return added, [LeftOut(path=path, why=why[path in ignored]) for path in before]


def _used(ended: Ended, source: SourceTree) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
    """What Python processes imported, and what else of the tree they opened; None when nobody looked."""
    seen = ended.hooked
    # Of the jobs of a multirun it is known together, but not apart.
    if seen is None or seen.main is None or ended.state.get("scope"):
        return None, None
    reads = {path for full in seen.reads if (path := _inside(ended.root, full)) is not None}
    opened = {
        path for path in reads - source.imported.keys() if path.endswith("/") or source.is_in_tree(path)
    }
    return used.folded(source.imported), used.folded(opened)


def _say_late(ended: Ended, edited: Iterable[str], source: SourceTree) -> None:
    """A file that was imported after its last change ran otherwise than it is recorded."""
    late = []
    for path in edited:
        at_ns = _changed_ns(ended.root, path)
        before_ns = source.changed.get(path)
        is_late = at_ns is not None and source.imported.get(path, 0) > at_ns + _TICK_NS
        if is_late or (before_ns is not None and ended.span.holds(before_ns)):
            late.append(path)
    if late:
        named = ", ".join(late[:_NAMED]) + (" …" if len(late) > _NAMED else "")
        ended.notes.append(f"{LATE_EDITS}{named}")


def _written(ended: Ended) -> set[str]:
    """Paths that the run's own Python processes wrote."""
    found = (_inside(ended.root, full) for full in (ended.hooked.writes if ended.hooked else ()))
    return {path for path in found if path is not None}


def _inside(root: os.PathLike[str], full: str) -> str | None:
    """A path seen from the top; None outside of it."""
    for top in (os.fspath(root), os.path.realpath(root)):
        if full.startswith(f"{top}/"):
            return full[len(top) + 1 :]
    return None


def _changed_ns(root: os.PathLike[str], path: str) -> int | None:
    try:
        facts = os.lstat(os.path.join(root, path))
    except OSError:
        return None
    return max(facts.st_mtime_ns, facts.st_ctime_ns)
