"""Typing words, and merging sources."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import params
from expctl.core.params import Source


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("1e-3", 0.001), ("1", 1), ("-1", -1), ("+3", 3), ("0", 0), (".5", 0.5), ("5.", 5.0),
        ("1E5", 100000.0), ("true", True), ("False", False), ("null", None), ("None", None), ("~", None),
        ("", ""), (".inf", math.inf), ("-inf", -math.inf), ("0x1f", 31), ("0o17", 15), ("no", "no"),
        ("yes", "yes"), ("on", "on"), ("007", "007"), ("1_000", "1_000"), ("12:30:45", "12:30:45"),
        ("2026-11-22", "2026-11-22"), ("1.2.3", "1.2.3"), ("e5", "e5"), ("nano", "nano"),
        ("infinite", "infinite"), ("-", "-"), ("٣", "٣"), ("1" * 5000, "1" * 5000), ("1e400", math.inf),
    ],
)  # fmt: skip
def test_words_are_typed_as_yaml_1_2_has_them(word: str, value: object) -> None:
    typed = params.type_word(word)

    assert typed == value
    assert type(typed) is type(value)


def test_nan_is_a_number() -> None:
    assert math.isnan(params.type_word(".nan"))
    assert math.isnan(params.type_word("nan"))


@given(st.floats(allow_nan=False) | st.integers())
@settings(deadline=None, max_examples=200)
def test_numbers_come_back_from_their_own_text(number: float) -> None:
    assert params.type_word(repr(number)) == number


def test_the_later_source_wins_and_says_which_keys_it_gave() -> None:
    merged, origin = params.merge(
        [
            Source("config.yaml", {"training": {"lr": 0.1, "epochs": 3}, "seed": 1}, is_file=True),
            Source("argv", {"training": {"lr": 0.001}}),
            Source("--param", {}),
        ]
    )

    assert merged == {"training": {"lr": 0.001, "epochs": 3}, "seed": 1}
    assert origin == {"config.yaml": "file", "argv": ["training.lr"]}


def test_one_more_source_can_be_laid_over() -> None:
    merged, origin = params.overlay({"a": {"b": 1}}, {"argv": ["a.b"]}, Source("api", {"a": {"c": 2}}))

    assert merged == {"a": {"b": 1, "c": 2}}
    assert origin == {"argv": ["a.b"], "api": ["a.c"]}


def test_merging_leaves_its_sources_as_they_were() -> None:
    weak = {"a": {"b": 1}}
    params.merge([Source("x", weak), Source("y", {"a": {"b": 2}})])

    assert weak == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("flat", "nested"),
    [
        ({"a.b": 1, "a.c": 2, "d": 3}, {"a": {"b": 1, "c": 2}, "d": 3}),
        ({"a": 1, "a.b": 2}, {"a": 1, "a.b": 2}),
        ({"a.b": 2, "a": 1}, {"a.b": 2, "a": 1}),
        ({"a.b": 1, "a.b.c": 2}, {"a": {"b": 1}, "a.b.c": 2}),
        ({".": 1, "a..b": 2, ".x": 3}, {".": 1, "a..b": 2, ".x": 3}),
    ],
)
def test_dots_nest_where_they_can(flat: dict, nested: dict) -> None:
    assert params.nest(flat) == nested


@given(st.dictionaries(st.text("ab.", max_size=5), st.integers(), max_size=8))
@settings(deadline=None, max_examples=200)
def test_nesting_loses_no_name(flat: dict[str, int]) -> None:
    assert sorted(params.leaves(params.nest(flat))) == sorted(flat.items())
