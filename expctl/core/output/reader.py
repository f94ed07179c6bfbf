"""Read a log as it grows: bytes in, readings out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.core.output import headings, names, text
from expctl.core.output.lines import LineRules
from expctl.core.output.options import Options

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from expctl.core.output.found import Found

#: A line without an end is cut down to its last states here.
_LONGEST_REST = 1 << 20
_KEPT_OF_REST = 1 << 16
_MOST_DULL = 20_000
_MOST_KNOWN = 4096
_MOST_WAITING = 32
_DIGITS = b"0123456789"
#: Lines may say something without a word that measures: an epoch, a header, the begin of a block.
_TELLING = frozenset(
    """
    epoch step iteration iter round trial episode generation batch update metric avg learn traceback config
    args arguments param params parameters hyperparameters settings options namespace test best it s
    """.split()  # noqa: SIM905 a list of words reads better so
)
_PARTS = re.compile(r"[A-Za-z][a-z]*|[A-Z]+")
_HEADING = re.compile(r"\s*(?:[=\-*#~]{2,}\s*[A-Za-z].{0,60}|[A-Za-z].{0,80}:|[A-Za-z].{0,60} Results)\Z")
_TOOL = re.compile(r"\A\s*\[\d+\]\s*\S*[-'][\w@: ]")


class Reading(NamedTuple):
    """One value of one metric.

    Attributes:
        name: Of the metric, as it goes into the record.
        value: As printed; a percentage as a fraction.
        step: Where in the training, or None.
        line: Number of the line, from 1.
        rule: Which rule read it.
        setting: For what it holds, where the line says so: ``threshold=0.3``.
        shape: A number that equals that of other lines with the same words.
        epoch: Or round, of the whole training, where the line or a heading has it.
    """

    name: str
    value: float
    step: int | None
    line: int
    rule: str
    setting: str = ""
    shape: int = 0
    epoch: int | None = None


class Reader:
    """A log being read; give it bytes in order, of any lengths.

    Readings come once it is certain that they stay: what a progress bar shows only when another line or bar
    has followed. ``finish`` gives the rest, ``waiting`` lets it be seen.
    """

    def __init__(self, options: Options | None = None, params: Collection[str] = ()) -> None:
        """Begin.

        Args:
            options: What the settings say.
            params: Dotted names of the run's numeric parameters: an echo of one is no metric.
        """
        self._options = options or Options()
        self._params = {name.lower() for name in params} | {
            name.lower().rpartition(".")[2].replace("-", "_") for name in params
        }
        self._known: dict[str, bool] = {}
        self._rules = LineRules(self._options, self._accepts)
        self._rest = b""
        self._dull: set[bytes] = set()
        self._waiting: dict[str, tuple[float, dict[str, Reading]]] = {}
        #: Number of the last whole line; lines that were looked at more closely.
        self.lines = 0
        self.looked_at = 0

    def feed(self, data: bytes) -> Iterator[Reading]:
        """Readings of the lines that are whole by now."""
        if b"\n" not in data:
            self._rest += data
            if len(self._rest) > _LONGEST_REST:
                # The states of a bar that never ends its line: all but the last of each kind are gone.
                self._rest = b"\r".join(text.parts(self._rest))[-_KEPT_OF_REST:]
            return
        first, *rest = data.split(b"\n")
        rest.insert(0, self._rest + first)
        self._rest = rest.pop()
        for line in rest:
            self.lines += 1
            if len(line) > 1 or self._rules.is_waiting:
                yield from self._line(line)
            if not line.strip():
                self._rules.blank()

    def finish(self) -> Iterator[Reading]:
        """Readings of a last line without an end, and what bars showed last."""
        if self._rest.strip():
            self.lines += 1
            rest, self._rest = self._rest, b""
            yield from self._line(rest)
        yield from self.waiting()
        self._waiting.clear()

    def waiting(self) -> list[Reading]:
        """What bars show that may still move."""
        return [reading for _, shown in self._waiting.values() for reading in shown.values()]

    def skip(self, lines: int) -> None:
        """Lines are left out here: what is known of the place is forgotten, the count goes on."""
        self._rest = b""
        self.lines += lines
        self._rules = LineRules(self._options, self._accepts)

    def _line(self, raw: bytes) -> Iterator[Reading]:
        shape = raw.translate(None, _DIGITS)
        if shape in self._dull and not self._rules.is_waiting:
            return
        is_dull = not self._options.own
        for part in text.parts(raw.removesuffix(b"\r")):
            line = text.plain(part)
            if is_dull and not _tells(line) and not self._rules.is_waiting:
                continue
            is_dull = False
            self.looked_at += 1
            yield from self._take(self._rules.read(line), hash(shape) & 0xFFFF_FFFF)
        if is_dull and not self._options.names:
            if len(self._dull) >= _MOST_DULL:
                self._dull.clear()
            self._dull.add(shape)

    def _take(self, found: list[Found], shape: int) -> Iterator[Reading]:
        for each in found:
            name = self._options.rename.get(each.name, each.name)
            if each.rule != "own" and not self._wanted(each.name):
                continue
            reading = Reading(
                name, each.value, each.step, self.lines, each.rule, each.setting, shape, each.epoch
            )
            if each.bar:
                yield from self._wait(each.bar, each.n, reading)
            else:
                yield reading

    def _wait(self, bar: str, n: float, reading: Reading) -> Iterator[Reading]:
        """Keep what a bar shows until it is sure that it stays."""
        before, shown = self._waiting.pop(bar, (n, {}))
        if n < before:
            yield from shown.values()
            shown = {}
        shown[reading.name] = reading
        self._waiting[bar] = (n, shown)
        if len(self._waiting) > _MOST_WAITING:
            oldest = next(iter(self._waiting))
            yield from self._waiting.pop(oldest)[1].values()

    def _wanted(self, name: str) -> bool:
        return not self._options.is_ignored(name) and not self.is_param(name)

    def _accepts(self, name: str) -> bool:
        known = self._known.get(name)
        if known is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            known = names.measures(name) and not self.is_param(name)
            known = self._known[name] = known or self._options.is_named(name)
        return known

    def is_param(self, name: str) -> bool:
        """Whether it is called as one of the run's parameters is."""
        lower = name.lower()
        return lower in self._params or lower.rpartition(".")[2].replace("-", "_") in self._params


def _tells(line: str) -> bool:
    """Whether any word of a line is one that rules look for."""
    if "%|" in line or "s/step" in line or "it/s" in line or _TOOL.match(line):
        return True
    if _HEADING.match(line) or headings.SUBJECT.match(line):
        return True
    words = {word.lower() for word in _PARTS.findall(line)}
    return not _TELLING.isdisjoint(words) or names.mentions(line)
