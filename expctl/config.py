"""The settings in force, and where each of them came from.

Precedence: ``EXPCTL_*`` in the environment, ``.experiments/config.yaml``, ``[tool.expctl]`` in
``pyproject.toml``, ``$XDG_CONFIG_HOME/expctl/config.yaml``, the default. Options of a command stand above all
of them and are the command's own matter.
"""

from __future__ import annotations

import errno
import os

from expctl.adapters import files
from expctl.core import canonical, settings
from expctl.errors import ConfigError, ManifestError
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

LIMIT = 1 << 20
DEFAULT = "default"
MIB = 1 << 20
GIB = 1 << 30


class Config(NamedTuple):
    """What was asked for. The keys of a file are these names; sizes stand there without ``_bytes``.

    Attributes:
        experiment: What a run belongs to unless it says so itself.
        commit: Whether each run is committed at once.
        directions: Pattern of a metric's name to ``max`` or ``min``.
        tolerances: How near a repeated metric must be, by its name or pattern: ``1e-6``, ``5%``.
        params_files: Files that hold parameters, besides those that the command names.
        metrics_files: Files that the script leaves its metrics in.
        metrics_from_output: Whether metrics are read from what the command prints; a mapping says how.
        data: Inputs to record, as with ``--data``.
        artifacts: Patterns of outputs to keep, as with ``--artifact``.
        keep: Patterns of outputs that are kept as models are, as with ``--keep``.
        model_patterns: Patterns of outputs that are kept without being asked for.
        keep_models_bytes: Most bytes of models kept of one run.
        keep_models_clone_bytes: Most bytes of models kept in one clone.
        keep_data_bytes: Most bytes kept, for one run, of inputs that neither git nor DVC holds.
        untracked_file_bytes: Untracked files above this size are not source.
        untracked_total_bytes: All untracked files together stay below this size.
        log_bytes: Most bytes of output that are kept.
        hooks: Whether the Python hook is put before the child's path.
        lookup_uris: Whether version and size of inputs in object stores are looked up.
        selections: Named flows that walk runs to a verdict.
        warnings: What was strange in the files, for the person to read.
        ignored: What of it was not believed, since the repository may have come from a stranger.
        origins: Key to where it was set.
    """

    experiment: str = "default"
    commit: bool = False
    directions: Mapping[str, str] = {}
    tolerances: Mapping[str, str] = {}
    params_files: tuple[str, ...] = ()
    metrics_files: tuple[str, ...] = ()
    metrics_from_output: bool | Mapping[str, Any] = True
    data: tuple[str, ...] = ()
    artifacts: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()
    model_patterns: tuple[str, ...] = settings.MODEL_PATTERNS
    keep_models_bytes: int = 500 * MIB
    keep_models_clone_bytes: int = 20 * GIB
    keep_data_bytes: int = 512 * MIB
    untracked_file_bytes: int = MIB
    untracked_total_bytes: int = 10 * MIB
    log_bytes: int = 64 * MIB
    hooks: bool = True
    lookup_uris: bool = True
    selections: Mapping[str, Any] = {}
    warnings: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    origins: Mapping[str, str] = {}

    def origin(self, key: str) -> str:
        """Where a value was set: a file's name, a variable, or ``default``."""
        return self.origins.get(settings.field_of(settings.key_of(key) or key), DEFAULT)

    def came_with_repository(self, key: str) -> bool:
        """Whether the repository itself sets a value: a branch, which may be a stranger's."""
        return self.origin(key) in ("pyproject.toml", os.path.join(".experiments", "config.yaml"))


def load(path: Path, *, root: Path) -> Config:
    """Read the settings that hold in a repository.

    Args:
        path: ``.experiments/config.yaml``; may be missing.
        root: Top of the work tree, where ``pyproject.toml`` may lie.

    Raises:
        ConfigError: A file or variable says something that cannot be; all faults are named.
    """
    found: dict[str, Any] = {}
    origins: dict[str, str] = {}
    warnings: list[str] = []
    ignored: list[str] = []
    faults: list[str] = []
    for name, values, theirs in _layers(path, root):
        for key, value in settings.read(values, name, faults, warnings).items():
            # A branch may be a stranger's, and what it names would be read, kept and pushed.
            is_named = theirs and key in settings.NAMING_FILES
            found[key] = _inside(value, root, f"{name}: {key}", ignored) if is_named else value
            origins[key] = name
    if faults:
        raise ConfigError("\n".join(faults), hint="Change it there, or take it out.")
    return Config(**found, warnings=(*warnings, *ignored), ignored=tuple(ignored), origins=origins)


