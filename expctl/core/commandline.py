"""The words of a command, understood: where the program begins, its flags and what they are given.

No program is asked how it reads its words, so this is the reading that fits most: ``--lr 0.1``, ``--lr=0.1``,
``--flag``, ``--no-flag``, ``-b 32``, ``--layers 64 64``, ``lr=0.1``, ``model.depth=3``, ``+new=1``.
"""

from __future__ import annotations

import re

from expctl.core.params import type_word
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Programs that run another program or script, by name.
_LAUNCHERS = frozenset({
    "env", "uv", "uvx", "poetry", "pipenv", "pdm", "hatch", "rye", "pixi", "conda", "mamba", "micromamba",
    "nohup", "nice", "ionice", "time", "timeout", "stdbuf", "taskset", "numactl", "xvfb-run", "sudo", "doas",
    "srun", "mpirun", "mpiexec", "torchrun", "accelerate", "deepspeed", "horovodrun", "composer", "ray",
    "coverage", "kernprof", "nsys", "ncu", "strace", "perf", "caffeinate", "chrt", "setsid", "exec",
})  # fmt: skip
# Texts, not compiled patterns: re keeps what a run needs of them, and most need few.
_PYTHON = r"(?:python|pypy)[\d.]*w?(?:\.exe)?"
_SHELLS = frozenset({"bash", "sh", "zsh", "dash", "ksh"})
_INTERPRETERS = _SHELLS | {"Rscript", "julia", "node", "perl", "ruby", "fish"}
_SUBCOMMANDS = frozenset({"run", "launch", "exec"})
_SCRIPT = r"[^=]*\.(?:py|pyc|R|r|jl|sh|bash|pl|rb|js|mjs|ts|ipynb)"
_NUMBER = r"(?a)[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_FLAG = r"(?s)--?([A-Za-z_][\w.\-/]*)(?:=(.*))?"
_GLUED = r"(?a)-([A-Za-z])(\d+(?:\.\d+)?)"
_PAIR = r"(?s)\+{0,2}([A-Za-z_][\w.\-/@]*)=(.*)"
_PLAIN = r"(?a)[A-Za-z_]\w*"
#: What a shell would act on: such a text is not one command with its words.
_SHELL_MARKS = r"[;&|<>$`()\n*?~{}]"


class Program(NamedTuple):
    """The program within a command.

    Attributes:
        script: The script, module or program, as it was typed; "" for code given with ``-c``.
        words: What it was given.
    """

    script: str
    words: tuple[str, ...]


class Word(NamedTuple):
    """One thing that the program was told.

    Attributes:
        name: Of the option, dashes stripped; "" for a positional word.
        text: The word, or what the option was given.
    """

    name: str
    text: str


def program_of(argv: Sequence[str]) -> Program:
    """Find the program in a command: past ``env``, ``uv run``, ``torchrun --nproc 4``, ``python -u``."""
    name = argv[0].rpartition("/")[2] if argv else ""
    if name in _SHELLS and "-c" in argv[1:3]:
        return _of_shell(argv)
    if name not in _LAUNCHERS and not _is_interpreter(name):
        return Program(argv[0] if argv else "", tuple(argv[1:]))
    for place, word in enumerate(argv[1:], 1):
        if word == "-c":
            return Program("", tuple(argv[place + 2 :]))
        if word == "-m" and place + 1 < len(argv):
            return Program(argv[place + 1], tuple(argv[place + 2 :]))
        if re.fullmatch(_SCRIPT, word):
            return Program(word, tuple(argv[place + 1 :]))
    return _without_script(argv)


def _is_interpreter(name: str) -> bool:
    if name.startswith("py"):
        return re.fullmatch(_PYTHON, name) is not None
    return name in _INTERPRETERS


def read_words(words: Sequence[str]) -> tuple[dict[str, Any], list[Word]]:
    """Read the words that a program was given.

    Returns:
        Typed values by option, dashes turned to ``_`` as argparse does; and every word with the option that
        it belongs to.
    """
    values: dict[str, Any] = {}
    told: list[Word] = []
    place = 0
    while place < len(words):
        word = words[place]
        place += 1
        if word == "--":
            told += [Word("", rest) for rest in words[place:]]
            break
        flag = None if re.fullmatch(_NUMBER, word) else re.fullmatch(_FLAG, word)
        if flag and flag[2] is None and not re.fullmatch(_GLUED, word):
            given = _given_to(words, place)
            place += len(given)
            told += [Word(flag[1], text) for text in given]
            _set_flag(values, flag[1], given)
        elif pair := flag or re.fullmatch(_GLUED, word) or re.fullmatch(_PAIR, word):
            name, text = (re.fullmatch(_GLUED, word) or pair).groups()
            told.append(Word(name, text))
            _put(values, name if word[0] != "-" else name.replace("-", "_"), _typed(text))
        else:
            told.append(Word("", word))
    return values, told


def _of_shell(argv: Sequence[str]) -> Program:
    place = argv.index("-c") + 1
    text = argv[place] if place < len(argv) else ""
    if re.search(_SHELL_MARKS, text):
        return Program("", ())
    import shlex  # only a shell's command needs it

    try:
        words = shlex.split(text)
    except ValueError:
        return Program("", ())
    return program_of(words) if words and "-c" not in words else Program("", ())


def _without_script(argv: Sequence[str]) -> Program:
    """The program behind a launcher that is no script: the first word that can be one."""
    for place, word in enumerate(argv[1:], 1):
        name = word.rpartition("/")[2]
        if (
            word.startswith("-")
            or re.fullmatch(_PAIR, word)
            or re.fullmatch(_NUMBER, word)
            or word in _SUBCOMMANDS
        ):
            continue
        if name in _LAUNCHERS or _is_interpreter(name):
            return program_of(argv[place:])
        return Program(word, tuple(argv[place + 1 :]))
    return Program("", ())


def _given_to(words: Sequence[str], place: int) -> list[str]:
    """The words of the option before ``place``: one, or all of one shape in a row (``--layers 64 64``)."""
    if place >= len(words) or not _is_value(words[place]):
        return []
    given = [words[place]]
    shape = next((shape for shape in (_NUMBER, _PLAIN) if re.fullmatch(shape, given[0])), None)
    for word in words[place + 1 :]:
        # A wrong guess shows in the record; a value that is left out would not.
        if shape is None or not re.fullmatch(shape, word):
            break
        given.append(word)
    return given


def _is_value(word: str) -> bool:
    return not word.startswith("-") or word == "-" or re.fullmatch(_NUMBER, word) is not None


def _set_flag(values: dict[str, Any], name: str, given: list[str]) -> None:
    key = name.replace("-", "_")
    if len(given) > 1:
        _put(values, key, [type_word(text) for text in given])
    elif given:
        _put(values, key, _typed(given[0]))
    elif key.startswith("no_") and len(key) > len("no_"):
        values[key.removeprefix("no_")] = False
    else:
        values[key] = True


def _put(values: dict[str, Any], key: str, value: Any) -> None:
    """Set a value; an option that is given again makes a list."""
    if key not in values:
        values[key] = value
    else:
        before = values[key] if isinstance(values[key], list) else [values[key]]
        values[key] = [*before, *(value if isinstance(value, list) else [value])]


def _typed(text: str) -> Any:
    if text[:1] == "[" and text[-1:] == "]":
        inside = text[1:-1].strip()
        return [type_word(item.strip().strip("'\"")) for item in inside.split(",")] if inside else []
    return type_word(text)
