"""The list of models, for who asks often: from what is remembered, where nothing calls for a closer look."""

from __future__ import annotations

from expctl.store import overview
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from expctl.core.registry.summary import Summary
    from expctl.project import Project

#: The stages where no policy names others.
USUAL = ("staging", "production", "archived")


class Listed(NamedTuple):
    """Models to list, the stages in the order of a model's life, and tags that cannot be believed."""

    lines: tuple[Summary, ...]
    stages: tuple[str, ...]
    notes: tuple[str, ...]


def look(project: Project) -> Listed | None:
    """Every model of this clone.

    Returns:
        None where the registry may not be whole here, or there is none: then ``models.all_models`` says so.
    """
    if (project.common / "shallow").exists() or _fetches_no_tags(project):
        return None
    found = overview.read(project.root, project.state / "models.cache")
    if not found.lines or found.unknown:
        return None
    known = _stages(project)
    used = {stage for line in found.lines for stage in line.holders}
    return Listed(found.lines, (*known, *sorted(used.difference(known))), found.faults)


def _stages(project: Project) -> tuple[str, ...]:
    if not (project.experiments / "policy" / "registry.yaml").exists():
        return USUAL
    from expctl.actions import promoting

    return tuple(promoting.rules(project).stages)


def _fetches_no_tags(project: Project) -> bool:
    """Whether the settings of this clone speak of tags that are not fetched, in whatever file of git's."""
    try:
        return b"tagopt" in (project.common / "config").read_bytes().lower()
    except OSError:
        return True
