"""Parameters of a command, before it starts: config files that it names, ``params.yaml``, its words, ``--param``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.core import params

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class Gathered(NamedTuple):
    """What was found.

    Attributes:
        params: Typed and nested, secrets hidden.
        params_from: Per source ``file`` or the dotted keys that it gave.
        read_files: Files that were read as configuration, relative to the top where they lie under it.
        notes: What could not be read and why, and which secrets were hidden.
    """

    params: dict[str, Any]
    params_from: dict[str, Any]
    read_files: tuple[str, ...]
    notes: tuple[str, ...]


def gather(
    argv: Sequence[str], cwd: Path, root: Path, declared: Mapping[str, str], files: Sequence[str]
) -> Gathered:
    """Gather the parameters of a command. Never raises: what cannot be read becomes a note.

    Args:
        argv: The command as it is started.
        cwd: Where it starts.
        root: Top of the repository.
        declared: ``--param K=V``, strongest of all; values are typed.
        files: Parameter files named in the settings, relative to ``root``.
    """
    nested = params.nest({key: params.type_word(value) for key, value in declared.items()})
    merged, origin = params.merge([params.Source("option", nested)])
    return Gathered(merged, origin, (), ())
