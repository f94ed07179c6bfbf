"""What a list of models says of each."""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Summary(NamedTuple):
    """One model.

    Attributes:
        name: As people type it.
        latest: The highest version that is registered; None where none is.
        holders: By stage the versions that stand there, latest first.
        last_at: Date of the latest event, in seconds since 1970.
    """

    name: str
    latest: str | None
    holders: Mapping[str, tuple[str, ...]]
    last_at: int
