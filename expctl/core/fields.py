"""Kinds of values that a manifest may hold: how each is checked, written, and told to a JSON Schema.

A kind's ``read`` turns a plain value into what its field holds and adds a fault for each thing that is
wrong; its ``write`` goes the other way; ``shape`` is the JSON Schema of the same rule.
"""

# ruff: noqa: D102 - Kind tells what read, write and shape do; its children only do it
from __future__ import annotations

import re
from datetime import UTC, datetime

from expctl.core import relpath, runid
from expctl.core.yamltext import Timestamp
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

#: More faults than a person reads; a hostile file may have a hundred thousand.
MAX_FAULTS = 100
#: Whole numbers that SQLite, Parquet and JavaScript's BigInt64 all hold.
LARGEST = 2**63 - 1
_HEX = "0123456789abcdef"
_NAME = r"[\w-]+"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?Z", re.ASCII)


class Fault(NamedTuple):
    """One thing that is wrong: where, in dots, and what. ``metrics.val.loss: not a number``."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


Faults = list[Fault]


def place(path: str, key: str) -> str:
    """The path of a key inside a mapping; a key that is more than one word stands in backquotes."""
    if not re.fullmatch(_NAME, key) or len(key) > 100:  # noqa: PLR2004
        key = "`" + (key if len(key) <= 100 else key[:99] + "…") + "`"  # noqa: PLR2004
    return f"{path}.{key}" if path else key


class Kind:
    """A rule for one value. This one lets everything pass: parameters, and what a newer expctl may add."""

    def read(self, value: Any, path: str, faults: Faults) -> Any:  # noqa: ARG002
        """Check a plain value and convert it."""
        return value

    def write(self, value: Any) -> Any:
        """Convert to a plain value."""
        return value

    def shape(self) -> dict[str, Any]:
        """The rule as JSON Schema."""
        return {}


class Text(Kind):
    """A string, empty or not."""

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if isinstance(value, str):
            return value
        faults.append(
            Fault(path, "not text; put it in quotes" if isinstance(value, (int, float)) else "not text")
        )
        return ""

    def shape(self) -> dict[str, Any]:
        return {"type": "string"}


class Word(Text):
    """A string from a closed list."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, str) or value not in self.words:
            faults.append(Fault(path, f"not one of {', '.join(self.words)}"))
        return value

    def shape(self) -> dict[str, Any]:
        return {"enum": list(self.words)}


class Pattern(Text):
    """A string that one pattern matches as a whole."""

    def __init__(self, pattern: str, what: str) -> None:
        self.pattern, self.what = pattern, what
        self._compiled: re.Pattern[str] | None = None

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        # Compiled when first needed: a run that only writes reads few of them.
        compiled = self._compiled = self._compiled or re.compile(self.pattern, re.ASCII)
        if not isinstance(value, str) or not compiled.fullmatch(value):
            faults.append(Fault(path, f"not {self.what}"))
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^{self.pattern}$"}


class Hex(Text):
    """A hash in lower-case hex digits of one of these lengths, with one of these endings."""

    def __init__(self, *lengths: int, endings: tuple[str, ...] = ("",)) -> None:
        self.lengths, self.endings = lengths, endings

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        digits = value if isinstance(value, str) else "-"
        for ending in self.endings:
            if ending and digits.endswith(ending):
                digits = digits[: -len(ending)]
        if len(digits) not in self.lengths or digits.strip(_HEX):
            faults.append(Fault(path, f"not {' or '.join(map(str, self.lengths))} hex digits"))
        return value

    def shape(self) -> dict[str, Any]:
        digits = "|".join(f"[0-9a-f]{{{length}}}" for length in self.lengths)
        endings = "|".join(re.escape(ending) for ending in self.endings)
        return {"type": "string", "pattern": f"^({digits})({endings})$"}


class RunId(Text):
    """The id of a run."""

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, str) or not runid.is_valid(value):
            faults.append(Fault(path, "not a run id such as 20261122-190546-k3f9qa"))
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "pattern": f"^[0-9]{{8}}-[0-9]{{6}}-[{runid.ALPHABET}]{{6}}$"}


class Path(Text):
    """A path below the top of the repository; ``.`` and absolute ones only where they make sense."""

    def __init__(self, *, top: bool = False, outside: bool = False) -> None:
        self.top, self.outside = top, outside

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, str):
            return super().read(value, path, faults)
        if (self.top and value == ".") or (self.outside and value.startswith("/") and "\0" not in value):
            return value
        if reason := relpath.check(value):
            faults.append(Fault(path, f"path refused: {reason}"))
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": relpath.MAX_CHARS}


class Flag(Kind):
    """True or false."""

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if type(value) is not bool:
            faults.append(Fault(path, "not true or false"))
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Whole(Kind):
    """A whole number within bounds."""

    def __init__(self, least: int = 0, most: int = LARGEST) -> None:
        self.least, self.most = least, most

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if type(value) is not int:
            faults.append(Fault(path, "not a whole number"))
        elif not self.least <= value <= self.most:
            faults.append(Fault(path, f"not between {self.least} and {self.most}"))
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


class Real(Kind):
    """A number; NaN and the infinities too unless ``finite``."""

    def __init__(self, *, finite: bool = False) -> None:
        self.finite = finite

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if type(value) not in (int, float):
            faults.append(Fault(path, "not a number"))
        elif type(value) is int and not -LARGEST - 1 <= value <= LARGEST:
            faults.append(Fault(path, "a whole number beyond 64 bits; write it with a point"))
        elif self.finite and not abs(value) < float("inf"):
            faults.append(Fault(path, "not finite"))
        return value

    def shape(self) -> dict[str, Any]:
        return {"type": "number"}


class Moment(Kind):
    """A moment in UTC."""

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        try:
            if isinstance(value, str) and _TIME.fullmatch(value):
                return datetime.fromisoformat(value).astimezone(UTC)
        except ValueError:
            pass
        faults.append(Fault(path, "not a time such as 2026-11-22T19:05:46.123456Z"))
        return None

    def write(self, value: datetime) -> str:
        return Timestamp(f"{value.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}Z")

    def shape(self) -> dict[str, Any]:
        return {"type": "string", "format": "date-time", "pattern": f"^{_TIME.pattern}$"}


class Several(Kind):
    """A list of one kind."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, (list, tuple)):
            faults.append(Fault(path, "not a list"))
            return ()
        return tuple([self.kind.read(item, f"{path}[{at}]", faults) for at, item in enumerate(value)])

    def write(self, value: Any) -> Any:
        return [self.kind.write(item) for item in value]

    def shape(self) -> dict[str, Any]:
        return {"type": "array", "items": self.kind.shape()}


class Named(Kind):
    """A mapping from names to one kind."""

    def __init__(self, kind: Kind | None = None) -> None:
        self.kind = kind

    def read(self, value: Any, path: str, faults: Faults) -> Any:
        if not isinstance(value, dict):
            faults.append(Fault(path, "not a mapping"))
            return {}
        if self.kind is None:
            return value
        return {name: self.kind.read(item, place(path, name), faults) for name, item in value.items()}

    def write(self, value: Mapping[str, Any]) -> Any:
        if self.kind is None:
            return value
        return {name: self.kind.write(item) for name, item in value.items()}

    def shape(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.kind.shape() if self.kind else True}
