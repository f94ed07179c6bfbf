"""The shapes of secrets: prefixes that issuers give their keys, credentials in URLs, private keys.

One table for text that is written (``hide``) and for files that would enter a snapshot (``named_in_file``).
"""

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
    """One kind of secret.

    Attributes:
        trigger: Lower-case text that must be there: looked for before the pattern.
        pattern: Its whole shape; bounded, so that no text makes the search slow.
        what: What a file that holds it is said to hold; "" for a shape that documentation is full of, which
            is hidden where it is written and keeps no file out of a snapshot.
        replacement: What stands in its place.
    """

    trigger: str
    pattern: str
    what: str = ""
    replacement: str = HIDDEN


#: Query parameters that carry a secret in a signed URL.
_QUERY = (
    "sig|signature|x-amz-signature|x-amz-security-token|x-amz-credential|x-goog-signature|x-goog-credential|token"
    "|access_token|auth_token|id_token|refresh_token|private_token|api_?key|apikey|key|password|passwd|pwd|secret"
    "|client_secret|code_verifier|jwt"
)
_PRIVATE = "a private key"
_SHAPES = (
    Shape(
        "-----begin ",
        r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?"
        r"(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\Z)",
        _PRIVATE,
    ),
    Shape("putty-user-key-file-", r"(?s)PuTTY-User-Key-File-\d.*?(?:Private-MAC: [0-9a-f]+|\Z)", _PRIVATE),
    Shape("age-secret-key-", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}", _PRIVATE),
    # User and password in front of a host, or a token alone as the user of http(s). ssh://git@host stays.
    Shape(
        "://",
        r"(?<![\w+.\-])([A-Za-z][A-Za-z0-9+.\-]{1,30}://)[^\s/?#@:\"'<>]*:[^\s/?#\"'<>]*@",
        "",
        r"\1",
    ),
    Shape("://", r"(?<![A-Za-z0-9])(https?://)[^\s/?#@:\"'<>]+@", "", r"\1"),
    Shape("://", rf"(?i)([?&](?:{_QUERY})=)(?!<)[^&#\s\"'<>]{{4,}}", "", rf"\1{HIDDEN}"),
    Shape("akia", r"\bAKIA[A-Z0-9]{16}\b", "an AWS key"),
    Shape("asia", r"\bASIA[A-Z0-9]{16}\b", "an AWS key"),
    Shape(
        "aws_secret_access_key",
        r"(?i)(aws_secret_access_key['\"]?\s{0,9}[=:]\s{0,9}['\"]?)[A-Za-z0-9/+]{40}",
        "an AWS key",
        rf"\1{HIDDEN}",
    ),
    *(Shape(f"gh{kind}_", rf"\bgh{kind}_[A-Za-z0-9]{{30,255}}", "a GitHub token") for kind in "pousr"),
    Shape("github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{22,255}", "a GitHub token"),
    Shape("glpat-", r"\bglpat-[\w\-]{20,}", "a GitLab token"),
    Shape("hf_", r"\bhf_[A-Za-z0-9]{30,}\b", "a Hugging Face token"),
    # At least a digit and a capital: "sk-learn-…" is a library. Bounded, and from the start of a word only:
    # a long text of "sk-sk-" would take minutes.
    Shape("sk-", r"(?<![\w\-])sk-(?=[\w\-]{0,100}\d)(?=[\w\-]{0,100}[A-Z])[\w\-]{20,}", "an API key"),
    Shape("gsk_", r"\bgsk_[A-Za-z0-9]{40,}", "an API key"),
    Shape("r8_", r"\br8_[A-Za-z0-9]{37}\b", "an API key"),
    Shape("nvapi-", r"\bnvapi-[\w\-]{40,}", "an API key"),
    Shape("k_live_", r"\b[srp]k_live_[A-Za-z0-9]{16,}", "a Stripe key"),
    Shape("k_test_", r"\b[srp]k_test_[A-Za-z0-9]{16,}", "a Stripe key"),
    Shape("xox", r"\bxox[abeoprs]-[A-Za-z0-9\-]{10,}", "a Slack token"),
    Shape("xapp-", r"\bxapp-[A-Za-z0-9\-]{10,}", "a Slack token"),
    Shape(
        "hooks.slack.com",
        r"(hooks\.slack\.com/(?:services|workflows)/)[A-Za-z0-9+/]{20,}",
        "a Slack webhook",
        rf"\1{HIDDEN}",
    ),
    Shape("discord", r"(discord(?:app)?\.com/api/webhooks/)\d{5,}/[\w\-]{20,}", "a webhook", rf"\1{HIDDEN}"),
    Shape("aiza", r"\bAIza[\w\-]{35}", "a Google API key"),
    Shape("ya29.", r"\bya29\.[\w\-]{20,}", "a Google token"),
    Shape("gocspx-", r"\bGOCSPX-[\w\-]{20,}", "a Google secret"),
    Shape("eyj", r"(?<![\w\-])eyJ[\w\-]{8,}\.eyJ[\w\-]{8,}\.[\w\-]{8,}", "a JSON web token"),
    Shape("npm_", r"\bnpm_[A-Za-z0-9]{36}\b", "an npm token"),
    Shape("pypi-age", r"\bpypi-AgE[\w\-]{50,}", "a PyPI token"),
    Shape("sg.", r"\bSG\.[\w\-]{20,24}\.[\w\-]{39,50}", "a SendGrid key"),
    Shape("dop_v1_", r"\bdop_v1_[a-f0-9]{64}\b", "a DigitalOcean token"),
    Shape("dapi", r"\bdapi[a-f0-9]{32}(?:-\d)?\b", "a Databricks token"),
    Shape("wandb_v1_", r"\bwandb_v1_[\w\-]{20,}", "a W&B key"),
    Shape("accountkey=", r"(?i)\b(AccountKey=)[A-Za-z0-9+/=]{20,}", "an Azure key", rf"\1{HIDDEN}"),
    Shape("bearer ", r"(?i)\b(bearer\s{1,9})(?=[\w.~+/=\-]{0,200}\d)[\w.~+/=\-]{16,}", "", rf"\1{HIDDEN}"),
    Shape(
        "basic ",
        r"(?i)(authorization[\"']?\s{0,9}[:=]\s{0,9}[\"']?basic\s{1,9})[\w+/=\-]{6,}",
        "",
        rf"\1{HIDDEN}",
    ),
)
_TRIGGERS = tuple(sorted({shape.trigger for shape in _SHAPES}))
#: Text that must be there, in lower case, before a line can name a secret.
NAMING = ("pass", "pwd", "secret", "cred", "key", "token", "auth", "cookie", "otp")


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


def named_in_file(data: bytes) -> str | None:
    """What secret a file holds by its shape, in words; None for none that keeps a file out of a snapshot."""
    lower = data.lower()
    found = [place for place, shape in enumerate(_SHAPES) if shape.what and shape.trigger.encode() in lower]
    if not found:
        return None
    text = data.decode("latin-1")  # never fails, and every shape is of ASCII
    return next((_SHAPES[place].what for place in found if _compiled(place).search(text)), None)


def may_hold_secret(block: bytes) -> bool:
    """Whether a block of a log is worth a closer look; quick, and never wrong when it says no."""
    lower = block.lower()
    return any(trigger.encode() in lower for trigger in (*_TRIGGERS, *NAMING))


def naming_places(text: str) -> list[int]:
    """Where a word that may name a secret stands in a text, in order.

    One search a word: an alternation without regard to case is twenty times slower in ``re``.
    """
    lower = text.lower()
    if len(lower) != len(text):  # "İ" becomes two characters
        lower = "".join(char.lower() if char.isascii() else char for char in text)
    places = []
    for word in NAMING:
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
