"""Tables for other programs: CSV and Markdown whose cells are inert, JSON whose values are typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from expctl.core import sparks
from expctl.core.text import clean
from expctl.render import cells, markdown, numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.causes.cause import Explanation
    from expctl.core.compare import Column, Comparison
    from expctl.core.diff import Difference
    from expctl.core.keys import Scalar
    from expctl.core.row import Row

#: A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection; LF since
#: August 2025).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def to_csv(header: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> str:
    """RFC 4180 with LF; missing values are empty, no cell is a formula."""
    lines = [header, *rows]
    return "\n".join(",".join(_csv_cell(value) for value in cells) for cells in lines)


def comparison_rows(found: Comparison) -> tuple[list[str], list[list[Scalar]]]:
    """The header (whole column names) and the values of a comparison, with the front as a column."""
    columns = [column for column in found.columns if not column.is_curve]
    compared = [column for column in columns if column.numeric and column.group == "metrics"]
    compared = compared if found.baseline is not None else []
    header = ["id", *goal_heads(found), *(column.name for column in columns)]
    header += [f"{column.name} - baseline" for column in compared]
    rows: list[list[Scalar]] = []
    for row in found.rows:
        front: list[Scalar] = [row.id in found.front] if found.objectives else []
        rank: list[Scalar] = [found.ranks.get(row.id)] if found.ranks else []
        values = [row.values.get(column.name) for column in columns]
        deltas = [found.delta(row, column) for column in compared]
        rows.append([row.id, *front, *rank, *values, *deltas])
    return header, rows


def comparison_markdown(found: Comparison, *, same: str = "") -> str:
    """A comparison for a pull request: short heads, rounded metrics, the best in bold.

    Args:
        found: What to write.
        same: What was left out because it is the same in all runs; it stands beneath the table.
    """
    header = ["run", *goal_heads(found), *(column.label for column in found.columns)]
    drawn = [_markdown_column(found, at) for at in range(len(found.columns))]
    right = [*[False] * (1 + len(goal_heads(found))), *(column.numeric for column in found.columns)]
    lines = []
    for at, row in enumerate(found.rows):
        front = ["●" if row.id in found.front else ""] if found.objectives else []
        front += [str(found.ranks.get(row.id, ""))] if found.ranks else []
        lines.append([f"`{row.id}`", *front, *(column[at] for column in drawn)])
    table = markdown.table([markdown.cell(name) for name in header], lines, right=right)
    return f"{table}\n\n{markdown.prose(same)}" if same else table


def run_json(row: Row) -> dict[str, Any]:
    """A run for ``--json``: its columns by their whole names, typed."""
    return {"id": row.id, **{name: value for name, value in row.values.items() if name != "id"}}


def comparison_json(found: Comparison) -> dict[str, Any]:
    """A comparison for ``--json``."""
    columns = [column for column in found.columns if not column.is_curve]
    return {
        "schema": "expctl/comparison/v1",
        "columns": [
            {"name": column.name, "group": column.group, "direction": column.direction} for column in columns
        ],
        "runs": [
            {"id": row.id, "values": {column.name: row.values.get(column.name) for column in columns}}
            for row in found.rows
        ],
        **_baseline_json(found, columns),
        "best": {name: sorted(ids) for name, ids in found.best.items()},
        "constant": dict(found.constant),
        "objectives": [{"column": goal.column, "direction": goal.direction} for goal in found.objectives],
        "front": [row.id for row in found.rows if row.id in found.front],
        **({"ranks": dict(found.ranks)} if found.ranks else {}),
    }


def _baseline_json(found: Comparison, columns: Sequence[Column]) -> dict[str, Any]:
    """What the baseline adds: its id, and by run the differences of metrics to it."""
    if found.baseline is None:
        return {}
    deltas = {
        row.id: {column.name: delta for column in columns if (delta := found.delta(row, column)) is not None}
        for row in found.rows
    }
    return {"baseline": found.baseline.id, "deltas": deltas}


def difference_json(found: Difference) -> dict[str, Any]:
    """A difference of two runs for ``--json``."""
    return {
        "schema": "expctl/diff/v1",
        "before": found.before.id,
        "after": found.after.id,
        "elements": {
            section.element.replace(" ", "_"): {
                "changes": [change._asdict() for change in section.changes],
                "same": section.same,
            }
            for section in found.sections
        },
        "files": [item._asdict() for item in found.files],
        "patch": found.patch,
        "notes": list(found.notes),
    }


def explanation_json(found: Explanation) -> dict[str, Any]:
    """Why two runs differ, for ``--json``."""
    return {
        "schema": "expctl/explanation/v1",
        "before": found.pair.before.id,
        "after": found.pair.after.id,
        "verdict": found.verdict,
        "metrics": [
            {
                "name": each.metric,
                "before": each.before,
                "after": each.after,
                "same": each.is_same,
                "timing": each.is_timing,
                "better": each.better,
            }
            for each in found.effects
        ],
        "causes": [
            {name: value for name, value in cause._asdict().items() if name != "weight"}
            for cause in found.causes
        ],
        "missing": list(found.missing),
    }


def goal_heads(found: Comparison) -> list[str]:
    """Heads of the columns that goals add."""
    return [*(["front"] if found.objectives else []), *(["rank"] if found.ranks else [])]


def _markdown_column(found: Comparison, at: int) -> list[str]:
    column = found.columns[at]
    shown = []
    for row, (text, delta) in zip(found.rows, column_texts(found, column), strict=True):
        cell = markdown.cell(text)
        shown.append((f"**{cell}**" if text and found.is_best(row, column) else cell) + delta)
    return shown


def column_texts(found: Comparison, column: Column) -> list[tuple[str, str]]:
    """The cells of a column for people, unescaped, and behind each its difference to the baseline."""
    if column.is_curve:
        curves = found.curves.get(column.name, {})
        drawn = [sparks.drawn(curves[row.id].values) if row.id in curves else "" for row in found.rows]
        return [(text, "") for text in drawn]
    values = [row.values.get(column.name) for row in found.rows]
    if column.numeric and (column.group == "metrics" or column.name == "duration_s"):
        texts = numbers.column([value if isinstance(value, int | float) else None for value in values])
    elif cells.is_hash(column.name):
        texts = ["" if value is None else cells.short_hash(str(value)) for value in values]
    else:
        texts = [plain_text(value) for value in values]
    deltas = numbers.signed_column([found.delta(row, column) for row in found.rows], texts)
    return [(text, f" ({delta})" if delta else "") for text, delta in zip(texts, deltas, strict=True)]


def plain_text(value: Scalar) -> str:
    """Any one value for people; empty where there is none."""
    return "" if value is None else numbers.exact(value)


def _csv_cell(value: Scalar) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else repr(value)
    if isinstance(value, str):
        text = clean(text)
        if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
            text = "'" + text
    return '"' + text.replace('"', '""') + '"' if any(char in text for char in ',"\n\r') else text
