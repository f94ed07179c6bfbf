"""Runs that repeat another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.actions import seeing
from expctl.core import runid

if TYPE_CHECKING:
    from expctl.project import Project

_ORIGINAL = "parent.reproduces"


def reproduced(project: Project, run_id: str) -> list[str]:
    """Ids of the runs that repeated a run and came to the end that it came to."""
    with seeing.see(project) as seen:
        of = seen.column(_ORIGINAL)
        status = seen.column("status")
        return [
            name
            for number, name in seen.ids.items()
            if _names(of.get(number), run_id) and status.get(number) == "completed"
        ]


def _names(value: object, run_id: str) -> bool:
    return isinstance(value, str) and runid.is_valid(value) and value == run_id
