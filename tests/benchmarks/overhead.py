"""What `expctl run --` costs a training that lasts: the same command bare and wrapped, at the same time.

Run it: python tests/benchmarks/overhead.py [--seconds 60] [--times 4] [--count]

Budget: at most 1 % more wall time for a training of 60 s, by the median of pairs. The training keeps one core
busy with work that is the same each time, prints a line per epoch, reads a data file and leaves a model.

Two starts of one program differ by some per cent, and a machine's speed drifts as much within a minute.
So bare and wrapped run side by side, each bound to a core of its own, and then again with the cores
swapped: what drifts, and what one core is faster than the other, falls out of the mean of the two. The
wrapped one has expctl on the training's core, which is the worst case. The spread over the pairs is
printed; a median within it is no finding. The machine must be quiet, with two cores or more.

Where a machine's noise is larger than the budget, ``--count`` asks valgrind instead: the instructions of
the training itself, bare and wrapped, at two lengths, so that what comes once and what comes all the time
are told apart; and the wall time of the run outside of the training.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
RUN = (PYTHON, "-m", "expctl", "-q", "run", "--")
PLAIN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
NAMES = {
    f"GIT_{who}_{what}": "b@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
ENV = {**os.environ, **NAMES, **PLAIN, "PYTHONPATH": str(ROOT)}
SCRIPT = """\
import sys
import numpy as np
rounds = int(sys.argv[1])
rows = np.loadtxt("data.csv").reshape(2000, 64)
labels = (rows.sum(axis=1) > 0) * 1.0
weights = np.zeros(64)
for epoch in range(100):
    for _ in range(rounds):
        guesses = 1 / (1 + np.exp(-(rows @ weights)))
        weights -= 0.01 * (rows.T @ (guesses - labels)) / len(labels)
    print(f"epoch {epoch}/100: loss={np.mean((guesses - labels) ** 2):.4f}", flush=True)
np.save("model.npy", np.tile(weights, 20_000))
"""
ENV |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def lasted_s(where: Path, words: Sequence[str], core: int | None = None) -> float:
    def bind() -> None:
        if core is not None:
            os.sched_setaffinity(0, {core})

    begin = time.perf_counter()
    subprocess.run(words, cwd=where, env=ENV, check=True, capture_output=True, preexec_fn=bind)
    return time.perf_counter() - begin


def more(where: Path, wrapped: Sequence[str], bare: Sequence[str], cores: Sequence[int]) -> float:
    """By how much the wrapped one lasted longer, as a logarithm, when both ran at the same time."""
    found: dict[str, float] = {}

    def note(name: str, words: Sequence[str], core: int) -> None:
        found[name] = lasted_s(where, words, core)

    sides = [("wrapped", wrapped, cores[0]), ("bare", bare, cores[1])]
    threads = [threading.Thread(target=note, args=side) for side in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"core {cores[0]}: bare {found['bare']:7.2f} s   wrapped {found['wrapped']:7.2f} s", flush=True)
    return math.log(found["wrapped"] / found["bare"])


def compare(where: Path, seconds: float, times: int) -> None:
    """Print how much longer the wrapped one lasts than the bare one beside it."""
    one, other, *_ = sorted(os.sched_getaffinity(0))
    start_s = lasted_s(where, (PYTHON, "train.py", "1"))
    round_s = (lasted_s(where, (PYTHON, "train.py", "101")) - start_s) / 100
    bare = (PYTHON, "train.py", str(max(1, round(seconds / round_s))))
    wrapped = (*RUN, *bare)
    pairs = [
        (more(where, wrapped, bare, (one, other)) + more(where, wrapped, bare, (other, one))) / 2
        for _ in range(times)
    ]
    middle, least, most = (math.expm1(at(pairs)) for at in (statistics.median, min, max))
    print(f"wrapped lasted {middle:+.2%} longer ({least:+.2%} to {most:+.2%})   budget +1 %")


def count(where: Path, seconds: float) -> None:
    """Print what the training does more when it is wrapped, and how long the run lasts around it."""
    valgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")

    def instructions(rounds: int, *before: str) -> int:
        words = [*before, *valgrind, PYTHON, "train.py", str(rounds)]
        env = {**ENV, "PYTHONHASHSEED": "0"}
        done = subprocess.run(words, cwd=where, env=env, check=True, capture_output=True, text=True)
        return int(re.search(r"Collected : (\d+)", done.stderr)[1])

    bare, wrapped = ((instructions(2, *way), instructions(12, *way)) for way in ((), RUN))
    each = (bare[1] - bare[0]) / 10
    once = (wrapped[0] - bare[0]) / 1e6
    steady = (wrapped[1] - wrapped[0]) / (bare[1] - bare[0]) - 1
    print(f"instructions of the training: {each / 1e6:.1f} million a round, {steady:+.3%} when wrapped")
    print(f"and {once:+.1f} million once, when it starts")
    around = []
    for _ in range(9):
        lasted = lasted_s(where, (*RUN, PYTHON, "train.py", "20"))
        shown = subprocess.run(
            [PYTHON, "-m", "expctl", "show", "@", "--json"],
            cwd=where,
            env=ENV,
            check=True,
            capture_output=True,
        )
        around.append(lasted - json.loads(shown.stdout)["duration_s"])
    outside = statistics.median(around)
    print(f"outside of the training: {outside:.2f} s, {outside / seconds:.2%} of {seconds:.0f} s")
    print(f"together {steady + outside / seconds:+.2%}   budget +1 %")


def make(where: Path) -> Path:
    where.mkdir()
    (where / "train.py").write_text(SCRIPT)
    numbers = random.Random(0)
    (where / "data.csv").write_text("".join(f"{numbers.gauss(0, 1):.6f}\n" for _ in range(128_000)))
    (where / ".gitignore").write_text("*.csv\n*.npy\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Script"]):
        subprocess.run(["git", *words], cwd=where, env=ENV, check=True)
    return where


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--times", type=int, default=4, help="pairs of pairs; each lasts twice the seconds")
    parser.add_argument("--count", action="store_true", help="instructions, by valgrind, instead of pairs")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        where = make(Path(name) / "repository")
        lasted_s(where, (*RUN, PYTHON, "train.py", "1"))  # makes .experiments, and remembers hashes
        if asked.count:
            count(where, asked.seconds)
        else:
            compare(where, asked.seconds, asked.times)


if __name__ == "__main__":
    main()
