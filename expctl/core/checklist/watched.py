"""Whether anybody watched what a run read and drew: only then does silence mean that there was nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from expctl.core.manifest import Manifest

#: How notes begin where the hook in Python was kept out, or said nothing, and what they go on with.
_SILENT, _LOST = ("the hook in Python did not answer", "python -"), "are not known"


def is_watched(run: Manifest) -> bool:
    """Whether the hook watched a run's Python processes."""
    capture, where = run.capture, run.environment
    if capture is None or not capture.hooks or where is None or where.python is None:
        return False
    return not any(note.startswith(_SILENT) and _LOST in note for note in capture.notes)
