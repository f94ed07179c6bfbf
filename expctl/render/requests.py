"""Requests of a pull request: as Markdown for its page, and as a screen for a terminal."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from expctl.core.registry import standing, verdict
from expctl.core.text import clean, cut, wrap
from expctl.render import markdown, models, numbers
from expctl.render.style import Line, Page, Span, data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from expctl.core.registry.gates import Result
    from expctl.core.registry.verdict import Change, Checked, Weighed

#: Begins the page, so that whoever writes it as a comment finds that comment again.
MARK = "<!-- expctl promote --check"
#: A comment holds 65 536 characters on GitHub; the rest stays for the lines that say what was left out.
COMMENT = 56_000
#: Larger than anything that is printed.
WHOLE = 1 << 30
#: Most characters of one sentence or value.
_LONGEST = 400
_SHORT_COMMIT = 7
_SENTENCES = {
    standing.WAITING: "may be applied",
    standing.APPLIED: "was applied already",
    standing.DONE: "was done already",
    standing.STALE: "is stale",
    standing.BARRED: "has no way there",
    verdict.FAILED: "does not pass",
    verdict.FAULT: "cannot be judged",
}


def page(found: Checked, *, room: int = COMMENT) -> str:
    """All of it as Markdown, in which nothing that strangers wrote means anything.

    Args:
        found: What was found.
        room: At most about so many characters; what does not fit is told in a line each, or counted.
    """
    count = len(found.requests)
    parts = [f"{MARK}: {count} -->", _title(found), *_remarks(found)]
    room -= sum(map(len, parts))
    left_out = 0
    for one in found.requests:
        section = f"### {_headline(one)}\n\n" + "\n\n".join(_section(one))
        if len(section) > room:
            section = f"### {_headline(one)}\n\nIts tables are left out here; the job's own output has them."
        if len(section) > room:
            left_out += 1
            continue
        room -= len(section)
        parts.append(section)
    if left_out:
        parts.append(f"{left_out} more are left out here; the job's own output has them.")
    return "\n\n".join(parts)


def screen(found: Checked, columns_wide: int) -> Page:
    """All of it for a person at a terminal."""
    count = len(found.requests)
    asks = f"asks for {numbers.count(count, 'promotion')}" if count else "asks for no promotion"
    lines: list[Line] = [(Span("This branch "), Span(asks, "strong"), data(f", judged by {found.base}"))]
    for sentence in _plain_remarks(found):
        lines += _wrapped(sentence, columns_wide, "warn")
    for one in found.requests:
        lines += [(), *_request(one, columns_wide)]
    return Page(lines)


def sentence(one: Weighed) -> str:
    """What a request comes to, in words."""
    said = _SENTENCES[one.state]
    return f"{said}: {cut(clean(one.why), _LONGEST)}" if one.why else said


def target(one: Weighed) -> str:
    """Where a request wants to go; empty where that cannot be believed."""
    return one.request.to if one.request else ""


def delta(result: Result) -> str:
    """How far the candidate is from what is in place; empty where that says nothing."""
    try:
        far = float(result.candidate) - float(result.current)
    except ValueError:
        return ""
    if not math.isfinite(far):
        return ""
    return f"{far:+.4g}" if far else "0"


def _title(found: Checked) -> str:
    base = f"{markdown.code(found.base)} (`{found.base_commit[:_SHORT_COMMIT]}`)"
    if not found.requests:
        return f"This branch asks for no promotion. Looked at `{found.head[:_SHORT_COMMIT]}` beside {base}."
    refused = sum(1 for one in found.requests if one.code)
    count = len(found.requests)
    told = "one promotion" if count == 1 else f"{count} promotions"
    ends = "all may be applied" if not refused else f"{refused} may not be applied"
    ends = ends if count > 1 else "it may be applied" if not refused else "it may not be applied"
    return f"## This branch asks for {told}: {ends}\n\nJudged by the rules of {base}, not by its own."


def _remarks(found: Checked) -> list[str]:
    return [f"**Mind:** {markdown.prose(cut(clean(one), _LONGEST))}" for one in _plain_remarks(found)]


def _plain_remarks(found: Checked) -> Iterator[str]:
    if found.rules:
        listed = cut(", ".join(found.rules), _LONGEST)
        yield f"This branch changes the rules, and they count only once they are merged: {listed}"
    for path in found.altered:
        yield f"{path} is changed here, and a request never changes: ask anew, and restore this one"
    yield from found.removed


def _headline(one: Weighed) -> str:
    sign = "✗" if one.code else "✓"
    to = f" → {markdown.cell(target(one))}" if one.request else ""
    return f"{sign} {markdown.code(cut(clean(one.name), _LONGEST))}{to}: {_SENTENCES[one.state]}"


def _section(one: Weighed) -> Iterator[str]:
    if one.why:
        yield markdown.prose(cut(clean(one.why), _LONGEST))
    if one.gates:
        numeric = (False, True, True, True, False, False)
        yield markdown.table(_head(one), [_row(result) for result in one.gates], right=numeric)
    if one.todo:
        yield f"**What to do:** {markdown.prose(cut(clean(one.todo), _LONGEST))}"
    if one.changes:
        label = "This is what it changes:" if not one.code else "This is what it would change:"
        moved = [
            f"- {markdown.code(each.version)}: {' → '.join(map(markdown.cell, _sides(each)))}"
            for each in one.changes
        ]
        yield f"{label}\n\n" + "\n".join(moved)
    if one.request:
        yield from _asked(one)


def _sides(one: Change) -> tuple[str, str]:
    """Where a version goes from and to."""
    return " and ".join(one.came_from) or "none", one.to or "none"


def _asked(one: Weighed) -> Iterator[str]:
    request = one.request
    if request is None:
        return
    given = markdown.code(cut(clean(request.reason), _LONGEST))
    reason = f": {given}" if given else ", without a reason"
    at = datetime.fromtimestamp(request.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    yield f"Asked for by {markdown.code(cut(clean(request.by), _LONGEST))} on {at}{reason}"
    made = f"from run `{request.run}`, " if request.run else ""
    yield f"Request `{one.digest[:12]}`: {made}registered as `{request.commit[:_SHORT_COMMIT]}`"
    if one.meanwhile:
        told = "\n".join(f"- {markdown.prose(cut(clean(said), _LONGEST))}" for said in one.meanwhile[-10:])
        yield f"Since it was asked for the ledger says:\n\n{told}"


def _head(one: Weighed) -> Sequence[str]:
    version = one.request.version if one.request else ""
    holder = f"{target(one)} {one.in_place}" if one.in_place else f"{target(one)} is empty"
    return ("rule", *map(markdown.cell, (f"candidate {version}", holder)), "Δ", "verdict", "what to do")


def _row(result: Result) -> Sequence[str]:
    cells = (result.gate.rule, result.candidate, result.current)
    shown = [markdown.cell(cut(clean(text), _LONGEST)) for text in cells]
    why = cut(clean(result.why), _LONGEST)
    verdict_cell = "✓" if result.passed else f"✗ {markdown.code(why, in_table=True)}".rstrip()
    todo = "" if result.passed else markdown.cell(cut(clean(result.gate.otherwise), _LONGEST))
    return [*shown, delta(result), verdict_cell, todo]


def _request(one: Weighed, columns_wide: int) -> Iterator[Line]:
    sign = Span("✗ ", "bad") if one.code else Span("✓ ", "good")
    to = (Span(" → "), data(target(one), "strong")) if one.request else ()
    yield sign, data(one.name, "strong"), *to
    yield from _wrapped(sentence(one), columns_wide, "bad" if one.code else "good")
    if one.gates:
        yield from models.gates(one.gates, columns_wide).spans
    for each in one.changes:
        yield Span("  "), data(each.version), data(f": {' → '.join(_sides(each))}")
    if one.todo and not one.gates:
        yield from _wrapped(f"→ {one.todo}", columns_wide, "note")
    request = one.request
    if request is not None:
        reason = f": {request.reason}" if request.reason else ""
        yield from _wrapped(f"asked for by {request.by}{reason}", columns_wide, "faint")


def _wrapped(text: str, columns_wide: int, style: str) -> list[Line]:
    return [(Span("  "), Span(part, style)) for part in wrap(clean(text), columns_wide - 2)]
