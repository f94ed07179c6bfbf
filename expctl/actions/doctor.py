"""Look for trouble in this clone, mend what can be mended without asking, and say how to mend the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.actions.checkup import living, places, records
from expctl.actions.checkup.check import Check

if TYPE_CHECKING:
    from expctl.project import Project

__all__ = ["Check", "examine"]


def examine(project: Project, *, seal: tuple[str, ...] = ()) -> list[Check]:
    """Look at everything, in the order in which one thing rests on another.

    Args:
        project: Where.
        seal: Runs of other hosts that their owner knows to be lost.
    """
    return [
        places.look_at_git(project),
        *places.look_at_locks(project),
        places.look_at_folder(project),
        *living.look_at_runs(project, seal),
        records.bring_back(project),
        *records.look_at_records(project),
        places.look_at_dvc(),
        *records.look_at_number(project),
    ]
