"""One thing that was looked at, and what is to be done about it."""

from __future__ import annotations

from typing import NamedTuple

from expctl.errors import ConfigError


class Check(NamedTuple):
    """One thing that was looked at.

    Attributes:
        name: What.
        fine: Whether nothing is to be mended.
        said: What was found.
        hint: The command that mends it.
    """

    name: str
    fine: bool
    said: str
    hint: str | None = None


def refused(name: str, err: ConfigError | OSError) -> Check:
    """What stands in the way of the look itself."""
    if isinstance(err, ConfigError):
        return Check(name, fine=False, said=str(err).rstrip("."), hint=err.hint)
    return Check(name, fine=False, said=f"{err.strerror}: {err.filename}", hint="Look at the disk")
