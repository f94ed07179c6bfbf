"""What the commands that move bytes say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.cli import console, context
from expctl.core.text import clean
from expctl.render import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.actions.artifacts import Listing
    from expctl.actions.removing import Doomed
    from expctl.actions.sharing import Brought, PushPlan, Sent
    from expctl.core.manifest import Artifact

#: More paths or runs are only counted.
_NAMED = 20


def may_publish(untracked: Sequence[str]) -> bool:
    """Ask whether files that were never committed may be sent."""
    many = numbers.count(len(untracked), "file that was", "files that were")
    console.warn(f"The source trees of these runs hold {many} not committed when they ran:")
    _list(untracked)
    return context.confirm("Publish them with the source trees?")


def may_remove(doomed: Sequence[Doomed]) -> bool:
    """Ask whether runs may be removed."""
    if not context.assume_yes():
        _list([" ".join(filter(None, (each.id, each.name, f"({each.status})"))) for each in doomed])
    return context.confirm(f"Remove {numbers.count(len(doomed), 'run')}?")


def say_sending(plan: PushPlan) -> None:
    """Say what is about to happen: DVC is silent while it sends."""
    if plan.runs and console.is_terminal():
        console.note(f"Sending {numbers.count(len(plan.runs), 'run')} …")


def show_sent(plan: PushPlan, sent: Sent) -> None:
    """Say what a push did."""
    for note in sent.notes:
        console.warn(clean(note))
    if sent.remote is not None:
        many = numbers.count(sent.runs, "run")
        console.out(f"{many} ({numbers.size(sent.bytes)}) to {sent.remote}")
    if sent.git_remote is not None:
        console.out(f"{numbers.count(sent.trees, 'source tree')} to {sent.git_remote}")
    if sent.remote is None and sent.git_remote is None:
        known = f": {numbers.count(plan.known, 'run was', 'runs were')} sent before" if plan.known else ""
        console.say(f"Nothing to send{known}.")
    console.note("The records themselves travel with your commits: expctl commit, then git push")


def show_brought(brought: Brought) -> None:
    """Say what a pull did."""
    for note in brought.notes:
        console.warn(clean(note))
    for folder in brought.folders:
        console.out(clean(folder))
    many = numbers.count(len(brought.runs), "run")
    console.say(f"{many} complete in this clone, {brought.fetched} fetched now.")
    if brought.changes:
        many = numbers.count(brought.changes, "change")
        console.say(f"{many} of the registry came along: expctl model list")


def show_items(found: Listing, *, as_json: bool) -> None:
    """Print what a run left."""
    if as_json:
        items = [{**_plain(each.artifact), "here": each.here} for each in found.items]
        console.json({"schema": "expctl/artifacts/v1", "run": found.run, "artifacts": items})
    elif not found.items:
        console.say("This run left nothing.")
        console.hint("Keep what a run writes with: expctl run --artifact PATTERN -- COMMAND")
    else:
        from expctl.render import leavings

        console.out(leavings.table([(each.artifact, each.here) for each in found.items], console.columns()))


def _plain(artifact: Artifact) -> dict[str, object]:
    return {name: getattr(artifact, name) for name in ("path", "kind", "bytes", "nfiles", "md5", "stored")}


def _list(lines: Sequence[str]) -> None:
    for each in lines[:_NAMED]:
        console.say(f"  {clean(each)}")
    if len(lines) > _NAMED:
        console.say(f"  and {len(lines) - _NAMED} more")
