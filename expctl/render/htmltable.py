"""A table as one HTML file: no script, nothing from elsewhere, dark and light."""

from __future__ import annotations

import itertools
from html import escape
from typing import TYPE_CHECKING

from expctl.core import compare
from expctl.core.text import clean
from expctl.render import export, grouped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.compare import Comparison
    from expctl.core.groups import Grouping

_ARROWS = {"max": " ↑", "min": " ↓"}
_STYLE = """\
:root { color-scheme: light dark; --line: #8884; --good: light-dark(#067d3f, #5fd38d); --quiet: #888; }
body { font: 14px/1.5 system-ui, sans-serif; margin: 1.5rem; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead tr:last-child th { border-bottom-width: 2px; vertical-align: bottom; }
tbody tr:hover { background: #8881; }
.number { text-align: right; }
.best { font-weight: 700; color: var(--good); }
.group, .delta, p { color: var(--quiet); font-weight: 400; }
.group { font-size: .85em; }
thead .group { border-bottom: 0; padding-bottom: 0; }
tbody th { position: sticky; left: 0; background: Canvas; }
p { max-width: 60rem; }
code { font-family: ui-monospace, monospace; }
"""


def comparison(found: Comparison, *, same: str = "") -> str:
    """A comparison as an HTML document.

    Args:
        found: What to write.
        same: What was left out because it is the same in all runs; it stands beneath the table.
    """
    heads = [_head("run"), *map(_head, export.goal_heads(found))]
    columns = []
    for column in found.columns:
        label = column.label + _ARROWS.get(column.direction or "", "")
        heads.append(_head(label, is_number=column.numeric))
        pairs = zip(found.rows, export.column_texts(found, column), strict=True)
        columns.append(
            [
                _cell(text, tail, is_number=column.numeric, is_best=bool(text) and found.is_best(row, column))
                for row, (text, tail) in pairs
            ]
        )
    lines = []
    for at, row in enumerate(found.rows):
        marks = [_cell("●" if row.id in found.front else "")] if found.objectives else []
        marks += [_cell(str(found.ranks.get(row.id, "")), is_number=True)] if found.ranks else []
        name = f"<th scope=row><code>{_text(row.id)}</code></th>"
        lines.append([name, *marks, *(column[at] for column in columns)])
    above = [*[""] * (1 + len(export.goal_heads(found))), *(column.group for column in found.columns)]
    return _page(f"Comparison of {len(found.rows)} runs", heads, lines, same, above=above)


def groups(found: Grouping) -> str:
    """Groups of runs as an HTML document."""
    labels = compare.short_labels([*found.by, *found.metrics])
    heads = [*(_head(labels[name]) for name in found.by), _head("n", is_number=True)]
    columns = []
    for name in found.metrics:
        heads.append(_head(labels[name] + _ARROWS.get(found.directions.get(name, ""), ""), is_number=True))
        best = found.best.get(name, ())
        pairs = enumerate(grouped.texts(found, name))
        columns.append([_cell(mean, tail, is_number=True, is_best=at in best) for at, (mean, tail) in pairs])
    lines = []
    for at, each in enumerate(found.groups):
        keys = [_cell(export.plain_text(value)) for value in each.key]
        count = _cell(str(len(each.numbers)), is_number=True)
        lines.append([*keys, count, *(column[at] for column in columns)])
    return _page(f"Comparison of {len(found.groups)} groups of runs", heads, lines, "")


def _text(value: str) -> str:
    return escape(clean(value))


def _groups(names: Sequence[str]) -> str:
    """A line above the heads: what neighbours share stands over all of them."""
    found = [(name, len(list(some))) for name, some in itertools.groupby(names)]
    cells = [f"<th scope=colgroup class=group colspan={many}>{_text(name)}</th>" for name, many in found]
    return f"<tr>{''.join(cells)}</tr>\n" if any(names) else ""


def _head(label: str, *, is_number: bool = False) -> str:
    return f"<th scope=col{' class=number' if is_number else ''}>{_text(label)}</th>"


def _cell(text: str, behind: str = "", *, is_number: bool = False, is_best: bool = False) -> str:
    names = " ".join(name for name, fits in (("number", is_number), ("best", is_best)) if fits)
    marked = f' class="{names}"' if names else ""
    tail = f"<span class=delta>{_text(behind)}</span>" if behind else ""
    return f"<td{marked}>{_text(text)}{'*' if is_best else ''}{tail}</td>"


def _page(
    title: str,
    heads: Sequence[str],
    lines: Sequence[Sequence[str]],
    beneath: str,
    *,
    above: Sequence[str] = (),
) -> str:
    rows = "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in lines)
    note = f"<p>{_text(beneath)}</p>\n" if beneath else ""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        "<!doctype html>\n<html lang=en>\n<head>\n<meta charset=utf-8>\n"
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name=viewport content="width=device-width">\n'
        f"<title>{_text(title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n"
        f"<body>\n<h1>{_text(title)}</h1>\n<div class=table><table>\n"
        f"<thead>{_groups(above)}<tr>{''.join(heads)}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n"
        f"</table></div>\n{note}</body>\n</html>"
    )
