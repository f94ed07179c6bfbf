"""What was under way when somebody was stopped: told apart from the same command typed once more.

Where a registration counts is the remote, and the answer may be lost between there and here. A note is left
before it is sent and taken away when it is known what came of it; a note that is found is of an attempt that
was cut off.
"""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import files
from expctl.core.registry import tags

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from expctl.core.registry.state import Model
    from expctl.project import Project

_LIMIT = 64 << 10


class Attempt(NamedTuple):
    """A registration under way: which version of which run's artifact."""

    run: str
    artifact: str
    version: str


@contextlib.contextmanager
def attempt(project: Project, model: str, tried: Attempt) -> Iterator[None]:
    """Leave a note for as long as nobody knows what came of a registration."""
    path = _path(project, model)
    files.write_atomic(path, json.dumps(tried._asdict()).encode())
    try:
        yield
    except KeyboardInterrupt:
        raise  # nobody knows
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    path.unlink(missing_ok=True)


def found(project: Project, model: Model | None, run: str, artifact: str, version: str | None) -> str | None:
    """The version that an attempt which was cut off has registered after all.

    Args:
        project: Where.
        model: As it stands now, the remote's tags included.
        run: Of which run.
        artifact: Which of its artifacts.
        version: The version asked for; None where it is counted up.
    """
    if model is None:
        return None
    try:
        said = json.loads(files.read_plain(_path(project, model.name), limit=_LIMIT))
        tried = Attempt(**said)
    except (OSError, ValueError, TypeError):
        return None
    one = model.versions.get(tried.version)
    is_same = (tried.run, tried.artifact) == (run, artifact) and version in (None, tried.version)
    if not is_same or one is None or one.registered is None:
        return None
    return tried.version if f"Expctl-Run: {run}" in one.registered.message.splitlines() else None


def forget(project: Project, model: str) -> None:
    """Take the note of a model away."""
    _path(project, model).unlink(missing_ok=True)


def _path(project: Project, model: str) -> Path:
    return project.state / "registering" / f"{tags.stem(model)}.json"
