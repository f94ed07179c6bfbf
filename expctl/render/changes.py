"""How two runs differ, as a page to read: the six elements, then the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core import runid
from expctl.core.text import clean, cut, cut_middle, pad, width
from expctl.render import cells, numbers
from expctl.render.style import MISSING, Line, Page, Span, data, line, status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.diff import Change, Difference, FileChange, Section
    from expctl.core.keys import Scalar
    from expctl.core.manifest import Manifest

#: Lines of a patch that are shown unless all were asked for.
PATCH_LINES = 120
_INDENT = "  "
_VALUE_MOST = 44
_NAME_LEAST = 24
_BLANK: Line = ()
_HASHES = ("commit", "source tree", "packages")


def page(found: Difference, columns_wide: int, *, whole: bool = False) -> Page:
    """Draw a difference.

    Args:
        found: What to draw.
        columns_wide: The width of the terminal.
        whole: All of the patch, however long.
    """
    lines = _headings((found.before, found.after))
    same: list[str] = []
    for section in found.sections:
        if section.changes:
            lines += [_BLANK, _title(section), *_section(section, columns_wide)]
        else:
            same.append(section.element if section.same else f"{section.element} (nothing recorded)")
    if same:
        lines += [_BLANK, line(Span("The same: ", "strong"), ", ".join(same))]
    lines += [line(Span(clean(note), "warn")) for note in found.notes]
    if found.patch:
        lines += [_BLANK, *_files(found.files), _BLANK, *_patch(found.patch, whole=whole)]
    return Page(lines)


def _headings(runs: Sequence[Manifest]) -> list[Line]:
    """Both runs, what is like standing under each other."""
    names = [clean(run.name or "") for run in runs]
    room = max(map(width, names))
    lines: list[Line] = []
    for run, name, (sign, style) in zip(runs, names, (("-", "bad"), ("+", "good")), strict=True):
        word = status(run.status)
        lines.append((
            Span(f"{sign} ", style),
            Span(runid.suffix(run.id), "key"),
            Span("  " + (pad(name, room) + "  " if room else ""), "strong"),
            Span(pad(word.text, max(len(other.status) for other in runs)), word.style),
            Span(f"  {numbers.moment(run.started_at)}  {run.id}", "faint"),
        ))  # fmt: skip
    return lines


def _title(section: Section) -> Line:
    title = section.element[:1].upper() + section.element[1:]
    return line(Span(title, "strong"), Span(f"  {section.same} the same" if section.same else "", "faint"))


def _section(section: Section, columns_wide: int) -> list[Line]:
    """One line a value: its name, before, after, and for numbers the difference."""
    changes = section.changes
    befores = [_shown(change.key, change.before, section, there=change.kind != "added") for change in changes]
    afters = [_shown(change.key, change.after, section, there=change.kind != "removed") for change in changes]
    befores, afters = _told_apart(changes, befores, afters)
    before_room, after_room = (min(max(map(width, texts)), _VALUE_MOST) for texts in (befores, afters))
    name_room = max(_NAME_LEAST, min(columns_wide, 200) - before_room - after_room - len(_INDENT) - 7)
    name_room = min(name_room, max(width(clean(change.key)) for change in changes))
    lines: list[Line] = []
    for change, before, after in zip(changes, befores, afters, strict=True):
        style = "" if change.better is None else "good" if change.better else "bad"
        lines.append((
            Span(_INDENT + pad(cut_middle(clean(change.key), name_room), name_room + 2)),
            Span(pad(cut(before, before_room), before_room), "faint" if change.kind == "added" else ""),
            Span("  →  ", "faint"),
            Span(cut(after, after_room), style or ("faint" if change.kind == "removed" else "")),
            Span(_remark(change, section), style or "faint"),
        ))  # fmt: skip
    return lines


def _shown(key: str, value: Scalar, section: Section, *, there: bool) -> str:
    if not there:
        return MISSING
    if isinstance(value, int | float) and not isinstance(value, bool):
        if key.endswith(("bytes", "_bytes")):
            return numbers.size(int(value))
        return numbers.number(value) if section.element == "metrics" else numbers.exact(value)
    text = cells.text(value).text
    is_hash = key in _HASHES or (section.element in ("artifacts", "data version") and _is_hex(text))
    return cells.short_hash(text) if is_hash else text


def _told_apart(
    changes: Sequence[Change], befores: list[str], afters: list[str]
) -> tuple[list[str], list[str]]:
    """Where rounding makes two values look the same, both in full."""
    pairs = [
        (clean(str(change.before)), clean(str(change.after))) if one == other else (one, other)
        for change, one, other in zip(changes, befores, afters, strict=True)
    ]
    return [one for one, _ in pairs], [other for _, other in pairs]


def _is_hex(text: str) -> bool:
    return (
        all(char in "0123456789abcdef" for char in text.removesuffix(".dir")) and len(text) > cells.SHORT_HASH
    )


def _remark(change: Change, section: Section) -> str:
    numeric = [isinstance(v, int | float) and not isinstance(v, bool) for v in (change.before, change.after)]
    if section.element != "metrics" or not all(numeric):
        return ""
    step = numbers.change(float(change.before or 0), float(change.after or 0))
    verdict = "" if change.better is None else ", better" if change.better else ", worse"
    return f"   {step}{verdict}" if step else ""


def _files(files: Sequence[FileChange]) -> list[Line]:
    room = max((width(clean(item.path)) for item in files), default=0)
    return [
        line(
            _INDENT + pad(clean(item.path), room + 2),
            Span(f"+{item.added}", "good"),
            " ",
            Span(f"-{item.removed}", "bad"),
        )
        for item in files
    ]


def _patch(patch: str, *, whole: bool) -> list[Line]:
    rows = patch.rstrip("\n").split("\n")
    shown = rows if whole else rows[:PATCH_LINES]
    lines: list[Line] = [(data(row.expandtabs(8), _patch_style(row)),) for row in shown]
    if len(rows) > len(shown):
        lines.append(
            line(Span(f"{len(rows) - len(shown)} more lines of code diff; all of them with: --full", "faint"))
        )
    return lines


def _patch_style(row: str) -> str:
    if row.startswith(
        ("diff --git", "index ", "--- ", "+++ ", "new file", "deleted file", "rename ", "similarity")
    ):
        return "strong"
    if row.startswith("@@"):
        return "note"
    return "good" if row.startswith("+") else "bad" if row.startswith("-") else ""
