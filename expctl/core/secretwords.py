"""Secrets in the words of a command, read as the tools read them that it starts.

``--password X``, ``--env=PGPASSWORD=x``, ``-H 'X-Api-Key: x'``, JSON and YAML in one word, ``mysql -pX``,
``curl -u user:X``, ``docker login -p X``, and all of these again inside the script of ``bash -c``.
"""

from __future__ import annotations

import re

from expctl.core import secretnames, secretshapes, secrettext
from expctl.core.secretshapes import HIDDEN
from expctl.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Habit(NamedTuple):
    """How a tool is told secrets.

    Attributes:
        next: Options whose next word is a secret.
        glued: Options that a secret follows without a blank.
        pair: Options of a user and a secret with a sign between them.
        sign: That sign.
        after: The word after which only this holds: ``docker login -p X``, but ``docker run -p 80:80``.
        last: Whether a word that is no option is the secret itself: ``wandb login KEY``.
    """

    next: tuple[str, ...] = ()
    glued: tuple[str, ...] = ()
    pair: tuple[str, ...] = ()
    sign: str = ":"
    after: str = ""
    last: bool = False


_HABITS = {
    "mysql mysqldump mysqladmin mysqlimport mysqlshow mysqlcheck mysqlpump mysqlbinlog mariadb mariadb-dump "
    "mariadb-admin 7z 7za 7zr": Habit(glued=("-p",)),
    "mongo mongosh mongodump mongorestore mongoexport mongoimport mongostat sshpass": Habit(
        next=("-p",), glued=("-p",)
    ),
    "ldapsearch ldapadd ldapmodify ldapdelete ldapwhoami ldappasswd": Habit(next=("-w",), glued=("-w",)),
    "docker podman nerdctl buildah skopeo oc az cf helm crane": Habit(
        next=("-p",), glued=("-p",), after="login"
    ),
    "http https xh xhs": Habit(pair=("-a", "--auth")),
    "curl": Habit(
        next=("--pass", "--proxy-pass", "--oauth2-bearer", "-b", "--cookie"),
        pair=("-u", "--user", "-U", "--proxy-user"),
    ),
    "redis-cli": Habit(next=("-a", "--pass")),
    "sqlcmd bcp": Habit(next=("-P",), glued=("-P",)),
    "zip unzip": Habit(next=("-P",)),
    "twine": Habit(next=("-p",)),
    "openssl": Habit(next=("-k", "-K", "-passphrase")),
    "smbclient": Habit(pair=("-U", "--user"), sign="%"),
    "lftp": Habit(pair=("-u", "--user"), sign=","),
    "sqlplus": Habit(pair=("",), sign="/"),
    "wandb": Habit(after="login", last=True),
}
_TOOLS = {name: habit for names, habit in _HABITS.items() for name in names.split()}
#: Tools that are told a setting's name and then its value, in two words.
_SETTERS = frozenset(("aws", "dvc", "git", "npm", "pip", "poetry", "conda", "gcloud", "yarn", "vault"))
#: Programs whose word after ``-c`` is a script, and those whose further words are one.
_SHELLS = frozenset(("bash", "sh", "zsh", "dash", "ksh", "fish", "su", "cmd", "pwsh"))
_HEADERS = ("-H", "--header", "--headers", "--proxy-header")
#: Bounds for one word: what is longer is searched as text only.
_LONGEST_SCRIPT = 1 << 16
_DEEPEST = 4
_SHELL_WORD = r"""(?:[^\s;&|<>()`"'\\]|\\.|"(?:[^"\\]|\\.)*"|'[^']*')+"""
_BREAK = r"[;&|\n()`]"
_HEADER = r"(?s)(\s*[A-Za-z][\w\-]{0,80}:\s*(?:(?i:bearer|basic|token|digest|apikey)\s+)?)(\S.*)"


