"""The change of a model that this clone is making: what a stopped command left says whether it took effect.

A command that is killed after its change counted, and before it could say so, is typed again. The note names
the entry of the ledger that it was writing; whoever finds that entry in the ledger knows that it is done.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.adapters import files
from expctl.core.registry import tags

if TYPE_CHECKING:
    from pathlib import Path

_LIMIT = 100
_HEX = frozenset("0123456789abcdef")


def note(state: Path, model: str, commit: str) -> None:
    """Say which entry is about to be made effective."""
    files.write_atomic(_path(state, model), f"{commit}\n".encode())


def noted(state: Path, model: str) -> str | None:
    """The entry that a command was stopped at; None when none was."""
    try:
        commit = files.read_plain(_path(state, model), limit=_LIMIT).decode("ascii", "replace").strip()
    except OSError:
        return None
    return commit if len(commit) in (40, 64) and _HEX.issuperset(commit) else None


def forget(state: Path, model: str) -> None:
    """The command has ended, and said what it did."""
    _path(state, model).unlink(missing_ok=True)


def _path(state: Path, model: str) -> Path:
    return state / "changes" / f"{tags.stem(model)}.id"
