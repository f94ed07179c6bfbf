"""The table of metric readers: each knows one kind of file, and gives its points by metric name.

A new kind of file is a new module with a ``Reader`` and one more line in ``READERS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from expctl.capture.metrics import csvfile, jsonfile, yamlfile

if TYPE_CHECKING:
    from collections.abc import Mapping

    from expctl.core.series import Points


class Reader(Protocol):
    """Reads one kind of metric file.

    Attributes:
        name: Of the kind, for messages.
        limit: Largest file that it reads, in bytes.
    """

    name: str
    limit: int

    def matches(self, path: str) -> bool:
        """Whether a file is of this kind, going by its path in lower case."""
        ...

    def read(self, path: str, *, declared: bool) -> Mapping[str, Points]:
        """The points of every metric in a file.

        Args:
            path: A regular file of at most ``limit`` bytes.
            declared: The user named it; otherwise it was found by its name, and must look like metrics.

        Raises:
            ValueError: Its content cannot be read as metrics; the message is the reason.
            OSError: It cannot be opened.
        """
        ...


READERS: tuple[Reader, ...] = (
    jsonfile.TrainerStateReader(),
    csvfile.DvcliveReader(),
    jsonfile.JsonReader(),
    jsonfile.JsonLinesReader(),
    csvfile.CsvReader(),
    yamlfile.YamlReader(),
)


def for_path(path: str) -> Reader | None:
    """The first reader that knows this kind of file."""
    lower = path.lower()
    return next((reader for reader in READERS if reader.matches(lower)), None)
