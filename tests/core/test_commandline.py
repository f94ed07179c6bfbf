"""The words of a command, understood."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import commandline


@pytest.mark.parametrize(
    ("command", "script", "words"),
    [
        ("python train.py --lr 1", "train.py", "--lr 1"),
        ("/usr/bin/python3.11 -u -X dev src/train.py a", "src/train.py", "a"),
        ("python3.13t train.py a", "train.py", "a"),
        ("python -m pkg.train --lr 1", "pkg.train", "--lr 1"),
        ("python -c 'import x' --lr 1", "", "--lr 1"),
        ("./train.py --lr 1", "./train.py", "--lr 1"),
        ("./train --lr 1", "./train", "--lr 1"),
        ("env -u X A=1 python train.py --lr 1", "train.py", "--lr 1"),
        ("torchrun --nproc_per_node 4 --standalone train.py --lr 1", "train.py", "--lr 1"),
        ("accelerate launch --mixed_precision fp16 -m mymod --lr 1", "mymod", "--lr 1"),
        ("uv run --with numpy train.py x", "train.py", "x"),
        ("uv run train --lr 1", "train", "--lr 1"),
        ("nice -n 5 ./train --lr 1", "./train", "--lr 1"),
        ("mpirun -np 4 python train.py --lr 1", "train.py", "--lr 1"),
        ("Rscript fit.R --alpha 1", "fit.R", "--alpha 1"),
        ("bash -c 'python train.py --lr 3'", "train.py", "--lr 3"),
        ("bash -c 'cd x && python train.py --lr 3'", "", ""),
        ("bash train.sh 7", "train.sh", "7"),
        ("bash -lc 'python train.py --lr 3'", "train.py", "--lr 3"),
        ("nohup sh -e -c 'python train.py --lr 3'", "train.py", "--lr 3"),
        ("true", "true", ""),
        ("make -s train", "make", ""),
        ("time make -C src train LR=0.1 -j4", "make", "LR=0.1"),
        ("git commit -m x=1", "git", ""),
        ("python -m pytest -k x", "pytest", ""),
        ("uv run pytest -k x", "pytest", ""),
        ("uv pip install -e x=1", "uv", ""),
        ("poetry run train --lr 1", "train", "--lr 1"),
        ("srun -c 4 -m block python train.py --lr 1", "train.py", "--lr 1"),
        ("numactl -m 0 python train.py --lr 1", "train.py", "--lr 1"),
        ("python -m torch.distributed.run --nproc 4 train.py --lr 1", "train.py", "--lr 1"),
        ("python -m accelerate.commands.launch -m pkg.train --lr 1", "pkg.train", "--lr 1"),
        ("docker run -e A=b -v x:/y img python train.py --lr 1", "train.py", "--lr 1"),
        ("docker run img train --lr 1", "", ""),
        ("papermill in.ipynb out.ipynb -k py -p lr 0.1 -r name x", "papermill", "lr=0.1 name=x"),
        ("python -m papermill a.ipynb b.ipynb -f p.yaml", "papermill", "--parameters_file p.yaml"),
        ("cargo run --release -- --lr 1", "cargo", "--lr 1"),
        ("awk -F , -v lr=0.1 -f train.awk data.csv", "awk", "lr=0.1"),
        ("nohup", "", ""),
    ],
)
def test_the_program_is_found_past_its_launchers(command: str, script: str, words: str) -> None:
    assert commandline.program_of(shlex.split(command)) == (script, tuple(shlex.split(words)))


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
    program = commandline.program_of(words)
    values, told = commandline.read_words(program.words)

    assert all(isinstance(key, str) for key in values)
    assert all(word.text or word.name or word.text == "" for word in told)


@given(
    st.lists(
        st.sampled_from(
            ["python", "env", "bash", "-c", "-m", "uv", "run", "a.py", "x=1", "python -c x", "--lr"]
        )
    )
)
@settings(deadline=None, max_examples=200)
def test_nested_launchers_come_to_an_end(words: list[str]) -> None:
    assert len(commandline.program_of(words).words) <= max(len(words), 2)
