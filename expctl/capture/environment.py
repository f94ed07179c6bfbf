"""The environment of the command: its interpreter and packages, the machine, and what moves floating-point results."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.adapters import host
from expctl.core.manifest import Environment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from expctl.core.packages import Package


class Probed(NamedTuple):
    """What was found.

    Attributes:
        environment: Its ``packages`` is still empty: the list has not been written yet.
        packages: Of the child's interpreter; None when it was not Python, or they could not be listed.
        notes: What could not be found, and why.
    """

    environment: Environment
    packages: tuple[Package, ...] | None
    notes: tuple[str, ...]


def probe(
    argv: Sequence[str],
    cwd: Path,
    env: Mapping[str, str],
    *,
    cache: Path,
    reported: Mapping[str, Any] | None = None,
    root: Path | None = None,
) -> Probed:
    """Look at where the command runs. Never raises: what it cannot find becomes a note.

    Args:
        argv: The command.
        cwd: Where it runs.
        env: Its environment.
        cache: Folder for facts that change rarely; made when missing.
        reported: What the hook in the child said of its interpreter; None if it said nothing.
        root: Top of the repository; editable packages beneath it are named by their place in it.
    """
    return Probed(
        Environment(
            platform=host.platform(),
            cpu={"model": host.cpu_model(), "cores": host.cpu_cores()},
            memory_bytes=host.memory_bytes(),
            container=host.container(),
        ),
        None,
        (),
    )
