"""Lines that hold numbers and no results: code, errors, requests, echoes of settings."""

from __future__ import annotations

import functools
import re

_NOISE = re.compile(
    r"\s*(?:>\s{2,}|\++ |\$ |>>> |\.\.\. |expctl: |Traceback |File \"|#\d"
    r"|(?:raise|return|assert|def|class|import|from|print|if|for|while|with|else|warn(?:ings\.warn)?)\b[\s(])"
    r"|[\w.]*(?:(?<!Squared)(?<!Absolute)(?<!Percentage)(?<!Log)Error|Exception|Warning|Interrupt|Exit)\b\s*(?::|\()"
    r"|\S{1,200}:\d+(?::\d+)?: "
)
_WITHIN = re.compile(
    r"\"(?:GET|POST|PUT|HEAD|DELETE|PATCH) |\bmsg=\"|\bassert(?:ion)?\b"
    r"|\b\w+(?:(?<!Squared)(?<!Absolute)(?<!Percentage)(?<!Log)Error|Exception|Warning):"
    r"|\b(?:Namespace|\w*Config|\w*Args|\w*Arguments|\w*Params|\w*Settings)\(|\A\s*\d+ \| .*[;{}]|\(\)\s*\{"
)
#: Of a distributed job the first process speaks for all.
_OTHER_RANK = re.compile(r"\s*\[(?:rank|RANK|default|worker)[_ ]?[1-9]\d*\]")
_COMPILER = re.compile(r"\s*\S{1,200}:\d+:\d+: (?:fatal )?(?:warning|error|note)\b")
#: Talk about what should be, or was before.
_TALK = re.compile(
    r"\b(?:expected|required|should|would|must|at least|at most|improved? (?:from|by)|improve|did not"
    r"|does not|didn't|don't|until|unless|below|above|greater than|less than|threshold of"
    r"|exceeds?|not finite|skipping|stop(?:ped|ping)? (?:if|when))\b",
    re.IGNORECASE,
)
_CALL = re.compile(r"\b[A-Z]\w+\([^()]{0,400}\)")
_SETTINGS = re.compile(
    r"\b(?:best[ _])?(?:hyper[ _-]?)?param(?:eter)?s?\b.*"
    r"|\b(?:config(?:uration)?|args|arguments|options|settings|hparams|kwargs)\b\s*[:=].*",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"\s*[\w.]*(?:Config|Args|Arguments|Namespace|Params|Settings|config|params|args)\w*\s*[=:]?\s*[({\[]\s*\Z"
)
_HEADING = re.compile(
    r"[\s=\-*#>\[]*(?:(?:run|training|model|the|all|current|using|loaded)\s+)?"
    r"(?:config\w*|hyper-?\s?param\w*|param\w*|arg\w*|settings|options|hparams)[^\d:=]{0,30}[\s=\-*#:\]]*\Z",
    re.IGNORECASE,
)
#: A run of pytest, whose failures show the values of names.
_TESTS = re.compile(r"=+ test session starts =+\Z")
_TESTS_END = re.compile(r"=+ .*\bin \d.* =+\Z")
_CLOSING = re.compile(r"\s*[)}\]]+,?;?\s*\Z")
_MOST_LINES = 400


#: Lines that differ in their numbers only are judged once.
_ZEROS = str.maketrans("123456789", "0" * 9)


def is_noise(line: str, message: str) -> bool:
    """Whether a line is of a kind that never holds results; ``message`` is it without a logger's prefix."""
    if _is_noise(message.translate(_ZEROS)):
        return True
    return _OTHER_RANK.match(message) is not None or (
        message is not line and _COMPILER.match(line) is not None
    )


def is_talk(message: str) -> bool:
    """Whether a sentence speaks of what should be."""
    return _is_talk(message.translate(_ZEROS))


def without_settings(message: str) -> str:
    """A line without calls such as ``SVC(C=1.0)`` and without what follows the word parameters."""
    if not _has_settings(message.translate(_ZEROS)):
        return message
    return _SETTINGS.sub("\0", _CALL.sub("\0", message))


@functools.lru_cache(maxsize=1024)
def _is_noise(message: str) -> bool:
    return _NOISE.match(message) is not None or _WITHIN.search(message) is not None


@functools.lru_cache(maxsize=1024)
def _is_talk(message: str) -> bool:
    return _TALK.search(message) is not None


@functools.lru_cache(maxsize=1024)
def _has_settings(message: str) -> bool:
    return _CALL.search(message) is not None or _SETTINGS.search(message) is not None


class Blocks:
    """Echoes of settings and tracebacks that go over several lines."""

    def __init__(self) -> None:
        self._kind = ""
        self._lines = 0

    @property
    def is_open(self) -> bool:
        """Whether a block has begun and not ended."""
        return bool(self._kind)

    def holds(self, line: str) -> bool:
        """Whether a line belongs to such a block; lines must come in order."""
        if self._kind:
            self._lines += 1
            is_over = self._is_over(line)
            if not is_over and (self._lines <= _MOST_LINES or self._kind == "tests"):
                return True
            is_last = is_over and self._kind != "heading"
            self._kind = ""
            if is_last:
                return True
        return self._opens(line)

    def _opens(self, line: str) -> bool:
        if line.startswith("Traceback (most recent"):
            self._kind = "traceback"
        elif _TESTS.match(line):
            self._kind = "tests"
        elif _OPENING.match(line):
            self._kind = "brackets"
        elif _HEADING.match(line) and len(line) < 80:  # noqa: PLR2004 a heading is short
            self._kind = "heading"
        else:
            return False
        self._lines = 0
        return True

    def _is_over(self, line: str) -> bool:
        if self._kind == "brackets":
            return _CLOSING.match(line) is not None
        if self._kind == "tests":
            return _TESTS_END.match(line) is not None
        if self._kind == "traceback":
            return bool(line) and not line[0].isspace()
        # Under a heading stands what is indented, or everything up to an empty line.
        return not line.strip() or (
            self._lines > 1 and not line[0].isspace() and ":" not in line and "=" not in line
        )
