"""The shapes of secrets: prefixes that issuers give their keys, credentials in URLs, private keys."""

from __future__ import annotations

import functools
import re

from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

HIDDEN = "<redacted>"
#: A known secret shorter than this is not looked for in a log: it would hide half of the words.
SHORTEST_KNOWN = 6
_BLOCK = 1 << 20
#: A log without a line end for so long is cut anyway; a secret over the cut is then missed.
_LONGEST = 8 << 20


class Shape(NamedTuple):
    """One kind of secret: the lower-case text that must be there, a pattern, and what stands in its place."""

    trigger: str
    pattern: str
    replacement: str = HIDDEN


#: Query parameters that carry a secret in a signed URL.
_QUERY = (
    "sig|signature|x-amz-signature|x-amz-security-token|x-amz-credential|x-goog-signature|x-goog-credential|token"
    "|access_token|auth_token|id_token|api_?key|key|password|secret|client_secret"
)
_SHAPES = (
    Shape(
        "-----begin ",
        r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?"
        r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
    ),
    # User and password in front of a host, or a token alone as the user of http(s). ssh://git@host stays.
    Shape("://", r"(?<![\w+.\-])([A-Za-z][A-Za-z0-9+.\-]{1,30}://)[^\s/?#@:\"'<>]*:[^\s/?#\"'<>]*@", r"\1"),
    Shape("://", r"(?<![A-Za-z0-9])(https?://)[^\s/?#@:\"'<>]+@", r"\1"),
    Shape("://", rf"(?i)([?&](?:{_QUERY})=)(?!<)[^&#\s\"'<>]{{4,}}", rf"\1{HIDDEN}"),
    Shape("akia", r"\bAKIA[A-Z0-9]{16}\b"),
    Shape("asia", r"\bASIA[A-Z0-9]{16}\b"),
    *(Shape(f"gh{kind}_", rf"\bgh{kind}_[A-Za-z0-9]{{30,255}}") for kind in "pousr"),
    Shape("github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{22,255}"),
    Shape("glpat-", r"\bglpat-[\w\-]{20,}"),
    Shape("hf_", r"\bhf_[A-Za-z0-9]{30,}\b"),
    # At least a digit and a capital: "sk-learn-…" is a library. Bounded, and from the start of a word only:
    # a long text of "sk-sk-" would take minutes.
    Shape("sk-", r"(?<![\w\-])sk-(?=[\w\-]{0,100}\d)(?=[\w\-]{0,100}[A-Z])[\w\-]{20,}"),
    Shape("k_live_", r"\b[srp]k_live_[A-Za-z0-9]{16,}"),
    Shape("k_test_", r"\b[srp]k_test_[A-Za-z0-9]{16,}"),
    Shape("xox", r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}"),
    Shape("xapp-", r"\bxapp-[A-Za-z0-9\-]{10,}"),
    Shape(
        "hooks.slack.com", r"(hooks\.slack\.com/(?:services|workflows)/)[A-Za-z0-9+/]{20,}", rf"\1{HIDDEN}"
    ),
    Shape("aiza", r"\bAIza[\w\-]{35}"),
    Shape("ya29.", r"\bya29\.[\w\-]{20,}"),
    Shape("eyj", r"(?<![\w\-])eyJ[\w\-]{8,}\.eyJ[\w\-]{8,}\.[\w\-]{8,}"),
    Shape("npm_", r"\bnpm_[A-Za-z0-9]{36}\b"),
    Shape("pypi-age", r"\bpypi-AgE[\w\-]{50,}"),
    Shape("sg.", r"\bSG\.[\w\-]{20,24}\.[\w\-]{39,50}"),
    Shape("dop_v1_", r"\bdop_v1_[a-f0-9]{64}\b"),
    Shape("dapi", r"\bdapi[a-f0-9]{32}(?:-\d)?\b"),
    Shape("wandb_v1_", r"\bwandb_v1_[\w\-]{20,}"),
    Shape("accountkey=", r"(?i)\b(AccountKey=)[A-Za-z0-9+/=]{20,}", rf"\1{HIDDEN}"),
    Shape("bearer ", r"(?i)\b(bearer\s+)(?=[\w.~+/=\-]*\d)[\w.~+/=\-]{16,}", rf"\1{HIDDEN}"),
    Shape("basic ", r"(?i)(authorization[\"']?\s*[:=]\s*[\"']?basic\s+)[\w+/=\-]{6,}", rf"\1{HIDDEN}"),
)
_TRIGGERS = tuple(sorted({shape.trigger for shape in _SHAPES}))
#: Text that must be there, in lower case, before a line can name a secret.
_NAMING = ("passw", "passphrase", "passcode", "pwd", "secret", "cred", "key", "token", "auth")


def hide(text: str) -> tuple[str, int]:
    """Hide every secret that shows by its shape.

    Returns:
        The text to write, and how many places were hidden.
    """
    lower = text.lower()
    hits = 0
    for place, shape in enumerate(_SHAPES):
        if shape.trigger in lower:
            text, found = _compiled(place).subn(shape.replacement, text)
            hits += found
    return text, hits


def may_hold_secret(block: bytes) -> bool:
    """Whether a block of a log is worth a closer look; quick, and never wrong when it says no."""
    lower = block.lower()
    return any(trigger.encode() in lower for trigger in (*_TRIGGERS, *_NAMING))


def naming_places(text: str) -> list[int]:
    """Where a word that may name a secret stands in a text, in order.

    One search a word: an alternation without regard to case is twenty times slower in ``re``.
    """
    lower = text.lower()
    if len(lower) != len(text):  # "İ" becomes two characters
        lower = "".join(char.lower() if char.isascii() else char for char in text)
    places = []
    for word in _NAMING:
        place = lower.find(word)
        while place >= 0:
            # "tokens" are counted on every line of a language model's log.
            if not lower.startswith("tokens", place):
                places.append(place)
            place = lower.find(word, place + len(word))
    return sorted(places)


def blocks(source: BinaryIO) -> Iterator[bytes]:
    """A log in blocks of whole lines, a private key never cut in two."""
    rest = b""
    while chunk := source.read(_BLOCK):
        rest += chunk
        cut = max(rest.rfind(b"\n"), rest.rfind(b"\r")) + 1
        opened = rest.rfind(b"-----BEGIN ", 0, cut)
        if opened >= 0 and b"-----END " not in rest[opened:cut]:
            cut = opened
        if cut == 0 and len(rest) > _LONGEST:
            cut = len(rest)
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


@functools.cache
def _compiled(place: int) -> re.Pattern[str]:
    return re.compile(_SHAPES[place].pattern)
