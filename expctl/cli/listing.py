"""What the commands that look at runs print: tables on standard output, remarks on standard error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.cli import console
from expctl.core import runid
from expctl.core.text import clean
from expctl.render import choice, numbers, tables

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.actions.comparing import Compared
    from expctl.actions.editing import Edited
    from expctl.actions.runs import Listing
    from expctl.core.manifest import Manifest

#: More unreadable files are only counted.
_NAMED_FILES = 5
#: More columns are only counted.
_FEW = 4
#: More columns than this make a table in a pull request scroll.
_PAGE = 10
#: How to see columns that a comparison has no room for.
MORE_COLUMNS = "--columns picks some, --format csv has all"


def show_runs(found: Listing, *, narrowed: str = "") -> None:
    """Print a list of runs; ``narrowed`` are the options that say where they were looked for."""
    if found.rows:
        table = tables.runs(found.rows, console.columns(), ids=found.ids)
        console.out(table.page)
        _remark(found, table.hidden, how="compare shows others")
    else:
        _say_empty(found, narrowed)
    say_unreadable(found.unreadable)


def as_json(found: Listing) -> dict[str, Any]:
    """A list of runs for ``--json``."""
    from expctl.render import export

    return {
        "schema": "expctl/runs/v1",
        "runs": [export.run_json(row) for row in found.rows],
        "total": found.total,
        "hidden": found.hidden,
        "unreadable": [{"path": item.path, "reason": item.reason} for item in found.unreadable],
    }


def show_comparison(
    found: Compared, *, form: str, arrange: bool, whole: bool = False, narrowed: str = ""
) -> None:
    """Print a comparison as a table, JSON, CSV or Markdown.

    Args:
        found: What to print.
        form: One of ``glance.FORMATS``.
        arrange: Bring the columns of one group together.
        whole: Leave no column out for the width of a page.
        narrowed: The options that say where runs were looked for.
    """
    if form != "table":
        if arrange:
            found = found._replace(comparison=choice.arranged(found.comparison))
        _export(found, form, whole=whole)
    elif not found.comparison.rows:
        _say_empty(found.listing, narrowed)
    else:
        table = tables.comparison(found.comparison, console.columns(), ids=found.listing.ids, arrange=arrange)
        console.out(table.page)
        if found.comparison.objectives:
            console.note(_front(found))
        _remark(found.listing, table.hidden, how=MORE_COLUMNS)
        for text in (tables.repeats(found.comparison.twins), _same(found)):
            if text:
                console.note(text)
    say_unreadable(found.listing.unreadable)


def show_tags(run: Manifest) -> None:
    """Print the tags of a run, one a line as they are set."""
    for name, value in run.tags.items():
        console.out(clean(f"{name}={value}"))
    if not run.tags:
        console.say(f"Run {called(run)} has no tags.")


def say_edited(done: Edited, what: str) -> None:
    """Tell what came of an edit.

    Args:
        done: The edit.
        what: What was changed: ``tagged good=yes``.
    """
    for text in done.said:
        console.warn(clean(text))
    console.say(f"{called(done.manifest)}: {clean(what) if done.changed else 'nothing to change'}")


def called(run: Manifest) -> str:
    """A run as people know it: ``k3f9qa baseline``."""
    return clean(" ".join(filter(None, (runid.suffix(run.id), run.name))))


def _same(found: Compared) -> str:
    """What is the same in all runs and not shown, in a line; empty when nothing is."""
    shown = {column.name for column in found.comparison.columns}
    left_out = {name: value for name, value in found.comparison.constant.items() if name not in shown}
    return tables.constants(left_out, many=len(found.comparison.rows))


def _left_out(found: Compared) -> str:
    """What beneath a table tells of the columns that it does without."""
    return " ".join(filter(None, (tables.repeats(found.comparison.twins), _same(found))))


def _export(found: Compared, form: str, *, whole: bool) -> None:
    from expctl.render import export

    if form == "json":
        console.json(export.comparison_json(found.comparison))
    elif form == "csv":
        console.out(export.to_csv(*export.comparison_rows(found.comparison)))
    elif form == "html":
        from expctl.render import htmltable

        console.out(htmltable.comparison(found.comparison, same=_left_out(found)))
    else:
        shown, gone = choice.narrowed(found.comparison, len(found.comparison.columns) if whole else _PAGE)
        console.out(
            export.comparison_markdown(shown, same=" ".join(filter(None, (_page(gone), _left_out(found)))))
        )


def _page(gone: Sequence[str]) -> str:
    """Which columns a page has no room for; empty when it has."""
    return f"{numbers.count(len(gone), 'more column')}: {few(gone)} (--columns picks some)." if gone else ""


def _remark(found: Listing, hidden: Sequence[str], *, how: str) -> None:
    parts = []
    if found.total > len(found.rows):
        parts.append(f"{len(found.rows)} of {numbers.count(found.total, 'run')} (--limit 0 shows all).")
    if found.hidden:
        parts.append(f"{numbers.count(found.hidden, 'run')} of other experiments (--all shows all).")
    if hidden:
        parts.append(no_room(hidden, how=how))
    if parts:
        console.note(" ".join(parts))


def no_room(hidden: Sequence[str], *, how: str = MORE_COLUMNS) -> str:
    """Which columns a table has no room for, and how to see them."""
    more = f" ({how})" if len(hidden) > _FEW else ""
    return f"{numbers.count(len(hidden), 'column')} did not fit: {few(hidden)}{more}."


def few(names: Sequence[str]) -> str:
    """The first of some columns, and how many more there are."""
    shown = ", ".join(map(tables.called, names[:_FEW]))
    return f"{shown} and {len(names) - _FEW} more" if len(names) > _FEW else shown


def _front(found: Compared) -> str:
    goals = " and ".join(
        f"{tables.called(goal.column)} {goal.direction}" for goal in found.comparison.objectives
    )
    many = len(found.comparison.front)
    mark = "Rank 1:" if found.comparison.ranks else "●"
    said = f"{mark} {numbers.count(many, 'run')} on the front of {goals}:"
    drawn = ",".join(
        f"{tables.called(goal.column)}:{goal.direction}" for goal in found.comparison.objectives[:2]
    )
    picture = f" Draw it with: expctl plot --pareto {drawn}" if found.comparison.objectives[1:] else ""
    return f"{said} no other is as good in all and better in one.{picture}"


def _say_empty(found: Listing, narrowed: str) -> None:
    if found.looked_at:
        console.say(f"None of {numbers.count(found.looked_at, 'run')} matches.")
    elif found.hidden:
        others = numbers.count(found.hidden, "run")
        console.say(
            f'No run of experiment "{clean(str(found.experiment))}"; {others} of others (--all shows them).'
        )
    elif narrowed:
        console.say(f"No run with {clean(narrowed)}; without it: expctl ls")
    else:
        console.say("No runs yet. Record one with: expctl run -- python train.py")


def say_unreadable(items: Sequence[tuple[str, str]]) -> None:
    """Warn of files in the place of manifests that cannot be believed, each with the reason."""
    for path, reason in items[:_NAMED_FILES]:
        console.warn(clean(f"left out {path}: {reason}"))
    if len(items) > _NAMED_FILES:
        console.warn(f"{len(items) - _NAMED_FILES} more files were left out; all of them: expctl validate")
