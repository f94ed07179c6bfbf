"""Commands exchange parameters, word for word."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import argvparts

WORD = st.sampled_from(
    [
        "--lr",
        "0.1",
        "--lr=2",
        "-v",
        "a.csv",
        "x=1",
        "--layers",
        "64",
        "--",
        "--no-cache",
        "-b",
        "32",
        "m.k=2",
        "",
    ]
)


@pytest.mark.parametrize(
    ("argv", "other", "names", "expected"),
    [
        ("python t.py --lr 0.1", "python t.py --lr 0.2", ["lr"], "python t.py --lr 0.2"),
        ("python t.py --lr=0.1 -v", "python t.py -v --lr 0.2", ["lr"], "python t.py --lr 0.2 -v"),
        ("python t.py --lr 0.1 --b 2", "python t.py --b 3 --lr 1", ["b"], "python t.py --lr 0.1 --b 3"),
        ("python t.py", "python t.py --lr 1", ["lr"], "python t.py --lr 1"),
        ("python t.py --lr 1 a", "python t.py a", ["lr"], "python t.py a"),
        ("python t.py m.lr=1", "python t.py m.lr=2 x=3", ["m.lr"], "python t.py m.lr=2"),
        ("python t.py --layers 1 2", "python t.py --layers 3 4 5", ["layers"], "python t.py --layers 3 4 5"),
        ("python t.py --no-amp", "python t.py --amp", ["amp"], "python t.py --amp"),
        (
            "python t.py --batch-size 1",
            "python t.py --batch-size 2",
            ["batch_size"],
            "python t.py --batch-size 2",
        ),
        ("torchrun --n 1 t.py --lr 1", "torchrun --n 2 t.py --lr 2", ["lr"], "torchrun --n 1 t.py --lr 2"),
        ("python t.py --lr 1", "python t.py --lr 2", [], "python t.py --lr 1"),
    ],
)
def test_parameters_are_exchanged(argv: str, other: str, names: list[str], expected: str) -> None:
    assert argvparts.exchange(argv.split(), other.split(), names) == tuple(expected.split())


def test_a_word_that_stands_alone_is_exchanged_by_its_text() -> None:
    found = argvparts.exchange(
        ["python", "t.py", "./a.csv"], ["python", "t.py", "b.csv"], [], [("a.csv", "b.csv")]
    )

    assert found == ("python", "t.py", "b.csv")


@pytest.mark.parametrize("argv", [["bash", "-c", "a; b --lr 1"], []])
def test_words_that_cannot_be_told_apart_are_left(argv: list[str]) -> None:
    assert argvparts.exchange(argv, argv, ["lr"]) is None


@settings(deadline=None, max_examples=200)
@given(st.lists(WORD, max_size=12))
def test_the_parts_of_a_command_are_the_command(words: list[str]) -> None:
    assert [word for part in argvparts.parts(words) for word in part.words] == words


@settings(deadline=None, max_examples=100)
@given(st.lists(WORD, max_size=8), st.lists(WORD, max_size=8))
def test_any_two_commands_exchange_something_or_nothing(mine: list[str], theirs: list[str]) -> None:
    argv, other = ["python", "t.py", *mine], ["python", "t.py", *theirs]
    names = {part.name for words in (mine, theirs) for part in argvparts.parts(words) if part.name}

    assert argvparts.exchange(argv, other, []) in (tuple(argv), None)
    found = argvparts.exchange(argv, other, names)
    assert found is None or found[:2] == ("python", "t.py")
