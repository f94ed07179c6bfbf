"""Config files: which words of a command name one, and the values in it."""

from __future__ import annotations

import os
import re
import stat

from expctl.adapters import userfiles
from expctl.core import params
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from expctl.core.commandline import Word

_SUFFIXES = (".yaml", ".yml", ".json", ".toml", ".py", ".ini", ".cfg", ".conf")
#: A file with more values than this is data, whatever its suffix.
MOST_VALUES = 1000
_LONGEST_TEXT = 4096
_BIGGEST_INT = 1 << 63
#: A manifest's reader stops at 32; the run's own levels are above these.
_DEEPEST = 24

_CONFIG = frozenset({
    "config", "configs", "configuration", "cfg", "conf", "param", "params", "parameters", "hparams",
    "hyperparameters", "hyp", "settings", "args", "options", "recipe", "spec", "experiment",
})  # fmt: skip
_OUTPUT = frozenset({
    "out", "output", "outputs", "outdir", "save", "log", "logs", "dump", "export", "result", "results",
    "metric", "metrics", "report", "write", "dest", "pred", "predictions", "score", "scores", "checkpoint",
    "ckpt", "cache",
})  # fmt: skip
#: What these options name is data when it is JSON; a YAML file under ``--data`` describes the data.
_DATA = frozenset({
    "data", "dataset", "datasets", "train", "test", "val", "valid", "validation", "dev", "eval", "input",
    "inputs", "vocab", "tokenizer", "label", "labels", "annotations", "ann", "features", "corpus", "queries",
    "documents",
})  # fmt: skip


class ConfigFile(NamedTuple):
    """A config file, read before the command could change it.

    Attributes:
        label: Relative to the top of the repository where it lies under it, else absolute.
        data: Its bytes; None when it could not be read.
        problem: Why it could not be read.
    """

    label: str
    data: bytes | None
    problem: str = ""


def named_in(words: Iterable[Word], cwd: Path) -> Iterator[str]:
    """Paths of the config files that a command names, in its order."""
    for word in words:
        if word.text.lower().endswith(_SUFFIXES) and _is_config(word):
            path = os.path.join(cwd, word.text)
            try:
                facts = os.stat(path)
            except (OSError, ValueError):
                continue
            if stat.S_ISREG(facts.st_mode) and facts.st_size <= userfiles.LIMIT:
                yield os.path.normpath(path)


def read(path: str, root: Path) -> ConfigFile:
    """Read the bytes of a config file; never raises."""
    from expctl.adapters import files

    inside = os.path.relpath(path, root)
    label = os.path.abspath(path) if inside == ".." or inside.startswith("../") else inside
    try:
        return ConfigFile(label, files.read_plain(os.path.realpath(path), limit=userfiles.LIMIT))
    except OSError as err:
        return ConfigFile(label, None, err.strerror or str(err))


def parse(file: ConfigFile) -> dict[str, Any]:
    """The values of a config file.

    Raises:
        ValueError: They cannot be read, or are no settings; the message is the reason.
    """
    if file.data is None:
        raise ValueError(file.problem)
    suffix = os.path.splitext(file.label)[1].lower()
    reader = {
        ".json": userfiles.parse_json, ".toml": userfiles.parse_toml, ".py": userfiles.parse_python,
        ".ini": userfiles.parse_ini, ".cfg": userfiles.parse_ini, ".conf": userfiles.parse_ini,
    }  # fmt: skip
    tree = reader.get(suffix, userfiles.parse_yaml)(file.data)
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ValueError("holds no names with values")  # noqa: TRY004
    plain: dict[str, Any] = _plain(tree, 0)
    if (count := len(params.dotted(plain))) > MOST_VALUES:
        raise ValueError(f"holds {count} values, more than {MOST_VALUES}: taken as data")
    return plain


def _is_config(word: Word) -> bool:
    """Whether a word that ends like a config file is one, going by its option and its own name."""
    about = _parts(word.name)
    if not _CONFIG.isdisjoint(about):
        return True
    if not _OUTPUT.isdisjoint(about):
        return False
    path = _parts(os.path.splitext(word.text)[0])
    if word.text.lower().endswith(".py"):
        return not word.name and not _CONFIG.isdisjoint(path)
    if word.text.lower().endswith(".json") and _CONFIG.isdisjoint(path):
        stem = _parts(os.path.splitext(os.path.basename(word.text))[0])
        return _DATA.isdisjoint(about) and (_DATA | _OUTPUT).isdisjoint(stem)
    return True


def _parts(name: str) -> set[str]:
    return set(re.split(r"[^a-z]+", name.lower()))


def _plain(value: Any, depth: int) -> Any:
    """A value as a manifest can hold it: text keys, lists, numbers that every reader knows."""
    if isinstance(value, str):
        return value if len(value) <= _LONGEST_TEXT else value[:_LONGEST_TEXT] + "…"
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if -_BIGGEST_INT <= value < _BIGGEST_INT else str(value)
    if depth > _DEEPEST:
        raise ValueError("is nested too deep")
    return _plain_many(value, depth + 1)


def _plain_many(value: Any, depth: int) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(item, depth) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, depth) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item, depth) for item in value), key=repr)
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
