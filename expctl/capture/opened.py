"""What the processes of a run opened and imported, out of the records that ``hook/expctl_watch.py`` writes.

What a script's processes wrote can be anything, as they may have written it themselves: it is read within
bounds, and what makes no sense is left out.
"""

from __future__ import annotations

import os
import re

from expctl.adapters import files
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from expctl.typed import Any

_MOST_FILES = 50_000
_MOST_OF_A_PROCESS = 20_000
_MOST_FORKS = 100
_LIMIT = 8 << 20
_LIMIT_ALL = 64 << 20
_LONGEST = 4_096
_IMPORT = re.compile(r"([0-9]{1,19}) ([0-9]{1,19}) (.+)", re.DOTALL)
#: Files of Python, of libraries, of git, of ours and of the system: nobody's data.
_NOBODYS = re.compile(
    r"/(?:proc|sys|dev)/|.*(?:\.pyc$|/(?:site-packages|dist-packages|__pycache__|\.git|\.experiments)/"
    r"|/lib(?:64)?/(?:python|pypy)\d[\d.]*t?(?:/|\.zip$))",
    re.DOTALL,
)


class Opened:
    """What was read so far.

    Attributes:
        reads: Absolute paths, as keys.
        writes: Absolute paths, as keys.
        sources: By process, file and time of import.
        changes: By process, the same files and when they had been changed last by then.
        modules: By process.
        parents: By process that is a fork, the one that it was forked from.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder + "/"
        self.reads: dict[str, None] = {}
        self.writes: dict[str, None] = {}
        self.sources: dict[str, list[tuple[str, int]]] = {}
        self.changes: dict[str, list[tuple[str, int]]] = {}
        self.modules: dict[str, list[str]] = {}
        self.parents: dict[str, str] = {}
        self.notes: dict[str, None] = {}
        self._room = _LIMIT_ALL

    def bytes_of(self, path: str) -> bytes:
        """The bytes of one of the hook's files, as far as there is room."""
        try:
            data = files.read_plain(path, limit=min(_LIMIT, self._room))
        except OSError as err:
            self.notes[f"what one process opened is not known: {err.strerror}"] = None
            return b""
        self._room -= len(data)
        return data

    def take(self, key: str, data: bytes) -> None:
        """Take the records of one process; the last one may be torn."""
        place = ""
        for record in data[: data.rfind(b"\0") + 1].split(b"\0"):
            if not 0 < len(record) <= _LONGEST:
                continue
            text = record.decode("utf-8", "surrogateescape")
            kind, rest = text[0], text[1:]
            if kind == "C":
                place = rest if rest.startswith("/") else ""
            elif not rest:
                continue
            elif kind in "RWD":
                self._file(kind, _join(place, rest))
            elif kind == "S":
                self._source(key, rest, place)
            elif kind == "M":
                _add(self.modules.setdefault(key, []), rest)
            elif kind == "F":
                self.parents[key] = rest

    def _file(self, kind: str, path: str) -> None:
        if not path or path.startswith(self._folder) or _NOBODYS.match(path):
            return
        listed = self.writes if kind == "W" else self.reads
        if len(listed) < _MOST_FILES:
            listed[path + "/" if kind == "D" else path] = None
        else:
            self.notes["more files were opened than are looked at"] = None

    def _source(self, key: str, text: str, place: str) -> None:
        match = _IMPORT.fullmatch(text)
        full = _join(place, match[3]) if match else ""
        if match and full:
            _add(self.sources.setdefault(key, []), (full, int(match[1])))
            _add(self.changes.setdefault(key, []), (full, int(match[2])))

    def ancestor(self, key: str) -> str:
        """The process that was started and not forked."""
        for _ in range(_MOST_FORKS):
            if key not in self.parents:
                break
            key = self.parents[key]
        return key


def _join(place: str, path: str) -> str:
    """The absolute path; empty where the folder is not known."""
    if path.startswith("/"):
        return os.path.normpath(path)
    return os.path.normpath(f"{place}/{path}") if place else ""


def _add(listed: list[Any], item: Any) -> None:
    if len(listed) < _MOST_OF_A_PROCESS:
        listed.append(item)
