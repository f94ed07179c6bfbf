"""Is what the run produced, and its record, where others find it?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core.checklist.lines import FAIL, OK, WARN, Line, Ways, named, placed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.checklist.lines import Holding
    from expctl.core.manifest import Artifact

_REMOTE = "dvc remote add -d NAME URL"


def artifacts(items: Sequence[Artifact], held: Holding | None, *, push: str, ask: str) -> list[Line]:
    """Judge what a run produced.

    Args:
        items: What the manifest lists.
        held: Where the run's own bytes lie; None where it has no pointer.
        push: The command that sends them.
        ask: The command that asks the remote.
    """
    kept = [item.path for item in items if item.stored]
    lost = [item.path for item in items if not item.stored and item.kind == "model"]
    if not kept and not lost:
        return [Line("artifacts", OK, "it listed no model and kept nothing" if items else "it produced none")]
    lines = []
    if kept and held is None:
        lines.append(Line("artifacts", FAIL, f"{named(kept)}: kept, but the pointer is gone", "git fetch"))
    elif kept and held is not None:
        lines.append(placed("artifacts", f"{named(kept)}: kept, ", held, Ways(push, ask, _REMOTE)))
    if lost:
        said = f"{named(lost)}: listed with a hash, not kept"
        lines.append(Line("artifacts", WARN, said, "expctl run --artifact PATH -- CMD"))
    return lines


def record(where: str, *, pending: bool, has_remote: bool) -> list[Line]:
    """Judge where the manifest itself is.

    Args:
        where: The branch or version on the remote that has it; empty for none.
        pending: Whether it is not committed at all.
        has_remote: Whether there is a remote.
    """
    if where:
        return [Line("record", OK, f"the record is {where}")]
    if pending:
        way = "expctl commit && git push" if has_remote else "expctl commit"
        return [Line("record", WARN, "the record is not committed", way)]
    if has_remote:
        return [Line("record", WARN, "the record is committed here and not pushed", "git push")]
    return [Line("record", OK, "the record is committed")]
