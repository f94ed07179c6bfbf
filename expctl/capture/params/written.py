"""Parameters that a run itself wrote: Hydra's composed configuration, ``hparams.yaml`` and their like."""

from __future__ import annotations

import os

from expctl.adapters import files, userfiles
from expctl.capture.params import configfiles
from expctl.core import interpolation, params, redact
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from expctl.capture.outputwalk import Written

HYDRA = "hydra"
TENSORBOARD = "tensorboard"
#: Lightning, scripts that dump their argparse.Namespace, ultralytics, and people's habit.
_NAMES = frozenset((
    "hparams.yaml", "hparams.yml", "hparams.json", "args.yaml", "args.yml", "args.json", "training_args.json",
    "hyperparameters.json", "hyperparameters.yaml",
))  # fmt: skip
_COMPOSED = ".hydra/config.yaml"
#: More of one kind were written by a program that trains many times.
_MOST_FILES = 50


class Found(NamedTuple):
    """What was found.

    Attributes:
        params: Merged with what was known before the start.
        params_from: Where each is from.
        notes: What could not be read and why, and which secrets were hidden.
    """

    params: dict[str, Any]
    params_from: dict[str, Any]
    notes: tuple[str, ...]


def add(
    known: Mapping[str, Any],
    known_from: Mapping[str, Any],
    written: Iterable[Written],
    hparams: Mapping[str, Any],
) -> Found:
    """Add what a run wrote to what was known of its parameters. Never raises: trouble is noted.

    Args:
        known: Parameters, merged before the start.
        known_from: Where they are from.
        written: The files that the run wrote.
        hparams: What was found in TensorBoard's events.
    """
    notes: list[str] = []
    merged, origin = dict(known), dict(known_from)
    configs: list[Written] = []
    plain: list[Written] = []
    for file in written:
        if f"/{file.path}".endswith(f"/{_COMPOSED}"):
            configs.append(file)
        elif _is_params(file.path):
            plain.append(file)
    sources = [(params.Source(TENSORBOARD, hparams, is_file=True), False)] if hparams else []
    sources += [(source, False) for source in _of_files(plain, notes)]
    sources += [(source, True) for source in _of_hydra(configs, notes)]
    for source, composed in sources:
        clean, hidden = redact.redact_tree(source.values)
        if hidden:
            notes.append("secrets hidden in parameters: " + ", ".join(hidden))
        merged, origin = params.underlay(merged, origin, source._replace(values=clean), composed=composed)
    return Found(merged, origin, tuple(notes))


def _is_params(path: str) -> bool:
    folder, _, name = path.lower().rpartition("/")
    return name in _NAMES or (name == "params.yaml" and folder.rpartition("/")[2] == "dvclive")


def _of_files(found: list[Written], notes: list[str]) -> list[params.Source]:
    sources: list[params.Source] = []
    for file in found[:_MOST_FILES]:
        try:
            values = configfiles.parse(configfiles.ConfigFile(file.path, _bytes(file)))
        except (OSError, ValueError) as err:
            notes.append(f"parameters in {file.path}: {getattr(err, 'strerror', None) or err}")
            continue
        if values:
            sources.append(params.Source(file.path, values, is_file=True))
    return _agreed(sources, notes)


def _agreed(sources: list[params.Source], notes: list[str]) -> list[params.Source]:
    """Only what several files say alike: a program that trains many times has no one learning rate."""
    said: dict[str, list[Any]] = {}
    for source in sources:
        for name, value in params.leaves(source.values):
            said.setdefault(name, []).append(value)
    torn = {name for name, values in said.items() if any(value != values[0] for value in values)}
    if not torn:
        return sources
    notes.append(
        f"parameters {', '.join(sorted(torn)[:5])}: {len(sources)} files of the run differ; none is shown"
    )
    return [
        source._replace(
            values=params.nest(
                {name: value for name, value in params.leaves(source.values) if name not in torn}
            )
        )
        for source in sources
    ]


def _of_hydra(configs: list[Written], notes: list[str]) -> list[params.Source]:
    sources: list[params.Source] = []
    for file in configs[:_MOST_FILES]:
        try:
            values = composed(file.full)
        except (OSError, ValueError) as err:
            notes.append(f"parameters in {file.path}: {getattr(err, 'strerror', None) or err}")
            continue
        sources.append(params.Source(HYDRA, values, is_file=True))
    return _agreed(sources, notes)[:1]


def composed(path: str) -> dict[str, Any]:
    """What Hydra composed, references resolved, with the choices of groups as ``hydra.runtime.choices``.

    Raises:
        OSError, ValueError: It cannot be read; the message is the reason.
    """
    values = configfiles.parse(configfiles.ConfigFile(path, files.read_plain(path, limit=userfiles.LIMIT)))
    choices = {
        name: choice
        for name, choice in choices_of(os.path.join(os.path.dirname(path), "hydra.yaml")).items()
        if not name.startswith("hydra/") and choice is not None
    }
    found = interpolation.resolve(values)
    if len(params.dotted(found)) > configfiles.MOST_VALUES:
        found = values  # references that multiply
    if choices:
        found.setdefault(HYDRA, {})["runtime"] = {"choices": choices}
    return found


def choices_of(path: str) -> dict[str, Any]:
    """Which member of each group Hydra took; empty where it does not say."""
    place: Any = settings_of(path)
    for name in ("runtime", "choices"):
        place = place.get(name) if isinstance(place, dict) else None
    return place if isinstance(place, dict) else {}


def settings_of(path: str) -> dict[str, Any]:
    """Hydra's own settings for one job, of its ``hydra.yaml``; empty where they cannot be read."""
    try:
        tree = userfiles.parse_yaml(files.read_plain(path, limit=userfiles.LIMIT))
    except (OSError, ValueError):
        return {}
    found = tree.get(HYDRA) if isinstance(tree, dict) else None
    return found if isinstance(found, dict) else {}


def _bytes(file: Written) -> bytes:
    return files.read_plain(file.full, limit=userfiles.LIMIT)
