"""Files that look like secrets, by name or content: out of every snapshot unless already committed."""

from __future__ import annotations

import re

from expctl.core import globs, secretshapes

#: Names by tools that keep passwords, tokens or private keys there.
_NAMES = (
    "*.pem",
    "*.p12",
    "*.pfx",
    "*.ppk",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "*.tfvars",
    "*_rsa",
    "*_ed25519",
    "*service-account*.json",
    "*service_account*.json",
    ".git-credentials",
    ".htpasswd",
    ".netrc",
    "_netrc",
    ".npmrc",
    ".pgpass",
    ".pypirc",
    "client_secret*.json",
    "credentials",
    "credentials.json",
    "credentials.y*ml",
    "kaggle.json",
    "secret.y*ml",
    "secrets.json",
    "secrets.toml",
    "secrets.y*ml",
)
_is_named = globs.name_matcher(_NAMES)
#: `id_rsa`, `id_ed25519_work`, `id_rsa.old`; not `id_mapping.py`, which is a program.
_KEY_NAME = r"id_[^.]*|id_(rsa|dsa|ecdsa|ed25519)(_sk)?\.(?!pub$).*"
#: A long value of letters and digits, in quotes or up to the end of its line.
_ASSIGNED = (
    r"""(\w[\w.\-]{0,60})["']?[ \t]{0,8}[=:][ \t]{0,8}"""
    r"""(?:"([\w+/=\-]{20,200})"|'([\w+/=\-]{20,200})'|([A-Za-z0-9+/=]{20,200})[ \t]*[\r\n,])"""
)
#: So many digits and letters at least: ``api_key = "my-project-key-number-1"`` is a name.
_FEWEST = 4


def by_name(path: str) -> str | None:
    """Why a file of that name may not enter a snapshot; None when the name says nothing."""
    name = path.rsplit("/", 1)[-1].lower()
    if name.startswith(".env"):
        return "may hold secrets"
    if name.startswith("id_") and re.fullmatch(_KEY_NAME, name):
        return "may be a private key"
    return "may hold secrets" if _is_named(name) else None


def by_content(data: bytes) -> str | None:
    """Why bytes may not enter a snapshot; None when nothing in them has the shape of a secret."""
    what = secretshapes.named_in_file(data)
    if what is not None:
        return f"looks like it holds {what}"
    name = None if b"\0" in data else _assigned_secret(data.decode("latin-1"))
    return None if name is None else f"looks like it holds a secret under the name {name}"


def is_template(path: str) -> bool:
    """Whether a committed file of that name shows how a secret file is filled in (``.env.example``)."""
    return path.lower().endswith((".example", ".sample", ".template", ".dist"))


def _assigned_secret(text: str) -> str | None:
    """A name of secrets that a long value of letters and digits is given to."""
    from expctl.core import secretnames  # what few files need

    assigned_at = re.compile(_ASSIGNED).match
    done = 0
    for place in secretshapes.naming_places(text):
        found = assigned_at(text, place) if place >= done else None
        if found is None:
            continue
        done = found.end()
        name = secretnames.name_before(text, 0, place) + found[1]
        value = found[2] or found[3] or found[4]
        if secretnames.is_secret(name) and all(
            len(re.findall(kind, value)) >= _FEWEST for kind in ("[0-9]", "[A-Za-z]")
        ):
            return name
    return None
