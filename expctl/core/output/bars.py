"""Progress bars: tqdm's, Keras', rich's; what they say of metrics, and the rest of a line behind one."""

from __future__ import annotations

import re
from typing import NamedTuple

_TQDM = re.compile(
    r"(?P<before>[^|\r]{0,300}?)(?P<percent>\d{1,3})%\|[^|]{0,400}\|\s*(?P<n>\d[\d.]*)\w?/(?P<total>\d[\d.]*)\w?\s*"
    r"\[(?P<inside>[^\]]{0,1000})\]?(?P<after>.*)"
)
_COUNT = re.compile(
    r"(?P<before>[^|\r]{0,300}?)(?P<n>\d+)\s?(?:it|[a-z]+)?\s\[(?P<inside>\d\d:\d\d,[^\]]{0,1000})\](?P<after>.*)"
)
_KERAS = re.compile(
    r"\s*(?P<n>\d+)/(?P<total>\d+|Unknown)\s[^a-zA-Z]{0,200}\d+(?:us|µs|ms|s|m|h)(?:\d+s)?\s(?:-\s)?"
    r"(?:ETA: \S+|\S+s/(?:step|epoch|sample))(?P<inside>\s-\s.*|\s*\Z)"
)
_RICH = re.compile(
    r"(?P<before>[^━╸╺]{0,200})(?<!\s)\s+[━╸╺][━╸╺ ]{0,300}(?P<n>\d+)/(?P<total>\d+|--)\s+"
    r"[\d:\-]+\s+[•·]\s+[\d:\-]+\s+[\d.\-]+it/s(?P<inside>.*)"
)


class Bar(NamedTuple):
    """The state of a bar.

    Attributes:
        rule: ``tqdm``, ``keras`` or ``rich``.
        before: Its description.
        n: How far it is.
        total: How far it goes, as printed.
        inside: What it says beside, metrics among it.
        after: What was printed right behind it, on the same line.
    """

    rule: str
    before: str
    n: float
    total: str
    inside: str
    after: str = ""


def read(line: str) -> Bar | None:
    """The bar that a line is, or None."""
    found = _TQDM.match(line) if "%|" in line else None
    if found is not None:
        n = float(found["n"].rstrip("."))
        return Bar("tqdm", found["before"], n, found["total"], _postfix(found["inside"]), found["after"])
    found = _COUNT.match(line) if "[" in line else None
    if found is not None:
        return Bar("tqdm", found["before"], float(found["n"]), "", _postfix(found["inside"]), found["after"])
    if "/" not in line:
        return None
    found = _KERAS.match(line)
    if found is not None:
        return Bar("keras", "", float(found["n"]), found["total"], found["inside"])
    if "it/s" in line and (found := _RICH.match(line)) is not None:
        return Bar("rich", found["before"], float(found["n"]), found["total"], found["inside"])
    return None


def _postfix(inside: str) -> str:
    """Of ``00:01<00:00, 41.2it/s, loss=0.41`` what stands behind the speed."""
    return ", ".join(inside.split(", ")[2:])