def redact_words(argv: Sequence[str], found: list[str], depth: int = 0) -> tuple[list[str], list[str]]:
    """Hide the secrets in the words of one command.

    Args:
        argv: The words.
        found: Gets the secrets themselves.
        depth: How many scripts are around it.

    Returns:
        The words to write, and what was hidden.
    """
    reader = _Reader(found, depth)
    words, hidden = [], []
    for place, word in enumerate(argv):
        clean, label = reader.read(word)
        words.append(clean)
        if clean != word:
            hidden.append(label or f"word {place}")
    return words, hidden


def redact_script(text: str, found: list[str], depth: int = 0) -> str:
    """Hide the secrets in the script of a shell; what is no word of it stays as it is."""
    parts: list[str] = []
    if len(text) <= _LONGEST_SCRIPT and depth < _DEEPEST:
        end = 0
        for tokens in _commands(text):
            raw = [token[0] for token in tokens]
            clean, _ = redact_words([_unquoted(word) for word in raw], found, depth + 1)
            for token, word in zip(tokens, clean, strict=True):
                shown = token[0] if word == _unquoted(token[0]) else _quoted_like(token[0], word)
                parts += [text[end : token.start()], shown]
                end = token.end()
        text = "".join(parts) + text[end:]
    return secrettext.redact_text(text, shortest=1, found=found)[0]


