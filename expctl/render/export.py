"""Tables for other programs: CSV and Markdown whose cells are inert, JSON whose values are typed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from expctl.core.text import clean
from expctl.render import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.compare import Comparison
    from expctl.core.diff import Difference
    from expctl.core.keys import Scalar
    from expctl.core.row import Row

#: A spreadsheet takes a cell that begins with one of these for a formula (OWASP, CSV injection; LF since
#: August 2025).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
#: Text that means nothing to Markdown. All other text stands as code: hosts look for mentions and references
#: after rendering, where escapes and entities no longer stop them, but never within code.
_INERT = re.compile(r"(?:[^\W_](?:[\w .,+/%=-]*[^\W_])?)?")
_INERT_LINE = re.compile(r"(?:[^\W_]|(?<=[^\W_])_(?=[^\W_])|[ .,:+%=()-])*")
_TICKS = re.compile("`+")


def to_csv(header: Sequence[str], rows: Sequence[Sequence[Scalar]]) -> str:
    """RFC 4180 with LF; missing values are empty, no cell is a formula."""
    lines = [header, *rows]
    return "\n".join(",".join(_csv_cell(value) for value in cells) for cells in lines)


def to_markdown(
    header: Sequence[str], rows: Sequence[Sequence[Scalar]], *, right: Sequence[bool] = ()
) -> str:
    """A table for a pull request; every value stands as text, numbers to the right."""
    sides = list(right) or [False] * len(header)
    marks = ["---:" if side else "---" for side in sides]
    lines = [[_markdown_cell(name) for name in header], marks]
    lines += [[_markdown_cell(value) for value in cells] for cells in rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def comparison_rows(found: Comparison) -> tuple[list[str], list[list[Scalar]]]:
    """The header (whole column names) and the values of a comparison, with the front as a column."""
    header = ["id", *_goal_heads(found), *(column.name for column in found.columns)]
    rows: list[list[Scalar]] = []
    for row in found.rows:
        front: list[Scalar] = [row.id in found.front] if found.objectives else []
        rank: list[Scalar] = [found.ranks.get(row.id)] if found.ranks else []
        rows.append([row.id, *front, *rank, *(row.values.get(column.name) for column in found.columns)])
    return header, rows


def comparison_markdown(found: Comparison, *, same: str = "") -> str:
    """A comparison for a pull request: short heads, rounded metrics, the best in bold.

    Args:
        found: What to write.
        same: What was left out because it is the same in all runs; it stands beneath the table.
    """
    header = ["run", *_goal_heads(found), *(column.label for column in found.columns)]
    drawn = [_markdown_column(found, at) for at in range(len(found.columns))]
    lines = [[_markdown_cell(name) for name in header]]
    lines.append(["---"] * (1 + len(_goal_heads(found))))
    lines[-1] += ["---:" if column.numeric else "---" for column in found.columns]
    for at, row in enumerate(found.rows):
        front = ["●" if row.id in found.front else ""] if found.objectives else []
        front += [str(found.ranks.get(row.id, ""))] if found.ranks else []
        lines.append([f"`{row.id}`", *front, *(column[at] for column in drawn)])
    table = "\n".join("| " + " | ".join(cells) + " |" for cells in lines)
    return f"{table}\n\n{_prose(same)}" if same else table


def run_json(row: Row) -> dict[str, Any]:
    """A run for ``--json``: its columns by their whole names, typed."""
    return {"id": row.id, **{name: value for name, value in row.values.items() if name != "id"}}


def comparison_json(found: Comparison) -> dict[str, Any]:
    """A comparison for ``--json``."""
    return {
        "schema": "expctl/comparison/v1",
        "columns": [
            {"name": column.name, "group": column.group, "direction": column.direction}
            for column in found.columns
        ],
        "runs": [
            {"id": row.id, "values": {column.name: row.values.get(column.name) for column in found.columns}}
            for row in found.rows
        ],
        "best": {name: sorted(ids) for name, ids in found.best.items()},
        "constant": dict(found.constant),
        "objectives": [{"column": goal.column, "direction": goal.direction} for goal in found.objectives],
        "front": [row.id for row in found.rows if row.id in found.front],
        **({"ranks": dict(found.ranks)} if found.ranks else {}),
    }


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


def _goal_heads(found: Comparison) -> list[str]:
    return [*(["front"] if found.objectives else []), *(["rank"] if found.ranks else [])]


def _markdown_column(found: Comparison, at: int) -> list[str]:
    column = found.columns[at]
    values = [row.values.get(column.name) for row in found.rows]
    if column.numeric and column.group == "metrics":
        texts = numbers.column([value if isinstance(value, int | float) else None for value in values])
    else:
        texts = ["" if value is None else numbers.exact(value) for value in values]
    return [
        f"**{_markdown_cell(text)}**" if text and found.is_best(row, column) else _markdown_cell(text)
        for row, text in zip(found.rows, texts, strict=True)
    ]


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


def _prose(text: str) -> str:
    """A line of our own that quotes values, with nothing left in it that means something to Markdown."""
    return text if _INERT_LINE.fullmatch(text) and "www." not in text.lower() else _code(text)


def _markdown_cell(value: Scalar) -> str:
    if value is None:
        return ""
    text = clean(numbers.exact(value))
    inert = _INERT.fullmatch(text) and "__" not in text and "www." not in text.lower()
    return text if inert or not isinstance(value, str) else _code(text)


def _code(text: str) -> str:
    """A code span, which nothing in the text can end."""
    fence = "`" * (max(map(len, _TICKS.findall(text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}".replace("|", "\\|")
