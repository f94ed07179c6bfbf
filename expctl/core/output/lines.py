"""The rules, held against one line at a time."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.core.output import bars, dicts, names, noise, pairs, rules, steps, text, values
from expctl.core.output.headings import Headings
from expctl.core.output.pairs import Pair
from expctl.core.output.tables import Tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from expctl.core.output.options import Options

_ROUND = re.compile(r"\[(\d{1,12})\]\s*(\S.*)\Z")
_EVAL = re.compile(
    r"\s*([\w@.\-/]{1,60}-[\w@.\-/:]{1,40}?|[\w@.\-/]{1,60}'s [\w@.\- ]{1,60}?)\s*:\s*"
    r"([-+]?\d[\d.]*(?:[eE][-+]?\d+)?|-?nan|-?inf)(?:\s*\+\s*[\d.]+(?:[eE][-+]?\d+)?)?\s*\Z"
)
_BEST_ROUND = re.compile(r"(?:Early stopping, best|Did not meet early stopping\. Best) iteration is:\s*\Z")
_CATBOOST = re.compile(r"(\d{1,12}):\t((?:learn|test\d*): .+\t(?:total|remaining): .*)\Z")
_CATBOOST_BEST = re.compile(r"(bestTest) = ([-+]?\d[\d.]*(?:[eE][-+]?\d+)?)\Z")
_TRIAL = re.compile(r".{0,80}?\bTrial (\d{1,9}) finished with value: (\S{1,40}) and parameters: ")
_BEST_TRIAL = re.compile(r"Best is trial \d+ with value: (\S{1,40}?)\.?\Z")
_OF_THE = re.compile(
    r"(?P<what>[\w\- ]{1,30}?) of the (?:network|model|classifier|net)"
    r"(?: on the (?:\d+ )?(?P<scope>\w+) (?:set|images|data|samples|examples|texts|sentences))?"
    r"\s*(?::|is|=)\s*",
    re.IGNORECASE,
)
#: A bar that is wider than the terminal goes on below, perhaps between a name and its number.
_CUT = re.compile(r"[\w/\-.]+:\Z")
_WORDS_OF_HEADING = 8


class Found(NamedTuple):
    """A metric in a line.

    Attributes:
        rule: Its name in the table of rules.
        name: The metric.
        value: Percentages as fractions.
        step: Where in the training, or None.
        setting: For what it holds, where the line says so.
        bar: Which progress bar shows it; empty for none.
        n: How far that bar is.
    """

    rule: str
    name: str
    value: float
    step: int | None = None
    setting: str = ""
    bar: str = ""
    n: float = 0.0


class LineRules:
    """All rules, with what earlier lines said: the epoch, the header of a table."""

    def __init__(self, options: Options, accepts: Callable[[str], bool]) -> None:
        self._options = options
        self._accepts = accepts
        self._tables = Tables(accepts)
        self._blocks = noise.Blocks()
        self._headings = Headings()
        self._base: int | None = None
        self._best_round = False
        self._rich: tuple[str, int | None, float, str] | None = None

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
            return self._all(rule, found, step if rule == "table" else None)
        return self._tools(message.strip()) or self._plain(message)

    @property
    def is_waiting(self) -> bool:
        """Whether every next line counts: for a row of a table, for the end of a block."""
        return self._tables.is_open or self._blocks.is_open or self._best_round or self._rich is not None

    def _on(self, rule: str) -> bool:
        return rule not in self._options.off

    def _all(self, rule: str, found: list[Pair], step: int | None) -> list[Found]:
        if not self._on(rule):
            return []
        return [Found(rule, pair.name, pair.value, step, pair.setting) for pair in found]

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
        return [Found(rule, pair.name, pair.value, step, "", f"{rule} {step}", bar.n) for pair in found]

    def _moving(self, bar: bars.Bar) -> list[Found]:
        if not self._on(bar.rule):
            return []
        counted = steps.find(bar.before)
        step = self._position(counted)
        key = f"{bar.rule} {bar.before.strip()} {bar.total}"
        if bar.rule == "rich":
            cut = _CUT.search(bar.inside)
            self._rich = (key, step, bar.n, cut[0] if cut else "")
        shown = [*self._scan(counted.rest), *self._scan(_spaced(bar.inside))]
        return [Found(bar.rule, pair.name, pair.value, step, "", key, bar.n) for pair in shown]

    def _keras(self, bar: bars.Bar) -> list[Found]:
        if not self._on("keras"):
            return []
        shown = pairs.scan(bar.inside.strip(" -"), every=True)
        shown = [pair for pair in shown if pair.name not in ("lr", "learning_rate")]
        if str(int(bar.n)) == bar.total and bar.inside.strip():
            is_fit, self._headings.fresh = self._headings.fresh, False
        else:
            is_fit = self._headings.fresh
        front, step = ("", self._headings.step) if is_fit else ("eval_", None)
        return [Found("keras", front + pair.name, pair.value, step) for pair in shown]

    def _under_rich(self, line: str) -> list[Found] | None:
        """A line that goes on beneath a bar of rich: more of its metrics."""
        assert self._rich is not None  # asked for by the only caller
        if not line.startswith(" " * 20):
            self._rich = None
            return None
        key, step, n, name = self._rich
        shown = self._scan(_spaced(f"{name} {line.strip()}"))
        return [Found("rich", pair.name, pair.value, step, "", key, n) for pair in shown]

    def _tools(self, message: str) -> list[Found]:
        """Rounds of boosters, trials of Optuna."""
        is_best, self._best_round = self._best_round, _BEST_ROUND.match(message) is not None
        if message.startswith("["):
            found = self._rounds(message, "best_" if is_best else "")
            if found:
                return found
        if "\t" in message and (line := _CATBOOST.match(message)) and self._on("catboost"):
            parts = [part.partition(": ") for part in line[2].split("\t")]
            numbers = [
                (name, values.from_word(word))
                for name, _, word in parts
                if name.startswith(("learn", "test"))
            ]
            return [Found("catboost", name, value.value, int(line[1])) for name, value in numbers if value]
        if (best := _CATBOOST_BEST.match(message)) and self._on("catboost"):
            return [Found("catboost", best[1], float(best[2]))]
        if (trial := _TRIAL.match(message)) and self._on("optuna"):
            return _of_trial(trial, message)
        return []

    def _rounds(self, message: str, front: str) -> list[Found]:
        line = _ROUND.match(message)
        if line is None or not self._on("boosting"):
            return []
        cells = [_EVAL.match(cell) for cell in line[2].split("\t")]
        return [
            Found(
                "boosting",
                front + cell[1].replace("'s ", "-").replace(" ", "_"),
                float(cell[2]),
                int(line[1]),
            )
            for cell in cells
            if cell is not None and all(cells)
        ]

    def _plain(self, message: str) -> list[Found]:
        """Dictionaries, progress, sentences; else perhaps a heading that says the epoch."""
        counted = steps.find(message)
        step = self._position(counted)
        found = dicts.scan(counted.rest, self._accepts) if "{" in message else None
        if found is not None:
            return self._dictionary(found, step)
        rest = noise.without_settings(counted.rest)
        rule = "sentence" if step is None else "progress"
        if not self._on(rule) or noise.is_talk(rest):
            return []
        pairs_found = self._phrase(rest) or self._scan(rest)
        if not pairs_found:
            self._note_heading(counted, rest, message)
            return []
        if step is not None:
            # What else stands on a line of progress is no setting that differs from run to run.
            return self._all(rule, [pair._replace(setting="") for pair in pairs_found], step)
        return [self._under_headings(pair) for pair in pairs_found]

    def _dictionary(self, found: dicts.Found, step: int | None) -> list[Found]:
        label = dicts.label_of(found.before)
        if label is None or not self._on("dictionary"):
            return []
        step = found.step if found.step is not None else step
        named = [pair._replace(name=f"{label}_{pair.name}" if label else pair.name) for pair in found.pairs]
        if step is None:
            return [self._under_headings(pair, "dictionary") for pair in named]
        return self._all("dictionary", named, step)

    def _under_headings(self, pair: Pair, rule: str = "sentence") -> Found:
        """A metric of a line that does not say its step: headings above it may, and whose it is."""
        name = self._headings.name_of(pair.name)
        step = self._headings.step_of(name)
        setting = pair.setting or ("" if step is not None else self._headings.text)
        return Found(rule, name, pair.value, step, setting)

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

    def _note_heading(self, counted: steps.Steps, rest: str, message: str) -> None:
        if counted.coarse is None:
            self._headings.note_title(message)
            return
        is_short = len(rest.split()) <= _WORDS_OF_HEADING and not values.NUMBER.search(rest)
        if is_short and counted.fine is None:
            self._headings.note_epoch(self._position(counted))

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


def _of_trial(trial: re.Match[str], message: str) -> list[Found]:
    value = values.from_word(trial[2])
    found = [Found("optuna", "value", value.value, int(trial[1]))] if value else []
    best = _BEST_TRIAL.search(message)
    best_value = values.from_word(best[1]) if best else None
    return [*found, *([Found("optuna", "best_value", best_value.value, int(trial[1]))] if best_value else [])]
