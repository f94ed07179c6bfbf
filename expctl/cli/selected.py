"""What ``expctl select`` prints: the verdicts and the tree on standard output, remarks on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.cli import console, listing
from expctl.core.text import clean
from expctl.render import numbers, verdicts

if TYPE_CHECKING:
    from expctl.actions.selecting import Selected


def show(found: Selected) -> None:
    """Print the verdicts of a selection."""
    if found.runs:
        wide = console.columns()
        console.out(verdicts.table(found.runs, wide, ids=found.ids))
        console.out()
        console.out(verdicts.tree(found.flow, found.counts, found.total, wide))
    elif found.looked_at:
        console.say(f"None of {numbers.count(found.looked_at, 'run')} matches.")
    else:
        console.say("No runs to select from. Record one with: expctl run -- python train.py")
    for name in found.unknown if found.total else ():
        console.note(f"No run has {clean(name)} yet.")
    if len(found.runs) < found.total:
        console.note(f"{len(found.runs)} of {numbers.count(found.total, 'run')} (--limit 0 shows all).")
    if found.hidden:
        console.note(f"{numbers.count(found.hidden, 'run')} of other experiments (--all shows all).")
    listing.say_unreadable(found.unreadable)


def as_json(found: Selected) -> dict[str, Any]:
    """A selection for ``--json``."""
    told = verdicts.to_json(found.flow, found.runs, found.counts, found.total)
    told["unknown"] = list(found.unknown)
    told["unreadable"] = [{"path": item.path, "reason": item.reason} for item in found.unreadable]
    return told
