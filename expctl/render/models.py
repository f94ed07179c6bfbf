"""Models as tables: what stands where, the versions of one, and what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core import runid
from expctl.core.registry import record, tags
from expctl.core.text import wrap
from expctl.render import grid, numbers
from expctl.render.overview import STYLES, cell
from expctl.render.style import Line, Page, Span, data

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from expctl.core.registry.gates import Result
    from expctl.core.registry.state import Event, Model, Placed, Version

_SHORT_COMMIT = 7
_WORDS = {
    tags.REGISTRATION: "registered",
    tags.DEREGISTRATION: "withdrawn",
    tags.ASSIGNMENT: "into",
    tags.UNASSIGNMENT: "out of",
    tags.DEPRECATION: "deprecated",
    tags.ALIAS: "called",
    tags.UNALIAS: "no more called",
}


def versions(model: Model, columns_wide: int) -> Page:
    """One line a version, highest first."""
    listed = list(model.versions.values())
    columns = [
        grid.Column(
            head="version", cells=[(data(one.version, "strong"),) for one in listed], keep=True, rank=-2
        ),
        grid.Column(
            head="stage", cells=[_stages(one.stages, active=one.active) for one in listed], keep=True, rank=-1
        ),
        *_alias_column(model, listed),
        grid.Column(head="run", cells=[cell(_run(one.registered)) for one in listed], keep=True, rank=1),
        grid.Column(
            head="registered",
            cells=[
                cell(numbers.moment(numbers.time_of(one.registered.at)) if one.registered else None)
                for one in listed
            ],
            rank=2,
        ),
        grid.Column(
            head="by",
            cells=[cell(one.registered.author if one.registered else None) for one in listed],
            rank=3,
        ),
        grid.Column(
            head="commit", cells=[cell(one.commit[:_SHORT_COMMIT], "faint") for one in listed], rank=4
        ),
    ]
    return Page(grid.draw(columns, columns_wide).lines)


def _alias_column(model: Model, listed: Sequence[Version]) -> list[grid.Column]:
    """What versions are called; no column where none is called anything."""
    by_version: dict[str, list[str]] = {}
    for alias, version in model.aliases.items():
        by_version.setdefault(version, []).append(alias)
    if not by_version:
        return []
    cells = [cell(", ".join(by_version.get(one.version, ())), "note") for one in listed]
    return [grid.Column(head="alias", cells=cells, keep=True, rank=0)]


def history(placed: Sequence[Placed], columns_wide: int) -> Page:
    """One line an event, latest first."""
    columns = [
        grid.Column(
            head="when",
            cells=[cell(numbers.moment(numbers.time_of(one.event.at))) for one in placed],
            keep=True,
            rank=-1,
        ),
        grid.Column(head="model", cells=[cell(one.event.name.model) for one in placed], rank=1),
        grid.Column(head="version", cells=[cell(_label(one.version)) for one in placed], keep=True, rank=-2),
        grid.Column(head="what", cells=[_what(one.event) for one in placed], keep=True, rank=-2),
        grid.Column(head="who", cells=[cell(_who(one.event)) for one in placed], rank=3),
        grid.Column(head="why", cells=[cell(_reason(one.event), "faint") for one in placed], rank=4),
    ]
    return Page(grid.draw(columns, columns_wide).lines)


def gates(results: Sequence[Result], columns_wide: int) -> Page:
    """One line a gate with the values that decided, and beneath why some do not hold and what to do."""
    columns = [
        grid.Column(head="", cells=[_mark(one) for one in results], keep=True, rank=-2),
        grid.Column(head="gate", cells=[cell(one.gate.rule) for one in results], keep=True, rank=-1),
        grid.Column(head="candidate", cells=[cell(one.candidate) for one in results], right=True, rank=1),
        grid.Column(head="in place", cells=[cell(one.current) for one in results], right=True, rank=2),
    ]
    lines = grid.draw(columns, columns_wide).lines
    for one in results:
        if not one.passed:
            said = f"{one.why or one.gate.rule} → {one.gate.otherwise}"
            lines += [
                (Span("  " if at else "✗ ", "bad"), data(part))
                for at, part in enumerate(wrap(said, columns_wide - 2))
            ]
    return Page(lines)


def _mark(one: Result) -> Line:
    return (Span("pass", "good"),) if one.passed else (Span("FAIL", "bad"),)


def _label(version: str | None) -> str | None:
    return version if version is None or version.startswith("v") else version[:_SHORT_COMMIT]


def _stages(stages: Iterable[str], *, active: bool) -> Line:
    if not active:
        return (Span("withdrawn", "faint"),)
    shown: list[Span] = []
    for stage in stages:
        shown += [*([Span(", ")] if shown else []), data(stage, STYLES.get(stage, ""))]
    return tuple(shown) or (Span("none", "faint"),)


def _run(event: Event | None) -> str | None:
    run = record.trailer(event.message, "Expctl-Run") if event else None
    return runid.suffix(run) if run is not None and runid.is_valid(run) else None


def _what(event: Event) -> Line:
    word = _WORDS[event.name.event]
    what = event.name.stage or event.name.alias
    if what is None:
        return (Span(word),)
    return (
        Span(f"{word} ", "faint" if event.name.event in (tags.UNASSIGNMENT, tags.UNALIAS) else ""),
        data(what),
    )


def _who(event: Event) -> str:
    """Who did it; for a request that was applied, who asked for it, and who applied it."""
    asked = (record.trailer(event.message, "Expctl-Asked-By") or "").partition(" <")[0]
    return f"{asked}, by {event.author}" if asked not in ("", event.author) else event.author


def _reason(event: Event) -> str | None:
    """The paragraph between the first line and the trailers, of a message that expctl wrote."""
    parts = event.message.split("\n\n")
    return parts[1] if len(parts) > 2 and record.trailer(event.message, "Expctl-Event") else None  # noqa: PLR2004
