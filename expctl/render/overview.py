"""Models as a table: one line each, what stands where."""

from __future__ import annotations

from expctl.render import grid, numbers
from expctl.render.style import MISSING, Line, Page, Span, data
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.registry.state import Model
    from expctl.core.registry.summary import Summary

#: So many versions of a stage are named in one line.
_MOST = 3
STYLES = {"production": "good", "staging": "note", "archived": "faint"}


def overview(listed: Sequence[Model | Summary], stages: Sequence[str], columns_wide: int) -> Page:
    """One line a model: its latest version, and who stands in each stage."""
    columns = [
        grid.Column(
            head="model", cells=[(data(model.name, "strong"),) for model in listed], keep=True, rank=-2
        ),
        grid.Column(head="latest", cells=[cell(model.latest) for model in listed], keep=True, rank=1),
        *(
            grid.Column(
                head=stage,
                cells=[cell(_held(model.holders.get(stage, ())), STYLES.get(stage, "")) for model in listed],
                group="in stage",
                rank=rank,
            )
            for rank, stage in enumerate(stages, 2)
        ),
        grid.Column(
            head="changed",
            cells=[(Span(numbers.ago(numbers.time_of(model.last_at)), "faint"),) for model in listed],
            rank=30,
        ),
    ]
    return Page(grid.draw(columns, columns_wide).lines)


def _held(versions: Sequence[str]) -> str:
    """Who stands in a stage; of many in one without an end the latest."""
    if len(versions) <= _MOST:
        return ", ".join(versions)
    return f"{', '.join(versions[: _MOST - 1])} and {len(versions) - _MOST + 1} more"


def cell(text: str | None, style: str = "") -> Line:
    """A text of somebody's, or the sign for none."""
    return (data(text, style),) if text else (Span(MISSING, "faint"),)
