"""The data that the run read, as it was before and as it is now."""

from __future__ import annotations

from expctl.actions import beside
from expctl.actions.probes import attempt
from expctl.capture import data
from expctl.store import live
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from expctl.actions.harvest.ended import Ended
    from expctl.core.manifest import DataInput


def recheck(ended: Ended) -> tuple[DataInput, ...]:
    """Look at the inputs again, now that the child has ended."""
    return attempt(ended.notes, "data", lambda: _recheck(ended), ())


def _recheck(ended: Ended) -> tuple[DataInput, ...]:
    watched = [data.Watched(*item) for item in ended.state["watched"]]
    if not watched:
        return ()
    facts = live.read_json(ended.folder / "data.json")
    if facts is None and ended.sealed:
        # Whoever types `expctl ls` did not ask for an hour of hashing.
        ended.notes.append("data: not hashed, for expctl was killed meanwhile")
        return data.unhashed(watched)
    if facts is None:
        facts = beside.hash_data(watched, root=ended.root, common=ended.project.common)
    ended.notes.extend(facts["notes"])
    return data.recheck(watched, beside.read_data(facts))
