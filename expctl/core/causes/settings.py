"""Parameters and words of the command that differ."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from expctl.core import commandline, keys, programs
from expctl.core.causes import places
from expctl.core.causes.cause import ARROW, CERTAIN, HARMLESS, POSSIBLE, Cause, Pair

if TYPE_CHECKING:
    from collections.abc import Iterator

    from expctl.core.keys import Scalar
    from expctl.core.manifest import Manifest

_SEED = re.compile(r"(?:^|.*[._-])(?:seed|random_?state|rng_?seed)(?:[._-].*)?", re.IGNORECASE)
#: Say where results go and what they are called.
_NAMING = frozenset(
    """
    out output outdir output_dir out_dir output_path out_path save_dir savedir save_path save_to log_dir
    logdir logging_dir log_file logfile results_dir result_dir run_name exp_name experiment_name
    verbose verbosity log_level loglevel quiet progress progress_bar comment note notes tags
    """.split()  # noqa: SIM905  a list of words reads better so
)
_LONGEST = 80
#: Words to an interpreter that change nothing that it reckons.
_OF_OUTPUT = re.compile(r"-[uBqv]|-W.*|-X(?:importtime|faulthandler|utf8.*)?")
_PYTHON = re.compile(r"^python[\d.]*$")


def is_seed(name: str) -> bool:
    """Whether a parameter is a seed by its name."""
    return _SEED.fullmatch(name[-200:]) is not None


def of_params(pair: Pair) -> Iterator[Cause]:
    """Parameters that differ, but for seeds and for those that only name data, which are told as such."""
    old, new = (keys.flatten(run.params) for run in pair)
    for name in dict.fromkeys([*old, *new]):
        before, after = old.get(name), new.get(name)
        if is_seed(name) or (name in old and name in new and _is_same(before, after)):
            continue
        if (
            name in old
            and name in new
            and places.names_data(pair.before, before)
            and places.names_data(pair.after, after)
        ):
            continue
        yield _judged(name, pair, old, new)


def of_seeds(pair: Pair) -> dict[str, tuple[Scalar, Scalar]]:
    """Parameters that are seeds and differ."""
    old, new = (keys.flatten(run.params) for run in pair)
    names = [name for name in dict.fromkeys([*old, *new]) if is_seed(name)]
    return {
        name: (old.get(name), new.get(name)) for name in names if not _is_same(old.get(name), new.get(name))
    }


def of_command(pair: Pair) -> Iterator[Cause]:
    """The command where its words differ and no parameter tells how, and the folder that it ran in."""
    before, after = (run.command for run in pair)
    for read, what, grade, weight in (
        (_program, "Another command", CERTAIN, 5),
        (_launcher, "Started in another way", POSSIBLE, 53),
    ):
        one, other = (" ".join(read(run)) for run in pair)
        if one != other:
            text = f"{what}: {_cut(one)}{ARROW}{_cut(other)}"
            yield Cause("command", "command", grade, text, "", one, other, weight)
            break
    if before.cwd != after.cwd:
        sentence = f"It ran in another folder: {before.cwd}{ARROW}{after.cwd}"
        yield Cause("command", "folder", POSSIBLE, sentence, "relative paths mean other files", weight=55)


def _judged(name: str, pair: Pair, old: dict[str, Scalar], new: dict[str, Scalar]) -> Cause:
    before, after = old.get(name), new.get(name)
    texts = [_shown(name, side) for side in (old, new)]
    source = next((each for run in reversed(pair) if (each := _source(run, name))), "")
    found = Cause(
        "parameter", name, CERTAIN, f"{name} {texts[0]}{ARROW}{texts[1]}", source, before, after, weight=12
    )
    last = keys.split(name)[-1].lower().replace("-", "_")
    if last in _NAMING:
        return found._replace(grade=HARMLESS, evidence="names where results go, or what is said")
    if (name in old) != (name in new) and source.startswith("from "):
        why = f"{source}, only in one run: the script may take no notice of it"
        return found._replace(grade=POSSIBLE, evidence=why, weight=53)
    return found


def _source(run: Manifest, name: str) -> str:
    """Where a run has a parameter from."""
    files = [source for source, given in run.params_from.items() if given == "file"]
    for source, given in run.params_from.items():
        if isinstance(given, (list, tuple)) and name in given:
            return "on the command line" if source == "argv" else f"told through {source}"
    return f"from {', '.join(files)}" if files else ""


def _shown(name: str, side: dict[str, Scalar]) -> str:
    if name not in side:
        return "absent"
    value = side[name]
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _is_same(one: Scalar, other: Scalar) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def _program(run: Manifest) -> list[str]:
    """The script and its words that are neither options nor names of data; of no script all words."""
    argv = run.command.argv
    found = programs.program_of(argv)
    if not found.script:
        return [argv[0].rpartition("/")[2], *argv[1:]] if argv else []
    _, told = commandline.read_words(found.words)
    plain = [word.text.removeprefix("./") for word in told if not word.name]
    return [found.script.removeprefix("./"), *(word for word in plain if not places.names_data(run, word))]


def _launcher(run: Manifest) -> list[str]:
    """The words before the script, but for where the interpreter lies and what it prints."""
    argv = run.command.argv
    if not argv or not (script := programs.program_of(argv).script) or script not in argv:
        return []
    words = [argv[0].rpartition("/")[2], *argv[1:]][: argv.index(script)]
    kept = [word for word in words if not _OF_OUTPUT.fullmatch(word)]
    return [_PYTHON.sub("python", word) for word in kept]
