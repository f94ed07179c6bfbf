"""Dictionaries in one line: Hugging Face's logs, JSON lines, ``print(metrics)``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from expctl.core.output import names, values
from expctl.core.output.pairs import Pair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_TOKEN = re.compile(
    r"(?P<open>[{\[])|(?P<close>[}\]])"
    r"|(?P<key>\"[^\"\\]{1,100}\"|'[^'\\]{1,100}'|[A-Za-z_][\w.\-/@]{0,100})\s*:\s*"
    r"(?:(?P<nested>[{\[])|(?:(?:tensor|array|Array|(?:np|numpy|jnp|torch)\.\w{1,12}|float\d*)\()?"
    r"(?P<value>[-+]?(?:\d[\d.]*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?|nan|NaN|inf|Infinity)(?=[\s,}\])]|$)"
    r"|\"[^\"\\]{0,200}\"|'[^'\\]{0,200}'))?"
    r"|\"[^\"]{0,400}\"|'[^']{0,400}'"
)
#: What stands under these is no result.
_CONFIGS = frozenset(
    "config configs params param args hparams hyperparameters hyperparams options settings kwargs cfg".split()  # noqa: SIM905
)
_STEPS = ("global_step", "trainer/global_step", "step", "iteration", "iter", "round", "epoch")
#: Two of these without a step beside them: the dictionary is an echo of settings.
_OF_SETTINGS = frozenset(
    """
    lr learning_rate batch_size epochs num_epochs n_epochs optimizer dropout seed random_state weight_decay
    hidden_size num_layers max_depth n_estimators momentum device
    """.split()  # noqa: SIM905 a list of words reads better so
)
_KEY_BEFORE = re.compile(r"['\"][\w.\-/]{1,60}['\"]\s*:\s*\Z")
_DEEPEST = 6
_MOST_TOKENS = 400
#: These measure, and a dictionary of settings may hold them.
_SETTING_NAMES = re.compile(
    r"(?:^|_)(?:lr|learning_rate|batch_size|dropout|hidden_size|weight_decay|optimizer)$"
)


class Found(NamedTuple):
    """A dictionary's metrics, the step and the epoch that it names, and what stands before it."""

    pairs: list[Pair]
    step: int | None
    before: str
    epoch: int | None = None


def scan(text: str, accepts: Callable[[str], bool]) -> Found | None:
    """The metrics of a dictionary; None where a line holds none.

    A dictionary without a metric among settings is an echo of settings: that is for ``accepts`` to tell.
    """
    start = text.find("{")
    if start < 0 or ":" not in text[start:]:
        return None
    above = _KEY_BEFORE.search(text, 0, start)  # a dictionary printed over several lines
    start = above.start() if above else start
    before = text[:start]
    settings = 0
    path: list[str | None] = []
    leaves: list[tuple[str, values.Value]] = []
    for count, token in enumerate(_TOKEN.finditer(text, start)):
        if count > _MOST_TOKENS or len(path) > _DEEPEST:
            break
        if token["open"]:
            path.append("" if token["open"] == "{" else None)
        elif token["close"]:
            if not path or not (path.pop() is not None or path):
                break
            if not path:
                break
        elif token["key"]:
            settings += token["key"].strip("\"'").lower() in _OF_SETTINGS
            _take(token, path, leaves)
    known = {name.lower(): value for name, value in leaves}
    step = _step_of(known, _STEPS)
    if settings > 1 and not any(name in _STEPS for name, _ in leaves):
        return Found([], None, before)
    metrics = {name: Pair(name, found.value) for name, found in leaves if _is_metric(name, accepts)}
    return Found(list(metrics.values()), step, before, _step_of(known, ("epoch",))) if leaves else None


def _take(token: re.Match[str], path: list[str | None], leaves: list[tuple[str, values.Value]]) -> None:
    key = token["key"].strip("\"'")
    if token["nested"]:
        is_list = token["nested"] == "["
        path.append(None if is_list or key.lower() in _CONFIGS else key)
        return
    if token["value"] is None or None in path:
        return
    word = token["value"].strip("\"'")
    value = values.from_word(word.replace("Infinity", "inf"))
    if value is not None:
        leaves.append((".".join([*filter(None, path), key]), value))


def _step_of(known: Mapping[str, values.Value], keys: Iterable[str]) -> int | None:
    for name in keys:
        found = known.get(name)
        if found is not None:
            # "epoch": 0.67 is a place between two steps.
            return int(found.value) if found.whole and abs(found.value) < 1 << 62 else None
    return None


def _is_metric(name: str, accepts: Callable[[str], bool]) -> bool:
    last = name.rpartition(".")[2]
    return not _SETTING_NAMES.search(last.lower()) and (accepts(last) or accepts(name)) and accepts_all(name)


def accepts_all(name: str) -> bool:
    """Whether no part of a dotted name is that of settings."""
    return not any(part.lower() in _CONFIGS for part in name.split("."))


def label_of(before: str) -> str | None:
    """What the text before a dictionary puts in front of its names; None for an echo of settings."""
    text = before.replace("\0", " ").strip(" :=->|#*")
    if not text:
        return ""
    lower = text.lower()
    if any(word in lower for word in ("param", "config", "arg", "setting", "option", "space", "(")):
        return None
    return names.label(text)
