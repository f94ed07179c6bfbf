"""A report as one HTML file that asks no other host: data, looks and script are inside.

The page draws itself; what comes from manifests stands in it as JSON whose signs mean nothing to HTML, and
the script only ever makes text of it. A content security policy names the one script and the one style by
their hashes, so that nothing else would run even if it got in.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import math
import os
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.adapters import files
from expctl.core import keys

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from expctl.core.keys import Scalar

    #: Name, label, group, direction, values.
    Column = tuple[str, str, str, str | None, Sequence[Scalar]]
    #: Steps, values, seconds.
    Line = tuple[Sequence[float], Sequence[float], Sequence[float] | None]

_FOLDER = os.path.join(os.path.dirname(__file__), "page")
#: The parts of the script, in order.
PARTS = (
    "1-store.js",
    "2-filter.js",
    "3-front.js",
    "4-drawing.js",
    "5-table.js",
    "6-parallel.js",
    "7-curves.js",
    "8-scatter.js",
    "9-difference.js",
    "10-main.js",
)
_LIMIT = 1 << 20
#: Bytes of all columns, and of all curves: what is left out is said.
COLUMN_BYTES, CURVE_BYTES = 9_000_000, 4_500_000
_LONGEST_TEXT = 1_000
#: Whole numbers that JavaScript holds.
_WHOLE = 2**53
_CURVE_DIGITS = 6


class Sheet(NamedTuple):
    """What to put on a page.

    Attributes:
        title: Of the page.
        about: A line about where the runs come from.
        ids: The runs, in order.
        columns: What is known of them, most telling first.
        lines: Curves by the place of a run and metric.
        repeated: Columns that the table does not begin with: others say the same.
        objectives: Column and direction of each goal.
        selected: Places of the runs that are selected at the start.
        first: Columns that the table shows whatever they are.
        tab: The chart at the start: ``parallel``, ``front``, ``curves`` or ``difference``.
        view: How curves are shown at the start: ``metric``, ``smooth``, ``log`` and ``time``.
    """

    title: str
    about: str
    ids: Sequence[str]
    columns: Iterable[Column]
    lines: Mapping[int, Mapping[str, Line]]
    repeated: Sequence[str] = ()
    objectives: Sequence[tuple[str, str]] = ()
    selected: Sequence[int] = ()
    first: Sequence[str] = ()
    tab: str = "parallel"
    view: Mapping[str, str | float | bool] = {}


class Page(NamedTuple):
    """A page, and what found no place in it."""

    text: str
    columns_left_out: tuple[str, ...]
    curves_left_out: int


def page(sheet: Sheet) -> Page:
    """Make a page."""
    columns, left_out = _encode_columns(sheet.columns)
    curves, metrics, without = _encode_curves(sheet.lines)
    head = {
        "schema": "expctl/report/v1",
        "about": sheet.about,
        "ids": list(sheet.ids),
        "objectives": [{"column": column, "direction": way} for column, way in sheet.objectives],
        "repeated": list(sheet.repeated),
        "selected": list(sheet.selected),
        "first": list(sheet.first),
        "tab": sheet.tab,
        "view": dict(sheet.view),
        "metrics": metrics,
    }
    parts = [
        _json(head)[:-1],
        f', "columns": [{", ".join(columns)}]',
        f', "curves": {{{", ".join(curves)}}}}}',
    ]
    script = _script()
    style = _part("style.css")
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    inside = {
        "title": html.escape(sheet.title),
        "policy": html.escape(policy, quote=False),
        "style": style,
        "script": script,
        "data": "".join(parts),
    }
    text = re.sub(r"@(title|policy|style|script|data)@", lambda match: inside[match[1]], _part("page.html"))
    return Page(text, left_out, without)


def _script() -> str:
    return '"use strict";\n(() => {\n' + "\n".join(_part(name) for name in PARTS) + "})();\n"


def _part(name: str) -> str:
    return files.read_plain(os.path.join(_FOLDER, name), limit=_LIMIT).decode()


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(value: Any) -> str:
    """JSON in ASCII that no reader of HTML takes for markup: ``<`` stands as an escape."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _encode_columns(columns: Iterable[Column]) -> tuple[list[str], tuple[str, ...]]:
    """Columns as JSON while there is room; the names of the others."""
    found: list[str] = []
    left_out: list[str] = []
    room = COLUMN_BYTES
    for name, label, group, direction, values in columns:
        facts = {"name": name, "label": keys.plain(label), "group": group, "direction": direction}
        text = _json(facts | _values(values))
        if len(text) > room:
            left_out.append(name)
        else:
            found.append(text)
            room -= len(text)
    return found, tuple(left_out)


def _values(values: Sequence[Scalar]) -> dict[str, Any]:
    known = [value for value in values if value is not None]
    first = known[0]
    if len(known) == len(values) and all(type(value) is type(first) and value == first for value in known):
        return {"type": "same", "value": _cut(_plain(first))}
    if all(_is_number(value) for value in known):
        return {"type": "number", "values": [None if value is None else _plain(value) for value in values]}
    words: dict[str, int] = {}
    at = [-1 if value is None else words.setdefault(str(_cut(_word(value))), len(words)) for value in values]
    return {"type": "text", "words": list(words), "at": at}


def _is_number(value: Scalar) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return isinstance(value, float) or abs(value) <= _WHOLE


def _plain(value: Scalar) -> Scalar:
    """A value as JSON has it: NaN and infinities by their names, what JavaScript cannot hold as text."""
    if isinstance(value, bool) or value is None:
        return _word(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, str) or _is_number(value) else str(value)


def _word(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _cut(value: Scalar) -> Scalar:
    return (
        value[: _LONGEST_TEXT - 1] + "…" if isinstance(value, str) and len(value) > _LONGEST_TEXT else value
    )


def _encode_curves(lines: Mapping[int, Mapping[str, Line]]) -> tuple[list[str], list[str], int]:
    """Curves as JSON members by the place of their run, all metrics, and how many runs found no room."""
    found: list[str] = []
    metrics: dict[str, None] = {}
    room = CURVE_BYTES
    left_out = 0
    for place, by_metric in lines.items():
        text = _json({name: _encode_line(line) for name, line in by_metric.items()})
        if len(text) > room:
            left_out += 1
            continue
        found.append(f'"{place}":{text}')
        metrics.update(dict.fromkeys(by_metric))
        room -= len(text)
    return found, list(metrics), left_out


def _encode_line(line: Line) -> list[Any]:
    steps, values, seconds = line
    return [
        [_rounded(x) for x in steps],
        [_rounded(y) if math.isfinite(y) else str(y) for y in values],
        None if seconds is None else [_rounded(x) for x in seconds],
    ]


def _rounded(value: float) -> float:
    """Digits that can be seen in a chart; whole steps are kept whole."""
    if float(value).is_integer() and abs(value) < _WHOLE:
        return int(value)
    return float(f"{value:.{_CURVE_DIGITS}g}")
