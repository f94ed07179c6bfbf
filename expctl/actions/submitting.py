"""Commands that only hand a job to somebody else: what to write, so that the job itself is recorded."""

from __future__ import annotations

import os
import re
import shlex

from expctl.adapters import files
from expctl.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from expctl.adapters.files import StrPath

#: Options of ssh whose value is the next word (ssh(1)).
_SSH_VALUES = frozenset("BbcDEeFIiJLlmOopQRSWw")
_SCRIPT_LIMIT = 64 << 10
_LONGEST = 160
#: Lines of a job script that prepare, and are not what is to be recorded.
_PREPARES = re.compile(
    r"(?:#|:|(?:cd|module|ml|source|\.|export|set|unset|ulimit|echo|printf|date|hostname|nvidia-smi|mkdir"
    r"|rm|cp|mv|conda|mamba|pip|uv sync|sleep|wait|trap|exit|if|then|else|fi|for|do|done|while|case|esac|\[)"
    r"(?:\s|$))"
    r"|[A-Za-z_][A-Za-z0-9_]*=\S*\s*$"
)


def advice(argv: Sequence[str], cwd: StrPath) -> str:
    """What is said of a command that submits a job.

    Args:
        argv: The command.
        cwd: Where it runs.
    """
    tool = os.path.basename(argv[0])
    return f"only the submission is recorded, not what it starts; {_instead(tool, argv[1:], os.fspath(cwd))}"


def _instead(tool: str, words: Sequence[str], cwd: str) -> str:
    if tool == "ssh":
        host, command = _of_ssh(words)
        remote = _recorded(command or "COMMAND")
        return f"record it over there: ssh {host or 'HOST'} 'cd REPOSITORY && {remote}'"
    wrapped = _wrapped(words)
    if wrapped:
        return f"write: {tool} --wrap={shlex.quote(_recorded(wrapped))}"
    script = next((word for word in words if os.path.isfile(os.path.join(cwd, word))), None)
    if script is not None and tool != "bsub":
        return f"in {script} write: {_recorded(_main_line(os.path.join(cwd, script)) or 'COMMAND')}"
    return f"in what {tool} starts write: {_recorded('COMMAND')}"


def _recorded(command: str) -> str:
    line = f"expctl run -- {' '.join(command.split())}"
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _of_ssh(words: Sequence[str]) -> tuple[str, str]:
    rest = list(words)
    while rest and rest[0].startswith("-"):
        option = rest.pop(0)
        if option[1:2] in _SSH_VALUES and len(option) == 2 and rest:  # noqa: PLR2004 `-p 22`, not `-p22`
            rest.pop(0)
    return (rest[0], " ".join(rest[1:])) if rest else ("", "")


def _wrapped(words: Sequence[str]) -> str:
    for at, word in enumerate(words):
        if word.startswith("--wrap="):
            return word.removeprefix("--wrap=")
        if word == "--wrap" and at + 1 < len(words):
            return words[at + 1]
    return ""


def _main_line(path: str) -> str:
    """The last line of a job script that is a command and prepares nothing."""
    try:
        text = files.read_plain(path, limit=_SCRIPT_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines()]
    commands = [line for line in lines if line and not _PREPARES.match(line) and "expctl" not in line]
    return commands[-1] if commands else ""
