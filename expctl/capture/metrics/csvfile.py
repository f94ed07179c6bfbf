"""Metrics from tables of text: a step column makes series, one row values, a column of labels groups."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

from expctl.adapters import files
from expctl.core import metricwords, params, tabular
from expctl.core.series import Points, number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: A table of results per model has few rows; a table of predictions has many.
_MOST_LABELS = 50
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,15})(?:\.[0-9]{1,20})?(?:e-?[0-9]{1,3})?")
#: Columns with a meaning beside steps and measures.
_UNUSUAL = frozenset((*metricwords.TIME_COLUMNS, *metricwords.NAME_COLUMNS, *metricwords.CLOCK_COLUMNS))
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_DVCLIVE = "/plots/metrics/"
#: Keras's ``CSVLogger("training.log")``; all other logs are prose.
_LOG_HEADER = r"epoch(?:[,;][\w/.\-]+)+\r?\n"


class CsvReader:
    """``metrics.csv``: a header, then numbers."""

    name = "CSV"
    limit = 64 << 20

    def matches(self, path: str) -> bool:
        """By suffix."""
        return path.endswith((".csv", ".tsv", ".log"))

    def read(self, path: str, *, declared: bool) -> Mapping[str, Points]:
        """See ``Reader.read``."""
        text = files.read_plain(path, limit=self.limit).decode("utf-8-sig", "replace")
        if path.lower().endswith(".log") and not re.match(_LOG_HEADER, text):
            raise tabular.NotMetricsError("is no table")
        return of_text(text, tabs=path.lower().endswith(".tsv"), declared=declared)


class DvcliveReader:
    """``plots/metrics/**.tsv`` of DVCLive: one metric each, called as its file."""

    name = "DVCLive"
    limit = 64 << 20

    def matches(self, path: str) -> bool:
        """By folder and suffix."""
        return _DVCLIVE in path and path.endswith(".tsv")

    def read(self, path: str, *, declared: bool) -> Mapping[str, Points]:
        """See ``Reader.read``."""
        del declared
        text = files.read_plain(path, limit=self.limit).decode("utf-8-sig", "replace")
        found = tabular.from_rows(_rows(text, tabs=True), numbered=True)
        name = path.rpartition(_DVCLIVE)[2].removesuffix(".tsv")
        column = name.rpartition("/")[2]
        return {name: found[column]} if column in found else {}


def parse(data: bytes, *, tabs: bool = False) -> dict[str, Points]:
    """Metrics of a table that somebody declared.

    Raises:
        ValueError: It is none; the message is the reason.
    """
    return of_text(data.decode("utf-8-sig", "replace"), tabs=tabs, declared=True)


def of_text(text: str, *, tabs: bool, declared: bool) -> dict[str, Points]:
    """Metrics of a table.

    Raises:
        ValueError: It is none; the message is the reason.
    """
    found = plain(text, tabs=tabs, declared=declared)
    if found is not None:
        return found
    rows = _rows(text, tabs=tabs)
    return _labelled(rows) or tabular.from_rows(rows, numbered=declared)


def plain(text: str, *, tabs: bool, declared: bool) -> dict[str, Points] | None:
    """A long table of nothing but numbers under one column of steps, a row at a time; None for any other.

    What it gives is what ``from_rows`` would, which holds all rows at once: half a gigabyte for a million.
    """
    import csv  # as below

    lines = (line[0] for line in _LINE.finditer(text))
    try:
        return _by_row(csv.reader(lines, delimiter=_delimiter(text, tabs=tabs)), declared=declared)
    except csv.Error:
        return None


def _by_row(table: Iterator[list[str]], *, declared: bool) -> dict[str, Points] | None:
    header = [cell.strip() for cell in next(table, [])]
    lower = [name.lower() for name in header]
    counted = [name for name in lower if name in metricwords.STEP_COLUMNS]
    if not _is_header(header):
        return None
    if len(counted) != 1 or len(set(lower)) < len(lower) or not _UNUSUAL.isdisjoint(lower):
        return None
    if not declared and metricwords.tell_of_samples(lower):
        return None
    at = lower.index(counted[0])
    columns = [(place, name, Points()) for place, name in enumerate(header) if name and place != at]
    for row in filter(None, table):
        if len(row) != len(header) or not _PLAIN.fullmatch(row[at]):
            return None
        number_of = float(row[at])
        step = int(number_of) if number_of.is_integer() else None
        for place, _, points in columns:
            if _PLAIN.fullmatch(row[place]):
                points.add(float(row[place]), step=step)
            elif row[place]:
                return None
    found = {
        name: points
        for place, name, points in columns
        if points.values and (declared or not metricwords.is_no_measure(lower[place]))
    }
    tabular.keep_last_training(found, counted)
    return found


def _is_header(cells: Iterable[str]) -> bool:
    return all(number(params.type_word(cell)) is None for cell in cells)


def _delimiter(text: str, *, tabs: bool) -> str:
    first = text.partition("\n")[0]
    return "\t" if tabs else max(",;\t", key=first.count)


def _rows(text: str, *, tabs: bool) -> list[dict[str, Any]]:
    import csv  # rare, and not for the road of every run

    try:
        table = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, tabs=tabs)))
    except csv.Error as err:
        raise ValueError(f"is not CSV: {err}") from err
    table = [row for row in table if any(cell.strip() for cell in row)]
    header = [cell.strip() for cell in table[0]] if table else []
    if not header or not _is_header(header):
        raise tabular.NotMetricsError("has no header")
    return [{name: _cell(cell) for name, cell in zip(header, row, strict=False)} for row in table[1:]]


def _cell(text: str) -> Any:
    text = text.strip()
    if not text:
        return None
    if _PLAIN.fullmatch(text):  # most cells
        return float(text)
    value = params.type_word(text)
    return text if isinstance(value, bool) else value


def _labelled(rows: list[dict[str, Any]]) -> dict[str, Points]:
    """``model,accuracy`` with a name in each first cell: metrics ``<name>.accuracy``; empty if not so."""
    if not 0 < len(rows) <= _MOST_LABELS or not rows[0]:
        return {}
    first = next(iter(rows[0]))
    columns = {name.lower() for name in rows[0]}
    others = columns - {first.lower()}
    if not columns.isdisjoint(metricwords.STEP_COLUMNS) or others == {"value"}:
        return {}
    if metricwords.tell_of_samples(others) or metricwords.names_samples(first.lower()):
        return {}
    labels = [row.get(first) for row in rows]
    if not all(isinstance(label, str) for label in labels) or len(set(labels)) < len(labels):
        return {}
    found: dict[str, Points] = {}
    for label, row in zip(labels, rows, strict=True):
        for name, cell in row.items():
            value = number(cell)
            if name and name != first and value is not None and not metricwords.is_tried(name):
                points = found.setdefault(f"{label}.{name}" if len(rows) > 1 else name, Points())
                points.add(value)
    return found
