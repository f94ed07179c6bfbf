"""What ``expctl compare --effects`` prints."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from expctl.cli import console, listing
from expctl.errors import UsageError
from expctl.render import effects as drawing
from expctl.render import numbers, tables

if TYPE_CHECKING:
    from expctl.actions.effects import Effects


def show(found: Effects, *, form: str) -> None:
    """Print effects as a table or JSON."""
    if form == "json":
        facts = found.metric, found.direction, found.effects
        console.json(drawing.to_json(*facts, many=found.many, lacking=found.lacking))
        return
    if form != "table":
        raise UsageError("--effects draws a table.", hint="For other programs: --json")
    if found.effects:
        is_ascii = not console.encodes(sys.stdout, drawing.BLOCKS)
        page = drawing.table(
            found.effects, found.metric, found.direction, console.columns(), ascii_only=is_ascii
        )
        console.out(page)
        console.note(_meaning(found))
    else:
        console.say("No parameter can tell: it takes values that several runs share and others do not.")
    for text in _left_out(found):
        console.note(text)


def _meaning(found: Effects) -> str:
    metric = tables.called(found.metric)
    lacking = f" ({numbers.count(found.lacking, 'run')} without it left out)" if found.lacking else ""
    runs = numbers.count(found.many, "run")
    return (
        f"Explains: how much of the spread of {metric} over {runs}{lacking} goes with each alone, corrected "
        "for chance. What was varied together shares it; it is no proof of a cause."
    )


def _left_out(found: Effects) -> list[str]:
    said = []
    if found.same:
        said.append(f"The same in all: {listing.few(found.same)}.")
    if found.silent:
        said.append(f"Different in almost every run: {listing.few(found.silent)}.")
    return said
