"""What stands in a cell: how each kind of column writes its values."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import keys
from expctl.core.text import clean
from expctl.render import numbers
from expctl.render.style import MISSING, Line, Span, data, status

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from expctl.core.keys import Scalar

#: Hex digits that are enough to see whether two hashes are the same.
SHORT_HASH = 8
_ABSENT: Line = (Span(MISSING, "faint"),)
#: The folder of a program that was started by its whole path: it says little, and takes much room.
_FOLDER = re.compile(r"\A/(?:[^\s'\"]*/)?(?=[^\s'\"/])")
_HASHES = ("md5", "tree", "commit", "etag", "packages", "container")


#: Attributes that are written in a way of their own.
_WORDED: Mapping[str, Callable[[str], Span]] = {
    "status": status,
    "command": lambda value: data(_FOLDER.sub("", value)),
}


class Written(NamedTuple):
    """A column's cells, the unit for its head (empty for none), and on which side they stand."""

    cells: list[Line]
    unit: str = ""
    right: bool = False


def write(name: str, values: Sequence[Scalar], *, now_short: bool = False) -> Written:
    """Write the values of one column.

    Args:
        name: The column: ``metrics.f1_score``, ``duration_s``.
        values: One a row; None where a run lacks it.
        now_short: Write times without the year.
    """
    group = name.partition(".")[0] if "." in name else ""
    if name == "duration_s" or (group == "resources" and name.endswith("_s")):
        unit, texts = numbers.seconds_column([_as_number(value) for value in values])
        return Written([_cell(text) for text in texts], unit, right=True)
    if name == "started_at":
        return Written(_each(values, lambda value: Span(numbers.moment(clean(str(value)), short=now_short))))
    if name in _WORDED:
        return Written(_each(values, lambda value: _WORDED[name](str(value))))
    known = [value for value in values if value is not None]
    if known and all(_is_number(value) for value in known):
        return _write_numbers(name, group, values)
    if is_hash(name):
        return Written(_each(values, lambda value: data(short_hash(str(value)))))
    return Written(_each(values, text))


def text(value: Scalar) -> Span:
    """Any one value."""
    if isinstance(value, bool):
        return Span("true" if value else "false")
    return data(numbers.exact(value))


def is_hash(name: str) -> bool:
    """Whether a column holds hashes, of which the first digits tell enough."""
    group = name.partition(".")[0]
    return group in ("code", "environment", "data", "artifacts", "seeds") and keys.split(name)[-1] in _HASHES


def short_hash(value: str) -> str:
    """The telling part of a hash, or of the name of a file that is called by its hash."""
    name = value.rpartition("/")[2].removesuffix(".yaml").removeprefix("sha256:")
    return name[:SHORT_HASH] + (".dir" if name.endswith(".dir") else "")


def _write_numbers(name: str, group: str, values: Sequence[Scalar]) -> Written:
    found = [_as_number(value) for value in values]
    last = keys.split(name)[-1]
    if last == "bytes" or last.endswith("_bytes"):
        texts = ["" if value is None else numbers.size(int(value)) for value in found]
    elif group in ("metrics", "artifacts", "resources"):
        texts = numbers.column(found)
    else:
        texts = numbers.chosen_column(found)
    odd = [value is not None and not math.isfinite(value) for value in found]
    return Written(
        [_cell(text, "warn" if strange else "") for text, strange in zip(texts, odd, strict=True)], right=True
    )


def _each(values: Sequence[Scalar], how: Callable[[Scalar], Span]) -> list[Line]:
    return [_ABSENT if value is None or value == "" else (how(value),) for value in values]


def _cell(text: str, style: str = "") -> Line:
    return (Span(text, style),) if text else _ABSENT


def _is_number(value: Scalar) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _as_number(value: Scalar) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
