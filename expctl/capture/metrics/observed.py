"""Live metrics out of a file that a monitor wrote: JSON, YAML or CSV, known by its name or by trying."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from expctl.adapters import userfiles
from expctl.capture.metrics import csvfile
from expctl.core import nested, series, tabular

if TYPE_CHECKING:
    from collections.abc import Callable

    from expctl.core.series import Points

LIMIT = 16 << 20
_PREFIX = "metrics."


def parse(data: bytes, name: str) -> dict[str, float]:
    """The last value of each metric; it may be NaN or infinite.

    Args:
        data: What the file holds.
        name: Of the file, whose ending tells its form; of any other name each form is tried.

    Raises:
        ValueError: It holds no names with numbers; the message is the reason.
    """
    ending = os.path.splitext(name)[1].lower()
    readers = [_READERS[ending]] if ending in _READERS else [_json, _yaml, _csv]
    reason = ""
    for read in readers:
        try:
            found = read(data)
        except ValueError as err:
            reason = reason or str(err)
            continue
        values = {key: series.summarise(points).value for key, points in found.items() if points.values}
        return {key.removeprefix(_PREFIX): value for key, value in values.items()}
    raise tabular.NotMetricsError(reason)


def _json(data: bytes) -> dict[str, Points]:
    return nested.from_tree(userfiles.parse_json(data), declared=True)


def _yaml(data: bytes) -> dict[str, Points]:
    return nested.from_tree(userfiles.parse_yaml(data), declared=True)


def _csv(data: bytes) -> dict[str, Points]:
    found = csvfile.parse(data)
    if not found:  # any words are the header of a table without rows
        raise tabular.NotMetricsError("holds no names with numbers")
    return found


def _tsv(data: bytes) -> dict[str, Points]:
    return csvfile.parse(data, tabs=True)


_READERS: dict[str, Callable[[bytes], dict[str, Points]]] = {
    ".json": _json,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".csv": _csv,
    ".tsv": _tsv,
}
