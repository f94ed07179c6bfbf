"""Parameters: typing the words of a command line, and merging what several sources say.

Scalars are typed as YAML 1.2 core has them: ``1e-3`` is a number, ``no`` is text.
"""

from __future__ import annotations

import re

from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Scalar = str | int | float | bool | None

_CONSTANTS: dict[str, Scalar] = {
    "null": None, "Null": None, "NULL": None, "~": None, "None": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
# Texts, not compiled patterns: most runs need none of them, and re keeps what it has compiled.
_INT = r"[-+]?[0-9]+"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_SPECIAL = r"([-+]?)\.?(inf|Inf|INF)|\.?(nan|NaN|NAN)"
_BASED = r"0o[0-7]+|0x[0-9a-fA-F]+"
_HYDRA_FLAGS = frozenset(
    (
        "m",
        "multirun",
        "cn",
        "config_name",
        "cp",
        "config_path",
        "cd",
        "config_dir",
        "p",
        "package",
        "cfg",
        "c",
    )
)
#: Longer digits than this are identifiers; int() of very long ones is slow on purpose.
_MOST_DIGITS = 4000


class Source(NamedTuple):
    """Parameters from one place.

    Attributes:
        name: As it stands in ``params_from``: ``config/experiment.yaml``, ``argv``, ``api``.
        values: Nested, str keys.
        is_file: Whether ``params_from`` says just ``file``; otherwise it lists the keys.
    """

    name: str
    values: Mapping[str, Any]
    is_file: bool = False


def type_word(word: str) -> Scalar:
    """Type one word: number, boolean, null, else the word itself.

    ``007`` stays text, as it is an identifier more often than a seven; so does ``1_000``.
    """
    if word in _CONSTANTS:
        return _CONSTANTS[word]
    # Most words are not numbers: look at the first character before at five patterns.
    return _number(word) if word and (word[0] in "-+.iInN" or word[0].isdigit()) else word


def _number(word: str) -> Scalar:
    if re.fullmatch(_INT, word):
        digits = word.lstrip("+-")
        is_name = len(digits) > _MOST_DIGITS or (len(digits) > 1 and digits[0] == "0")
        return word if is_name else int(word)
    if re.fullmatch(_FLOAT, word):
        return float(word)
    if special := re.fullmatch(_SPECIAL, word):
        return float("nan") if special[3] else float(special[1] + "inf")
    return int(word, 0) if re.fullmatch(_BASED, word) else word


def merge(sources: Iterable[Source]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Merge parameters; a later source wins over an earlier one, key by key.

    Args:
        sources: From weakest to strongest: files, Hydra, argv, API.

    Returns:
        The nested parameters, and per source ``file`` or the dotted keys that it gave.
    """
    merged: dict[str, Any] = {}
    origin: dict[str, Any] = {}
    for source in sources:
        if not source.values:
            continue
        lay_over(merged, source.values)
        if source.is_file:
            origin[source.name] = "file"
        else:
            listed = origin.setdefault(source.name, [])
            listed.extend(key for key in dotted(source.values) if key not in listed)
    return merged, origin


def overlay(
    params: Mapping[str, Any], params_from: Mapping[str, Any], source: Source
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Lay one more source over parameters that are merged already."""
    merged, origin = merge([Source("", params), source])
    origin.pop("", None)
    return merged, {**params_from, **origin}


def without(
    params: Mapping[str, Any], params_from: Mapping[str, Any], names: Iterable[str]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Leave some parameters of the first level out."""
    gone = set(names)
    origin = {
        source: [key for key in keys if key not in gone] if isinstance(keys, list) else keys
        for source, keys in params_from.items()
    }
    return {key: value for key, value in params.items() if key not in gone}, origin


def underlay(
    params: Mapping[str, Any], params_from: Mapping[str, Any], source: Source, *, composed: bool = False
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Lay what a run itself wrote of its parameters over files, and beneath what its command line says.

    Args:
        params: Merged parameters.
        params_from: Where they come from.
        source: What the run wrote.
        composed: It is made from the words of the command line as well, and so knows better what they mean:
            ``model=large`` chooses a group of settings. Words that it does not know are not settings.
    """
    said = {key for keys in params_from.values() if isinstance(keys, list) for key in keys}
    declared = set(params_from.get("--param", ()))
    known = dict(leaves(source.values))
    groups = {key for key in said if any(name.startswith(f"{_group(key)}.") for name in known)}
    kept = {name: value for name, value in leaves(params) if name in said}
    if composed:
        kept = {
            name: value
            for name, value in kept.items()
            if name in declared or (name not in known and name not in groups and _is_setting(name))
        }
    merged: dict[str, Any] = {}
    lay_over(merged, nest({name: value for name, value in leaves(params) if name not in said}))
    lay_over(merged, source.values)
    lay_over(merged, nest(kept))
    origin = {name: keys for name, keys in params_from.items() if not isinstance(keys, list)}
    origin[source.name] = "file"
    for name, keys in params_from.items():
        if isinstance(keys, list):
            listed = [key for key in keys if key in kept or key in known or key in groups]
            origin |= {name: listed} if listed else {}
    return merged, origin


def _group(key: str) -> str:
    """Where the settings of a group stand that was chosen with ``db/engine@backup=mysql``."""
    group, _, package = key.partition("@")
    return package or group.replace("/", ".")


def _is_setting(name: str) -> bool:
    """Whether a word that Hydra was given is no word to Hydra itself: ``hydra.run.dir``, ``-m``, ``-cn``."""
    return name not in _HYDRA_FLAGS and not name.startswith(("hydra.", "hydra/"))


def nest(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted names to nested dictionaries; one that cannot be nested stays: ``{"a": 1, "a.b": 2}``."""
    nested: dict[str, Any] = {}
    for name, value in flat.items():
        parts = name.split(".")
        is_taken = any(".".join(parts[:n]) in flat for n in range(1, len(parts)))
        if is_taken or not all(parts):
            nested[name] = value
            continue
        place = nested
        for part in parts[:-1]:
            place = place.setdefault(part, {})
        place[parts[-1]] = value
    return nested


def leaves(values: Mapping[str, Any], under: str = "") -> list[tuple[str, Any]]:
    """Every leaf with its dotted name; lists and empty dictionaries are leaves."""
    found: list[tuple[str, Any]] = []
    for key, value in values.items():
        name = f"{under}.{key}" if under else str(key)
        if isinstance(value, dict) and value:
            found += leaves(value, name)
        else:
            found.append((name, value))
    return found


def dotted(values: Mapping[str, Any]) -> list[str]:
    """The dotted names of all leaves."""
    return [name for name, _ in leaves(values)]


def lay_over(base: dict[str, Any], over: Mapping[str, Any]) -> None:
    """Lay values over a nested dictionary, in place, key by key."""
    for key, value in over.items():
        if isinstance(value, dict) and value:
            inner = base.get(key)
            if not isinstance(inner, dict):
                inner = base[key] = {}
            lay_over(inner, value)
        else:
            base[key] = value
