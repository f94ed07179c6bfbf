"""The table of settings: what each may be, how it may be written, and what is said of unknown ones."""

from __future__ import annotations

import re

from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: Outputs that are models by their name.
MODEL_PATTERNS = (
    "*.pt", "*.pth", "*.ckpt", "*.safetensors", "*.joblib", "*.pkl", "*.pickle", "*.onnx", "*.h5", "*.hdf5",
    "*.keras", "*.tflite", "*.pb", "*.gguf", "*.pmml", "*.cbm", "*.ubj", "*.bst", "*.lgb", "*.skops",
    "*.mlmodel", "*.msgpack", "*model*.bin", "*model*.txt", "*model*.json", "*booster*.txt", "*booster*.json",
)  # fmt: skip
_UNITS = {
    "": 1,
    "k": 1000,
    "ki": 1 << 10,
    "m": 10**6,
    "mi": 1 << 20,
    "g": 10**9,
    "gi": 1 << 30,
    "t": 10**12,
    "ti": 1 << 40,
}
_SIZE = r"(?ai)([0-9]+(?:\.[0-9]+)?)\s*([kmgt]?i?)b?"
_WORDS = {
    "true": True,
    "false": False,
    "yes": True,
    "no": False,
    "on": True,
    "off": False,
    "1": True,
    "0": False,
}


#: Patterns are compiled on the road of every run, and a branch may have written them.
_MOST_TEXTS = 200
_LONGEST_TEXT = 500


class WrongError(ValueError):
    """A value that a setting cannot have; its text says why, unless that is plain."""


class Setting(NamedTuple):
    """One setting.

    Attributes:
        read: Checks and converts a value.
        what: What it should be, for messages and the reference.
        simple: Whether one word says it, so that a variable or ``config set`` can.
    """

    read: Callable[[Any], Any]
    what: str
    simple: bool = True


def size(value: Any) -> int:
    """Bytes from a number or a text such as ``500 MiB``."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    match = re.fullmatch(_SIZE, value.strip()) if isinstance(value, str) else None
    if match is None:
        raise WrongError
    return int(float(match[1]) * _UNITS[match[2].lower()])


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise WrongError
    return value


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    found = _WORDS.get(value.lower()) if isinstance(value, str) else None
    if found is None:
        raise WrongError
    return found


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise WrongError
    if len(value) > _MOST_TEXTS or any(len(item) > _LONGEST_TEXT for item in value):
        raise WrongError(f"more than {_MOST_TEXTS} texts, or one of more than {_LONGEST_TEXT} characters")
    return tuple(value)


def _directions(value: Any) -> dict[str, str]:
    if not isinstance(value, dict) or not all(way in ("max", "min") for way in value.values()):
        raise WrongError
    return value


def _tolerances(value: Any) -> dict[str, str]:
    from expctl.core import tolerance  # only settings that have some need it

    if not isinstance(value, dict) or len(value) > _MOST_TEXTS:
        raise WrongError
    found = {str(name): str(text) for name, text in value.items()}
    try:
        tolerance.parse_all((), found)
    except tolerance.WrongToleranceError as err:
        raise WrongError(str(err)) from err
    return found


def _from_output(value: Any) -> Any:
    if not isinstance(value, dict):
        return _flag(value)
    from expctl.core.output import options  # only settings that say more than yes or no need it

    try:
        options.parse(value)
    except options.OptionsError as err:
        raise WrongError(str(err)) from err
    return value


def _mapping(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise WrongError
    return value


_SIZE_WORDS = "a size such as 500 MiB"
_LIST_WORDS = "a list of texts"
KEYS: Mapping[str, Setting] = {
    "experiment": Setting(_text, "a text"),
    "commit": Setting(_flag, "true or false"),
    "directions": Setting(
        _directions, "a mapping from a metric's name or pattern to max or min", simple=False
    ),
    "tolerances": Setting(
        _tolerances, "a mapping from a metric's name or pattern to 1e-6, 5% or the like", simple=False
    ),
    "params_files": Setting(_texts, _LIST_WORDS, simple=False),
    "metrics_files": Setting(_texts, _LIST_WORDS, simple=False),
    "metrics_from_output": Setting(
        _from_output, "true, false or a mapping of rename, ignore, names, off and rules"
    ),
    "data": Setting(_texts, _LIST_WORDS, simple=False),
    "artifacts": Setting(_texts, _LIST_WORDS, simple=False),
    "keep": Setting(_texts, _LIST_WORDS, simple=False),
    "model_patterns": Setting(_texts, _LIST_WORDS, simple=False),
    "keep_models": Setting(size, _SIZE_WORDS),
    "keep_models_clone": Setting(size, _SIZE_WORDS),
    "keep_data": Setting(size, _SIZE_WORDS),
    "untracked_file": Setting(size, _SIZE_WORDS),
    "untracked_total": Setting(size, _SIZE_WORDS),
    "log": Setting(size, _SIZE_WORDS),
    "hooks": Setting(_flag, "true or false"),
    "lookup_uris": Setting(_flag, "true or false"),
    "selections": Setting(_mapping, "a mapping from a name to the steps of a flow", simple=False),
}


#: Files of these are read or kept: the repository's own settings may name none outside of it.
NAMING_FILES = ("params_files", "metrics_files", "artifacts")


def field_of(key: str) -> str:
    """The field of ``Config`` that a key of the file sets: sizes end in ``_bytes`` there."""
    return f"{key}_bytes" if KEYS[key].read is size else key


def key_of(name: str) -> str | None:
    """The key that a person means: its own name, or that of the field; None if there is none."""
    name = name.strip().replace("-", "_")
    if name in KEYS:
        return name
    short = name.removesuffix("_bytes")
    return short if short in KEYS and KEYS[short].read is size else None


def read(values: Mapping[str, Any], where: str, faults: list[str], warnings: list[str]) -> dict[str, Any]:
    """Check what one place says.

    Args:
        values: Its settings as written.
        where: What to call it.
        faults: Gets a line for each value that cannot be.
        warnings: Gets a line for each key that nobody knows.

    Returns:
        Fields of ``Config`` that it sets.
    """
    found: dict[str, Any] = {}
    for name, value in values.items():
        key = key_of(name)
        if key is None:
            warnings.append(f"{where}: unknown setting {name[:80]!r}. {meant(name)}".rstrip())
        elif value is not None:
            try:
                found[field_of(key)] = KEYS[key].read(value)
            except WrongError as err:
                faults.append(f"{where}: {name}: {str(err) or f'not {KEYS[key].what}'}")
    return found


def leads_out(path: str) -> bool:
    """Whether a path or pattern of a settings file leads out of the repository by its words alone."""
    depth = 0
    for part in path.replace("\\", "/").split("/"):
        depth += {"": 0, ".": 0, "..": -1}.get(part, 1)
        if depth < 0:
            return True
    return path.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", path) is not None


def meant(name: str) -> str:
    """A guess at what a person meant: ``Did you mean hooks?``; empty when nothing is near."""
    import difflib  # only for the person who mistyped

    near = difflib.get_close_matches(name.lower().replace("-", "_")[:80], KEYS, n=1)
    return f"Did you mean {near[0]}?" if near else ""


def size_text(count: int) -> str:
    """Bytes as they may be written in a settings file: ``500 MiB``."""
    for unit in ("TiB", "GiB", "MiB", "KiB"):
        if count and count % _UNITS[unit[:2].lower()] == 0:
            return f"{count // _UNITS[unit[:2].lower()]} {unit}"
    return str(count)
