"""The words around a command."""

from __future__ import annotations

import pytest

from expctl.cli import table, words
from expctl.cli.lazy import build


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ls", "ls"),
        ("-q ls", "ls"),
        ("-C dir run -- x", "run"),
        ("-Cdir --debug show", "show"),
        ("--unknown ls", None),
        ("", None),
        ("-C", None),
        ("-q", None),
    ],
)
def test_the_command_is_found_behind_global_options(typed: str, found: str | None) -> None:
    assert words.command_of(typed.split()) == found


def test_global_flags_behind_a_command_come_to_the_front() -> None:
    assert words.hoist(["rm", "k3f9qa", "--yes", "--no-color"]) == ["--yes", "--no-color", "rm", "k3f9qa"]
    assert words.hoist(["rm", "k3f9qa", "-y", "-q"]) == ["-y", "-q", "rm", "k3f9qa"]


@pytest.mark.parametrize("name", [name for name in table.COMMANDS if name != "run"])
def test_no_command_has_an_option_that_is_called_like_a_global_flag(name: str) -> None:
    built = build(name)
    commands = [built, *getattr(built, "commands", {}).values()]
    options = {option for command in commands for param in command.params for option in param.opts}

    assert not options & set(words.FLAGS)


def test_words_of_a_foreign_command_stay_where_they_are() -> None:
    typed = ["run", "--", "tool", "--yes", "--debug"]

    assert words.hoist(typed) == typed


def test_nothing_behind_two_dashes_is_moved() -> None:
    assert words.hoist(["note", "@", "--", "--yes"]) == ["note", "@", "--", "--yes"]


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("ls --json", True),
        ("compare --format json", True),
        ("compare --format=json", True),
        ("compare -f csv", False),
        ("run -- tool --json", False),
        ("run tool --json", False),
        ("note @ -- --json", False),
    ],
)
def test_json_errors_follow_json_answers(typed: str, *, wanted: bool) -> None:
    assert words.wants_json(typed.split()) is wanted
