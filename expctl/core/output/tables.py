"""Tables: rows of numbers under names, and scikit-learn's and Lightning's reports."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from expctl.core.output import names, values
from expctl.core.output.pairs import Pair

if TYPE_CHECKING:
    from collections.abc import Callable

_STEP_COLUMNS = ("step", "global_step", "iter", "iteration", "#", "round", "epoch", "e")
_FRAME = str.maketrans(dict.fromkeys("│┃║┆", "|"))
_RULE = re.compile(r"[\s|+\-=─━═┏┓┗┛┡┩└┘├┤┬┴┼╇┳┻╋╭╮╰╯:*]*\Z")
_REPORT = re.compile(r"\s*precision\s+recall\s+f1-score\s+support\s*\Z")
_OF_REPORT = re.compile(r"\s*(accuracy|(?:macro|micro|weighted|samples) avg)\s+([\d.\s]+)\Z")
_METRIC_TABLE = re.compile(
    r"\s*\|?\s*(?:(?:Test|Validate|Predict|Runningstage\.\w+) metric|Metric)\s*\|?"
    r"\s+(?:DataLoader \d+\s*\|?\s*)*(?:Value\s*)?\|?\s*\Z",
    re.IGNORECASE,
)
#: Ultralytics' table of all classes, by its columns.
_DETECTION = re.compile(r"\s*Class\s+Images\s+Instances\s+(?:Box\(P|P)\s+R\s+mAP50\s+mAP50-95\)?\s*:?\s*\Z")
_OF_DETECTION = ("precision", "recall", "mAP50", "mAP50-95")
#: A row of a frame with two columns, without a header that would tell more.
_TWO = re.compile(r"\s*\|\s*([A-Za-z][\w\-/.@ ]{0,59}?)\s*\|\s*([-+\d.][\d.eE+\-]{0,30})\s*\|\s*\Z")
_COUNTED = re.compile(r"(\d{1,9})(?:/\d{1,9})?\Z")
_COLUMN = re.compile(r"[A-Za-z#%][\w\-/.@%()#\[\]]{0,59}")
_MOST_COLUMNS = 40
_QUIET_LINES = 3


class Tables:
    """The table that is being printed, if one is."""

    def __init__(self, accepts: Callable[[str], bool]) -> None:
        self._accepts = accepts
        self._header: list[str] = []
        self._kind = ""
        self._quiet = 0

    def read(self, line: str) -> tuple[str, list[Pair], int | None] | None:
        """The metrics of one line of a table, with the rule and the step.

        Returns:
            None for a line that is no part of a table; an empty list for a header, a ruling or a row without.
        """
        if _RULE.match(line):
            self._age(line)
            return None
        if _REPORT.match(line):
            self._begin("report", [])
            return "report", [], None
        if _DETECTION.match(line):
            self._begin("detection", [])
            return "table", [], None
        line = line.translate(_FRAME)
        if _METRIC_TABLE.match(line):
            self._begin("box", [])
            return "box", [], None
        row = self._row(line) if self._kind else None
        if row is not None:
            self._quiet = 0
            return row
        return self._two(line) or self._open(line)

    def _two(self, line: str) -> tuple[str, list[Pair], int | None] | None:
        """A row of a frame with two columns, when no header told what they are."""
        found = _TWO.match(line) if "|" in line else None
        if found is None:
            return None
        number, name = values.from_word(found[2]), _named(found[1])
        return "box", [Pair(name, number.value)] if number and self._accepts(name) else [], None

    @property
    def is_open(self) -> bool:
        """Whether the next line may be a row."""
        return bool(self._kind)

    @property
    def counted(self) -> str:
        """What the column of steps counts, in lower case."""
        column = next((name for name in _STEP_COLUMNS if name in self._header), "step")
        return "epoch" if column == "e" else column

    def _begin(self, kind: str, header: list[str]) -> None:
        self._kind, self._header, self._quiet = kind, header, 0

    def _age(self, line: str) -> None:
        """Empty lines end a table; rulings do not, nor do empty lines before and within a report."""
        if not line.strip():
            self._quiet += 1
            if self._quiet > (_QUIET_LINES if self._kind == "report" else 0):
                self._kind = ""

    def _row(self, line: str) -> tuple[str, list[Pair], int | None] | None:
        if self._kind == "report":
            return self._report_row(line)
        cells = _cells(line)
        if self._kind == "box":
            return self._box_row(cells)
        if self._kind == "detection":
            numbers = [values.from_word(cell) for cell in line.split()[3:]]
            self._kind = "" if line.split()[:1] != ["all"] else self._kind
            named = zip(_OF_DETECTION, numbers, strict=False)
            return ("table", [Pair(name, at.value) for name, at in named if at], None) if self._kind else None
        return self._numbers_row(cells)

    def _numbers_row(self, cells: list[str]) -> tuple[str, list[Pair], int | None] | None:
        """A row under names: as many cells, the first one a step."""
        if len(cells) != len(self._header) or not _COUNTED.match(cells[0]):
            self._kind = ""
            return None
        column = next(self._header.index(name) for name in _STEP_COLUMNS if name in self._header)
        counted = _COUNTED.match(cells[column])
        pairs = [
            Pair(name, number.value)
            for name, cell in zip(self._header, cells, strict=True)
            if name not in _STEP_COLUMNS and self._accepts(name)
            if (number := values.from_word(cell)) is not None
        ]
        return "table", pairs, int(counted[1]) if counted else None

    def _report_row(self, line: str) -> tuple[str, list[Pair], int | None] | None:
        found = _OF_REPORT.match(line)
        numbers = [word for word in re.split(r"\s+", line.strip()) if values.from_word(word)]
        if found is None:
            if len(numbers) < 4:  # noqa: PLR2004 a row of a class has four
                self._kind = ""
                return None
            return "report", [], None
        cells = found[2].split()
        name = found[1].replace(" ", "_")
        if name == "accuracy" and len(cells) == 2:  # noqa: PLR2004 accuracy and support
            return "report", [Pair("accuracy", float(cells[0]))], None
        if len(cells) != 4:  # noqa: PLR2004 as above
            return "report", [], None
        named = zip(("precision", "recall", "f1_score"), cells, strict=False)
        return "report", [Pair(f"{name}_{what}", float(cell)) for what, cell in named], None

    def _box_row(self, cells: list[str]) -> tuple[str, list[Pair], int | None] | None:
        if len(cells) < 2 or not re.fullmatch(r"[A-Za-z][\w\-/.@ ]{0,79}", cells[0]):  # noqa: PLR2004
            self._kind = ""
            return None
        numbers = [found for cell in cells[1:] if (found := values.from_word(cell)) is not None]
        if len(numbers) != 1:
            return "box", [], None
        # "samples 1600" of a table that a person made; Lightning prints its numbers with a point.
        name = _named(cells[0])
        taken = not numbers[0].whole or self._accepts(name)
        return "box", [Pair(name, numbers[0].value)] if taken else [], None

    def _open(self, line: str) -> tuple[str, list[Pair], int | None] | None:
        """See whether a line is the header of a table: a step column, and a metric or more beside it."""
        cells = [_named(cell) for cell in _cells(line)]
        if not 2 <= len(cells) <= _MOST_COLUMNS or len(set(cells)) < len(cells):  # noqa: PLR2004
            return None
        if not all(_COLUMN.fullmatch(cell) for cell in cells):
            return None
        lower = [cell.lower() for cell in cells]
        if lower[0] not in _STEP_COLUMNS or not any(map(self._accepts, cells)):
            return None
        self._begin(
            "table", [low if low in _STEP_COLUMNS else cell for cell, low in zip(cells, lower, strict=True)]
        )
        return "table", [], None


def _named(cell: str) -> str:
    """A name as a header has it: what is one word stays, ``Train Loss`` is ``train_loss``."""
    return names.tidy(cell.split()) or "-" if " " in cell.strip() else cell


def _cells(line: str) -> list[str]:
    """The cells of a row: between bars, else between two blanks or more, or one where all are numbers."""
    line = line.strip()
    if "|" in line:
        return [cell.strip() for cell in line.strip("|").split("|")]
    cells = re.split(r"\s{2,}|\t", line)
    return line.split() if len(cells) == 1 or all(values.NUMBER.match(cell) for cell in cells) else cells
