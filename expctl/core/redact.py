"""Secrets: found by the name they stand under or by their own shape, and hidden before anything is written.

A name hides its value when it says password, secret, credential, API key or the like; a bare ``token`` does
so only where it is no token of a vocabulary (``eos_token``, ``num_memory_tokens``). A shape hides wherever it
stands: the prefixes that issuers give their keys exist to be found. Entropy is not used: it flags every
    commit id and checksum.
"""

from __future__ import annotations

import functools
import re

from expctl.core import secretshapes
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HIDDEN = secretshapes.HIDDEN

#: Words of a name that hide its value.
_SECRET_WORDS = frozenset({
    "password", "passwd", "passphrase", "passcode", "passwort", "pwd", "secret", "secrets", "credential",
    "credentials", "apikey", "authkey", "privatekey", "secretkey", "accesskey", "accesstoken",
    "authtoken", "authorization", "creds",
})  # fmt: skip
#: ``<word> key`` hides its value for these words; ``sort_key`` does not.
_KEY_KINDS = frozenset({
    "api", "access", "secret", "private", "auth", "account", "signing", "encryption", "master", "license",
    "service", "write", "app",
})  # fmt: skip
#: A name that ends so tells about a secret and is none: ``token_dim``, ``password_file``, ``secret_name``.
_ABOUT = frozenset({
    "file", "files", "path", "dir", "name", "names", "env", "var", "field", "column", "length", "len",
    "size", "dim", "count", "type", "types", "ratio", "rate", "weight", "loss", "min", "max", "num",
    "policy", "prompt", "index", "idx", "pos", "position", "mask", "required", "enabled", "expiry", "ttl",
    "limit", "budget",
})  # fmt: skip
#: ``<word> token`` is part of a vocabulary or a count for these words.
_TOKEN_KINDS = frozenset({
    "pad", "padding", "eos", "bos", "unk", "mask", "sep", "cls", "special", "next", "max", "min", "num",
    "n", "per", "image", "video", "audio", "speech", "vision", "visual", "text", "word", "char", "byte",
    "stop", "start", "end", "memory", "first", "last", "prev", "previous", "new", "added", "extra",
    "control", "system", "user", "assistant", "prompt", "begin", "decoder", "encoder", "forced",
    "sentence", "separator", "target", "source", "input", "output", "class", "register", "dist",
    "placeholder", "suppress", "boi", "eoi", "eot", "sot", "fim", "lang", "language", "reserved", "think",
    "thinking", "tool", "average", "avg", "total", "by", "sub", "skip", "drop", "oov", "blank",
})  # fmt: skip
# Texts, not compiled patterns: they take 4 ms to compile, and most runs need none.
_WORD = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"
#: Long, letters and digits: made by a machine. ``<|reserved_token_12|>`` is not.
_MADE = r"(?=.*\d)(?=.*[A-Za-z])[\w.~+/=\-]{16,}"
_LONGEST_NAME = 60
_SIGN = r"""(?P<name>\w[\w.\-]{0,40})["']?[ \t]{0,3}(?:=>|=|:)"""
_NAME_BEFORE = r"[A-Za-z][\w.\-]*\Z"
#: Bounded: a value without end would be walked again from every place in it.
_VALUE = r"""[ \t]{0,3}(?P<value>"[^"\r\n]{4,512}"|'[^'\r\n]{4,512}'|[^\s"',;&)}\]]{4,512})"""
_HARMLESS = r"(?i)(|none|null|true|false|yes|no|on|off|\*+|x{3,}|\$\{?\w+\}?|<[^<>]*>|\[redacted\]|prompt|-)"


