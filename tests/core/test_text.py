"""Text fit for a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import text as words

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
HOSTILE = {
    "escape": ("\x1b[31mred", "\\x1b[31mred"),
    "c1": ("\x9b31m", "\\x9b31m"),
    "bidi": ("a\u202eb", "a\\u202eb"),
    "zero width": ("a\u200bb", "a\\u200bb"),
    "surrogate": ("a\udce9b", "a\\udce9b"),
    "line end": ("a\nb\r\tc", "a\\nb\\r\\tc"),
    "line separator": ("a\u2028b", "a\\u2028b"),
    "tag characters": ("a\U000e0041", "a\\U000e0041"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_would_move_the_terminal_is_shown_as_its_number(case: str) -> None:
    raw, shown = HOSTILE[case]

    assert words.clean(raw) == shown


def test_korean_and_accents_stay_as_they_are() -> None:
    assert words.clean("모델 실험 é ñ 🚀 [bold]") == "모델 실험 é ñ 🚀 [bold]"


@given(ANY_TEXT)
@settings(deadline=None, max_examples=200)
def test_no_control_and_no_format_character_is_left(raw: str) -> None:
    kept = {unicodedata.category(char) for char in words.clean(raw)}

    assert not kept & {"Cc", "Cs", "Zl", "Zp"}
    assert not any(char in "\u200b\u200e\u202a\u202e\u2066\u2069\ufeff" for char in words.clean(raw))


@given(ANY_TEXT, st.integers(1, 40))
@settings(deadline=None, max_examples=200)
def test_folded_code_loses_nothing_and_fits(raw: str, columns: int) -> None:
    clean = words.clean(raw)
    rows = words.fold(clean, columns)

    assert "".join(rows) == clean
    # A wide character alone may not fit into one column.
    assert all(words.width(row) <= max(columns, 2) for row in rows)


@given(ANY_TEXT)
@settings(deadline=None, max_examples=200)
def test_cleaning_twice_is_cleaning_once(raw: str) -> None:
    assert words.clean(words.clean(raw)) == words.clean(raw)


@given(ANY_TEXT)
@settings(deadline=None, max_examples=100)
def test_lines_keep_their_ends_and_nothing_else(raw: str) -> None:
    cleaned = words.clean_lines(raw)

    assert cleaned.count("\n") == raw.count("\n")
    assert not any(unicodedata.category(char) == "Cc" for char in cleaned if char != "\n")


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert words.width("모델") == 4
    assert words.width("e\u0301") == 1
    assert words.width("\u1106\u1169") == 2  # a decomposed syllable, as macOS writes file names


@given(ANY_TEXT.map(words.clean), st.integers(1, 30))
@settings(deadline=None, max_examples=200)
def test_a_cut_text_fits_and_begins_like_the_whole(text: str, columns: int) -> None:
    for shortened in (words.cut(text, columns), words.cut_middle(text, columns)):
        assert words.width(shortened) <= columns
        assert shortened == text or words.ELLIPSIS in shortened


@given(ANY_TEXT.map(words.clean), st.integers(0, 30))
@settings(deadline=None, max_examples=100)
def test_a_padded_text_has_the_width_that_was_asked_for(text: str, columns: int) -> None:
    assert words.width(words.pad(text, columns)) == max(columns, words.width(text))


def test_a_cut_does_not_split_a_wide_character() -> None:
    assert words.cut("모델실험", 6) == "모델…"
    assert words.cut_middle("training.learning_rate", 11) == "train…_rate"


def test_wrapping_breaks_at_blanks_only() -> None:
    assert words.wrap("one two threefourfive six", 8) == ["one two", "threefourfive", "six"]


def test_drawn_text_keeps_colours_and_loses_every_other_escape() -> None:
    assert (
        words.clean_drawn("\x1b[1;32mok\x1b[0m \x1b]0;title\x07") == "\x1b[1;32mok\x1b[0m \\x1b]0;title\\x07"
    )


def test_json_keeps_its_value_when_hostile_characters_are_escaped() -> None:
    import json

    value = {"k": "a\u202eb\x9b\U000e0041\ud800"}
    text = words.escape_json(json.dumps(value, ensure_ascii=False))

    assert text.isascii()
    assert json.loads(text) == value


def test_our_own_signs_have_an_ascii_spelling() -> None:
    assert words.spell("0.87* ↑ – … ● ─ 모", "ascii") == "0.87* ^ - ~ o - \\ubaa8"


def test_towers_of_marks_are_kept_low() -> None:
    assert len(words.clean("a" + "\u0301" * 50)) == 5
