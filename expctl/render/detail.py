"""Everything that is known of one run, as a page to read."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from expctl.core import keys, runid
from expctl.core.checklist.watched import is_watched
from expctl.core.text import clean, cut_middle, pad, width, wrap
from expctl.render import cells, numbers
from expctl.render.style import MISSING, Line, Page, Span, data, line, status

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from expctl.core.manifest import Artifact, CodeState, DataInput, Environment, Manifest, Metric

#: A name may take that share of the width before its value moves.
_NAME_SHARE = 0.45
_INDENT = "  "
#: How many of the sections tell of the six elements.
_ELEMENTS = 6
#: From this width on nothing is wrapped: it is no terminal.
_UNCUT = 10_000
#: From this width on there is room for whole commit ids; below, for so many digits.
_ROOMY, _SHORT_ID = 100, 12
#: Stands for a blank that must not end a line; private to this file, and no text that was cleaned holds it.
_GLUE = "\ue000"
_BLANK: Line = ()

#: A row of a section: name, value, remark.
Fact = tuple[str, str, str]


def page(
    run: Manifest, columns_wide: int, *, now: datetime | None = None, repeats: Mapping[str, int] | None = None
) -> Page:
    """Draw a run.

    Args:
        run: What to draw.
        columns_wide: The width of the terminal.
        now: The present, for "2 hours ago".
        repeats: How many repeats of it came to each verdict.
    """
    lines = [*_heading(run, now, columns_wide), _BLANK, *_command(run, columns_wide)]
    sections: list[tuple[str, Sequence[Fact]]] = [
        ("Hyperparameters", _params(run)),
        ("Metrics", _metrics(run.metrics)),
        ("Artifacts", _artifacts(run.artifacts)),
        ("Environment", _environment(run.environment)),
        ("Data version", _data(run.data)),
        ("Source code", _code(run.code, None if columns_wide >= _ROOMY else _SHORT_ID)),
        ("Seeds", _seeds(run)),
        ("Resources", _resources(run)),
        ("Tags", [(name, value, "") for name, value in run.tags.items()]),
        ("Repeated", [(word, f"{many} ×", "") for word, many in (repeats or {}).items()]),
        ("Parent", [(name, cells.text(value).text, "") for name, value in keys.flatten(run.parent).items()]),
    ]
    for title, facts in sections:
        if facts:
            about = _sources(run) if title == "Hyperparameters" else ""
            lines += [_BLANK, line(Span(title, "strong"), Span(about, "faint")), *_facts(facts, columns_wide)]
    missing = [title.lower() for title, facts in sections[:_ELEMENTS] if not facts]
    if "data version" in missing and (pinned := _pinned(run)):
        missing.remove("data version")
        lines += _texts("Data version", [pinned], style="faint")
    if missing and run.status not in ("running", "unknown"):
        lines += [_BLANK, line(Span("Nothing recorded of: ", "strong"), ", ".join(missing))]
    lines += _texts("Notes", run.notes)
    if run.capture is not None:
        lines += _texts("Not captured", run.capture.notes, style="warn")
    return Page(lines)


def _pinned(run: Manifest) -> str:
    """What is true of the data of a run without inputs of its own; empty where nobody looked."""
    is_known = run.code is not None and run.code.tree is not None and is_watched(run)
    return "no input beside the files in git, and these are pinned by the source tree" if is_known else ""


def _heading(run: Manifest, now: datetime | None, columns_wide: int) -> list[Line]:
    title = [Span(runid.suffix(run.id), "key"), Span("  ")]
    if run.name:
        title += [data(run.name, "strong"), Span("  ")]
    title.append(status(run.status))
    code = run.command.exit_code
    if code:
        title.append(Span(f" (exit {code})", "faint"))
    facts = [
        run.id,
        clean(run.experiment),
        f"{numbers.moment(run.started_at)} ({numbers.ago(run.started_at, now)})",
        *([f"took {numbers.duration(run.duration_s)}"] if run.duration_s is not None else []),
    ]
    # A line may end after a dot, nowhere else.
    joined = f"{_GLUE}· ".join(fact.replace(" ", _GLUE) for fact in facts)
    rows = wrap(joined, columns_wide)
    return [tuple(title), *(line(Span(row.replace(_GLUE, " "), "faint")) for row in rows)]


def _command(run: Manifest, columns_wide: int) -> list[Line]:
    """The command as one could type it again; long ones go on after a backslash, as a shell reads them."""
    words = clean(" ".join(_quoted(word) for word in run.command.argv))
    rows = wrap(words, max(20, columns_wide - len(_INDENT) * 2 - 2))
    lines = []
    for at, row in enumerate(rows):
        lead = "$ " if at == 0 else "    "
        tail = Span(" \\" if at + 1 < len(rows) else "", "faint")
        lines.append(line(_INDENT, Span(lead, "note"), row.replace(_GLUE, " "), tail))
    if run.command.cwd != ".":
        lines.append(line(_INDENT, Span("in ", "faint"), data(run.command.cwd)))
    return lines


def _quoted(word: str) -> str:
    """A word for a shell; blanks within it do not end a line."""
    return shlex.quote(word).replace(_GLUE, "?").replace(" ", _GLUE)


def _facts(facts: Sequence[Fact], columns_wide: int) -> list[Line]:
    """Names, values and remarks under each other; long remarks go on beneath themselves."""
    room = min(columns_wide, 200)
    names = [clean(name) for name, _, _ in facts]
    values = [clean(value) for _, value, _ in facts]
    name_room = min(max(map(width, names)), max(12, int(room * _NAME_SHARE)))
    remarked = [width(value) for value, (_, _, remark) in zip(values, facts, strict=True) if remark]
    value_room = min(max(remarked, default=0), max(24, room - name_room - 30))
    at = len(_INDENT) + name_room + 2 + value_room + 2
    lines: list[Line] = []
    for name, value, (_, _, remark) in zip(names, values, facts, strict=True):
        head = Span(_INDENT + pad(cut_middle(name, name_room), name_room + 2))
        rest = wrap(clean(remark), max(24, room - at)) if columns_wide < _UNCUT else [clean(remark)]
        lines.append((head, Span(pad(value, value_room) + "  "), Span(rest[0], "faint")))
        lines += [(Span(" " * at), Span(more, "faint")) for more in rest[1:]]
    return lines


def _texts(title: str, texts: Iterable[str], *, style: str = "") -> list[Line]:
    rows = [line(_INDENT, data(part, style)) for text in texts for part in text.split("\n")]
    return [_BLANK, line(Span(title, "strong")), *rows] if rows else []


def _params(run: Manifest) -> list[Fact]:
    origins = dict(_origins(run.params_from))
    return [
        (keys.plain(name), cells.text(value).text, origins.get(name, ""))
        for name, value in keys.flatten(run.params).items()
    ]


def _sources(run: Manifest) -> str:
    """Files that gave hyperparameters, and whatever else did."""
    return f"  from {', '.join(clean(source) for source in run.params_from)}" if run.params_from else ""


def _origins(params_from: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """By parameter where it came from, as far as the manifest says it parameter by parameter."""
    for source, names in params_from.items():
        if isinstance(names, list | tuple):
            for name in names:
                yield str(name), f"from {source}"


def _metrics(metrics: Mapping[str, Metric]) -> list[Fact]:
    shown = numbers_of([metric.value for metric in metrics.values()])
    return [
        (name, text, _of_series(metric)) for (name, metric), text in zip(metrics.items(), shown, strict=True)
    ]


def numbers_of(values: Sequence[float]) -> list[str]:
    """Different metrics under each other: each with its own digits, whole parts to the right."""
    texts = [numbers.number(value) for value in values]
    heads = [len(text.partition(".")[0].partition("e")[0]) if text[-1].isdigit() else 1 for text in texts]
    widest = max(heads, default=0)
    return [" " * (widest - head) + text for head, text in zip(heads, texts, strict=True)]


def _of_series(metric: Metric) -> str:
    facts = []
    if metric.points > 1:
        facts.append(numbers.count(metric.points, "point"))
    if metric.step is not None:
        facts.append(f"step {metric.step}")
    if metric.min is not None:
        facts.append(f"min {numbers.number(metric.min)}")
    if metric.max is not None:
        facts.append(f"max {numbers.number(metric.max)}")
    if metric.direction:
        facts.append("higher is better" if metric.direction == "max" else "lower is better")
    if metric.source:
        facts.append(f"from {metric.source}")
    return ", ".join(facts)


def _artifacts(items: Iterable[Artifact]) -> list[Fact]:
    return [
        (
            item.path,
            numbers.size(item.bytes) if item.bytes is not None else MISSING,
            ", ".join(filter(None, (item.kind, _md5(item.md5), "kept" if item.stored else "not kept"))),
        )
        for item in items
    ]


def _environment(found: Environment | None) -> list[Fact]:
    if found is None:
        return []
    facts: list[Fact] = []
    if found.python or found.packages:
        remark = f"packages in {found.packages}" if found.packages else ""
        facts.append(("python", found.python or MISSING, remark))
    container = found.container and found.container[: len("sha256:") + _SHORT_ID]
    for name, value in (("platform", found.platform), ("cuda", found.cuda), ("container", container)):
        if value:
            facts.append((name, value, ""))
    if found.cpu:
        cores = found.cpu.get("cores")
        facts.append(("cpu", str(found.cpu.get("model", MISSING)), f"{cores} cores" if cores else ""))
    if found.memory_bytes:
        facts.append(("memory", numbers.size(found.memory_bytes), ""))
    for gpu in found.gpus:
        driver = gpu.get("driver")
        facts.append(("gpu", str(gpu.get("name", MISSING)), f"driver {driver}" if driver else ""))
    facts += [
        (name, cells.text(value).text, "")
        for name, value in keys.flatten(found.numeric).items()
        if value is not None
    ]
    return facts


def _data(items: Iterable[DataInput]) -> list[Fact]:
    facts = []
    for item in items:
        remarks = [
            _md5(item.md5),
            f"version {item.version}" if item.version else "",
            item.dvc or "",
            numbers.count(item.nfiles, "file") if item.nfiles is not None else "",
            "CHANGED WHILE RUNNING" if item.changed else "",
            "kept with the run" if item.stored else "",
        ]
        size = numbers.size(item.bytes) if item.bytes is not None else MISSING
        facts.append((item.path or item.uri or MISSING, size, ", ".join(filter(None, remarks))))
    return facts


def _code(code: CodeState | None, digits: int | None) -> list[Fact]:
    if code is None:
        return []
    where = f"on {code.branch}" if code.branch else "detached"
    facts: list[Fact] = [("commit", (code.commit or "none yet")[:digits], where)]
    if code.tree:
        state = "differs from the commit" if code.dirty else "as committed"
        facts.append(("source tree", code.tree[:digits], state))
    facts += [("changed while running", path, "") for path in code.changed_while_running]
    facts += [("left out", item.path, item.why) for item in code.left_out]
    facts += [
        (f"submodule {item.path}", item.commit[:digits], "dirty" if item.dirty else "")
        for item in code.submodules
    ]
    return facts


def _seeds(run: Manifest) -> list[Fact]:
    if run.seeds is None:
        return []
    facts: list[Fact] = []
    if run.seeds.requested is not None:
        facts.append(("asked for", str(run.seeds.requested), ""))
    if run.seeds.set:
        facts.append(("set", ", ".join(f"{name} {seed}" for name, seed in run.seeds.set.items()), ""))
    if run.seeds.unset:
        facts.append(("not seeded", ", ".join(run.seeds.unset), ""))
    return facts


def _resources(run: Manifest) -> list[Fact]:
    used = run.resources
    if used is None:
        return []
    facts: list[Fact] = []
    if used.cpu_s is not None:
        facts.append(("cpu time", numbers.duration(used.cpu_s), ""))
    if used.max_rss_bytes is not None:
        facts.append(("peak memory", numbers.size(used.max_rss_bytes), ""))
    if used.gpu_max_memory_bytes is not None:
        facts.append(("peak gpu memory", numbers.size(used.gpu_max_memory_bytes), ""))
    if used.gpu_utilization is not None:
        facts.append(("gpu busy", f"{used.gpu_utilization:.0%}", ""))
    return facts


def _md5(value: str | None) -> str:
    return f"md5 {cells.short_hash(value)}" if value else ""
