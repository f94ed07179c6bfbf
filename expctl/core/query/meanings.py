"""What a value means beside certain columns: a time, MLflow's words for the status of a run."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from expctl.core import row
from expctl.core.query import values

if TYPE_CHECKING:
    from expctl.core.query import tree

#: MLflow's words for the status of a run, and back.
STATUSES = {"FINISHED": "completed", "FAILED": "failed", "KILLED": "killed", "RUNNING": "running"}
FOREIGN_STATUSES = {ours: theirs for theirs, ours in STATUSES.items()}

_LONGEST = 64
_AGO = re.compile(r"(?:(?P<many>[0-9]{1,6}(?:\.[0-9]{1,6})?)\s*|an?\s+)(?P<unit>[a-z]+)\s+ago", re.ASCII)
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?", re.ASCII)
_MINUTES = re.compile(r"[^:]*[T ][0-9]{2}:[0-9]{2}(?P<seconds>:[0-9]{2})?(?P<part>\.[0-9]+)?.*", re.ASCII)
_UNITS = {
    "s": timedelta(seconds=1), "sec": timedelta(seconds=1), "second": timedelta(seconds=1),
    "m": timedelta(minutes=1), "min": timedelta(minutes=1), "minute": timedelta(minutes=1),
    "h": timedelta(hours=1), "hr": timedelta(hours=1), "hour": timedelta(hours=1),
    "d": timedelta(days=1), "day": timedelta(days=1),
    "w": timedelta(weeks=1), "week": timedelta(weeks=1),
    "month": timedelta(days=30), "year": timedelta(days=365),
}  # fmt: skip
_DAY, _MINUTE, _SECOND = timedelta(days=1), timedelta(minutes=1), timedelta(seconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Span(NamedTuple):
    """A stretch of time, as columns write times: from ``start`` until before ``end``, or one instant."""

    start: str
    end: str


def span(literal: tree.Literal, now: datetime | None) -> Span | None:
    """What a literal means as a time; None when it means none.

    Args:
        literal: A date, a date and time, ``2 days ago``, ``yesterday``, or milliseconds since 1970. Without a
            time zone it is one of this machine's; a date is a whole day.
        now: What ``ago`` counts from; None where nobody knows.
    """
    value = literal.value
    try:
        if isinstance(value, str):
            found = _of_text(value.strip().lower(), now)
        elif isinstance(value, bool):
            return None
        else:
            found = (_EPOCH + timedelta(milliseconds=value), timedelta(0))
        if found is None:
            return None
        start, length = found
        start = start.astimezone(UTC)
        return Span(row.instant(start), row.instant(start + length))
    except (OverflowError, ValueError, OSError):  # a year that no calendar has
        return None


def _of_text(text: str, now: datetime | None) -> tuple[datetime, timedelta] | None:
    """The beginning and the length of what a text means."""
    if len(text) > _LONGEST:
        return None
    if now is not None and (found := _counted(text, now)):
        return found
    if _DATE.fullmatch(text):
        return _of_date(text)
    if parts := _MINUTES.fullmatch(text.upper()):
        at = datetime.fromisoformat(text.upper())
        length = timedelta(0) if parts["part"] else _SECOND if parts["seconds"] else _MINUTE
        return (at, length) if at.tzinfo else _local(at, length)
    return None


def _counted(text: str, now: datetime) -> tuple[datetime, timedelta] | None:
    """What is counted from now."""
    if text == "now":
        return now, timedelta(0)
    if text in ("today", "yesterday"):
        midnight = now.astimezone().replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return _local(midnight - _DAY * (text == "yesterday"), _DAY)
    ago = _AGO.fullmatch(text)
    unit = _unit(ago["unit"]) if ago else None
    return (now - unit * float(ago["many"] or 1), timedelta(0)) if ago and unit else None


def _unit(word: str) -> timedelta | None:
    return _UNITS.get(word) or _UNITS.get(word.removesuffix("s"))


def _of_date(text: str) -> tuple[datetime, timedelta]:
    """A day, a month or a year of this machine's time zone."""
    year, month, day = (*map(int, text.split("-")), 0, 0)[:3]
    start = datetime(year, month or 1, day or 1)  # noqa: DTZ001  the zone comes next
    if day:
        return _local(start, _DAY)
    after = datetime(year + (month in (0, 12)), month % 12 + 1 if month else 1, 1)  # noqa: DTZ001
    return _local(start, after - start)


def _local(start: datetime, length: timedelta) -> tuple[datetime, timedelta]:
    """A stretch of wall time as one of real time: a day may have 23 hours."""
    begin = start.astimezone(UTC)
    return begin, (start + length).astimezone(UTC) - begin


def within(op: str, wanted: Span) -> values.Holds:
    """A test of times against a span: of ``<``, ``=`` and ``>``, before, within and after it, one holds."""
    start, end = wanted
    if op in ("<", ">="):
        return values.comparison(op, start)
    if start == end:
        return values.comparison(op, start)
    if op in ("=", "!="):
        return lambda value: (start <= str(value) < end) == (op == "=")
    return values.comparison(">=" if op == ">" else "<", end)
