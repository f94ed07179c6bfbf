"""The only mouth of expctl: results to standard output, talk to standard error, both cleaned.

Nothing heavy is imported here: the road of ``run`` speaks through this file. Honoured are ``NO_COLOR``
(https://no-color.org), ``FORCE_COLOR``, ``COLUMNS``, ``TERM=dumb``, ``-q``, ``--no-color``, pipes and narrow
encodings.
"""

from __future__ import annotations

import os
import sys

from expctl.cli import context
from expctl.core import text as words
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

#: Used where no width can be known and none is wanted: nothing is cut in a pipe.
UNLIMITED = 100_000
_RED, _YELLOW, _CYAN, _DIM, _OFF = "\x1b[1;31m", "\x1b[33m", "\x1b[36m", "\x1b[2m", "\x1b[0m"


def out(thing: object = "", *, end: str = "\n") -> None:
    """Print a result: a text, what ``render`` makes (it has ``lines(color=…)``), or a rich renderable."""
    _put(sys.stdout, _as_text(thing, sys.stdout), end)


def say(text: str = "") -> None:
    """Tell the user something on standard error; silent under ``-q``."""
    if not context.quiet():
        _put(sys.stderr, words.clean_lines(text), "\n")


def talk(thing: object) -> None:
    """Tell the user something that ``render`` drew, on standard error; silent under ``-q``."""
    if not context.quiet():
        _put(sys.stderr, _as_text(thing, sys.stderr), "\n")


def note(text: str = "") -> None:
    """Add a remark to a result, on standard error and faint; silent under ``-q``."""
    if not context.quiet():
        room = columns() if is_terminal(sys.stderr) else UNLIMITED
        shown = "\n".join(
            line for part in words.clean_lines(text).split("\n") for line in words.wrap(part, room)
        )
        _put(sys.stderr, f"{_DIM}{shown}{_OFF}" if shown and colored(sys.stderr) else shown, "\n")


def warn(text: str) -> None:
    """Tell the user something that should not be missed; not silenced by ``-q``."""
    _put(sys.stderr, _labelled("Warning:", text, _YELLOW), "\n")


def error(text: str) -> None:
    """Tell the user what went wrong."""
    _put(sys.stderr, _labelled("Error:", text, _RED), "\n")


def hint(text: str) -> None:
    """Tell the user what to do next."""
    _put(sys.stderr, _labelled("Hint:", text, _CYAN), "\n")


def json(value: Any, *, file: TextIO | None = None, indent: int | None = 2) -> None:
    """Print strict JSON: NaN and infinities become null, other values their text.

    Args:
        value: What to print.
        file: Standard output, unless said.
        indent: Blanks a level; None for one line.
    """
    import json as library

    text = library.dumps(
        plain(value), ensure_ascii=not _is_utf8(file or sys.stdout), allow_nan=False, indent=indent
    )
    # JSON escapes C0 itself; what else a terminal would obey is escaped the JSON way, so that the value stays
    # the same.
    _put(file or sys.stdout, words.escape_json(text), "\n")


def plain(value: Any) -> Any:
    """The same value in the types that strict JSON knows."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else None
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if hasattr(value, "items"):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    return value.isoformat().replace("+00:00", "Z") if hasattr(value, "isoformat") else str(value)


def write_raw(data: bytes) -> None:
    """Pass bytes through untouched: only for what was asked for as it is (``--log``, ``--get -``)."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write_file(path: str | os.PathLike[str]) -> None:
    """Pass a file through untouched, however large it is."""
    sys.stdout.flush()
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(1 << 20):
            sys.stdout.buffer.write(chunk)
    sys.stdout.buffer.flush()


def columns() -> int:
    """How wide the output may be; without end when it is no terminal and ``COLUMNS`` says nothing."""
    asked = os.environ.get("COLUMNS", "")
    if asked.isascii() and asked.isdigit() and int(asked) > 0:
        return int(asked)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or 80
    except (OSError, ValueError, AttributeError):
        return UNLIMITED


def colored(stream: TextIO | None = None) -> bool:
    """Whether the stream takes colours."""
    if context.no_color() or os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced is not None:
        return forced not in ("0", "false", "")
    return os.environ.get("TERM", "") not in ("dumb", "") and is_terminal(stream)


def is_terminal(stream: TextIO | None = None) -> bool:
    """Whether a person looks at the stream."""
    try:
        return (stream or sys.stdout).isatty()
    except (ValueError, AttributeError, OSError):
        return False


def encodes(stream: TextIO, text: str) -> bool:
    """Whether the stream's encoding knows every character of the text."""
    try:
        text.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def beneath(text: str, indent: int) -> str:
    """A text that begins at a column, its further lines beneath its beginning."""
    room = max(columns() - indent, 24)
    lines = [line for part in words.clean_lines(text).split("\n") for line in words.wrap(part, room)]
    return ("\n" + " " * indent).join(lines)


def _as_text(thing: object, stream: TextIO) -> str:
    if isinstance(thing, str):
        return words.clean_lines(thing)
    if hasattr(thing, "lines"):
        lines: Iterable[str] = thing.lines(color=colored(stream))
        return "\n".join(lines)
    return _by_rich(thing, stream)


def _by_rich(thing: object, stream: TextIO) -> str:
    from rich.console import Console

    drawn = Console(
        file=stream,
        width=min(columns(), 10_000),
        force_terminal=colored(stream),
        no_color=not colored(stream),
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    with drawn.capture() as captured:
        drawn.print(thing)
    return words.clean_drawn(captured.get()).rstrip("\n")


def _labelled(label: str, text: str, color: str) -> str:
    first, *rest = words.clean_lines(text).split("\n")
    shown = f"{color}{label}{_OFF}" if colored(sys.stderr) else label
    return "\n".join([f"{shown} {first}", *rest])


def _put(stream: TextIO | None, text: str, end: str) -> None:
    if stream is None:
        return
    if not encodes(stream, text):
        text = words.spell(text, stream.encoding or "ascii")
    stream.write(text + end)


def _is_utf8(stream: TextIO | None) -> bool:
    return (getattr(stream, "encoding", None) or "").lower().replace("-", "") == "utf8"
