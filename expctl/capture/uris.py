"""Inputs in object stores or on web servers: their version and size, looked up beside the command."""

from __future__ import annotations

import json
import os

from expctl.adapters import process, urilook
from expctl.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from expctl.adapters.files import StrPath

#: More are listed and not asked for.
_MOST = 50
_LONGEST = 200
#: All of it ends after so long, and one answer may take this long. A program that cannot even say so has a
#: moment more.
_LIMIT_S = 12.0
_ANSWER_S = 5.0
_MORE_S = 3.0
_NOT_INSTALLED = "no file system for it"


def look_up(
    uris: Sequence[str], pythons: Sequence[str], *, root: StrPath, env: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Ask about objects.

    Args:
        uris: The objects.
        pythons: Interpreters, of which each is asked what those before it have no file system for.
        root: Top of the work tree, whose DVC remotes may have credentials.
        env: The environment, where credentials may be.

    Returns:
        For each URI ``etag``, ``version_id`` and ``bytes`` as far as they are known, or ``problem``.
    """
    answers: list[dict[str, Any]] = [{"problem": "no answer in time"} for _ in uris]
    clean = {name: value for name, value in env.items() if not name.startswith("EXPCTL_")}
    for python in pythons:
        left = [
            number
            for number, answer in enumerate(answers[:_MOST])
            if python == pythons[0] or answer.get("problem", "").startswith(_NOT_INSTALLED)
        ]
        if left:
            asked = {
                "uris": [uris[number] for number in left],
                "root": os.fspath(root),
                "limit_s": _LIMIT_S,
                "answer_s": _ANSWER_S,
            }
            for number, facts in _ask(python, asked, clean).items():
                answers[left[number]] = facts
    return answers


def _ask(python: str, asked: dict[str, Any], env: Mapping[str, str]) -> dict[int, dict[str, Any]]:
    words = [python, os.path.abspath(urilook.__file__)]
    limit_s = _LIMIT_S + _MORE_S
    try:
        done = process.run(words, cwd="/", env=env, stdin=json.dumps(asked).encode(), timeout_s=limit_s)
    except OSError:
        return {}
    found = {}
    for line in done.out.splitlines():
        try:
            number, facts = json.loads(line)
        except (ValueError, TypeError):
            continue
        if isinstance(number, int) and 0 <= number < len(asked["uris"]) and isinstance(facts, dict):
            found[number] = {name: value for name, value in facts.items() if _is_plain(name, value)}
    return found


def _is_plain(name: str, value: Any) -> bool:
    if name == "bytes":
        return type(value) is int and 0 <= value < 1 << 63
    return name in ("etag", "version_id", "problem") and isinstance(value, str) and len(value) <= _LONGEST
