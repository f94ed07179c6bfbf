"""How two runs differ, as a page to read: the six elements, then the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core import runid
from expctl.core.text import clean, cut_middle, fold, pad, width, wrap
from expctl.render import cells, numbers
from expctl.render.style import MISSING, Line, Page, Span, line, status

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
#: What goes before the rest of a line of code that did not fit.
_GOES_ON = "  … "
#: How the environment names a package, and how many of one run alone are still shown one a line.
_PACKAGE, _PACKAGES_MOST, _PACKAGE_LINES = "package ", 8, 4
#: Stands for a blank that must not end a line; private use, a name that holds it shows a blank there.
_GLUE = "\ue000"
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
        lines += [_BLANK, *_files(found.files), _BLANK, *_patch(found.patch, columns_wide, whole=whole)]
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
    """The changed values, and packages that only one run has in a paragraph: they can be hundreds."""
    alone = [item for item in section.changes if item.kind != "changed" and item.key.startswith(_PACKAGE)]
    if len(alone) <= _PACKAGES_MOST:
        return _changes(section, columns_wide)
    others = tuple(item for item in section.changes if item not in alone)
    lines = _changes(section._replace(changes=others), columns_wide) if others else []
    for kind, who, mark in (("removed", "first", Span("- ", "bad")), ("added", "second", Span("+ ", "good"))):
        lines += _packages([item for item in alone if item.kind == kind], who, mark, columns_wide)
    return lines


def _packages(alone: Sequence[Change], who: str, mark: Span, columns_wide: int) -> list[Line]:
    """Packages of one run, as many as fit on a few lines; all of them are in ``--json``."""
    if not alone:
        return []
    named = [
        clean(f"{item.key.removeprefix(_PACKAGE)} {item.after if item.before is None else item.before}")
        for item in alone
    ]
    rows = wrap(", ".join(named).replace(" ", _GLUE).replace(f",{_GLUE}", ", "), min(columns_wide, 120) - 6)
    shown = [row.replace(_GLUE, " ") for row in rows[:_PACKAGE_LINES]]
    left = len(alone) - len(" ".join(shown).rstrip(",").split(", "))
    head = line(_INDENT, mark, f"{numbers.count(len(alone), 'package')} that only the {who} run had:")
    lines = [head, *(line(_INDENT * 3, row) for row in shown)]
    if left > 0:
        lines.append(line(_INDENT * 3, Span(f"and {left} more (--json has all)", "faint")))
    return lines


def _changes(section: Section, columns_wide: int) -> list[Line]:
    """One line a value: its name, before, after, and for numbers the difference; three for long texts."""
    changes = section.changes
    befores, afters = _texts(section)
    short = [max(width(one), width(other)) <= _VALUE_MOST for one, other in zip(befores, afters, strict=True)]
    fitting = [
        (width(one), width(other)) for one, other, fits in zip(befores, afters, short, strict=True) if fits
    ]
    before_room, after_room = (max(sizes) for sizes in zip(*fitting, strict=True)) if fitting else (0, 0)
    name_room = max(_NAME_LEAST, min(columns_wide, 200) - before_room - after_room - len(_INDENT) - 7)
    name_room = min(name_room, max(width(clean(change.key)) for change in changes))
    lines: list[Line] = []
    for change, before, after, fits in zip(changes, befores, afters, short, strict=True):
        name = cut_middle(clean(change.key), name_room)
        if not fits:
            lines.append(line(_INDENT + name))
            lines += [
                line(_INDENT * 2, Span("- ", "bad"), before),
                line(_INDENT * 2, Span("+ ", "good"), after),
            ]
            continue
        style = "" if change.better is None else "good" if change.better else "bad"
        lines.append((
            Span(_INDENT + pad(name, name_room + 2)),
            Span(pad(before, before_room), "faint" if change.kind == "added" else ""),
            Span("  →  ", "faint"),
            Span(pad(after, after_room), style or ("faint" if change.kind == "removed" else "")),
            Span(_remark(change, section), style or "faint"),
        ))  # fmt: skip
    return lines


def _texts(section: Section) -> tuple[list[str], list[str]]:
    """Both values of each change as they are shown: alike in form, and never alike in text."""
    befores, afters = [], []
    for change in section.changes:
        before = _shown(change.key, change.before, section, there=change.kind != "added")
        after = _shown(change.key, change.after, section, there=change.kind != "removed")
        if section.element == "metrics" and _is_number(change.before) and _is_number(change.after):
            before, after = numbers.column([float(change.before or 0), float(change.after or 0)])
        if before == after:  # rounding made them so
            before, after = clean(str(change.before)), clean(str(change.after))
        befores.append(before)
        afters.append(after)
    return befores, afters


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


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_hex(text: str) -> bool:
    return (
        all(char in "0123456789abcdef" for char in text.removesuffix(".dir")) and len(text) > cells.SHORT_HASH
    )


def _remark(change: Change, section: Section) -> str:
    if section.element != "metrics" or not (_is_number(change.before) and _is_number(change.after)):
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


def _patch(patch: str, columns_wide: int, *, whole: bool) -> list[Line]:
    rows = patch.rstrip("\n").split("\n")
    shown = rows if whole else rows[:PATCH_LINES]
    lines: list[Line] = []
    for row in shown:
        style = _patch_style(row)
        first, *rest = fold(clean(row.expandtabs(8)), columns_wide)
        lines.append((Span(first, style),))
        # Under a sign of its own, so that nobody takes it for a line of the code.
        going_on = fold("".join(rest), columns_wide - len(_GOES_ON)) if rest else []
        lines += [(Span(_GOES_ON, "faint"), Span(more, style)) for more in going_on]
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
