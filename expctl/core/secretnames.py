"""Names that hide what stands under them, and values that can be what such a name promises.

A name hides its value when it says password, secret, credential, API key or the like, also glued together
(``PGPASSWORD``); a bare ``token`` does so only where it is no token of a vocabulary (``eos_token``,
``num_memory_tokens``).
"""

from __future__ import annotations

import functools
import re

from expctl.core.secretshapes import NAMING
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from expctl.typed import Any


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Words of a name that hide its value.
_SECRET = _words(
    """
    password passwords passwd passphrase passcode passwort pwd secret secrets credential credentials creds
    apikey authkey privatekey secretkey accesskey accesstoken authtoken authorization
    """
)
#: The same at the end of a longer word: ``PGPASSWORD``, ``dbpasswd``, ``clientsecret``, ``keystorepass``.
_GLUED = (
    "password", "passwd", "passphrase", "secret", "apikey", "secretkey", "accesskey", "privatekey",
    "authtoken", "accesstoken", "storepass", "keypass", "sqlpwd", "credentials",
)  # fmt: skip
#: ``<word> pass`` and ``<word>pass`` hide their value for these words; ``forward_pass`` does not.
_PASS_KINDS = _words(
    """
    db database user users admin root my mysql pg postgres redis mongo rabbit smtp mail email ftp sftp ssh
    http proxy ldap vnc imap login jwt sql sudo rpc wifi
    """
)
#: ``<word> key`` hides its value for these words; ``sort_key`` does not.
_KEY_KINDS = _words(
    """
    api access secret private auth account signing encryption master license service write app subscription
    jwt hmac webhook shared consumer deploy openai anthropic wandb hf huggingface comet neptune cohere mistral
    groq replicate kaggle stripe azure aws gcp google github gitlab sendgrid mailgun twilio datadog
    """
)
#: ``<word> auth`` does, in the few names that tools have for user and password together.
_AUTH_KINDS = _words("basic http proxy redis rediscli docker npm smtp")
#: A name that ends so tells about a secret and is none: ``token_dim``, ``password_file``, ``secret_name``.
_ABOUT = _words(
    """
    file files path dir name names env var field column length len size dim count type types ratio rate weight
    loss min max num policy prompt index idx pos position mask required enabled expiry ttl limit budget url
    uri endpoint host provider store manager strength list method mode scheme helper hint format table class
    cls fn func model version embedding embeddings dataset detection detector prob arn label labels stdin
    """
)
#: A name that begins so is a switch or a count: ``--no-password``, ``ask_password``.
_SWITCH = _words("no skip without has ask require hide show is num n max min per")
#: ``<word> token`` is part of a vocabulary or a count for these words.
_TOKEN_KINDS = _words(
    """
    pad padding eos bos unk mask sep cls special next max min num n per image img video audio speech vision
    visual text word char byte stop start end memory first last prev previous new added extra control system
    user assistant prompt begin decoder encoder forced sentence separator target source input output class
    register dist placeholder suppress boi eoi eot sot sos fim lang language reserved think thinking tool
    average avg total by sub skip drop oov blank query doc document context global local patch pixel object
    segment task time step latent learnable null dummy empty answer question copy label mean summary image
    """
)
_LETTERS = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+"
#: Long, letters and digits: made by a machine. ``<|reserved_token_12|>`` is not.
_MADE = r"(?=.{0,200}\d)(?=.{0,200}[A-Za-z])[\w.~+/=\-]{16,}"
#: What a name of a secret holds when the secret itself is elsewhere: nothing, a switch, a reference.
_HARMLESS = (
    r"(?i)(|none|null|nil|nan|true|false|yes|no|on|off|enabled|disabled|basic|bearer|digest|oauth2?|kerberos"
    r"|anonymous|\*+|x{3,}|\.{3,}|…|\$\{?\w+\}?|\$[({].*|%\(?\w+\)?[s%]|\{\{.*|<[^<>]*>|\[redacted\]|redacted"
    r"|prompt|-|env:.*|file:.*|vault:.*|getpass\b.*|os\.(environ|getenv)\b.*|input\(.*)"
)
_FILES = (".json", ".yaml", ".yml", ".toml", ".pem", ".key", ".txt", ".env", ".ini")
_LONGEST_NAME = 200