class _Reader:
    """One pass over the words of a command, which remembers what the next word means."""

    def __init__(self, found: list[str], depth: int) -> None:
        self._found = found
        self._depth = depth
        self._owner = ""  # the option or setting whose value the next word is
        self._how = ""  # how that value is read: "secret", "pair", "header", "script", "named"
        self._habit = Habit()
        self._ready = False  # whether the word that the habit waits for was there
        self._shell = self._setter = False

    def read(self, word: str) -> tuple[str, str]:
        """The word to write, and what to call it when it was changed."""
        owner, how, self._owner, self._how = self._owner, self._how, "", ""
        if how and not (word.startswith("--") and len(word) > 2):  # noqa: PLR2004 the two dashes
            return self._value(owner, how, word), owner
        return self._word(word)

    def _value(self, owner: str, how: str, word: str) -> str:
        if how == "secret":
            return self._hide(word)
        if how == "pair":
            return self._hide_pair(word)
        if how == "header":
            return self._header(word)
        if how == "script":
            return redact_script(word, self._found, self._depth)
        clean, changed = secrettext.redact_value(owner, word, self._found)
        return str(clean) if changed else self._text(word)

    def _option(self, word: str) -> tuple[str, str]:
        option, equals, value = word.partition("=")
        glued = self._glued(word)
        if glued is not None:
            return glued, word[:2]
        if equals and re.fullmatch(r"-{1,2}[\w.\-]+", option):
            return f"{option}={self._given(option, value)}", option
        self._expect(word)
        return self._text(word) if " " in word else secretshapes.hide(word)[0], ""

    def _word(self, word: str) -> tuple[str, str]:
        self._meet(word.rpartition("/")[2])
        if word.startswith("-"):
            return self._option(word)
        if self._habit.last and self._ready and len(word) >= 20 and secretnames.is_made(word):  # noqa: PLR2004
            return self._hide(word), ""
        if "" in self._habit.pair and re.fullmatch(r"[^/\s]+/[^/@\s]+(@.*)?", word):
            return self._hide_pair(word), ""
        name, equals, value = word.partition("=")
        if equals and re.fullmatch(r"[+~]{0,2}[A-Za-z_][\w.\-/@:]*", name) and "://" not in name:
            return f"{name}={self._given(name, value)}", name
        if self._setter and secretnames.is_secret(word):
            self._owner, self._how = word, "named"
        return self._text(word), ""

    def _meet(self, name: str) -> None:
        """Take note of a tool, a shell, or the word that a tool's habit waits for."""
        if name in _TOOLS:
            self._habit, self._ready = _TOOLS[name], not _TOOLS[name].after
        elif name and name == self._habit.after:
            self._ready = True
        self._shell = self._shell or name in _SHELLS
        self._setter = self._setter or name in _SETTERS

    def _expect(self, option: str) -> None:
        """What the word after an option will be."""
        habit = self._habit if self._ready else Habit()
        if option in habit.next:
            how = "secret"
        elif option in habit.pair:
            how = "pair"
        elif option in _HEADERS:
            how = "header"
        elif self._shell and re.fullmatch(r"-[a-z]{0,4}c", option):
            how = "script"
        elif secretnames.is_secret(option):
            how = "named"
        else:
            return
        self._owner, self._how = option, how

    def _glued(self, word: str) -> str | None:
        habit = self._habit if self._ready else Habit()
        for option in habit.glued:
            if word.startswith(option) and len(word) > len(option) and not word.startswith("--"):
                return option + self._hide(word[len(option) :])
        for option in habit.pair:
            is_short = len(option) == 2 and len(word) > 2  # noqa: PLR2004 a dash and a letter
            if is_short and word.startswith(option) and habit.sign in word:
                return option + self._hide_pair(word[2:])
        return None

    def _given(self, name: str, value: str, depth: int = 0) -> str:
        """What follows ``name=``, which may be ``name=value`` again: ``--env=PGPASSWORD=x``."""
        if name in _HEADERS:
            return self._header(value)
        if self._ready and name in self._habit.pair:
            return self._hide_pair(value)
        if self._ready and name in self._habit.next:
            return self._hide(value)
        clean, changed = secrettext.redact_value(name, value, self._found)
        if changed and clean == HIDDEN:
            return HIDDEN
        inner, equals, rest = value.partition("=")
        if equals and depth < _DEEPEST and re.fullmatch(r"[A-Za-z_][\w.\-/]*", inner):
            return f"{inner}={self._given(inner, rest, depth + 1)}"
        return self._text(value)

    def _text(self, word: str) -> str:
        """A word that is none of these: JSON, a script, or what shows by its shape."""
        if word[:1] in ("{", "[") and (clean := self._json(word)) is not None:
            return clean
        if word.startswith("pass:") and len(word) > len("pass:"):  # openssl's
            return "pass:" + self._hide(word[5:])
        if re.search(r"[\s;|]", word):
            return redact_script(word, self._found, self._depth)
        return secrettext.redact_text(word, shortest=1, found=self._found)[0]

    def _json(self, word: str) -> str | None:
        import json  # few words are JSON

        try:
            value = json.loads(word) if len(word) < 1 << 20 else None
        except (ValueError, RecursionError):
            return None
        if not isinstance(value, (dict, list)):
            return None
        try:
            clean, hidden = secrettext.redact_tree({"": value}, found=self._found)
        except RecursionError:
            return None
        return json.dumps(clean[""], ensure_ascii=False) if hidden else word

    def _header(self, word: str) -> str:
        match = re.fullmatch(_HEADER, word)
        if match and secretnames.is_secret(match[1].partition(":")[0]):
            return match[1] + self._hide(match[2])
        return self._text(word)

    def _hide_pair(self, word: str) -> str:
        user, sign, secret = word.partition(self._habit.sign)
        if not secret:
            return word
        if self._habit.sign == "/":  # sqlplus: user/secret@database
            secret, at, database = secret.partition("@")
            return user + sign + self._hide(secret) + at + database
        return user + sign + self._hide(secret)

    def _hide(self, secret: str) -> str:
        if not secretnames.can_be_secret("password", secret):
            return secret
        self._found.append(secret)
        return HIDDEN


def _commands(text: str) -> Iterator[list[re.Match[str]]]:
    """The words of each simple command in a script."""
    command: list[re.Match[str]] = []
    end = 0
    for token in re.finditer(_SHELL_WORD, text):
        if command and re.search(_BREAK, text[end : token.start()]):
            yield command
            command = []
        command.append(token)
        end = token.end()
    if command:
        yield command


def _unquoted(word: str) -> str:
    if not re.search(r"[\"'\\]", word):
        return word
    return re.sub(r"\\(.)|[\"']", r"\1", word, flags=re.DOTALL)


def _quoted_like(raw: str, clean: str) -> str:
    mark = raw[0] if raw[0] in "\"'" and raw[-1] == raw[0] else ""
    if not mark and re.search(r"\s", clean):
        mark = '"'
    return f"{mark}{clean}{mark}"
