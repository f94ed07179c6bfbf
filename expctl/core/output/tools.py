"""Lines of a form that one tool alone has: rounds of boosters, trials of Optuna."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from expctl.core.output import values
from expctl.core.output.found import Found

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Tools:
    """The rules for such lines.

    Attributes:
        is_waiting: Whether the next line is that of LightGBM's best round.
    """

    def __init__(self, is_on: Callable[[str], bool]) -> None:
        self._on = is_on
        self.is_waiting = False

    def read(self, message: str) -> list[Found]:
        """The metrics of a line without blanks around it."""
        is_best, self.is_waiting = self.is_waiting, _BEST_ROUND.match(message) is not None
        if message.startswith("["):
            found = self._rounds(message, is_best=is_best)
            if found:
                return found
        if "\t" in message and (line := _CATBOOST.match(message)) and self._on("catboost"):
            return _of_catboost(line)
        if (best := _CATBOOST_BEST.match(message)) and self._on("catboost"):
            return [Found("catboost", best[1], float(best[2]))]
        if (trial := _TRIAL.match(message)) and self._on("optuna"):
            return _of_trial(trial, message)
        return []

    def _rounds(self, message: str, *, is_best: bool) -> list[Found]:
        line = _ROUND.match(message)
        if line is None or not self._on("boosting"):
            return []
        cells = [_EVAL.match(cell) for cell in line[2].split("\t")]
        front, step = "best_" if is_best else "", int(line[1])
        return [
            Found(
                "boosting",
                front + cell[1].replace("'s ", "-").replace(" ", "_"),
                float(cell[2]),
                step,
                epoch=None if is_best else step,
            )
            for cell in cells
            if cell is not None and all(cells)
        ]


def _of_catboost(line: re.Match[str]) -> list[Found]:
    parts = [part.partition(": ") for part in line[2].split("\t")]
    step = int(line[1])
    numbers = [
        (name, values.from_word(word)) for name, _, word in parts if name.startswith(("learn", "test"))
    ]
    return [Found("catboost", name, value.value, step, epoch=step) for name, value in numbers if value]


def _of_trial(trial: re.Match[str], message: str) -> list[Found]:
    step = int(trial[1])
    best = _BEST_TRIAL.search(message)
    words = {"value": trial[2], **({"best_value": best[1]} if best else {})}
    numbers = [(name, values.from_word(word)) for name, word in words.items()]
    return [Found("optuna", name, value.value, step, epoch=step) for name, value in numbers if value]
