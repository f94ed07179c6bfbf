"""The rules, held against one line at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from expctl.core.output import bars, dicts, names, noise, pairs, rules, steps, text, values
from expctl.core.output.fits import Counters
from expctl.core.output.found import Found
from expctl.core.output.headings import Headings
from expctl.core.output.pairs import Pair
from expctl.core.output.tables import Tables
from expctl.core.output.tools import Tools

if TYPE_CHECKING:
    from collections.abc import Callable

    from expctl.core.output.options import Options

_OF_THE = re.compile(
    r"(?P<what>[\w\- ]{1,30}?) of the (?:network|model|classifier|net)"
    r"(?: on the (?:\d+ )?(?P<scope>\w+) (?:set|images|data|samples|examples|texts|sentences))?"
    r"\s*(?::|is|=)\s*",
    re.IGNORECASE,
)
#: A bar that is wider than the terminal goes on below, perhaps between a name and its number.
_CUT = re.compile(r"[\w/\-.]+:\Z")
_WORDS_OF_HEADING = 8


class LineRules:
    """All rules, with what earlier lines said: the epoch, the header of a table."""

    def __init__(self, options: Options, accepts: Callable[[str], bool]) -> None:
        self._options = options
        self._accepts = accepts
        self._tables = Tables(accepts)
        self._blocks = noise.Blocks()
        self._headings = Headings()
        self._base: int | None = None
        self._tools = Tools(self._on)
        self._counters = Counters()
        self._rich: tuple[Found, str] | None = None

    def read(self, line: str) -> list[Found]:
        """The metrics of one line, as ``text.plain`` gives it."""
        own = self._own(line)
        if own:
            return own
        message = text.message(line)
        if self._blocks.holds(message) or noise.is_noise(line, message):
            return []
        bar = bars.read(message)
        if bar is not None:
            return self._bar(bar)
        if self._rich is not None:
            more = self._under_rich(line)
            if more is not None:
                return more
        row = self._tables.read(message)
        if row is not None:
            rule, found, step = row
            return self._in_rows(rule, found, step)
        return self._tools.read(message.strip()) or self._plain(message)

    @property
    def is_waiting(self) -> bool:
        """Whether every next line counts: for a row of a table, for the end of a block."""
        return (
            self._tables.is_open or self._blocks.is_open or self._tools.is_waiting or self._rich is not None
        )

    def _on(self, rule: str) -> bool:
        return rule not in self._options.off

    def _all(
        self, rule: str, found: list[Pair], step: int | None = None, epoch: int | None = None
    ) -> list[Found]:
        if not self._on(rule):
            return []
        return [Found(rule, pair.name, pair.value, step, pair.setting, epoch=epoch) for pair in found]

    def _in_rows(self, rule: str, found: list[Pair], step: int | None) -> list[Found]:
        if rule != "table":
            return self._all(rule, found)
        return self._all(rule, found, step, self._counters.through(self._tables.counted, step))

    def _own(self, line: str) -> list[Found]:
        if not self._options.own:
            return []
        single = " ".join(line.split())
        return [
            Found(rules.OWN, name, match.value, match.step)
            for name, rule in self._options.own
            if (match := rule.match(single)) is not None
        ]

    def _bar(self, bar: bars.Bar) -> list[Found]:
        self._rich = None
        found = self._keras(bar) if bar.rule == "keras" else self._in_table(bar) or self._moving(bar)
        return found + (self.read(bar.after) if bar.after.strip() else [])

    def _in_table(self, bar: bars.Bar) -> list[Found]:
        """A row of a table with a bar behind it, as Ultralytics prints them."""
        row = self._tables.read(bar.before.rstrip(": "))
        if row is None or not self._on(row[0]):
            return []
        rule, found, step = row
        return [
            each._replace(bar=f"{rule} {step}", n=bar.n, setting="")
            for each in self._in_rows(rule, found, step)
        ]

    def _moving(self, bar: bars.Bar) -> list[Found]:
        if not self._on(bar.rule):
            return []
        counted = steps.find(bar.before)
        key = f"{bar.rule} {bar.before.strip()} {bar.total}"
        epoch = self._counters.through(counted.word, counted.coarse)
        like = Found(bar.rule, "", 0.0, self._position(counted), "", key, bar.n, epoch)
        if bar.rule == "rich":
            cut = _CUT.search(bar.inside)
            self._rich = (like, cut[0] if cut else "")
        shown = [*self._scan(counted.rest), *self._scan(_spaced(bar.inside))]
        return [like._replace(name=pair.name, value=pair.value) for pair in shown]

    def _keras(self, bar: bars.Bar) -> list[Found]:
        if not self._on("keras"):
            return []
        shown = pairs.scan(bar.inside.strip(" -"), every=True)
        shown = [pair for pair in shown if pair.name not in ("lr", "learning_rate")]
        if str(int(bar.n)) == bar.total and bar.inside.strip():
            is_fit, self._headings.fresh = self._headings.fresh, False
        else:
            is_fit = self._headings.fresh
        if not is_fit:
            return [Found("keras", f"eval_{pair.name}", pair.value) for pair in shown]
        step, epoch = self._headings.step, self._headings.epoch
        return [Found("keras", pair.name, pair.value, step, epoch=epoch) for pair in shown]

    def _under_rich(self, line: str) -> list[Found] | None:
        """A line that goes on beneath a bar of rich: more of its metrics."""
        assert self._rich is not None  # asked for by the only caller
        if not line.startswith(" " * 20):
            self._rich = None
            return None
        like, name = self._rich
        shown = self._scan(_spaced(f"{name} {line.strip()}"))
        return [like._replace(name=pair.name, value=pair.value) for pair in shown]

    def _plain(self, message: str) -> list[Found]:
        """Dictionaries, progress, sentences; else perhaps a heading that says the epoch."""
        counted = steps.find(message)
        step = self._position(counted)
        epoch = self._counters.through(counted.word, counted.coarse)
        found = dicts.scan(counted.rest, self._accepts) if "{" in message else None
        if found is not None:
            return self._dictionary(found, step, epoch)
        rest = noise.without_settings(counted.rest)
        rule = "sentence" if step is None else "progress"
        if not self._on(rule) or noise.is_talk(rest):
            return []
        pairs_found = self._phrase(rest) or self._scan(rest)
        if not pairs_found:
            self._note_heading(counted, rest, message, epoch)
            return []
        if step is not None:
            # What else stands on a line of progress is no setting that differs from run to run.
            return self._all(rule, [pair._replace(setting="") for pair in pairs_found], step, epoch)
        return [self._under_headings(pair) for pair in pairs_found]

    def _dictionary(self, found: dicts.Found, step: int | None, epoch: int | None) -> list[Found]:
        label = dicts.label_of(found.before)
        if label is None or not self._on("dictionary"):
            return []
        if found.step is not None:
            step, epoch = found.step, self._counters.through("epoch", found.epoch)
        named = [pair._replace(name=f"{label}_{pair.name}" if label else pair.name) for pair in found.pairs]
        if step is None:
            return [self._under_headings(pair, "dictionary") for pair in named]
        return self._all("dictionary", named, step, epoch)

    def _under_headings(self, pair: Pair, rule: str = "sentence") -> Found:
        """A metric of a line that does not say its step: headings above it may, and whose it is."""
        name = self._headings.name_of(pair.name)
        step = self._headings.step_of(name)
        setting = pair.setting or ("" if step is not None else self._headings.text)
        epoch = self._headings.epoch if step is not None else None
        return Found(rule, name, pair.value, step, setting, epoch=epoch)

    def _phrase(self, rest: str) -> list[Pair]:
        """``Accuracy of the network on the 10000 test images: 55 %``."""
        found = _OF_THE.search(rest)
        number = values.NUMBER.match(rest, found.end()) if found else None
        value = values.at(rest, number) if number else None
        if found is None or value is None:
            return []
        words = names.tail(found["what"].split())
        scope = names.SCOPES.get((found["scope"] or "").lower(), "")
        name = names.tidy([*([scope] if scope else []), *words])
        return [Pair(name, value.value)] if words and self._accepts(name) else []

    def _scan(self, message: str) -> list[Pair]:
        return pairs.scan(message, accepts=self._accepts)

    def blank(self) -> None:
        """An empty line."""
        self._headings.blank()

    def _note_heading(self, counted: steps.Steps, rest: str, message: str, epoch: int | None) -> None:
        if counted.coarse is None:
            self._headings.note_title(message)
            return
        is_short = len(rest.split()) <= _WORDS_OF_HEADING and not values.NUMBER.search(rest)
        if is_short and counted.fine is None:
            self._headings.note_epoch(self._position(counted), epoch)

    def _position(self, counted: steps.Steps) -> int | None:
        """One number for where a line stands: batches within epochs are counted through."""
        if counted.coarse is None:
            return None
        if counted.fine is None:
            if counted.word == "epoch":
                self._base = counted.coarse if self._base is None else min(self._base, counted.coarse)
            return counted.coarse
        if self._base is None:
            self._base = min(1, counted.coarse)
        if counted.total is None:
            return counted.fine
        return max(0, counted.coarse - min(1, self._base)) * counted.total + counted.fine


def _spaced(inside: str) -> str:
    """Rich puts one blank between metrics: after a number a name begins."""
    return re.sub(r"(?<=\d)\s+(?=[A-Za-z])", "  ", inside.strip())
