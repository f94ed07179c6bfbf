from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import datawords


def texts(*words: str) -> list[str]:
    return [word.text for word in datawords.candidates(words)]


def test_words_and_values_of_options_may_be_inputs() -> None:
    assert texts("train.py", "--data", "a.csv", "--lr=0.1", "data.path=b.csv") == [
        "train.py",
        "a.csv",
        "0.1",
        "b.csv",
    ]


@pytest.mark.parametrize("option", ["--out", "-o", "--save-dir", "--output_path", "--log-file", "--metrics"])
def test_what_an_option_writes_is_no_input(option) -> None:
    assert texts(option, "a.csv") == []
    assert texts(f"{option}=a.csv") == []


def test_an_option_that_speaks_of_data_is_noticed() -> None:
    found = list(datawords.candidates(["--train-dir", "a", "--lr", "b", "data.root=c"]))

    assert [word.names_data for word in found] == [True, False, True]


@pytest.mark.parametrize(
    "text", ["s3://bucket/x", "gs://b/y.csv", "https://example.com/a.csv?x=1", "hf://datasets/a"]
)
def test_objects_in_stores_are_uris(text) -> None:
    assert datawords.is_uri(text)


@pytest.mark.parametrize("text", ["https://example.com/", "http://", "mlflow://x", "a/b.csv", "C://x"])
def test_other_words_are_not(text) -> None:
    assert not datawords.is_uri(text)


@pytest.mark.parametrize(
    ("name", "expected"), [("A.CSV", True), ("model.pt", False), ("requirements.txt", False), ("x.py", False)]
)
def test_data_is_known_by_its_name(name, expected) -> None:
    assert datawords.looks_like_data(name) is expected


@settings(deadline=None, max_examples=100)
@given(st.lists(st.text(max_size=20), max_size=5))
def test_any_command_line_can_be_read(words) -> None:
    assert all(0 < len(word.text) <= 4096 for word in datawords.candidates(words))
