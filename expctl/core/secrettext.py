"""Secrets in values and in text: what is hidden, once a quick look has said that something may be there."""

from __future__ import annotations

import re

from expctl.core import secretnames, secretshapes
from expctl.core.secretshapes import HIDDEN
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

# Texts, not compiled patterns: they take 4 ms to compile, and most runs need none.
_SIGN = r"""(?P<name>\w[\w.\-]{0,40})["']?(?P<sign>[ \t]{0,3}(?:=>|=|:)|[ \t]{1,3}(?=["'\w]))"""
#: Bounded: a value without end would be walked again from every place in it.
_VALUE = (
    r"""[ \t]{0,3}(?:(?i:bearer|basic|token|digest|apikey)[ \t]{1,3}(?=[^\s]))?"""
    r"""(?P<value>"[^"\r\n]{%d,512}"|'[^'\r\n]{%d,512}'|[^\s"',;&)}\]]{%d,512})"""
)


def redact_value(key: str, value: Any, found: list[str] | None = None) -> tuple[Any, bool]:
    """Hide a value if its key or its own shape says that it is a secret.

    Args:
        key: Its name; dots are fine; "" when it has none.
        value: Anything; only text, and numbers under a password-like name, are ever hidden.
        found: Gets the secrets themselves, to look for them elsewhere. Never to be written.

    Returns:
        The value to write, and whether it was changed.
    """
    if value is None or isinstance(value, bool):
        return value, False
    if secretnames.is_secret(key) or (isinstance(value, str) and key.lower().endswith("token")):
        named = secretnames.is_secret(key) or secretnames.is_made_token(key, value)
        if named and secretnames.can_be_secret(key, value):
            if found is not None and isinstance(value, str):
                found.append(value)
            return HIDDEN, True
    if isinstance(value, str):
        clean, hits = redact_text(value, shortest=1, found=found)
        return clean, bool(hits)
    return value, False


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
    hidden: list[str] = []

    def walk(value: Any, name: str, key: str) -> Any:
        if isinstance(value, dict):
            above = key if secretnames.holds_secrets(key) else ""
            return {k: walk(v, f"{name}.{k}" if name else str(k), above or str(k)) for k, v in value.items()}
        if isinstance(value, list | tuple):
            return [walk(item, f"{name}.{place}", key) for place, item in enumerate(value)]
        clean, changed = redact_value(key, value, found)
        if isinstance(clean, str):
            clean, more = hide_known(clean, known)
            changed = changed or more > 0
        if changed:
            hidden.append(name)
        return clean

    return walk(dict(values), "", ""), hidden


def hide_known(text: str, known: Iterable[str]) -> tuple[str, int]:
    """Hide secrets that are known as they are."""
    hits = 0
    for secret in known:
        if secret in text:
            hits += text.count(secret)
            text = text.replace(secret, HIDDEN)
    return text, hits


def redact_text(
    line: str, *, known: Iterable[str] = (), shortest: int = 4, found: list[str] | None = None
) -> tuple[str, int]:
    """Hide the secrets in text that somebody printed: shapes, and ``password=…`` in many spellings.

    Args:
        line: One line or many.
        known: Secrets to be looked for as they are.
        shortest: Shorter values under a secret name are left: in a log they are mostly something else.
        found: Gets the secrets that stood under a name.

    Returns:
        The text to write, and how many places were hidden.
    """
    line, hits = hide_known(line, known)
    line, shapes = secretshapes.hide(line)
    line, named = _hide_named(line, shortest, [] if found is None else found)
    return line, hits + shapes + named


def _hide_named(text: str, shortest: int, found: list[str]) -> tuple[str, int]:
    """Hide what stands behind ``password=`` and the like; looks only where a word names secrets."""
    places = secretshapes.naming_places(text)
    if not places:
        return text, 0
    parts: list[str] = []
    done = 0
    sign_at, value_at = re.compile(_SIGN).match, re.compile(_VALUE % ((shortest,) * 3)).match
    for place in places:
        # A sign must follow at once, and the whole name must be a secret's; most places end here.
        sign = sign_at(text, place) if place >= done else None
        if sign is None:
            continue
        before = secretnames.name_before(text, done, place)
        name = before + sign["name"]
        value = value_at(text, sign.end()) if secretnames.is_secret(name) else None
        if value is None:
            continue
        bare = value["value"].strip("\"'")
        start = place - len(before)
        is_option = text[max(start - 1, 0) : start] == "-"
        if _is_named_secret(name, bare, quoted=bare != value["value"], spaced=not sign["sign"].strip(),
                            is_option=is_option):  # fmt: skip
            found.append(bare)
            parts += [text[done : value.start("value")], value["value"].replace(bare, HIDDEN)]
            done = value.end()
    return "".join(parts) + text[done:], len(parts) // 2


def _is_named_secret(name: str, value: str, *, quoted: bool, spaced: bool, is_option: bool) -> bool:
    if value.startswith(HIDDEN) or not secretnames.can_be_secret(name, value):
        return False
    if spaced:
        # "--password hunter2" is a command that was printed; "--password PASSWORD" is a help text.
        return is_option and re.search(r"\d", value) is not None and not name.lower().endswith("token")
    if secretnames.is_bare_pass(name):
        return quoted
    # In prose "token" is mostly a piece of text: there the value must look made by a machine.
    return not name.lower().endswith("token") or secretnames.is_made(value)
