"""A user's own rules: ``val_loss = {value} at {step}``. A language too small to hang.

``{value}`` is the number, ``{step}`` a whole number, ``{}`` any text up to what comes next; a blank stands
for blanks and tabs, everything else for itself. A rule may match anywhere in a line.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 200
_FIELD = re.compile(r"\{(value|step|)\}")
_VALUE = re.compile(
    r"[-+]?(?:\d+(?:,\d{3})*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w]|\.\d)|[-+]?(?:nan|inf)\b", re.IGNORECASE
)
_STEP = re.compile(r"\d{1,15}(?![\w]|\.\d)")
_PERCENT = re.compile(r" ?%")
#: How many places of a line a rule is tried at.
_MOST_TRIES = 64


class TemplateError(ValueError):
    """A rule that cannot be; says why."""


class Match(NamedTuple):
    """What a rule found."""

    value: float
    step: int | None


class Template:
    """One rule, ready to be held against lines."""

    def __init__(self, text: str) -> None:
        """Read a rule.

        Raises:
            TemplateError: It has not exactly one ``{value}``, or it is too long.
        """
        self.text = text
        if len(text) > LONGEST:
            raise TemplateError(f"longer than {LONGEST} characters")
        parts = _FIELD.split(" ".join(text.split()))
        #: Literal texts at even places, fields between them: "" for any text.
        self._parts = parts
        fields = parts[1::2]
        if fields.count("value") != 1 or fields.count("step") > 1:
            raise TemplateError("needs one {value}, and at most one {step}")
        if "{" in "".join(parts[::2]) or "}" in "".join(parts[::2]):
            raise TemplateError("knows the fields {value}, {step} and {} only")
        if not "".join(parts[::2]).strip():
            raise TemplateError("needs some text beside its fields")
        if any(
            not middle and "" in (one, other)
            for one, middle, other in zip(fields, parts[2::2], fields[1:], strict=False)
        ):
            raise TemplateError("needs text between {} and another field")

    def match(self, line: str) -> Match | None:
        """Find it in a line whose blanks are single."""
        longest = max(self._parts[::2], key=len)
        if longest.strip() not in line:
            return None
        for start in self._starts(line):
            found = self._match_at(line, start)
            if found is not None:
                return found
        return None

    def _starts(self, line: str) -> Iterator[int]:
        first = self._parts[0]
        at = 0
        for _ in range(_MOST_TRIES):
            if first:
                at = line.find(first, at)
            else:
                number = _VALUE.search(line, at)
                at = number.start() if number else -1
            if at < 0:
                return
            yield at
            at += 1

    def _match_at(self, line: str, at: int) -> Match | None:
        value: float | None = None
        step: int | None = None
        at += len(self._parts[0])
        for field, after in zip(self._parts[1::2], self._parts[2::2], strict=True):
            if field == "":
                at = line.find(after, at) if after else len(line)
                if at < 0:
                    return None
                at += len(after)
                continue
            number = (_STEP if field == "step" else _VALUE).match(line, at)
            if number is None:
                return None
            at = number.end()
            if field == "step":
                step = int(number[0])
            else:
                value = float(number[0].replace(",", ""))
                percent = _PERCENT.match(line, at)
                if percent and not after.lstrip().startswith("%"):
                    is_plain = "e" not in number[0].lower()
                    value = float(number[0].replace(",", "") + "e-2") if is_plain else value / 100
                    at = percent.end()
            if not line.startswith(after, at):
                return None
            at += len(after)
        return None if value is None else Match(value, step)
