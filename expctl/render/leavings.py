"""A table of what one run left: path, kind, size, hash, and where its bytes are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.render import cells, grid, numbers
from expctl.render.style import Line, Page, Span, data

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.core.manifest import Artifact

_ABSENT: Line = (Span("–", "faint"),)
_WHERE = {True: Span("here"), False: Span("elsewhere", "warn"), None: Span("no", "faint")}


def table(items: Sequence[tuple[Artifact, bool | None]], columns_wide: int) -> Page:
    """Draw what a run left; ``items`` is at least one, each with whether its bytes are in this clone."""
    found = [artifact for artifact, _ in items]
    sizes = [(Span(numbers.size(each.bytes)),) if each.bytes is not None else _ABSENT for each in found]
    hashes = [(data(cells.short_hash(each.md5), "faint"),) if each.md5 else _ABSENT for each in found]
    columns = (
        grid.Column(head="path", cells=[(data(each.path),) for each in found], rank=0),
        grid.Column(head="kind", cells=[(data(each.kind),) for each in found], rank=3),
        grid.Column(head="size", cells=sizes, right=True, keep=True, rank=1),
        grid.Column(head="md5", cells=hashes, keep=True, rank=4),
        grid.Column(head="kept", cells=[(_WHERE[here],) for _, here in items], keep=True, rank=2),
    )
    return Page(grid.draw(columns, columns_wide).lines)
