"""Settings as aligned lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core import text

if TYPE_CHECKING:
    from collections.abc import Sequence


#: However narrow the terminal is, a value gets so many columns.
_LEAST = 24


def page(rows: Sequence[tuple[str, str, str]], columns: int, *, show_origin: bool) -> str:
    """One line a setting: its name, where it was set if asked for, and its value; long ones go on beneath.

    Args:
        rows: Name, value and origin of each.
        columns: How wide a line may be.
        show_origin: Whether the origins are shown.
    """
    if not show_origin:
        rows = [(name, value, "") for name, value, _ in rows]
    clean = [[text.clean(cell) for cell in row] for row in rows]
    names = max(text.width(name) for name, _, _ in clean)
    origins = max(text.width(origin) for _, _, origin in clean)
    lines = []
    for name, value, origin in clean:
        head = "  ".join([text.pad(name, names), *([text.pad(origin, origins)] if show_origin else []), ""])
        first, *rest = text.wrap(value, max(_LEAST, columns - len(head)))
        lines += [head + first, *(" " * len(head) + more for more in rest)]
    return "\n".join(lines)
