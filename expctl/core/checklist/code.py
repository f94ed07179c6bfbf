"""Can the source that ran be had again?"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from expctl.core.checklist.lines import FAIL, OK, WARN, Line, Ways, named, placed
from expctl.core.manifest import LATE_EDITS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.checklist.lines import Holding
    from expctl.core.manifest import CodeState

_SHORT = 7
_REMOTE = "git remote add origin URL"
_AGAIN = "record it again, and edit nothing meanwhile"


def lines(
    code: CodeState | None, tree: Holding, branch: str, notes: Sequence[str], *, push: str, ask: str
) -> list[Line]:
    """Judge the source of a run.

    Args:
        code: What the manifest says of it.
        tree: Where its exact content lies.
        branch: What on the remote reaches its commit, such as ``origin/main``; empty for nothing.
        notes: What could not be captured.
        push: The command that sends the run.
        ask: The command that asks the remote.
    """
    if code is None or code.tree is None:
        return [Line("code", FAIL, "the source that ran was not taken", "record it again: expctl run -- CMD")]
    if branch and not code.dirty and code.commit:
        found = [Line("code", OK, f"commit {code.commit[:_SHORT]} is {branch}")]
    else:
        what = f"the source {'with its uncommitted changes' if code.dirty else 'as committed'}: "
        found = [placed("code", what, tree, Ways(push, ask, _REMOTE))]
    late = next((note.removeprefix(LATE_EDITS) for note in notes if note.startswith(LATE_EDITS)), "")
    if late:
        found.append(Line("code", FAIL, f"what ran is not what was recorded: {late} changed first", _AGAIN))
    elif code.changed_while_running:
        edited = named(code.changed_while_running)
        found.append(Line("code", WARN, f"edited while it ran: {edited}", _AGAIN))
    return [*found, *_left_out(code), *_submodules(code)]


def _left_out(code: CodeState) -> list[Line]:
    """Files that the snapshot lacks, those of one reason on one line."""
    by_reason: dict[str, list[str]] = {}
    for item in code.left_out:
        by_reason.setdefault(item.why, []).append(item.path)
    return [
        Line("code", WARN, f"not in the snapshot: {named(paths)} ({why})", _way_in(why, paths))
        for why, paths in by_reason.items()
    ]


def _way_in(why: str, paths: Sequence[str]) -> str:
    """How left-out files come into the next snapshot; a secret never shall."""
    if "untracked" in why or "ignores" in why:
        return f"git add {'-f ' if 'ignores' in why else ''}{shlex.quote(paths[0])}, then record it again"
    return ""


def _submodules(code: CodeState) -> list[Line]:
    dirty = [each.path for each in code.submodules if each.dirty]
    if dirty:
        way = f"git -C {shlex.quote(dirty[0])} commit -a, then record it again"
        return [Line("code", FAIL, f"submodule {named(dirty)} had changes that nothing holds", way)]
    if code.submodules:
        clean = named([each.path for each in code.submodules])
        return [Line("code", OK, f"submodules at their commits: {clean}")]
    return []
