"""Parameters of a command, before it starts: config files, ``params.yaml``, its words, ``--param``."""

from __future__ import annotations

import os

from expctl.capture.params import configfiles
from expctl.core import params, programs, redact
from expctl.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from expctl.capture.params.configfiles import ConfigFile
    from expctl.core.commandline import Word

#: The file that DVC and many others read by this name.
_USUAL = "params.yaml"
ARGV = "argv"
OPTION = "--param"
API = "api"
#: Names that a note lists; the rest is counted.
_SAID = 5


class Taken(NamedTuple):
    """What the command was given, as it was before the start; parsing can wait.

    Attributes:
        words: Values by option, from the command line.
        declared: ``--param K=V``.
        files: Config files with their bytes, from weakest to strongest.
    """

    words: Mapping[str, Any]
    declared: Mapping[str, str]
    files: tuple[ConfigFile, ...]


class Gathered(NamedTuple):
    """What was found.

    Attributes:
        params: Typed and nested, secrets hidden.
        params_from: Per source ``file`` or the dotted keys that it gave.
        read_files: Files that were read as configuration, relative to the top where they lie under it.
        notes: What could not be read and why, and which secrets were hidden.
        secrets: Those secrets, to look for them elsewhere. Never to be written.
    """

    params: dict[str, Any]
    params_from: dict[str, Any]
    read_files: tuple[str, ...]
    notes: tuple[str, ...]
    secrets: tuple[str, ...] = ()


def gather(
    argv: Sequence[str], cwd: Path, root: Path, declared: Mapping[str, str], files: Sequence[str]
) -> Gathered:
    """Gather the parameters of a command: ``take`` and ``settle`` in one. Never raises."""
    return settle(take(argv, cwd, root, declared, files))


def take(
    argv: Sequence[str], cwd: Path, root: Path, declared: Mapping[str, str], files: Sequence[str]
) -> Taken:
    """Read what the command is given, before it starts and could change it. Quick, and never raises.

    Args:
        argv: The command as it is started.
        cwd: Where it starts.
        root: Top of the repository.
        declared: ``--param K=V``, strongest of all; values are typed.
        files: Parameter files named in the settings, relative to ``root``.
    """
    values, told = _read(programs.program_of(argv).words)
    usual = [os.path.join(folder, _USUAL) for folder in dict.fromkeys((os.fspath(root), os.fspath(cwd)))]
    paths = [path for path in usual if os.path.isfile(path)]
    paths += [os.path.join(root, name) for name in files]
    paths += configfiles.named_in(told, cwd)
    # A file that is named twice counts where it is strongest.
    ordered = list(dict.fromkeys(reversed([os.path.normpath(path) for path in paths])))[::-1]
    return Taken(values, declared, tuple(configfiles.read(path, root) for path in ordered))


def _read(words: Sequence[str]) -> tuple[dict[str, Any], list[Word]]:
    if not words:
        return {}, []
    from expctl.core import commandline  # not for a program that is given nothing

    return commandline.read_words(words)


def settle(taken: Taken) -> Gathered:
    """Parse and merge what was taken; may run beside the command. Never raises: trouble is noted."""
    sources: list[params.Source] = []
    notes: list[str] = []
    for file in taken.files:
        try:
            sources.append(params.Source(file.label, configfiles.parse(file), is_file=True))
        except ValueError as err:
            notes.append(f"parameters in {file.label}: {err}")
    read = tuple(source.name for source in sources)
    sources.append(params.Source(ARGV, params.nest(taken.words)))
    typed = {key: params.type_word(value) for key, value in taken.declared.items()}
    sources.append(params.Source(OPTION, params.nest(typed)))
    merged, origin = params.merge(sources)
    secrets: list[str] = []
    clean, hidden = redact.redact_tree(merged, found=secrets)
    if hidden:
        notes.append("secrets hidden in parameters: " + ", ".join(hidden))
    notes += _clashes(sources)
    return Gathered(clean, origin, read, tuple(notes), tuple(secrets))


def _clashes(sources: Sequence[params.Source]) -> list[str]:
    """Two files that say different things under one name: said, since only one of them can be shown."""
    known: dict[str, tuple[str, Any]] = {}
    clashes: dict[tuple[str, str], list[str]] = {}
    for source in sources:
        if source.is_file:
            for name, value in params.leaves(source.values):
                if name in known and known[name][1] != value:
                    clashes.setdefault((known[name][0], source.name), []).append(name)
                known[name] = source.name, value
    return [
        f"parameters {_few(names)}: {weak} and {strong} differ; {strong} is shown"
        for (weak, strong), names in clashes.items()
    ]


def _few(names: Sequence[str]) -> str:
    rest = len(names) - _SAID
    return ", ".join(names[:_SAID]) + (f" and {rest} more" if rest > 0 else "")
