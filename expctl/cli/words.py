"""The words before and around a command: which command it is, and global flags typed after it.

On the road of ``run``: plain list work, nothing imported.
"""

from __future__ import annotations

#: Global flags without a value, by every spelling; no command has one of its own of that name (a test).
FLAGS = {
    "-q": "quiet",
    "--quiet": "quiet",
    "--no-color": "no_color",
    "--debug": "debug",
    "--yes": "yes",
    "-y": "yes",
}
#: Commands whose own words end where a foreign command begins: nothing is looked for behind them.
_FOREIGN = ("run",)


def split(words: list[str]) -> tuple[list[str], str | None, list[str]]:
    """Divide a command line into global words, the command, and what follows it.

    Returns:
        The global words, the command (None if there is none), the words behind it.
    """
    at = 0
    while at < len(words):
        word = words[at]
        if word == "-C":
            at += 2
        elif word in FLAGS or (word.startswith("-C") and len(word) > len("-C")):
            at += 1
        elif word.startswith("-"):
            return words[:at], None, words[at:]
        else:
            return words[:at], word, words[at + 1 :]
    return words, None, []


def command_of(words: list[str]) -> str | None:
    """The command that is named, if any."""
    return split(words)[1]


def hoist(words: list[str]) -> list[str]:
    """Move global flags that were typed behind the command to the front: ``expctl rm X --yes`` works."""
    before, command, after = split(words)
    if command is None or command in _FOREIGN:
        return words
    end = after.index("--") if "--" in after else len(after)
    moved = [word for word in after[:end] if word in FLAGS]
    kept = [word for word in after[:end] if word not in FLAGS]
    return [*before, *moved, command, *kept, *after[end:]]


def wants_json(words: list[str]) -> bool:
    """Whether the answer was asked for as JSON, so that an error is JSON too."""
    before, command, after = split(words)
    mine = [*before, *after]
    if command in _FOREIGN or "--" in mine:
        mine = mine[: mine.index("--")] if "--" in mine else before
    return "--json" in mine or "--format=json" in mine or "--format json" in " ".join(mine)
