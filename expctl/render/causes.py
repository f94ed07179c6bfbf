"""Why two runs differ, as a page to read: how far the metrics are apart, then the causes in order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core import runid
from expctl.core.causes.cause import CERTAIN, HARMLESS, POSSIBLE
from expctl.core.text import clean, cut_middle, pad, width, wrap
from expctl.render import numbers
from expctl.render.style import MISSING, Line, Page, Span, line, status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.causes.cause import Cause, Effect, Explanation

_METRICS_MOST = 8
_CAUSES_MOST = 15
_WIDEST = 110
_NAME_MOST = 32
#: From here on a heading has room for the whole id.
_ROOMY = 96
_BLANK: Line = ()


def page(found: Explanation, columns_wide: int) -> Page:
    """Draw an explanation.

    Args:
        found: What to draw.
        columns_wide: The width of the terminal.
    """
    room = min(columns_wide, _WIDEST)
    lines = [*_heading(found, columns_wide), _BLANK, *_effects(found.effects, room), _BLANK]
    lines += [line(Span(row, "strong")) for row in wrap(found.verdict, room)]
    certain, possible = found.of_grade(CERTAIN), found.of_grade(POSSIBLE)
    lines += _causes(certain, room, 1, "")
    if possible:
        lines += [line(Span("Possible besides:" if certain else "Possible:", "faint"))] if certain else []
        lines += _causes(possible, room, len(certain) + 1, "faint" if certain else "")
    lines += _aside("Not blamed: ", [_briefly(cause) for cause in found.of_grade(HARMLESS)], room)
    lines += _aside("Not recorded or not here: ", [clean(each) for each in found.missing], room)
    return Page(lines)


def _heading(found: Explanation, columns_wide: int) -> list[Line]:
    lines: list[Line] = []
    names = [cut_middle(clean(run.name or ""), _NAME_MOST) for run in found.pair]
    room = max(map(width, names))
    for run, name, word in zip(found.pair, names, ("first ", "second"), strict=True):
        state = status(run.status)
        lines.append((
            Span(f"{word}  ", "faint"),
            Span(runid.suffix(run.id), "key"),
            Span(f"  {pad(name, room)}" if room else "", "strong"),
            Span(f"  {state.text}", state.style),
            Span(f"  {numbers.moment(run.started_at)}", "faint"),
            Span(f"  {run.id}" if columns_wide >= _ROOMY else "", "faint"),
        ))  # fmt: skip
    return lines


def _effects(effects: Sequence[Effect], columns_wide: int) -> list[Line]:
    """The metrics that moved, and in a word those that did not."""
    moved = [each for each in effects if not each.is_same and not each.is_timing][:_METRICS_MOST]
    same = [each for each in effects if each.is_same]
    timings = [each for each in effects if each.is_timing and not each.is_same]
    more = sum(not each.is_same and not each.is_timing for each in effects) - len(moved)
    rows = [_row(each) for each in moved]
    rooms = [max((width(row[at]) for row in rows), default=0) for at in range(3)]
    lines = [_effect(each, row, rooms) for each, row in zip(moved, rows, strict=True)]
    rest = [f"{more} more differ"] if more > 0 else []
    if same:
        named = f" ({clean(same[0].metric)})" if len(same) == 1 else ""
        rest.append(f"{numbers.count(len(same), 'metric')} the same{named}")
    if timings:
        rest.append(
            f"timings differ as they do in every run ({clean(timings[0].metric)}{', …' * (len(timings) > 1)})"
        )
    if not effects:
        rest = ["neither run has metrics"]
    told = wrap("; ".join(rest), columns_wide) if rest else []
    return [*lines, *(line(Span(each, "faint")) for each in told)]


def _row(each: Effect) -> tuple[str, str, str]:
    name = cut_middle(clean(each.metric), _NAME_MOST)
    if each.before is None or each.after is None:
        sides = [MISSING if value is None else numbers.number(value) for value in (each.before, each.after)]
        return name, sides[0], sides[1]
    before, after = numbers.column([each.before, each.after])
    if before == after:  # rounding made them so
        before, after = str(each.before), str(each.after)
    return name, before, after


def _effect(each: Effect, row: tuple[str, str, str], rooms: Sequence[int]) -> Line:
    style = "" if each.better is None else "good" if each.better else "bad"
    step = "" if each.before is None or each.after is None else numbers.change(each.before, each.after)
    verdict = "" if each.better is None else ", better" if each.better else ", worse"
    return (
        Span(f"{pad(row[0], rooms[0])}  {pad(row[1], rooms[1], right=True)}", "strong"),
        Span("  →  ", "faint"),
        Span(pad(row[2], rooms[2], right=True), "strong"),
        Span(f"   {step}{verdict}" if step else "", style),
    )


def _causes(causes: Sequence[Cause], room: int, first: int, style: str) -> list[Line]:
    lines: list[Line] = []
    for number, cause in enumerate(causes[:_CAUSES_MOST], first):
        head = f"{number:>3}. "
        text = clean(f"{cause.sentence} – {cause.evidence}." if cause.evidence else f"{cause.sentence}.")
        for at, row in enumerate(wrap(text, room - len(head))):
            lines.append(line(Span(" " * len(head) if at else head, "faint"), Span(row, style)))
    if len(causes) > _CAUSES_MOST:
        lines.append(line(Span(f"     and {len(causes) - _CAUSES_MOST} more (--json has all)", "faint")))
    return lines


def _briefly(cause: Cause) -> str:
    return clean(f"{cause.sentence.removesuffix(' changed')} ({cause.evidence})")


def _aside(head: str, texts: Sequence[str], room: int) -> list[Line]:
    """What is told in one grey paragraph."""
    if not texts:
        return []
    shown = "; ".join(texts[:_CAUSES_MOST])
    more = f"; and {len(texts) - _CAUSES_MOST} more" if len(texts) > _CAUSES_MOST else ""
    return [_BLANK, *(line(Span(row, "faint")) for row in wrap(f"{head}{shown}{more}.", room))]
