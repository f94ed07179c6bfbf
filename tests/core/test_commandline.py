"""The words that a program is given are understood."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import commandline, programs


@pytest.mark.parametrize(
    ("words", "values"),
    [
        ("--lr 0.1", {"lr": 0.1}),
        ("--lr=1e-3", {"lr": 0.001}),
        ("--momentum -0.9 --shift -1", {"momentum": -0.9, "shift": -1}),
        ("--batch-size 32", {"batch_size": 32}),
        ("--use-gpu --no-augment", {"use_gpu": True, "augment": False}),
        ("--no-of-epochs 3", {"no_of_epochs": 3}),
        ("-b 32 -e16 -v", {"b": 32, "e": 16, "v": True}),
        ("--layers 64 64 32 --x 1", {"layers": [64, 64, 32], "x": 1}),
        ("--features age income --x 1", {"features": ["age", "income"], "x": 1}),
        ("--model rf data.csv out/", {"model": "rf"}),
        ("--tag a --tag b --tag=c", {"tag": ["a", "b", "c"]}),
        (
            "lr=0.1 model.depth=3 +new=null db/main=pg",
            {"lr": 0.1, "model.depth": 3, "new": None, "db/main": "pg"},
        ),
        ("sizes=[1,2] none=[] quoted=\"['a','b']\"", {"sizes": [1, 2], "none": [], "quoted": ["a", "b"]}),
        ("--flag -- --lr 1", {"flag": True}),
        ("data.csv out 3", {}),
        ("https://host/x?a=b", {}),
        ("--name=", {"name": ""}),
        ("-m lr=0.1 x=2", {"m": True, "lr": 0.1, "x": 2}),
        ("--model.depth 3", {"model.depth": 3}),
        ("--o -", {"o": "-"}),
    ],
)
def test_flags_are_read_as_most_programs_read_them(words: str, values: dict) -> None:
    assert commandline.read_words(shlex.split(words))[0] == values


def test_every_word_knows_its_option() -> None:
    told = commandline.read_words(["--config", "a.yaml", "b.json", "k=c.toml", "--", "-d"])[1]

    assert told == [("config", "a.yaml"), ("", "b.json"), ("k", "c.toml"), ("", "-d")]


@given(st.lists(st.text(max_size=12), max_size=6))
@settings(deadline=None, max_examples=200)
def test_no_words_break_the_reading(words: list[str]) -> None:
    program = programs.program_of(words)
    values, told = commandline.read_words(program.words)

    assert all(isinstance(key, str) for key in values)
    assert all(word.text or word.name or word.text == "" for word in told)
