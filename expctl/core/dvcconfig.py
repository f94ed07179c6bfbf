"""DVC's settings files as values: the part of ConfigObj's grammar that DVC writes, and how to write a value.

Sections are ``core``, ``cache``, ``remote "name"``; what this reader cannot make out is passed
over, since DVC itself will complain about it in its own words.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Settings by section and key, both in lower case but for the names of remotes.
Settings = dict[str, dict[str, str]]

_SECTION = re.compile(r"""\[\s*(['"]?)(?P<name>.+?)\1\s*\]\s*(?:#.*)?""")
_REMOTE = re.compile(r'remote\s*"(?P<name>.+)"')
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
#: Settings of a remote that are paths, and relative to the folder of their file (``dvc.config_schema``).
_PATHS = ("keyfile", "credentialpath", "configpath", "gdrive_service_account_json_file_path",
          "gdrive_user_credentials_file", "cert_path", "key_path", "ssl_verify", "server")  # fmt: skip
#: Settings that would make DVC write version ids into pointers, or refuse half of its commands.
_NOT_BORROWED = ("version_aware", "worktree")
BORROWED = "expctl-borrowed"


def parse(text: str) -> Settings:
    """Read a settings file; what cannot be read is passed over."""
    settings: Settings = {}
    section: dict[str, str] = {}
    for raw in text.lstrip("\ufeff").splitlines():
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        head = _SECTION.fullmatch(line)
        if head is not None:
            section = settings.setdefault(_section_name(head["name"]), {})
        elif "=" in line:
            key, _, value = line.partition("=")
            section[key.strip().strip("'\"").lower()] = _unquoted(value.strip())
    return settings


def merged(*levels: Settings) -> Settings:
    """Settings of several files; the later ones win, key by key."""
    result: Settings = {}
    for level in levels:
        for name, section in level.items():
            result.setdefault(name, {}).update(section)
    return result


def anchored(settings: Settings, folder: str) -> Settings:
    """The same settings with the paths of remotes and of the cache absolute: theirs begin at their file."""
    result: Settings = {}
    for name, section in settings.items():
        result[name] = dict(section)
        if not name.startswith('remote "') and name != "cache":
            continue
        for key in ("url", *_PATHS) if name != "cache" else ("dir",):
            value = section.get(key)
            if value and _is_relative_path(key, value):
                result[name][key] = f"{folder}/{value}"
    return result


def borrow(settings: Settings, sub_path: str) -> Settings | None:
    """Settings that hold a copy of the default remote, pointing at a folder below its own.

    Args:
        settings: Everything in force, paths absolute.
        sub_path: The folder below the remote's.

    Returns:
        All remotes and the borrowed one, which is the default; None when there is no default remote.
    """
    name = settings.get("core", {}).get("remote")
    remote = settings.get(f'remote "{name}"') if name else None
    if remote is None or not remote.get("url"):
        return None
    copy = {key: value for key, value in remote.items() if key not in _NOT_BORROWED}
    copy["url"] = remote["url"].rstrip("/") + "/" + sub_path
    kept = {key: value for key, value in settings.items() if key.startswith('remote "')}
    return {"core": {"remote": BORROWED}, **kept, f'remote "{BORROWED}"': copy}


def published(settings: Settings, sub_path: str, way: str) -> Settings:
    """Settings to commit, so that a stranger's stock DVC finds what lies below the default remote.

    Args:
        settings: The project's committed ones, paths as they stand there.
        sub_path: The folder below the remote's.
        way: From the folder of the new settings file to that of the project's, such as ``../../.dvc``.

    Returns:
        One remote without credentials; empty when there is no default remote.
    """
    name = settings.get("core", {}).get("remote")
    remote = settings.get(f'remote "{name}"') if name else None
    url = remote.get("url") if remote else None
    if remote is None or not url or "\n" in url:
        return {}
    if _is_relative_path("url", url):
        url = f"{way}/{url}"
    kept = {key: value for key, value in remote.items() if key in ("endpointurl", "region")}
    return {"core": {"remote": "expctl"}, 'remote "expctl"': {"url": f"{url.rstrip('/')}/{sub_path}", **kept}}


def format_settings(settings: Mapping[str, Mapping[str, str]]) -> str:
    """The text of a settings file."""
    lines = []
    for name, section in settings.items():
        lines.append(f"['{name}']" if '"' in name else f"[{name}]")
        lines += [f"    {key} = {_quoted(value)}" for key, value in section.items()]
    return "".join(f"{line}\n" for line in lines)


def _section_name(name: str) -> str:
    remote = _REMOTE.fullmatch(name)
    return f'remote "{remote["name"]}"' if remote else name.lower()


def _unquoted(value: str) -> str:
    if value[:1] in ("'", '"'):
        end = value.find(value[0], 1)
        return value[1:end] if end > 0 else value
    # ConfigObj takes a mark for the start of a comment only behind a blank.
    return re.split(r"\s+#", value, maxsplit=1)[0].strip()


def _quoted(value: str) -> str:
    if "\n" in value or "\r" in value:
        raise ValueError("a setting of DVC cannot hold a line break")
    # ConfigObj fills in %(name)s, and reads a comma as a list.
    if not re.search(r"""[,#'"]|^\s|\s$|^$""", value):
        return value
    if '"' not in value:
        return f'"{value}"'
    if "'" not in value:
        return f"'{value}'"
    raise ValueError("a setting of DVC cannot hold both kinds of quotation marks")


def _is_relative_path(key: str, value: str) -> bool:
    if key in ("ssl_verify", "server", "cert_path", "key_path") and "/" not in value:
        return False
    return not (value.startswith(("/", "~")) or _SCHEME.match(value) or re.match(r"[A-Za-z]:[\\/]", value))