@functools.lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Whether a value under this name is a secret: ``--api-key``, ``db.password``, ``HF_TOKEN``."""
    if not any(word in name.lower() for word in NAMING):
        return False  # most names end here
    words = [word.lower() for word in re.findall(_LETTERS, name[-_LONGEST_NAME:])]
    while words and words[-1].isdigit():
        words.pop()
    if not words or words[-1] in _ABOUT or (words[0] in _SWITCH and len(words) > 1):
        return False
    last = words[-1]
    if not _SECRET.isdisjoint(words) or last.endswith(_GLUED):
        return words != ["oldpwd"]
    return _is_kind_of_secret(last, words[-2] if len(words) > 1 else "")


def _is_kind_of_secret(last: str, before: str) -> bool:
    """Whether the last word of a name makes a secret of it, going by the word before."""
    by_last = {
        "key": before in _KEY_KINDS,
        "token": before not in _TOKEN_KINDS,
        "pass": not before or before in _PASS_KINDS,
        "auth": not before or before in _AUTH_KINDS,
        "cookie": True,
        "otp": True,
    }
    if last in by_last:
        return by_last[last]
    if last.endswith("token"):
        return last.removesuffix("token") in _KEY_KINDS | {"bot", "refresh", "session", "bearer", "gh"}
    return last.endswith("pass") and last.removesuffix("pass") in _PASS_KINDS


def can_be_secret(name: str, value: Any) -> bool:
    """Whether a value can be the secret that its name promises."""
    if isinstance(value, int | float):
        # "pass: 3" counts, "token: 50256" is an entry of a vocabulary.
        return not name.lower().rstrip("0123456789").endswith(("token", "pass"))
    if not isinstance(value, str) or re.fullmatch(_HARMLESS, value, re.DOTALL):
        return False
    if value.startswith("<") and value.endswith(">"):
        return False
    if is_bare_pass(name) and not re.fullmatch(r"(?=.*[A-Za-z])(?=.*[^A-Za-z]).{6,}", value, re.DOTALL):
        return False  # "--pass train", "--pass 3/10"
    return not _is_path(value)


def is_made_token(name: str, value: Any) -> bool:
    """Whether a value under ``user_token`` and the like is no word of a vocabulary but made by a machine."""
    return name.lower().endswith("token") and isinstance(value, str) and is_made(value)


def is_made(value: str) -> bool:
    """Whether a text looks made by a machine: long, of letters and digits."""
    return re.fullmatch(_MADE, value) is not None


def is_bare_pass(name: str) -> bool:
    """Whether the name is ``pass`` alone, which is a password in settings, and a round in what is printed."""
    return name.strip("-\"' ").rpartition(".")[2].lower() == "pass"


def holds_secrets(name: str) -> bool:
    """Whether what stands under this name is secret, whatever it is called: ``secrets: {a: …}``."""
    # "token: {type: bpe}", "key: {…}" and "auth: {…}" are structures.
    return not name.lower().endswith(("token", "auth", "key", "pass", "cookie", "otp")) and is_secret(name)


def name_before(text: str, start: int, place: int) -> str:
    """The part of a name that ends at a place."""
    before = re.search(r"[A-Za-z][\w.\-]*\Z", text[max(start, place - 60) : place])
    return before[0] if before else ""


def _is_path(value: str) -> bool:
    """Whether it is a path to a file of credentials, or a folder: the shell's own PWD."""
    if value.endswith(_FILES):
        return True
    if not value.startswith(("/", "./", "../", "~/")):
        return False
    # Keys in base64 begin with a slash now and then.
    kinds = (r"\d", r"[A-Z]", r"[a-z]")
    is_key = re.fullmatch(r"[A-Za-z0-9+/=]{32,}", value) and all(
        len(re.findall(kind, value)) > 2  # noqa: PLR2004 - folders have one or two
        for kind in kinds
    )
    return not is_key
