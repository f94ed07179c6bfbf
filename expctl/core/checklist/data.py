"""Can the bytes that were read be had again?"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from expctl.core.checklist.lines import FAIL, OK, WARN, Holding, Line, Ways, named, placed
from expctl.core.manifest import FROM_STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.manifest import DataInput

_REMOTE = "dvc remote add -d NAME URL"
#: So many paths stand in a command that is to be typed.
_TYPED = 3


class Input(NamedTuple):
    """One input, and what is known of its bytes.

    Attributes:
        item: What the manifest says.
        in_tree: Whether the source tree that ran holds it.
        held: Where DVC's or the run's own copy lies; None where neither has one.
        holds: Whether the file that stands here has the recorded hash; None where none stands.
    """

    item: DataInput
    in_tree: bool = False
    held: Holding | None = None
    holds: bool | None = None


def lines(inputs: Sequence[Input], *, seen: bool, push: str, ask: str) -> list[Line]:
    """Judge the inputs of a run; those of which the same is to be said share a line.

    Args:
        inputs: What it read.
        seen: Whether its reading was watched.
        push: The command that sends the run.
        ask: The command that asks the remote.
    """
    if not inputs:
        if seen:
            return [Line("data", OK, "no input outside of the source tree was seen")]
        said = "nobody watched what it read, and no input was named"
        return [Line("data", WARN, said, "name inputs: expctl run --data PATH -- CMD")]
    groups: dict[tuple[str, str, str], list[str]] = {}
    for each in inputs:
        found = _judge(each, push, ask)
        groups.setdefault((found.state, found.said, found.mend), []).append(_name(each.item))
    return [
        Line("data", state, f"{named(names)}: {said}", mend.replace("{}", shlex.join(names[:_TYPED])))
        for (state, said, mend), names in groups.items()
    ]


def from_stdin(notes: Sequence[str]) -> list[Line]:
    """Judge what came through standard input, by the notes of what could not be captured."""
    if FROM_STDIN not in notes:
        return []
    return [Line("data", FAIL, f"{FROM_STDIN} is not recorded", "let the command name a file: --data PATH")]


def _name(item: DataInput) -> str:
    return item.path or item.uri or "an input"


def _judge(each: Input, push: str, ask: str) -> Line:
    item = each.item
    if item.changed:
        return Line("data", FAIL, "changed while it was read", "record it again, and leave the data alone")
    if item.uri is not None:
        return _of_uri(item)
    if each.in_tree:
        return Line("data", OK, "in the source tree")
    if item.md5 is None:
        return Line(
            "data", FAIL, "not hashed, so nobody can tell what was read", "expctl run --data {} -- CMD"
        )
    if each.held is not None:
        who = f"in DVC ({item.dvc})" if item.dvc else "kept with the run"
        send = "dvc push {}" if item.dvc else push
        return placed("data", f"{who}, ", each.held, Ways(send, ask, _REMOTE))
    return _plain(item, holds=each.holds)


def _of_uri(item: DataInput) -> Line:
    if item.version_id:
        return Line("data", OK, "its store keeps this version")
    if item.etag:
        said = "can be overwritten where it lies; its ETag would tell"
        return Line("data", WARN, said, "switch on versions in the bucket, or dvc import-url {}")
    return Line("data", FAIL, "nothing tells which bytes were read", "dvc import-url {}")


def _plain(item: DataInput, *, holds: bool | None) -> Line:
    if holds is None:
        return Line("data", FAIL, "neither git nor DVC holds it, and it is not here")
    if not holds:
        said = "neither git nor DVC held it, and it has changed since: what was read is gone"
        return Line("data", FAIL, said, "dvc add {}, then record it again")
    said = "only a file here; its hash still holds, but neither git nor DVC keeps it"
    outside = (item.path or "").startswith("/")
    way = "copy it into the repository, then dvc add it" if outside else "dvc add {} && dvc push {}"
    return Line("data", FAIL, said, way)
