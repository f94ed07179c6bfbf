"""Paths that a file names: which of them may ever be joined to a folder.

A manifest may come from a stranger. What passes here stays inside the folder that it is joined to, on every
file system that the repository may be checked out on, and never reaches a ``.git``. Links on the way are
another matter: whoever writes looks at each component on the disk.
"""

from __future__ import annotations

import functools
import re

from expctl.typed import NamedTuple

MAX_CHARS = 4096
MAX_NAME_BYTES = 255

#: Most paths there are: looked at in one go, before the patterns below are even compiled.
_PLAIN = r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}/)*[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}"
#: The first three letters of names that Windows keeps for devices.
_DEVICES = ("con", "prn", "aux", "nul", "com", "lpt")


class _Patterns(NamedTuple):
    control: re.Pattern[str]
    surrogate: re.Pattern[str]
    unseen: re.Pattern[str]
    escaped: re.Pattern[str]
    address: re.Pattern[str]
    git: re.Pattern[str]
    device: re.Pattern[str]


@functools.cache
def _patterns() -> _Patterns:
    return _Patterns(
        control=re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]"),
        surrogate=re.compile("[\ud800-\udfff]"),
        # Characters that HFS+ does not see (git's utf8.c, next_hfs_char), so that ".g\u200cit" is ".git".
        unseen=re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"),
        escaped=re.compile(r"%(?:2e|2f|5c|00)", re.IGNORECASE),
        address=re.compile(r"file:|[a-z][a-z0-9+.-]+:/", re.IGNORECASE),
        git=re.compile(r"\.git|git~[0-9]+|gi[0-9a-f]{4}~[0-9]", re.IGNORECASE),
        device=re.compile(
            r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:[ ]*[.:].*)?[ ]*", re.IGNORECASE | re.DOTALL
        ),
    )


@functools.lru_cache(4096)  # ten thousand manifests name the same few files
def check(path: str) -> str | None:
    """Say why a path is refused.

    Args:
        path: Relative, with ``/``.

    Returns:
        The reason in a few words; None for a path that may be used.
    """
    if not path:
        return "empty"
    if len(path) > MAX_CHARS:
        return "too long"
    if re.fullmatch(_PLAIN, path) and not any(name[:3].lower() in _DEVICES for name in path.split("/")):
        return None
    return _check_text(path) or next(filter(None, map(_check_name, path.split("/"))), None)


def _check_text(path: str) -> str | None:
    found = _patterns()
    rules = (
        (path.startswith("/"), "absolute"),
        (found.surrogate.search(path), "not UTF-8"),
        (found.control.search(path), "holds a control character"),
        ("\\" in path, "holds a backslash"),
        (found.escaped.search(path), "holds an escaped dot or slash"),
        (path[1:2] == ":" or found.address.match(path), "a drive or an address, not a path"),
    )
    return next((reason for refused, reason in rules if refused), None)


def _check_name(name: str) -> str | None:
    found = _patterns()
    # Windows drops dots and spaces at the end of a name, and what follows a colon (an alternate data stream).
    seen = found.unseen.sub("", name)
    bare = seen.split(":", 1)[0].rstrip(" .")
    rules = (
        (name in ("", "."), "not in its shortest form"),
        (not bare, "leaves its folder"),
        (found.git.fullmatch(bare), "reaches into .git"),
        ("::" in seen or ":$" in seen, "names an alternate data stream"),
        (found.device.fullmatch(seen), "a reserved name"),
        (len(name.encode()) > MAX_NAME_BYTES, "a name in it is too long"),
    )
    return next((reason for refused, reason in rules if refused), None)
