"""What cannot come true is said before the command starts, and only that."""

import sys

import pytest

from expctl.actions.doubting import doubts
from expctl.actions.request import Request


@pytest.fixture
def place(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/train.csv").write_text("1")
    (tmp_path / "sub").mkdir()
    (tmp_path / "train.py").write_text("1")
    return str(tmp_path)


@pytest.mark.parametrize(
    ("words", "prefix", "meant"),
    [
        (("dta/train.csv",), ".", "data/train.csv"),
        (("data/trrain.csv",), ".", "data/train.csv"),
        (("dta",), ".", "data"),
        (("../dta/train.csv",), "sub", "../data/train.csv"),
        (("nothing/like/it.csv",), ".", ""),
    ],
)
def test_an_input_that_is_not_there_is_said_with_the_nearest(place, words, prefix, meant):
    (said,) = doubts(Request(argv=("x",), data=words), place, prefix)

    assert said.startswith(f"--data {words[0]}: there is no such file")
    assert said.endswith(f"did you mean {meant}?" if meant else "makes it")


@pytest.mark.parametrize(
    "request_",
    [
        Request(argv=("x",), data=("data/train.csv", "data", "s3://bucket/key", "https://host/data.csv")),
        Request(argv=("x",), metrics=("metrics.json", "out/*.csv", "events.out.tfevents.12.host", "log.txt")),
        Request(argv=("x",), artifacts=("model.pt", "out/new/model.pt", "*.png", "/elsewhere/model.pt")),
    ],
)
def test_what_may_come_true_is_not_doubted(place, request_):
    assert doubts(request_, place, ".") == []


def test_metrics_that_nothing_reads_and_files_beneath_files_are_doubted(place):
    asked = Request(
        argv=("x",), metrics=("metrics.parquet", "train.py/m.json"), artifacts=("train.py/a/m.pt",)
    )

    known = ".json, .jsonl, .csv and .yaml"
    assert doubts(asked, place, ".") == [
        f"--metrics metrics.parquet: no metrics are read from .parquet files, but from {known}",
        "--metrics train.py/m.json: cannot be, as train.py is a file",
        "--artifact train.py/a/m.pt: cannot be, as train.py is a file",
    ]


def test_it_is_said_before_the_command_says_anything(repo):
    done = repo.expctl(
        "run", "--data", "dta.csv", "--", sys.executable, "-c", "import sys; sys.stderr.write('begun')"
    )

    assert done.exit_code == 0
    assert done.err.index("--data dta.csv") < done.err.index("begun")
