"""Numbers, sizes and times for people: four significant digits, one unit a column, aligned points."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Significant digits of a measured number.
DIGITS = 4
#: More decimals than this are never added to tell two numbers of a column apart.
_MOST_DECIMALS = 8
#: Digits of a chosen number in a table.
_CHOSEN_DIGITS = 6
#: Where a column spans more than this ratio, decimals under each other would waste or lose digits.
_SPAN = 1_000
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
#: From so many seconds on, hundredths tell nothing.
_LONG = 10


def number(value: float) -> str:
    """One measured number: ``0.87``, ``1234``, ``1.5e-05``, ``nan``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**15 else f"{value:.{DIGITS}g}"
    if not math.isfinite(value):
        return str(value)
    if value.is_integer() and abs(value) < 10**6:
        return str(int(value))
    text = f"{value:.{DIGITS}g}"
    return f"{value:.0f}" if "e+" in text and abs(value) < 10**9 else text


def exact(value: object) -> str:
    """A value that somebody chose, such as a hyperparameter: as given, as short as it can be read back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float):
        return f"{value:g}" if float(f"{value:g}") == value else repr(value)
    return str(value)


def column(values: Sequence[float | None]) -> list[str]:
    """Measured numbers that stand under each other; empty text for None.

    They share a number of decimals, so that the points align, unless they differ by orders of magnitude. Two
    different numbers do not look the same.
    """
    finite = [float(v) for v in values if v is not None and math.isfinite(v)]
    sizes = [abs(v) for v in finite if v]
    if not sizes or all(v.is_integer() for v in finite) or max(sizes) > _SPAN * min(sizes):
        return ["" if v is None else number(v) for v in values]
    decimals = max(0, DIGITS - 1 - math.floor(math.log10(max(sizes))))
    distinct = len(set(finite))
    while decimals < _MOST_DECIMALS and len({f"{v:.{decimals}f}" for v in finite}) < distinct:
        decimals += 1
    decimals -= min(_zeros(f"{v:.{decimals}f}") for v in finite) if decimals else 0
    return ["" if v is None else f"{v:.{decimals}f}" if math.isfinite(v) else str(v) for v in values]


def signed_column(values: Sequence[float | None], like: Sequence[str]) -> list[str]:
    """Differences that stand under each other, each with its sign; empty text for None.

    Args:
        values: The differences.
        like: What they stand beside: they have as many decimals.
    """
    if any("e" in text for text in like):
        return ["" if value is None else f"{value:+.2g}" for value in values]
    decimals = max((len(text.partition(".")[2]) for text in like), default=0)
    return ["" if value is None else f"{value:+.{decimals}f}" for value in values]


def chosen_column(values: Sequence[float | None]) -> list[str]:
    """Values that somebody chose, under each other: six digits, more where they tell two values apart."""
    known = {float(value) for value in values if value is not None}
    for digits in (_CHOSEN_DIGITS, _CHOSEN_DIGITS * 2):
        texts = ["" if v is None else str(v) if isinstance(v, int) else f"{v:.{digits}g}" for v in values]
        if len({f"{value:.{digits}g}" for value in known}) == len(known):
            return texts
    return ["" if value is None else exact(value) for value in values]


def seconds_column(values: Sequence[float | None]) -> tuple[str, list[str]]:
    """Durations in one unit: its name, and the numbers."""
    known = sorted(v for v in values if v is not None and math.isfinite(v))
    middle = known[len(known) // 2] if known else 0.0
    unit, size = (
        ("s", 1) if middle < 10 * _MINUTE else ("min", _MINUTE) if middle < 10 * _HOUR else ("h", _HOUR)
    )
    shown = [None if v is None else v / size for v in values]
    decimals = 1 if middle >= _LONG or not known else 2
    return unit, ["" if v is None else f"{v:.{decimals}f}" if math.isfinite(v) else str(v) for v in shown]


def duration(seconds: float) -> str:
    """A duration in a sentence: ``0.42 s``, ``83.2 s``, ``12 min 05 s``, ``3 h 07 min``, ``2 d 4 h``."""
    if not math.isfinite(seconds):
        return "unknown"
    if seconds < _MINUTE * 2:
        return f"{seconds:.3g} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE:02} s"
    if whole < _DAY:
        return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE:02} min"
    return f"{whole // _DAY} d {whole % _DAY // _HOUR} h"


def size(count: int) -> str:
    """A number of bytes in powers of 1000, as file managers and storage bills write them."""
    value = float(count)
    for unit in ("bytes", "kB", "MB", "GB", "TB"):
        if value < 999.5:  # noqa: PLR2004 - would be rounded up to the next unit
            return f"{count} {'byte' if count == 1 else unit}" if unit == "bytes" else f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} PB"


def moment(text: str | datetime, *, short: bool = False) -> str:
    """A time in this machine's zone: ``2026-11-22 19:05``; the text as it is when it is no time."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else text
        local = at.astimezone()
    except (ValueError, OverflowError, OSError):
        return str(text)
    return f"{local:%m-%d %H:%M}" if short else f"{local:%Y-%m-%d %H:%M}"


def time_of(seconds: int) -> datetime:
    """Seconds since 1970 as a time; 1970 for what is in no calendar, as a tag's date may be."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)


def ago(at: datetime, now: datetime | None = None) -> str:
    """How long ago: ``3 minutes ago``."""
    passed = ((now or datetime.now(UTC)) - at).total_seconds()
    if passed < _MINUTE:
        return "just now"
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if passed >= unit:
            many = int(passed // unit)
            return f"{many} {name}{'s' if many > 1 else ''} ago"
    return ""


def count(many: int, noun: str, plural: str | None = None) -> str:
    """``1 run``, ``2 runs``."""
    return f"{many} {noun if many == 1 else plural or noun + 's'}"


def change(before: float, after: float) -> str:
    """The difference of two numbers with its sign, and in percent: ``+0.031 (+3.7 %)``."""
    step = after - before
    if not math.isfinite(step):
        return ""
    text = f"{step:+.3g}"
    if before and math.isfinite(step / before):
        return f"{text} ({100 * step / abs(before):+.3g} %)"
    return text


def _zeros(text: str) -> int:
    return len(text) - len(text.rstrip("0")) if "." in text else 0
