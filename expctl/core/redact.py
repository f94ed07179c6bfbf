"""Secrets: found by the name they stand under or by their own shape, and hidden before anything is written.

A name hides its value when it says so (``secretnames``). A shape hides wherever it stands: the prefixes that
issuers give their keys exist to be found (``secretshapes``). Words of a command are read as the tools read
them that they start (``secretwords``). A secret that was found once is hidden wherever else it stands.
Entropy is not used: it flags every commit id and checksum.
"""

from __future__ import annotations

import re

from expctl.core import secretshapes
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HIDDEN = secretshapes.HIDDEN

#: What tells tools apart from programs that have no habits of their own with secrets; see ``secretwords``.
_HABITS = ("sql", "maria", "curl", "http", "xh", "redis", "mongo", "ldap", "smb", "zip", "7z", "login", "bcp",
           "lftp", "twine", "ssl")  # fmt: skip
_URL_WITH_USER = r"[A-Za-z][A-Za-z0-9+.\-]{1,30}://[^\s/?#@:]{0,200}:([^\s/?#]{1,200})@"


def is_secret_name(name: str) -> bool:
    """Whether a value under this name is a secret: ``--api-key``, ``db.password``, ``HF_TOKEN``."""
    lower = name.lower()
    if name in ("PWD", "OLDPWD") or not any(word in lower for word in secretshapes.NAMING):
        return False
    from expctl.core import secretnames

    return secretnames.is_secret(name)


def redact_value(key: str, value: Any, found: list[str] | None = None) -> tuple[Any, bool]:
    """Hide a value if its key or its own shape says that it is a secret.

    Args:
        key: Its name; dots are fine; "" when it has none.
        value: Anything; only text, and numbers under a password-like name, are ever hidden.
        found: Gets the secrets themselves, to look for them elsewhere. Never to be written.

    Returns:
        The value to write, and whether it was changed.
    """
    from expctl.core import secrettext

    return secrettext.redact_value(key, value, found)


def redact_tree(
    values: Mapping[str, Any], *, found: list[str] | None = None, known: Sequence[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """Hide the secrets in nested parameters or tags.

    Args:
        values: Nested mappings and lists.
        found: Gets the secrets themselves.
        known: Secrets to be looked for as they are.

    Returns:
        A copy, and the dotted names of what was hidden.
    """
    if not values:
        return {}, []
    from expctl.core import secrettext

    return secrettext.redact_tree(values, found=found, known=known)


def redact_argv(
    argv: Sequence[str], *, found: list[str] | None = None, known: Sequence[str] = ()
) -> tuple[tuple[str, ...], list[str]]:
    """Hide the secrets in the words of a command: ``--password X``, ``api_key=X``, headers, URLs, scripts.

    Args:
        argv: The words.
        found: Gets the secrets themselves.
        known: Secrets to be looked for as they are.

    Returns:
        The words to write, and what was hidden, said so that the user knows it again (``--password``, ``word
        3``).
    """
    words, hidden = tuple(argv), list[str]()
    found = [] if found is None else found
    lower = "\n".join(argv).lower()
    if any(word in lower for word in _HABITS) or secretshapes.may_hold_secret(
        lower.encode("utf-8", "replace")
    ):
        from expctl.core import secretwords  # what most commands do not need

        clean, hidden = secretwords.redact_words(argv, found)
        words = tuple(clean)
    found += [secret for word in argv if "://" in word for secret in re.findall(_URL_WITH_USER, word)]
    for secret in known:
        for place, word in enumerate(words):
            if secret in word:
                words = (*words[:place], word.replace(secret, HIDDEN), *words[place + 1 :])
                hidden.append(f"word {place}")
    return words, hidden


def secrets_of(env: Mapping[str, str], argv: Sequence[str] = ()) -> tuple[str, ...]:
    """The secret values themselves, to look for them in what the program prints. Never to be written.

    Args:
        env: Environment of the child: values under secret names, passwords in URLs.
        argv: Its words; what ``redact_argv`` hides.
    """
    found: list[str] = []
    for name, value in env.items():
        if is_secret_name(name):
            redact_value(name, value, found)
        elif "://" in value and "@" in value:
            found += re.findall(_URL_WITH_USER, value)
    redact_argv(argv, found=found)
    return known_secrets(found)


def known_secrets(found: Iterable[str]) -> tuple[str, ...]:
    """What of the secrets that were found is worth looking for, longest first, each once.

    Longest first, so that one secret within another does not leave the rest of it behind. Short ones would
    blacken half of a log.
    """
    usable = {s for s in found if len(s) >= secretshapes.SHORTEST_KNOWN and "\n" not in s and s != HIDDEN}
    return tuple(sorted(usable, key=lambda secret: (-len(secret), secret)))


def redact_text(line: str, *, known: Iterable[str] = (), found: list[str] | None = None) -> tuple[str, int]:
    """Hide the secrets in text that somebody printed: shapes, and ``password=…`` in many spellings.

    Args:
        line: One line or many.
        known: Secrets to be looked for as they are.
        found: Gets the secrets that stood under a name.

    Returns:
        The text to write, and how many places were hidden.
    """
    if not known and not secretshapes.may_hold_secret(line.encode("utf-8", "replace")):
        return line, 0
    from expctl.core import secrettext

    return secrettext.redact_text(line, known=known, found=found)


def strip_url(url: str) -> str:
    """A URL without user, password and secret query parameters; other text as it is."""
    scheme, _, rest = url.partition("://")
    host = rest.partition("/")[0]
    if HIDDEN in host and "@" in host:  # a password that was hidden before as a known secret
        url = f"{scheme}://{rest[host.rindex('@') + 1 :]}"
    return secretshapes.hide(url)[0]


def redact_stream(src: str, dst: str, *, known: Iterable[str] = ()) -> int:
    """Copy a log without its secrets, in flat memory. Bytes that are no text pass through unchanged.

    Args:
        src: The log as it was printed.
        dst: Where the clean copy goes.
        known: Secrets to be looked for as they are, such as ``secrets_of`` gives.

    Returns:
        How many places were hidden; 0 means that the copy equals the log.
    """
    secrets = [s.encode("utf-8", "surrogateescape") for s in sorted(filter(None, known), key=len)[::-1]]
    hits = 0
    with open(src, "rb") as source, open(dst, "wb") as target:
        for block in secretshapes.blocks(source):
            clean = block
            for secret in secrets:
                if secret in clean:
                    hits += clean.count(secret)
                    clean = clean.replace(secret, HIDDEN.encode())
            if secretshapes.may_hold_secret(clean):
                text, more = redact_text(clean.decode("utf-8", "surrogateescape"))
                if more:
                    hits += more
                    clean = text.encode("utf-8", "surrogateescape")
            target.write(clean)
    return hits
