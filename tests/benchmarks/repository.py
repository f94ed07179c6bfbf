"""What 10 000 committed runs cost the user's own git, against the same repository without them.

Run it: python tests/benchmarks/repository.py [--runs 10000] [--files 2000] [--times 9]

Budgets: `git status`, `git switch` and `git clone` take at most 1.2 times as long with the runs as without; a
run takes at most 4 KiB of packed git.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

import compare  # noqa: E402  the neighbour, for its runs

from expctl.actions import setup  # noqa: E402  the checkout, not what may be installed
from expctl.project import find  # noqa: E402
from expctl.store import manifests  # noqa: E402

POINTER = "outs:\n- md5: {0}.dir\n  size: 123456\n  nfiles: 3\n  hash: md5\n  path: {1}\n"
GIT = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0"}


def git(where: Path, *words: str) -> str:
    names = {
        f"GIT_{who}_{what}": "b@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    env = {**os.environ, **GIT, **names}
    return subprocess.run(
        ["git", "-c", "gc.auto=0", *words], cwd=where, env=env, check=True, capture_output=True, text=True
    ).stdout


def make(where: Path, files: int) -> None:
    """A repository with two branches that differ in some files."""
    where.mkdir()
    git(where, "init", "-q", "-b", "main")
    for n in range(files):
        path = where / f"src/part{n // 100}/module{n}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"VALUE = {n}\n" * 20)
    git(where, "add", "-A")
    git(where, "commit", "-q", "-m", "Sources")


def add_runs(where: Path, runs: int) -> None:
    project = find(where)
    setup.ensure(project)
    rng = random.Random(1)
    for n in range(runs):
        path = manifests.write(project.runs, compare.a_run(n, rng))
        path.with_suffix(".dvc").write_text(POINTER.format(f"{rng.getrandbits(128):032x}", path.stem))
    git(where, "add", "-A")
    git(where, "commit", "-q", "-m", "Runs")


def branch(where: Path) -> None:
    git(where, "switch", "-q", "-c", "other")
    for n in range(50):
        (where / f"src/part0/module{n}.py").write_text("VALUE = 'other'\n")
    git(where, "commit", "-q", "-a", "-m", "Other")
    git(where, "switch", "-q", "main")
    git(where, "gc", "-q", "--prune=now")


def seconds(where: Path, *words: str) -> float:
    begin = time.perf_counter()
    git(where, *words)
    return time.perf_counter() - begin


def switch_there_and_back(where: Path) -> float:
    return seconds(where, "switch", "-q", "other") + seconds(where, "switch", "-q", "main")


def clone(where: Path) -> float:
    with tempfile.TemporaryDirectory() as target:
        return seconds(where.parent, "clone", "-q", "--no-local", str(where), f"{target}/clone")


def packed(where: Path) -> int:
    return sum(path.stat().st_size for path in (where / ".git/objects/pack").iterdir())


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    words.add_argument("--runs", type=int, default=10_000)
    words.add_argument("--files", type=int, default=2_000)
    words.add_argument("--times", type=int, default=9)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bare, full = Path(folder, "bare"), Path(folder, "full")
        for where in (bare, full):
            make(where, asked.files)
        add_runs(full, asked.runs)
        for where in (bare, full):
            branch(where)
        print(f"{asked.runs} runs beside {asked.files} source files; medians of {asked.times}, in turn")
        for name, ask in (
            ("git status", lambda where: seconds(where, "status", "--porcelain")),
            ("git switch, there and back", switch_there_and_back),
            ("git clone", clone),
        ):
            pairs = [(ask(bare), ask(full)) for _ in range(asked.times)]
            without, with_runs = (statistics.median(side) for side in zip(*pairs, strict=True))
            ratio = statistics.median(b / a for a, b in pairs)
            print(f"{name:28} {without * 1e3:7.1f} ms, with runs {with_runs * 1e3:7.1f} ms", end="")
            print(f": {ratio:.2f} x (budget 1.2)")
        each = (packed(full) - packed(bare)) / asked.runs
        print(f"{'packed size':28} {each:.0f} bytes a run (budget 4096)")


if __name__ == "__main__":
    main()
