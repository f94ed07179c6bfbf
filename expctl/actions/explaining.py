"""Say where the metrics of a run that came from its output were read, line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from expctl.actions import reading, runs
from expctl.capture.metrics import output
from expctl.core import redact
from expctl.core.output import bars, collect, options, rules, text
from expctl.core.output.quotes import Known, Quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from os import PathLike

    from expctl.core.manifest import Manifest
    from expctl.core.output.reader import Reading
    from expctl.project import Project

#: More lines than this are not quoted.
_MOST_QUOTED = 10_000


class Explained(NamedTuple):
    """What was read of the output of a run, and what of it was left out."""

    run: str
    lines: list[Quote]
    notes: list[str]


def explain(project: Project, reference: str, metric: str = "") -> Explained:
    """Read the log of a run once more, as the settings are now.

    Args:
        project: Where.
        reference: The run.
        metric: Every value of this one; else the last value of each.

    Raises:
        RunNotFoundError: The reference names no run.
        AmbiguousRunError: It could mean two.
        IncompleteError: Its log was not kept, or is not in this clone.
    """
    run = runs.find(project, reference).manifest
    log = reading.log_path(project, run.id)
    asked = project.config.metrics_from_output
    notes: list[str] = [] if asked else ["Metrics are not read from output: see metrics_from_output"]
    found = output.readings(log, asked=asked or True, params=run.params, notes=notes)
    begun_again: dict[str, int] = {}
    kept = collect.kept(found, begun_again)
    output.note_fits(begun_again, notes)
    by_name: dict[str, list[Reading]] = {}
    for each in found:
        by_name.setdefault(each.name, []).append(each)
    shown = [each for each in found if each.name == metric] if metric else []
    if not metric:
        shown = [(kept.get(name) or of)[-1] for name, of in by_name.items()]
    names: dict[int, set[str]] = {}
    for each in shown[:_MOST_QUOTED]:
        names.setdefault(each.line, set()).add(each.name)
    quoted = _texts(log, names)
    lines = [
        Quote(
            metric=each.name,
            value=each.value,
            step=each.step,
            points=len(kept.get(each.name, by_name[each.name])),
            line=each.line,
            rule=each.rule,
            text=quoted.get(each.line, ""),
            remark=_remark(run, each, by_name[each.name], kept, has_several=bool(begun_again)),
        )
        for each in sorted(shown, key=lambda each: each.line)
    ]
    return Explained(run.id, lines, notes)


def list_rules(project: Project) -> list[Known]:
    """The rules in the order in which a line is held against them; those of the settings first."""
    asked = project.config.metrics_from_output
    held = options.parse(asked or True)
    own = [Known(rules.OWN, f"gives {name}", rule.text, {}, bool(asked)) for name, rule in held.own]
    return own + [
        Known(name, rule.what, rule.example, rule.gives, bool(asked) and name not in held.off)
        for name, rule in rules.RULES.items()
    ]


def _remark(
    run: Manifest,
    each: Reading,
    of_name: Sequence[Reading],
    kept: dict[str, list[Reading]],
    *,
    has_several: bool,
) -> str:
    if each.name not in kept:
        is_filler = collect.is_filler(each.name, [one.value for one in of_name])
        return f"left out: {'it is always 0' if is_filler else 'it holds for several settings'}"
    if each not in kept[each.name]:
        if has_several and each.line < kept[each.name][0].line:
            return "left out: of an earlier training"
        return "left out: said again"
    recorded = run.metrics.get(each.name)
    if recorded is None:
        return "not in the record"
    return "" if recorded.source == collect.SOURCE else "the record has it from a better source"


def _texts(log: PathLike[str], wanted: Mapping[int, Iterable[str]]) -> dict[int, str]:
    """The text of some lines of a log, as a person would have seen it in the end.

    Args:
        log: The file.
        wanted: By line number the metrics that it gave.
    """
    left = set(wanted)
    found: dict[int, str] = {}
    with open(log, "rb") as file:
        for number, raw in enumerate(file, 1):
            if number in left:
                states = [_behind_bar(text.plain(part)) for part in text.parts(raw.rstrip(b"\r\n"))]
                words = [name.lower().rpartition("_")[2] for name in wanted[number]]
                # What was overwritten, a bar say, is not what the value was read from.
                naming = [state for state in states if any(word in state.lower() for word in words)]
                found[number] = redact.redact_text(" ".join(naming or states))[0]
                left.remove(number)
                if not left:
                    break
    return found


def _behind_bar(state: str) -> str:
    """A state of a line; of a bar with something printed right behind it, that."""
    bar = bars.read(state)
    return (bar.after.strip() if bar else "") or state.strip()
