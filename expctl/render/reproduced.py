"""A run that is to be repeated, and what came of it: what would run and from where, and the verdict."""

from __future__ import annotations

import math
import shlex
from typing import TYPE_CHECKING, Any

from expctl.core import runid, verdict
from expctl.core.text import clean, cut_middle, pad, width, wrap
from expctl.render import cells, grid, numbers
from expctl.render.style import MISSING, Line, Page, Span, data, line

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from expctl.core.manifest import Manifest
    from expctl.core.surroundings import Gap
    from expctl.core.verdict import ArtifactVerdict, Judgement, MetricVerdict

_INDENT = "  "
#: So many differences, inputs or artifacts are shown; the rest is counted.
_SHOWN = 8
_SIGNS = {
    verdict.IDENTICAL: Span("✓ identical", "good"),
    verdict.CLOSE: Span("✓ within tolerance", "good"),
    verdict.NOISE: Span("✓ within noise", "good"),
    verdict.DIFFERENT: Span("✗ different", "bad"),
    verdict.MISSING: Span("✗ missing", "bad"),
    verdict.TIMING: Span("not judged: a time", "faint"),
    verdict.NEW: Span("only in the repeat", "faint"),
}
_ANSWERS = {
    verdict.IDENTICAL: ("Reproduced: every metric is identical to the last bit.", "good"),
    verdict.CLOSE: ("Reproduced, within the tolerance.", "good"),
    verdict.NOISE: ("Reproduced, within the noise of repeats.", "good"),
    verdict.DIFFERENT: ("Not reproduced.", "bad"),
    verdict.MISSING: ("Not reproduced: something is missing.", "bad"),
    verdict.ENDED: ("Not reproduced: it ended otherwise.", "bad"),
}

Fact = tuple[str, str]


def intent(
    run: Manifest,
    *,
    whose: Sequence[Fact],
    inputs: Sequence[Fact],
    gaps: Sequence[Gap],
    remarks: Sequence[str],
    columns_wide: int,
) -> Page:
    """Draw what would run.

    Args:
        run: The original.
        whose: Name and value of what tells where its code came from.
        inputs: Each input, and where it is to be had.
        gaps: How the environment differs.
        remarks: What should be known beside.
        columns_wide: The width of the terminal.
    """
    name = [data(f"  {run.name}", "strong")] if run.name else []
    lines: list[Line] = [
        line(Span("Repeat "), Span(runid.suffix(run.id), "key"), *name, data(f"  {run.experiment}", "faint"))
    ]
    words = " ".join(shlex.quote(word) for word in run.command.argv)
    lines += [
        line(_INDENT, Span("$ " if at == 0 else "    ", "note"), row)
        for at, row in enumerate(wrap(clean(words), max(20, columns_wide - 6)))
    ]
    if run.command.cwd != ".":
        lines.append(line(_INDENT, Span("in ", "faint"), data(run.command.cwd)))
    lines += _facts(whose, columns_wide)
    if inputs:
        lines += [(), line(Span("Data", "strong")), *_facts(_few(inputs, "inputs"), columns_wide)]
    if gaps:
        rows = [(gap.what, f"{gap.before or MISSING} → {gap.now or MISSING}") for gap in gaps]
        lines += [
            (),
            line(Span("Environment, then → now", "strong")),
            *_facts(_few(rows, "differences"), columns_wide),
        ]
    lines += _sentences("Known", remarks, columns_wide)
    return Page(lines)


def result(
    run: Manifest,
    repeats: Sequence[Manifest],
    judged: Judgement,
    columns_wide: int,
    *,
    notes: Sequence[str] = (),
) -> Page:
    """Draw the verdict on a repeated run."""
    lines: list[Line] = []
    if judged.metrics:
        lines += _metrics(judged.metrics, len(repeats), columns_wide)
    if judged.artifacts:
        lines += [*([()] if lines else []), *_artifacts(judged.artifacts, columns_wide)]
    lines += [()] if lines else []
    text, style = _ANSWERS[judged.verdict]
    if judged.verdict == verdict.IDENTICAL and not any(each.counts for each in judged.metrics):
        text = "Reproduced: what it left is identical."
    lines.append(line(Span(text, style)))
    ids = ", ".join(runid.suffix(each.id) for each in repeats)
    lines.append(
        line(
            Span(f"{runid.suffix(run.id)} repeated as {ids}; compare them with: ", "faint"),
            Span(f"expctl diff {runid.suffix(run.id)} {runid.suffix(repeats[-1].id)}", "faint"),
        )
    )
    for each in (*judged.remarks, *notes):
        lines += [line(Span(row, "faint")) for row in wrap(clean(each), columns_wide)]
    return Page(lines)


