from __future__ import annotations

import shlex

import pytest

from expctl.render.echo import Command, Title


def test_a_title_is_wrapped_at_words_after_a_blank_line() -> None:
    lines = list(Title("one two three four", 9).lines())

    assert lines == ["", "one two", "three", "four"]


def test_a_title_is_not_wider_than_one_reads_well() -> None:
    assert max(map(len, Title("word " * 100, 100_000).lines())) <= 100


@pytest.mark.parametrize("columns", [20, 60, 100, 100_000])
def test_a_command_can_be_copied_however_narrow_the_terminal_is(columns: int) -> None:
    line = (
        f"expctl run -n 'a name' --note \"it's\" -- python train.py {' '.join(f'x.y={n}' for n in range(20))}"
    )
    shown = list(Command(line, columns).lines())

    assert shlex.split("\n".join(shown).removeprefix("$ ").replace("\\\n", " ")) == shlex.split(line)
    assert all(len(row) <= max(columns, 24) for row in shown)


def test_a_word_is_never_cut() -> None:
    line = "expctl run -- " + "x" * 300

    assert list(Command(line, 80).lines()) == ["$ expctl run -- \\", "    " + "x" * 300]
    assert list(Command("echo it's", 4).lines()) == ["$ echo it's"]


def test_what_is_told_carries_no_control_byte_of_its_own() -> None:
    drawn = "\n".join([*Title("a\x1b[2Jb", 80).lines(), *Command("a\x1b[2Jb", 80).lines()])

    assert "\x1b" not in drawn


def test_colour_wraps_the_words_and_is_switched_off_again() -> None:
    for line in [*Title("a", 80).lines(color=True), *Command("a", 80).lines(color=True)]:
        assert not line or (line.startswith("\x1b[") and line.endswith("\x1b[0m"))