@functools.lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether a value under this name is a secret: ``--api-key``, ``db.password``, ``HF_TOKEN``."""
    words = [word.lower() for word in re.findall(_WORD, name)]
    while words and words[-1].isdigit():
        words.pop()
    if not words or words[-1] in _ABOUT:
        return False
    if not _SECRET_WORDS.isdisjoint(words):
        return True
    if words[-1] == "key" and len(words) > 1:
        return words[-2] in _KEY_KINDS
    if words[-1] == "token":
        return len(words) == 1 or words[-2] not in _TOKEN_KINDS
    return words == ["auth"] or words[-2:] in (["basic", "auth"], ["http", "auth"], ["proxy", "auth"])


def redact_value(key: str, value: Any) -> tuple[Any, bool]:
    """Hide a value if its key or its own shape says that it is a secret.

    Args:
        key: Its name; dots are fine; "" when it has none.
        value: Anything; only text, and numbers under a password-like name, are ever hidden.

    Returns:
        The value to write, and whether it was changed.
    """
    if value is None or isinstance(value, bool):
        return value, False
    if (is_secret_name(key) or _is_made_token(key, value)) and _is_plausible(key, value):
        return HIDDEN, True
    if isinstance(value, str):
        clean, hits = secretshapes.hide(value)
        return clean, bool(hits)
    return value, False


def redact_tree(values: Mapping[str, Any], *, under: str = "") -> tuple[dict[str, Any], list[str]]:
    """Hide the secrets in nested parameters or tags.

    Returns:
        A copy, and the dotted names of what was hidden.
    """
    hidden: list[str] = []

    def walk(value: Any, name: str, key: str) -> Any:
        if isinstance(value, dict):
            # What stands under "secrets" is one, whatever it is called; "token: {type: bpe}" is not.
            above = key if _holds_secrets(key) else ""
            return {k: walk(v, f"{name}.{k}" if name else str(k), above or str(k)) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [walk(item, f"{name}.{place}", key) for place, item in enumerate(value)]
        clean, changed = redact_value(key, value)
        if changed:
            hidden.append(name)
        return clean

    return walk(dict(values), under, under.rpartition(".")[2]), hidden


def _holds_secrets(key: str) -> bool:
    return is_secret_name(key) and not key.lower().endswith(("token", "auth", "key"))


def redact_argv(argv: Sequence[str]) -> tuple[tuple[str, ...], list[str]]:
    """Hide the secrets in the words of a command: ``--password X``, ``api_key=X``, headers, URLs.

    Returns:
        The words to write, and what was hidden, said so that the user knows it again (``--password``, ``word
        3``).
    """
    words: list[str] = []
    hidden: list[str] = []
    owner = ""  # the option whose value the next word is
    for place, word in enumerate(argv):
        name, equals, value = word.partition("=")
        if owner and not word.startswith("--"):
            clean, changed = redact_value(owner, word)
            label, owner = owner, ""
        elif equals and _is_name(name):
            clean, changed = redact_value(name, value)
            clean, label, owner = f"{name}={clean}", name, ""
        else:
            clean, hits = secretshapes.hide(word)
            changed, label = bool(hits), f"word {place}"
            owner = word if word.startswith("-") and is_secret_name(word) else ""
        words.append(clean)
        if changed:
            hidden.append(label)
    return tuple(words), hidden


def secrets_of(env: Mapping[str, str], argv: Sequence[str] = ()) -> tuple[str, ...]:
    """The secret values themselves, to look for them in what the program prints. Never to be written.

    Args:
        env: Environment of the child; values under secret names.
        argv: Its words; what ``redact_argv`` hides.
    """
    found = {value for name, value in env.items() if is_secret_name(name) and _is_plausible(name, value)}
    for raw, clean in zip(argv, redact_argv(argv)[0], strict=True):
        if clean == HIDDEN:
            found.add(raw)
        elif clean.endswith("=" + HIDDEN):
            found.add(raw.partition("=")[2])
    # Short ones would blacken half of a log; files named by a variable are no secrets.
    return tuple(
        sorted((s for s in found if len(s) >= secretshapes.SHORTEST_KNOWN and "\n" not in s), key=len)
    )[::-1]


def redact_text(line: str, *, known: Iterable[str] = ()) -> tuple[str, int]:
    """Hide the secrets in text that somebody printed: shapes, and ``password=…`` in many spellings.

    Args:
        line: One line or many.
        known: Secrets to be looked for as they are.

    Returns:
        The text to write, and how many places were hidden.
    """
    hits = 0
    for secret in known:
        if secret in line:
            hits += line.count(secret)
            line = line.replace(secret, HIDDEN)
    line, shapes = secretshapes.hide(line)
    line, named = _hide_named(line)
    return line, hits + shapes + named


def strip_url(url: str) -> str:
    """A URL without user, password and secret query parameters; other text as it is."""
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
    # Longest first, so that one secret within another does not leave the rest of it behind.
    secrets = sorted(
        (secret.encode("utf-8", "surrogateescape") for secret in known if secret), key=len, reverse=True
    )
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


def _is_name(text: str) -> bool:
    return re.fullmatch(r"[-+~]{0,2}[A-Za-z_][\w.\-/@]*", text) is not None


def _is_made_token(key: str, value: Any) -> bool:
    """Whether a value under ``user_token`` and the like is no word of a vocabulary but made by a machine."""
    return key.lower().endswith("token") and isinstance(value, str) and re.fullmatch(_MADE, value) is not None


def _is_plausible(key: str, value: Any) -> bool:
    """Whether a value can be the secret that its name promises."""
    if isinstance(value, int | float):
        return not key.lower().rstrip("0123456789").endswith("token")
    if not isinstance(value, str) or re.fullmatch(_HARMLESS, value):
        return False
    if value.startswith("<") and value.endswith(">"):
        return False
    # A path to a file of credentials, and the shell's own PWD, are not the secret.
    return not (
        value.startswith(("/", "./", "../", "~/")) or value.endswith((".json", ".yaml", ".toml", ".pem"))
    )


def _hide_named(text: str) -> tuple[str, int]:
    """Hide what stands behind ``password=`` and the like; looks only where a word names secrets."""
    parts: list[str] = []
    done = 0
    sign_at, value_at = re.compile(_SIGN).match, re.compile(_VALUE).match
    for place in secretshapes.naming_places(text):
        # A sign must follow at once, and the whole name must be a secret's; most places end here.
        sign = sign_at(text, place) if place >= done else None
        if sign is None:
            continue
        before = re.search(_NAME_BEFORE, text[max(done, place - _LONGEST_NAME) : place])
        name = (before[0] if before else "") + sign["name"]
        value = value_at(text, sign.end()) if is_secret_name(name) else None
        if value is None:
            continue
        bare = value["value"].strip("\"'")
        if _is_named_secret(name, bare):
            parts += [text[done : value.start("value")], value["value"].replace(bare, HIDDEN)]
            done = value.end()
    return "".join(parts) + text[done:], len(parts) // 2


def _is_named_secret(name: str, value: str) -> bool:
    if not _is_plausible(name, value):
        return False
    # In prose "token" is mostly a piece of text: there the value must look made by a machine.
    return not name.lower().endswith("token") or re.fullmatch(_MADE, value) is not None
