"""What is said of one thing that a run produced, before it is stored and described."""

from __future__ import annotations

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from expctl.adapters.files import StrPath

#: Where the run's DVC directory holds artifacts.
STORED_UNDER = "artifacts"

_KINDS = {
    "figure": (".png", ".jpg", ".jpeg", ".svg", ".pdf", ".gif", ".webp", ".eps", ".html"),
    "table": (".csv", ".tsv", ".parquet", ".feather", ".xlsx", ".arrow"),
}


class Wanted(NamedTuple):
    """What is to be kept, as it was asked for.

    Attributes:
        declared: Paths and patterns, relative to where the command ran or to the top. A pattern takes what
            changed during the run, a path is taken as it is.
        logged: Absolute path and kind (may be empty) of what the program itself named.
        models: Patterns of outputs that are models.
        alike: Patterns of outputs that are kept as models are, within the caps.
        nothing: Whether only what was declared or logged is kept.
    """

    declared: tuple[str, ...] = ()
    logged: tuple[tuple[str, str], ...] = ()
    models: tuple[str, ...] = ()
    alike: tuple[str, ...] = ()
    nothing: bool = False


class Caps(NamedTuple):
    """How much may be kept of what nobody asked to keep.

    Attributes:
        run_bytes: For one run.
        clone_bytes: For all that the cache holds.
        used: How much it holds; asked only when there is something to keep.
    """

    run_bytes: int
    clone_bytes: int
    used: Callable[[], int]


class Found(NamedTuple):
    """One thing that the run produced.

    Attributes:
        path: What it is called in the manifest, relative with ``/``.
        full: Where it lies.
        kind: ``model``, ``figure``, ``table`` or ``file``.
        keep: Whether its bytes are to be stored.
        bytes: Size.
        inside: Of a folder: each file's path inside it, and where that lies.
    """

    path: str
    full: str
    kind: str
    keep: bool
    bytes: int
    inside: tuple[tuple[str, str], ...] | None = None

    def files(self) -> list[tuple[str, str]]:
        """Each file's path in the manifest's terms, and where it lies."""
        if self.inside is None:
            return [(self.path, self.full)]
        return [(f"{self.path}/{name}", full) for name, full in self.inside]


class Collected(NamedTuple):
    """All that the run produced, and what must be said about it."""

    found: list[Found]
    notes: list[str]

    def to_store(self) -> dict[str, StrPath | bytes]:
        """What to hand to the store: path inside the run's folder, and where the bytes are."""
        kept = (each.files() for each in self.found if each.keep)
        return {f"{STORED_UNDER}/{path}": full for files in kept for path, full in files}


def kind_of(path: str) -> str:
    """What a file is by its name, models aside."""
    lower = path.lower()
    return next((kind for kind, suffixes in _KINDS.items() if lower.endswith(suffixes)), "file")
