"""Paths that earlier runs of this clone wrote: what a run produced is not the source of the next one.

A journal beside the live folders. Deleting it costs nothing but that untracked outputs count as source once
more.
"""

from __future__ import annotations

import json

from expctl.adapters import files
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

_LIMIT = 4 << 20
_MOST = 20_000
#: Written by people, whoever touched it last: never taken for an output.
_SOURCE = (
    ".py", ".pyx", ".pyi", ".ipynb", ".sh", ".bash", ".r", ".rmd", ".jl", ".lua", ".c", ".cc", ".cpp", ".cu",
    ".cuh", ".h", ".hpp", ".rs", ".go", ".java", ".scala", ".js", ".ts", ".sql", ".awk", ".pl", ".m", ".f90",
    ".toml", ".cfg", ".ini", ".dvc", ".lock", ".md", ".rst",
)  # fmt: skip
_SOURCE_NAMES = ("dvc.yaml", "params.yaml", "makefile", "dockerfile", "requirements.txt", "environment.yml")


def known(state: Path) -> frozenset[str]:
    """Repository paths of outputs."""
    try:
        paths = json.loads(files.read_plain(state / "outputs.json", limit=_LIMIT))
    except (OSError, ValueError):
        return frozenset()
    return (
        frozenset(path for path in paths if isinstance(path, str)) if isinstance(paths, list) else frozenset()
    )


def add(state: Path, paths: Iterable[str]) -> None:
    """Remember more of them."""
    new = {path for path in paths if not looks_like_source(path)}
    if new <= known(state):
        return
    with files.locked(state / "outputs.lock"):
        everything = sorted(known(state) | new)[-_MOST:]
        files.write_atomic(state / "outputs.json", json.dumps(everything).encode())


def looks_like_source(path: str) -> bool:
    """Whether people write such files."""
    name = path.rpartition("/")[2].lower()
    return name.endswith(_SOURCE) or name in _SOURCE_NAMES


def recogniser(state: Path) -> Callable[[str], bool]:
    """Tell outputs from source among untracked paths: what a run was seen to write, and nothing else.

    The shape of a name is not enough: ``model_config.json`` and a hand-made ``weights.pkl`` are source.
    """
    journal: frozenset[str] | None = None

    def is_output(path: str) -> bool:
        nonlocal journal
        if journal is None:
            journal = known(state)
        return path in journal

    return is_output
