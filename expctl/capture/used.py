"""Which files of the source tree the command's Python processes used, as a list that fits into a manifest."""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

#: More paths than this stand under the folders that they lie in.
MOST = 200
#: From so many files of one folder on, the folder stands for them, if there are too many paths.
_CROWD = 20
#: Stands for files everywhere.
EVERYWHERE = "./"


def folded(paths: Iterable[str]) -> tuple[str, ...]:
    """Paths in order; where there are too many, folders in their place, which end in ``/``."""
    found = sorted(set(paths))
    if len(found) <= MOST:
        return tuple(found)
    counts: dict[str, int] = {}
    for path in found:
        folder = path.rpartition("/")[0]
        counts[folder] = counts.get(folder, 0) + 1
    crowded = {folder for folder, count in counts.items() if folder and count >= _CROWD}
    names = {f"{folder}/" if (folder := path.rpartition("/")[0]) in crowded else path for path in found}
    depth = max(name.rstrip("/").count("/") for name in names)
    while len(names) > MOST and depth:
        names = {_cut(name, depth) for name in names}
        depth -= 1
    return tuple(sorted(names)) if len(names) <= MOST else (EVERYWHERE,)


def _cut(name: str, depth: int) -> str:
    """The folder above, so many levels down, of what lies deeper."""
    parts = name.rstrip("/").split("/")
    return name if len(parts) <= depth else "/".join(parts[:depth]) + "/"
