"""Which version a stage goes back to.

Each way back leads further back: a version that was left by a rollback is never what the next one brings,
or two bad versions would take turns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from expctl.core.registry import tags

if TYPE_CHECKING:
    from expctl.core.registry.state import Model

#: The line of a tag's message that says so.
_BACK = "Expctl-Event: rollback"


def before(model: Model, stage: str) -> str | None:
    """The version that stood in a stage before the present one; of an empty stage the one that left it.

    Args:
        model: The model as it stands.
        stage: The stage.

    Returns:
        None where no other version that is still registered stood there.
    """
    stood: list[str] = []
    for one in model.history:
        said, version = one.event.name, one.version
        if said.stage != stage or said.event != tags.ASSIGNMENT or version is None:
            continue
        if _BACK in one.event.message.splitlines() and version in stood:
            del stood[stood.index(version) + 1 :]
        else:
            stood = [each for each in stood if each != version] + [version]
    now = model.holder(stage)
    if now in stood:
        del stood[stood.index(now) :]
    known = (each for each in reversed(stood) if each in model.versions)
    return next((each for each in known if model.versions[each].active and each != now), None)
