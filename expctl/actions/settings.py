"""Show and change settings."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl import config
from expctl.adapters import files, yaml
from expctl.core import settings, yamltext
from expctl.errors import ConfigError, ManifestError, UsageError

if TYPE_CHECKING:
    from expctl.project import Project


class Shown(NamedTuple):
    """One setting: its key, its value, the value as it may be written in the file, and where it was set."""

    key: str
    value: Any
    text: str
    origin: str


class Listed(NamedTuple):
    """All settings in the order of the reference, and what was strange in the files."""

    settings: list[Shown]
    warnings: tuple[str, ...]


def list_all(project: Project) -> Listed:
    """Every setting with its value and its origin."""
    return Listed([_shown(project.config, key) for key in settings.KEYS], project.config.warnings)


def get(project: Project, key: str) -> Shown:
    """One setting.

    Raises:
        UsageError: There is no such setting.
    """
    return _shown(project.config, _known(key))


def change(project: Project, key: str, word: str) -> str:
    """Set a value in ``.experiments/config.yaml``; comments and order stay.

    Args:
        project: The repository.
        key: A setting, or ``directions.<metric>``.
        word: Its value as it would stand in the file: ``true``, ``500 MiB``, ``[a, b]``.

    Returns:
        The file, relative to the top.

    Raises:
        UsageError: There is no such setting.
        ConfigError: The setting cannot have this value.
    """
    first, _, rest = key.partition(".")
    way = (_known(first), *([rest] if rest else []))
    return _rewrite(project, way, _value(word, way))


def remove(project: Project, key: str) -> str:
    """Take a setting out of ``.experiments/config.yaml``, so that the place below it counts.

    Returns:
        The file, relative to the top.

    Raises:
        UsageError: There is no such setting, or the file does not set it.
    """
    first, _, rest = key.partition(".")
    return _rewrite(project, (_known(first), *([rest] if rest else [])), None)


def _rewrite(project: Project, way: tuple[str, ...], value: Any) -> str:
    from expctl.adapters import yamledit

    path = project.experiments / "config.yaml"
    name = os.path.relpath(path, project.root)
    with files.locked(project.state / "config.lock"):
        written = config.read_yaml(path, name=name)
        before = config.read_bytes(path, name).decode()
        # The file may say keep_models_bytes, or keep-models.
        first = next((old for old in written if settings.key_of(old) == way[0]), way[0])
        if value is None and first not in written:
            raise UsageError(f"{name} does not set {way[0]}.")
        try:
            after = yamledit.edit(before, (first, *way[1:]), value)
            plain = yaml.parse(after.encode(), name=name) if after.strip() else {}
        except ManifestError as err:
            raise ConfigError(str(err)) from err
        _check(plain or {}, name)
        files.write_atomic(path, after.encode())
    return name


def _check(plain: dict[str, Any], name: str) -> None:
    faults: list[str] = []
    settings.read(plain, name, faults, [])
    if faults:
        raise ConfigError("\n".join(faults))


def _known(key: str) -> str:
    found = settings.key_of(key)
    if found is None:
        raise UsageError(
            f'There is no setting "{key}".', hint=settings.meant(key) or "List all with: expctl config list"
        )
    return found


def _value(word: str, way: tuple[str, ...]) -> Any:
    """What a typed word means: YAML, or text where only that makes sense (an experiment ``2024``)."""
    try:
        value = yaml.parse(word.encode(), name=way[0])
        if len(way) == 1:
            settings.KEYS[way[0]].read(value)
    except (ManifestError, settings.WrongError):
        return word
    return value


def _shown(held: config.Config, key: str) -> Shown:
    name = settings.field_of(key)
    value = getattr(held, name)
    is_size = name != key
    text = settings.size_text(value) if is_size else value if isinstance(value, str) else yamltext.flow(value)
    return Shown(key, value, text, held.origin(key))
