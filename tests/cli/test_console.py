"""What reaches standard output and standard error."""

from __future__ import annotations

import io
import json
import sys
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from expctl.cli import console, context, guard
from expctl.render.style import Page, Span


class Fact(NamedTuple):
    name: str
    value: float


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    context.configure(context.Globals())
    yield
    context.configure(context.Globals())


def test_results_and_talk_go_to_different_streams(capsys: pytest.CaptureFixture[str]) -> None:
    console.out("result")
    console.say("talk")
    console.warn("careful")

    assert capsys.readouterr() == ("result\n", "talk\nWarning: careful\n")


def test_quiet_silences_talk_and_remarks_but_no_warning(capsys: pytest.CaptureFixture[str]) -> None:
    context.configure(context.Globals(quiet=True))
    console.say("talk")
    console.note("remark")
    console.warn("careful")
    console.error("wrong")

    assert capsys.readouterr().err == "Warning: careful\nError: wrong\n"


@pytest.mark.parametrize(
    "speak", [console.out, console.say, console.note, console.warn, console.error, console.hint]
)
def test_no_control_byte_is_ever_printed(speak, capsys: pytest.CaptureFixture[str]) -> None:
    speak("a\x1b[31mb\x07\r\u202ec\ud800\nsecond")
    shown = "".join(capsys.readouterr())

    assert "\\x1b[31mb\\x07\\r\\u202ec\\ud800\nsecond" in shown
    assert not any(char in shown for char in "\x1b\x07\r\u202e")


def test_a_rich_drawing_is_cleaned_too(capsys: pytest.CaptureFixture[str]) -> None:
    from rich.text import Text

    console.out(Text("a\x1b]0;t\x07 [bold]x[/]"))
    shown = capsys.readouterr().out

    assert "\x1b" not in shown
    assert "[bold]x[/]" in shown


def test_json_is_strict_and_typed(capsys: pytest.CaptureFixture[str]) -> None:
    value = {
        "nan": float("nan"),
        "inf": float("inf"),
        "at": datetime(2026, 11, 22, tzinfo=UTC),
        "fact": Fact("a", 1.5),
        "list": (1, True, None),
        "evil": "\x9b\u202e\ud800",
    }
    console.json(value)
    text = capsys.readouterr().out
    read = json.loads(text, parse_constant=pytest.fail)

    assert read["nan"] is None
    assert read["inf"] is None
    assert read["at"] == "2026-11-22T00:00:00Z"
    assert read["fact"] == {"name": "a", "value": 1.5}
    assert read["list"] == [1, True, None]
    assert read["evil"] == value["evil"]
    assert text.isascii()


@pytest.mark.parametrize(
    ("environment", "colored"),
    [
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "0"}, False),
        ({"NO_COLOR": ""}, False),
        ({}, False),
    ],
)
def test_colours_follow_the_environment(
    environment: dict[str, str],
    colored: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    console.out(Page([(Span("x", "good"),)]))

    assert capsys.readouterr().out == ("\x1b[32mx\x1b[0m\n" if colored else "x\n")


def test_the_width_of_a_pipe_is_without_end_unless_columns_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert console.columns() == console.UNLIMITED

    for asked, width in (("100", 100), ("0", console.UNLIMITED), ("x", console.UNLIMITED)):
        monkeypatch.setenv("COLUMNS", asked)
        assert console.columns() == width


def test_a_narrow_encoding_gets_ascii_and_never_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    console.out("0.87* ↑ – 모델")
    guard.flush()

    assert raw.getvalue() == b"0.87* ^ - \\ubaa8\\ub378\n"


def test_a_question_without_a_terminal_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    from expctl.errors import UsageError

    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    with pytest.raises(UsageError) as caught:
        context.confirm("Remove it?")

    assert "--yes" in (caught.value.hint or "")


def test_yes_answers_every_question() -> None:
    context.configure(context.Globals(yes=True))

    assert context.confirm("Remove it?")