def _inside(names: tuple[str, ...], root: Path, where: str, ignored: list[str]) -> tuple[str, ...]:
    """The paths and patterns that stay in the repository, through links as well."""
    top = os.path.realpath(root)
    kept = []
    for name in names:
        plain = name[: min((name.find(sign) for sign in "*?[" if sign in name), default=len(name))]
        real = "" if settings.leads_out(name) else os.path.realpath(os.path.join(top, plain))
        if real == top or real.startswith(top + os.sep):
            kept.append(name)
        else:
            ignored.append(
                f"{where}: {name!r} is outside of the repository, ignored. Yours go into {user_file()}"
            )
    return tuple(kept)


def _layers(path: Path, root: Path) -> list[tuple[str, dict[str, Any], bool]]:
    """What each place says, weakest first, and whether it came with the repository."""
    user = user_file()
    return [
        # People link their own settings to where they keep them; in the project a link may be a stranger's.
        (user, read_yaml(os.path.realpath(user), name=user), False),
        ("pyproject.toml", _read_pyproject(os.path.realpath(os.path.join(root, "pyproject.toml"))), True),
        (shown := os.path.relpath(path, root), read_yaml(path, name=shown), True),
        *((name, values, False) for name, values in _read_environment()),
    ]


def user_file() -> str:
    """Where a person keeps settings for all repositories."""
    folder = os.environ.get("XDG_CONFIG_HOME", "")
    return os.path.join(
        folder if os.path.isabs(folder) else os.path.expanduser("~/.config"), "expctl", "config.yaml"
    )


def read_yaml(path: str | os.PathLike[str], *, name: str) -> dict[str, Any]:
    """The content of a settings file; empty if it is missing or holds only comments.

    Raises:
        ConfigError: It cannot be read or is no mapping.
    """
    data = read_bytes(path, name)
    lines = [line for line in data.split(b"\n") if line.strip() and not line.lstrip().startswith(b"#")]
    if not lines:
        return {}
    try:
        # Most settings files are simple: then the reader that costs no import does.
        found = canonical.parse(b"\n".join([*lines, b""]).decode())
    except UnicodeDecodeError:
        found = None
    if found is None:
        from expctl.adapters import yaml

        try:
            found = yaml.parse(data, name=name, limit=LIMIT)
        except ManifestError as err:
            raise ConfigError(str(err)) from err
    if not isinstance(found, dict):
        raise ConfigError(f"{name}: not a mapping of settings")
    return found


def _read_pyproject(path: str) -> dict[str, Any]:
    data = read_bytes(path, "pyproject.toml")
    if b"expctl" not in data:
        return {}
    import tomllib  # only where the file names us

    try:
        tool = tomllib.loads(data.decode()).get("tool", {})
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}  # its owner hears of it from every other tool
    found = tool.get("expctl", {}) if isinstance(tool, dict) else {}
    if not isinstance(found, dict):
        raise ConfigError("pyproject.toml: tool.expctl is not a table")
    return found


def _read_environment() -> Iterator[tuple[str, dict[str, Any]]]:
    """``EXPCTL_COMMIT=true`` and so on, for every setting that is one word or number."""
    for key, setting in settings.KEYS.items():
        word = os.environ.get(name := f"EXPCTL_{key.upper()}", "").strip()
        if word and setting.simple:
            yield name, {key: word}


def read_bytes(path: str | os.PathLike[str], name: str) -> bytes:
    """The content of a settings file that is no link; empty if it is missing.

    Raises:
        ConfigError: It cannot be read.
    """
    try:
        return files.read_plain(path, limit=LIMIT)
    except (FileNotFoundError, NotADirectoryError):
        return b""
    except OSError as err:
        linked = err.errno == errno.ELOOP
        reason = "a symbolic link, which is not followed" if linked else (err.strerror or str(err)).lower()
        raise ConfigError(f"{name}: cannot be read: {reason}") from err
