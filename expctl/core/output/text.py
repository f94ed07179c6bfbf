"""A line as a person would read it: without colours, without what it overwrote, without a logger's prefix."""

from __future__ import annotations

import re

#: Longer lines are data; what stands beyond is not looked at.
LONGEST = 4096
_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]{0,32}[ -/]{0,4}[@-~]|\][^\x07\x1b]{0,256}(?:\x07|\x1b\\)|[()][A-Z0-9]|[@-Z\\^_=>78c])"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"
_DATE = rf"\d{{4}}[-/]\d\d[-/]\d\d|\d\d[-/]\d\d(?:[-/]\d{{2,4}}|(?= \d\d:\d\d))|{_MONTH} {{1,2}}\d{{1,2}}"
_CLOCK = r"\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|\s?[+-]\d\d:?\d\d|\s?[AP]M)?"
_LEVEL = r"(?:TRACE|DEBUG|INFO|NOTICE|SUCCESS|WARN|WARNING|ERROR|CRITICAL|FATAL|Info|info|debug|warning)"
_WHERE = (
    r"[\w./<>$\-]{1,80}\.py:\d+|[\w.<>$]{1,60}:[\w.<>$]{1,60}:\d+"
    r"|(?:Main)?Thread[\w-]*|MainProcess|__main__|root"
)
_WHEN = rf"(?:(?:{_DATE})(?:[T ,]\s?{_CLOCK})?|{_CLOCK})"
#: One piece of what loggers put before a message.
_PIECE = re.compile(
    rf"\s*(?:"
    rf"[\[(]?{_WHEN}(?:\s(?:{_WHERE}|[\w.]{{1,60}}))?[\])]?(?=[\s,:;|\]\[-]|$)"
    rf"|[IWEFD]\d{{4}} {_CLOCK}\s+\d+ [\w.\-]{{1,80}}:\d+\]"
    rf"|\[[IWEDC] {_DATE}[ T]{_CLOCK}\]"
    rf"|[\[(<]{_LEVEL}\s*[\])>]"
    rf"|{_LEVEL}:[\w.]{{1,60}}:"
    rf"|{_LEVEL}(?=\s*[:|\-\[\]]|\s\s|\s\[)"
    rf"|[\[(](?:{_WHERE})[\])]"
    rf"|(?:{_WHERE})(?=\s*[:|\-\]])"
    rf"|\[(?:rank|RANK|default|worker)[_ ]?0\]:?|wandb:\s"
    rf")\s*(?:[:|\-]+\s+|[:|](?=\S)|(?=\S)|$)"
)
#: A logger's name is told from a label only by what stands around it.
_NAME = re.compile(r"\s*(?:\[[\w.\-]{1,60}\]|[\w.\-]{1,60})\s*(?:[:|\-]+\s+|(?=\[))")
_MOST_PIECES = 8
_SUPERSCRIPT = str.maketrans({"²": "2", "\u00a0": " ", "\u2212": "-", "＝": "=", "：": ":"})


def plain(raw: bytes) -> str:
    """A line, or what a carriage return would overwrite, as text without control bytes."""
    text = raw[: LONGEST * 2].decode("utf-8", "replace")
    if "\x1b" in text:
        text = _ESCAPE.sub("", text)
    if _CONTROL.search(text):
        text = _CONTROL.sub(" ", text)
    if not text.isascii():
        text = text.translate(_SUPERSCRIPT)
    text = text.replace("R^2", "R2")
    return text[:LONGEST].rstrip()


def message(line: str) -> str:
    """What a logger was told to say: the line without date, level, name and place."""
    at = pieces = 0
    while pieces < _MOST_PIECES:
        found = _PIECE.match(line, at)
        if found is None and pieces and _is_between(line, at):
            found = _NAME.match(line, at)
        if found is None or found.end() == at:
            break
        at = found.end()
        pieces += 1
    return line[at:] if pieces else line


def _is_between(line: str, at: int) -> bool:
    """Whether a name stands between other pieces of a prefix: ``date - name - LEVEL - message``."""
    found = _NAME.match(line, at)
    return found is not None and _PIECE.match(line, found.end()) is not None


def parts(line: bytes) -> list[bytes]:
    """What stands on a line in the end: of what was overwritten only the last state of each kind.

    Two states are of one kind when they begin alike, up to the first digit.
    """
    if b"\x08" in line:
        line = re.sub(rb"\x08+", b"\r", line)
    if b"\r" not in line:
        return [line]
    states: dict[bytes, bytes] = {}
    for state in line.split(b"\r"):
        if state.strip():
            head = re.match(rb"(?:\x1b\[[0-9;]*[A-Za-z]|[^0-9])*", state)
            key = re.sub(rb"\x1b\[[0-9;]*[A-Za-z]|\s", b"", head[0] if head else b"")
            states.pop(key, None)
            states[key] = state
            if len(states) > _MOST_STATES:
                del states[next(iter(states))]
    return list(states.values())


_MOST_STATES = 16
