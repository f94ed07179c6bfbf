"""Files that look like secrets, by name or content: out of every snapshot unless already committed."""

from __future__ import annotations

import re

from expctl.core import globs

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
#: A token's first letters (found quickly in megabytes), its whole shape, what it is.
_SHAPES = (
    (b"PRIVATE KEY", rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----", "a private key"),
    (b"PuTTY-User-Key-File", rb"PuTTY-User-Key-File-\d", "a private key"),
    (b"AKIA", rb"\bAKIA[0-9A-Z]{16}\b", "an AWS key"),
    (b"ASIA", rb"\bASIA[0-9A-Z]{16}\b", "an AWS key"),
    (
        b"aws_secret_access_key",
        rb"aws_secret_access_key['\"]?\s*[=:]\s*['\"]?[A-Za-z0-9/+]{40}",
        "an AWS key",
    ),
    (b"ghp_", rb"\bghp_[A-Za-z0-9]{36}", "a GitHub token"),
    (b"gho_", rb"\bgho_[A-Za-z0-9]{36}", "a GitHub token"),
    (b"ghs_", rb"\bghs_[A-Za-z0-9]{36}", "a GitHub token"),
    (b"github_pat_", rb"\bgithub_pat_[A-Za-z0-9_]{50,}", "a GitHub token"),
    (b"glpat-", rb"\bglpat-[A-Za-z0-9_-]{20,}", "a GitLab token"),
    (b"hf_", rb"\bhf_[A-Za-z0-9]{34}\b", "a Hugging Face token"),
    (b"xox", rb"\bxox[abprs]-[A-Za-z0-9-]{10,}", "a Slack token"),
    (b"sk-", rb"\bsk-(ant-|proj-)?[A-Za-z0-9_-]{32,}", "an API key"),
    (b"sk_live_", rb"\bsk_live_[A-Za-z0-9]{24,}", "an API key"),
    (b"AIza", rb"\bAIza[A-Za-z0-9_-]{35}\b", "a Google API key"),
    (b"AccountKey=", rb"AccountKey=[A-Za-z0-9+/]{86}==", "an Azure key"),
    (b"pypi-AgE", rb"\bpypi-AgE[A-Za-z0-9_-]{50,}", "a PyPI token"),
    (b"npm_", rb"\bnpm_[A-Za-z0-9]{36}\b", "an npm token"),
)


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
    for start, shape, name in _SHAPES:  # compiled when first needed, which is hardly ever
        if start in data and re.search(shape, data):
            return f"looks like it holds {name}"
    return None


def is_template(path: str) -> bool:
    """Whether a committed file of that name shows how a secret file is filled in (``.env.example``)."""
    return path.lower().endswith((".example", ".sample", ".template", ".dist"))