def to_json(
    run: Manifest, repeats: Sequence[Manifest], judged: Judgement, notes: Sequence[str]
) -> dict[str, Any]:
    """The verdict for ``--json``."""
    return {
        "schema": "expctl/reproduction/v1",
        "run": run.id,
        "repeats": [each.id for each in repeats],
        "verdict": judged.verdict,
        "reproduced": judged.is_reproduced,
        "metrics": [
            {
                "name": each.name,
                "before": each.before,
                "after": list(each.after),
                "verdict": each.verdict,
                "why": each.why or None,
            }
            for each in judged.metrics
        ],
        "artifacts": [each._asdict() for each in judged.artifacts],
        "remarks": [*judged.remarks, *notes],
    }


def _metrics(judged: Sequence[MetricVerdict], times: int, columns_wide: int) -> list[Line]:
    befores = [_number(each.before, each) for each in judged]
    afters = [_after(each) for each in judged]
    columns = [
        grid.Column(head="metric", cells=[(data(each.name),) for each in judged], rank=-3),
        grid.Column(
            head="original", cells=[(Span(text),) for text in befores], right=True, keep=True, rank=-1
        ),
        grid.Column(
            head="repeat" if times == 1 else f"{times} repeats",
            cells=[(Span(text),) for text in afters],
            right=True,
            keep=True,
            rank=-2,
        ),
        grid.Column(head="verdict", cells=[(_SIGNS[each.verdict],) for each in judged], keep=True, rank=-4),
        grid.Column(head="", cells=[(data(_why(each), "faint"),) for each in judged], rank=3),
    ]
    return grid.draw(columns if any(map(_why, judged)) else columns[:-1], columns_wide).lines


def _artifacts(judged: Sequence[ArtifactVerdict], columns_wide: int) -> list[Line]:
    shown = sorted(judged, key=lambda each: (each.verdict == verdict.IDENTICAL, each.path))[:_SHOWN]
    columns = [
        grid.Column(head="artifact", cells=[(data(each.path),) for each in shown], rank=-3),
        grid.Column(head="original", cells=[(Span(_md5(each.before)),) for each in shown], rank=1),
        grid.Column(head="repeat", cells=[(Span(_md5(each.after)),) for each in shown], rank=1),
        grid.Column(head="verdict", cells=[(_SIGNS[each.verdict],) for each in shown], keep=True, rank=-4),
    ]
    rest = len(judged) - len(shown)
    more = [line(Span(f"and {rest} more", "faint"))] if rest else []
    return [*grid.draw(columns, columns_wide).lines, *more]


def _number(value: float | None, each: MetricVerdict) -> str:
    """All digits where the two differ, or the difference could not be seen; else as everywhere."""
    if value is None:
        return MISSING
    return numbers.number(value) if each.verdict in (verdict.IDENTICAL, verdict.TIMING) else _digits(value)


def _digits(value: float) -> str:
    return f"{value:.10g}" if math.isfinite(value) else numbers.number(value)


def _after(each: MetricVerdict) -> str:
    known = [value for value in each.after if value is not None]
    if not known:
        return MISSING
    low, high = min(known), max(known)
    if len(known) == 1 or low == high or math.isnan(low):
        return _number(known[0], each)
    return f"{numbers.number(low)} … {numbers.number(high)}"


def _why(each: MetricVerdict) -> str:
    if (
        each.verdict in (verdict.DIFFERENT, verdict.CLOSE)
        and each.before is not None
        and len(each.after) == 1
    ):
        now = each.after[0]
        change = (
            numbers.change(each.before, now) if now is not None and math.isfinite(now - each.before) else ""
        )
        return "  ".join(filter(None, (change, each.why)))
    return each.why


def _md5(md5: str | None) -> str:
    return cells.short_hash(md5) if md5 else MISSING


def _few(facts: Sequence[Fact], noun: str) -> list[Fact]:
    rest = len(facts) - _SHOWN
    return [*facts[:_SHOWN], *([("…", f"and {rest} more {noun}")] if rest > 0 else [])]


def _facts(facts: Iterable[Fact], columns_wide: int) -> list[Line]:
    rows = [(clean(name), clean(value)) for name, value in facts]
    room = min(max((width(name) for name, _ in rows), default=0), 36)
    lines: list[Line] = []
    for name, value in rows:
        parts = wrap(value, max(20, columns_wide - room - 4))
        lines.append(line(_INDENT, Span(f"{pad(cut_middle(name, room), room)}  "), Span(parts[0], "faint")))
        lines += [line(" " * (room + 4), Span(part, "faint")) for part in parts[1:]]
    return lines


def _sentences(title: str, texts: Sequence[str], columns_wide: int) -> list[Line]:
    if not texts:
        return []
    rows = [
        line(_INDENT, Span(row)) for text in texts for row in wrap(clean(text), max(20, columns_wide - 2))
    ]
    return [(), line(Span(title, "strong")), *rows]
