"""What `expctl run --` costs a training that lasts: the same command bare and wrapped, in turn.

Run it: python tests/benchmarks/overhead.py [--seconds 60] [--times 5]

Budget: at most 1 % more wall time for a training of 60 s, by the median of pairs. The training keeps one core
busy with work that is the same each time, prints a line per epoch, reads a data file and leaves a model. A
short variant, such as `--seconds 5 --times 3`, shows mostly what does not grow with the length of a run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
PLAIN = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
NAMES = {
    f"GIT_{who}_{what}": "b@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
}
ENV = {**os.environ, **NAMES, **PLAIN, "PYTHONPATH": str(ROOT)}
SCRIPT = """\
import sys
rounds = int(sys.argv[1])
rows = [float(line) for line in open("data.csv")]
for epoch in range(100):
    total = 0.0
    for _ in range(rounds):
        for row in rows:
            total += row * row
    print(f"epoch {epoch}/100: loss={1 / (1 + epoch):.4f}", flush=True)
with open("model.pt", "wb") as file:
    file.write(b"x" * 10_000_000)
"""


def lasted_s(where: Path, *words: str) -> float:
    begin = time.perf_counter()
    subprocess.run(words, cwd=where, env=ENV, check=True, capture_output=True)
    return time.perf_counter() - begin


def make(where: Path) -> Path:
    where.mkdir()
    (where / "train.py").write_text(SCRIPT)
    (where / "data.csv").write_text("0.5\n" * 10_000)
    (where / ".gitignore").write_text("*.csv\n*.pt\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Script"]):
        subprocess.run(["git", *words], cwd=where, env=ENV, check=True)
    return where


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--times", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        where = make(Path(name) / "repository")
        start_s = lasted_s(where, PYTHON, "train.py", "0")
        round_s = (lasted_s(where, PYTHON, "train.py", "10") - start_s) / 10
        rounds = str(max(1, round(asked.seconds / round_s)))
        bare = (PYTHON, "train.py", rounds)
        wrapped = (PYTHON, "-m", "expctl", "-q", "run", "--", *bare)
        lasted_s(where, *wrapped[:-1], "0")  # makes .experiments, and remembers hashes
        pairs = [(lasted_s(where, *wrapped), lasted_s(where, *bare)) for _ in range(asked.times)]
    more = statistics.median(ours / floor - 1 for ours, floor in pairs)
    ours_s, floor_s = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"training bare {floor_s:7.2f} s   wrapped {ours_s:7.2f} s   more {more:+.2%}   budget +1 %")


if __name__ == "__main__":
    main()
