"""What this clone sent: a memory that may be deleted, at the price of asking and sending again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from expctl.adapters import files

if TYPE_CHECKING:
    from expctl.project import Project

_NAME = "pushed.json"
_LIMIT = 64 << 20


class Journal(NamedTuple):
    """What was sent, and what was agreed to.

    Attributes:
        remote: Where the runs are; another remote has none of them.
        runs: Ids of runs whose bytes were sent there, or came from there.
        agreed: Paths that somebody agreed to publish.
        tip: What the ref of source trees held on the git remote.
    """

    remote: str | None = None
    runs: frozenset[str] | set[str] = frozenset()
    agreed: frozenset[str] | set[str] = frozenset()
    tip: str | None = None

    def at(self, remote: str) -> frozenset[str] | set[str]:
        """Runs that a remote is known to have."""
        return self.runs if self.remote == remote else frozenset()


def read(project: Project) -> Journal:
    """The journal of this clone; an empty one where there is none that can be read."""
    try:
        data = json.loads(files.read_plain(project.state / _NAME, limit=_LIMIT))
        sent, agreed = frozenset(map(str, data["runs"])), frozenset(map(str, data["agreed"]))
        return Journal(data["remote"], sent, agreed, data["tip"])
    except (OSError, ValueError, TypeError, KeyError):
        return Journal()


def write(project: Project, journal: Journal) -> None:
    """Keep the journal.

    Raises:
        OSError: The folder cannot be written.
    """
    data = {**journal._asdict(), "runs": sorted(journal.runs), "agreed": sorted(journal.agreed)}
    files.write_atomic(project.state / _NAME, json.dumps(data).encode("ascii"))
