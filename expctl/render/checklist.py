"""Checklists as a page to read: the grade, a line a finding, and beneath it the command that mends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from expctl.core import runid
from expctl.core.checklist.lines import FAIL, OK, WARN
from expctl.core.text import clean, width, wrap
from expctl.render import style
from expctl.render.style import Page, Span, data, line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from expctl.core.checklist.lines import Checklist
    from expctl.render.style import Line

_SIGNS = {OK: Span("ok  ", "good"), WARN: Span("warn", "warn"), FAIL: Span("FAIL", "bad")}
_GRADES = {"A": "best", "B": "warn"}
_SAYS = {"A": "nothing to mend", "B": "nothing fails"}
#: Wider lines are hard to read.
_WIDEST = 120
#: However narrow the terminal is, a text gets so many columns.
_LEAST = 24


def page(found: Sequence[Checklist], columns_wide: int) -> Page:
    """Draw some checklists, one beneath the other."""
    lines: list[Line] = []
    for one in found:
        lines += [*([()] if lines else []), *_one(one, columns_wide)]
    return Page(lines)


def _one(found: Checklist, columns_wide: int) -> Iterable[Line]:
    title = [Span(runid.suffix(found.run), "key"), Span("  ")]
    if found.name:
        title += [data(found.name, "strong"), Span("  ")]
    grade, failing = found.grade, found.failing()
    looked_at = len({each.element for each in found.lines})
    said = _SAYS.get(grade) or f"{', '.join(failing)}: {len(failing)} of {looked_at} to mend"
    title += [style.status(found.status), Span("  ")]
    yield (*title, Span(f"grade {grade}", _GRADES.get(grade, "bad")), Span(f"  {said}", "faint"))
    names = max((len(each.element) for each in found.lines), default=0)
    room = max(min(columns_wide, _WIDEST) - names - 8, _LEAST)
    last = ""
    for each in found.lines:
        name = "" if each.element == last else each.element
        last = each.element
        first, *rest = wrap(clean(each.said), room)
        yield line(_SIGNS[each.state], Span(f"  {name:<{names}}  ", "strong"), first)
        yield from (line(" " * (names + 8), more) for more in rest)
        yield from _mend(each.mend, names + 8, room, columns_wide)


def _mend(text: str, indent: int, room: int, columns_wide: int) -> Iterable[Line]:
    """What to type: on one line if the terminal has room for it, for it is copied."""
    if not text:
        return
    said = clean(text)
    if width(said) > room and width(said) + 4 <= columns_wide:
        indent, room = 2, columns_wide - 4
    for number, part in enumerate(wrap(said, room - 2)):
        yield line(" " * indent, Span("→ " if not number else "  ", "note"), Span(part, "note"))


def to_json(found: Iterable[Checklist]) -> dict[str, Any]:
    """Checklists for ``--json``."""
    return {
        "schema": "expctl/checklist/v1",
        "runs": [
            {
                "id": one.run,
                "name": one.name,
                "status": one.status,
                "grade": one.grade,
                "failing": one.failing(),
                "lines": [each._asdict() for each in one.lines],
            }
            for one in found
        ],
    }
