"""The program within a command is found."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import programs


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
    assert programs.program_of(shlex.split(command)) == (script, tuple(shlex.split(words)))


@given(
    st.lists(
        st.sampled_from(
            ["python", "env", "bash", "-c", "-m", "uv", "run", "a.py", "x=1", "python -c x", "--lr"]
        )
    )
)
@settings(deadline=None, max_examples=200)
def test_nested_launchers_come_to_an_end(words: list[str]) -> None:
    assert len(programs.program_of(words).words) <= max(len(words), 2)
