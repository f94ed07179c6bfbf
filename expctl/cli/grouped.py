"""What ``expctl compare --group-by`` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.cli import console, listing
from expctl.render import export, grouped, htmltable, numbers, tables

if TYPE_CHECKING:
    from expctl.actions.grouping import Grouped


def show(found: Grouped, *, form: str) -> None:
    """Print groups of runs as a table, JSON, CSV, Markdown or HTML."""
    grouping = found.grouping
    if form == "json":
        console.json(grouped.to_json(grouping, found.ids))
    elif form == "csv":
        console.out(export.to_csv(*grouped.rows(grouping, found.ids)))
    elif form == "md":
        console.out(grouped.markdown(grouping))
    elif form == "html":
        console.out(htmltable.groups(grouping))
    elif not grouping.groups:
        console.say(f"None of {numbers.count(found.looked_at, 'run')} matches.")
    else:
        table = grouped.table(grouping, console.columns())
        console.out(table.page)
        console.note(_remark(found, table.hidden))
        if found.repeats:
            console.note(tables.repeats(found.repeats))
    if found.unreadable:
        console.warn(f"{numbers.count(found.unreadable, 'file')} left out; all of them: expctl validate")


def _remark(found: Grouped, hidden: tuple[str, ...]) -> str:
    shown = len(found.grouping.groups)
    groups = numbers.count(shown, "group")
    if shown < found.total:
        groups = f"{shown} of {numbers.count(found.total, 'group')} (--limit 0 shows all)"
    said = [f"{groups} of {numbers.count(found.runs, 'run')}:"]
    said.append("mean ± sample standard deviation.")
    if hidden:
        said.append(listing.no_room(hidden))
    return " ".join(said)
