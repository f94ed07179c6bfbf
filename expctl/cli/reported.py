"""``expctl report`` and ``expctl plot -o``: what is gathered becomes a page, and the page a file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from expctl.actions import reporting
from expctl.cli import console, context, listing
from expctl.render import numbers, report
from expctl.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.actions.reporting import Report
    from expctl.project import Project

_FEW = 4


def write(  # noqa: PLR0913  what a page and its file need
    project: Project,
    found: Report,
    path: str,
    *,
    title: str = "",
    tab: str = "parallel",
    view: Mapping[str, str | float | bool] | None = None,
    force: bool = False,
) -> None:
    """Write a report and say where it lies.

    Args:
        project: What it is about.
        found: What to put in.
        path: The file, as typed; ``-`` for standard output.
        title: Of the page; empty for one from the project's name.
        tab: The chart that it opens with.
        view: How curves are shown at the start.
        force: Replace a file that is no report.

    Raises:
        ConflictError: Something else lies there.
        ExpctlError: It cannot be written.
    """
    name = project.root.name
    page = report.page(
        report.Sheet(
            title=title or (f"{name}: {found.experiment}" if found.experiment else name),
            about=_about(found, name),
            ids=found.ids,
            columns=found.columns,
            lines=found.lines,
            repeated=found.repeated,
            objectives=[(goal.column, goal.direction) for goal in found.objectives],
            selected=found.selected,
            first=[goal.column for goal in found.objectives],
            tab=tab,
            view=view or {},
        )
    )
    if path == "-":
        console.write_raw(page.text.encode())
    else:
        reporting.save(project, os.path.join(context.directory(), path), page.text, force=force)
        size = numbers.size(len(page.text))
        console.say(f"{path}: {numbers.count(len(found.ids), 'run')}, {size}. Open it in a browser.")
    _remark(found, page)


def _about(found: Report, name: str) -> str:
    shown = len(found.ids)
    many = numbers.count(shown, "run") if found.total <= shown else f"{shown} of {found.total} runs"
    parts = [f"{many} of {name}", f"made {numbers.moment(found.made_at)}", f"expctl {VERSION}"]
    return " · ".join(parts)


def _remark(found: Report, page: report.Page) -> None:
    parts = []
    if found.total > len(found.ids) > reporting.MOST_RUNS - 1:
        parts.append(f"The first {len(found.ids)} of {found.total} runs: more would make the page slow.")
    if found.hidden:
        parts.append(f"{numbers.count(found.hidden, 'run')} of other experiments (--all puts them in).")
    names = [*page.columns_left_out]
    many = len(names) + found.left_out
    if many:
        shown = ", ".join(names[:_FEW])
        parts.append(f"{numbers.count(many, 'column')} found no room{': ' + shown if shown else ''}.")
    if found.elsewhere:
        parts.append(f"Curves of {numbers.count(found.elsewhere, 'run')} are on the remote only (--fetch).")
    if page.curves_left_out:
        parts.append(f"Curves of {numbers.count(page.curves_left_out, 'run')} found no room.")
    if parts:
        console.note(" ".join(parts))
    listing.say_unreadable(found.unreadable)
