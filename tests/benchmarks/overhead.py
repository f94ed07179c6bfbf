"""What `expctl run --` costs a training that lasts: the same command bare and wrapped, in turn.

Run it: python tests/benchmarks/overhead.py [--seconds 60] [--times 5] [--count]

Budget: at most 1 % more wall time for a training of 60 s, by the median. The training keeps one core busy
with work that is the same each time, prints a line per epoch, reads a data file and leaves a model.

Each wrapped one stands between two bare ones and is compared with their geometric mean: what drifts falls
out. The same is done with each bare one between two others, where nothing but noise can be found; a median of
the wrapped ones that is no larger than that is no finding. The machine must be quiet.

The work is hashing, as its time hangs on the core alone. A loop of numpy's lasts 1 to 5 % longer or shorter
by where in a page its arrays happen to lie, which is the same at each start of one command and another place
at each start of the other: such a loop lasted 3.5 % less when it was wrapped, five times out of five.

``--count`` asks valgrind instead, for machines that are never quiet: the instructions of the training itself,
bare and wrapped, at two lengths, so that what comes once and what comes all the time are told apart; and the
wall time of the run outside of the training.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
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
import hashlib
import sys
import numpy as np
rounds = int(sys.argv[1])
rows = np.loadtxt("data.csv").reshape(2000, 64)
block = rows.tobytes()[:16_000]
for epoch in range(100):
    found = hashlib.sha256()
    for _ in range(rounds):
        found.update(block)
    print(f"epoch {epoch}/100: loss={found.digest()[0] / 256:.4f}", flush=True)
np.save("model.npy", rows * 10)
"""
ENV |= {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}


def lasted_s(where: Path, words: Sequence[str]) -> float:
    begin = time.perf_counter()
    subprocess.run(words, cwd=where, env=ENV, check=True, capture_output=True)
    return time.perf_counter() - begin


def more(lasted: Sequence[float]) -> list[float]:
    """By what share the second, fourth, … of a row lasted longer than the mean of its two neighbours."""
    return [
        lasted[at] / statistics.geometric_mean((lasted[at - 1], lasted[at + 1])) - 1
        for at in range(1, len(lasted) - 1, 2)
    ]


def compare(where: Path, seconds: float, times: int) -> None:
    """Print how much longer the wrapped ones last than the bare ones beside them."""
    start_s = lasted_s(where, (PYTHON, "train.py", "1"))
    round_s = (lasted_s(where, (PYTHON, "train.py", "501")) - start_s) / 500
    bare = (PYTHON, "train.py", str(max(1, round(seconds / round_s))))
    lasted = []
    for at in range(2 * times + 1):
        is_wrapped = at % 2
        lasted.append(lasted_s(where, (*RUN, *bare) if is_wrapped else bare))
        print(f"{'wrapped' if is_wrapped else 'bare':8} {lasted[-1]:7.2f} s", flush=True)
    alone = lasted[::2]
    for what, found in (("wrapped", more(lasted)), ("bare, for the noise", more(alone) + more(alone[1:]))):
        middle, least, most = (at(found) for at in (statistics.median, min, max))
        print(f"{what} lasted {middle:+.2%} longer ({least:+.2%} to {most:+.2%})   budget +1 %")


def count(where: Path, seconds: float) -> None:
    """Print what the training does more when it is wrapped, and how long the run lasts around it."""
    valgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")

    def instructions(rounds: int, *before: str) -> int:
        words = [*before, *valgrind, PYTHON, "train.py", str(rounds)]
        done = subprocess.run(words, cwd=where, env=ENV, check=True, capture_output=True, text=True)
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
    parser.add_argument("--times", type=int, default=5, help="wrapped ones, at least 2")
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
