"""Known secrets taken out of bytes that arrive in pieces: of an output on its way into the log."""

from __future__ import annotations

import re

from expctl.core.secretshapes import HIDDEN
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_HIDDEN = HIDDEN.encode()


class Sieve:
    """Hides secrets in a stream; what may be the beginning of one is held back until the next piece.

    Attributes:
        hits: How many places were hidden.
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        # Longest first, so that one secret within another does not leave the rest of it behind.
        self._secrets = sorted((s.encode("utf-8", "surrogateescape") for s in secrets if s), key=len)[::-1]
        self._pattern = re.compile(b"|".join(map(re.escape, self._secrets)))
        self._held = b""
        self.hits = 0

    def feed(self, chunk: bytes) -> bytes:
        """The next piece without its secrets, and without the end that may be the beginning of one."""
        data = self._held + chunk
        parts, at = [], 0
        for found in self._pattern.finditer(data) if any(s in data for s in self._secrets) else ():
            if self._may_go_on(data[found.start() :]):
                break
            parts += [data[at : found.start()], _HIDDEN]
            at = found.end()
        cut = self._first_beginning(data, at)
        self._held = data[cut:]
        self.hits += len(parts) // 2
        return b"".join([*parts, data[at:cut]])

    def rest(self) -> bytes:
        """What was held back, now that nothing follows."""
        held, self._held = self._held, b""
        clean, hits = self._pattern.subn(_HIDDEN, held)
        self.hits += hits
        return clean

    def _first_beginning(self, data: bytes, start: int) -> int:
        """Where the longest end of the data begins that may be the beginning of a secret."""
        first = len(data)
        for secret in self._secrets:
            place = data.find(secret[:1], max(start, len(data) - len(secret) + 1), first)
            while place >= 0:
                if secret.startswith(data[place:]):
                    first = place
                place = data.find(secret[:1], place + 1, first)
        return first

    def _may_go_on(self, end: bytes) -> bool:
        return any(len(secret) > len(end) and secret.startswith(end) for secret in self._secrets)
