"""What 10 000 committed runs cost the user's own git, as files and as packs, against none at all.

Run it: python tests/benchmarks/repository.py [--runs 10000] [--files 2000 50000] [--times 9]

Budgets: `git status`, `git switch` and `git clone` take at most 1.2 times as long with the runs as without,
once `expctl pack` has folded them; a run takes at most 4 KiB of packed git. Why `git clone` takes longer in a
small repository stands in docs/decisions/0019.
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
sys.path.insert(0, str(ROOT))

from expctl.actions import packing, pending, setup  # noqa: E402  the checkout, not what may be installed
from expctl.project import find  # noqa: E402
from expctl.store import manifests  # noqa: E402
from tests.benchmarks import _runs  # noqa: E402

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
    git(where, "config", "uploadpack.allowFilter", "true")
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
    for made in _runs.make(0, runs):
        path = manifests.path_of(project.runs, made.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made.text)
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


def clone(where: Path, *options: str) -> float:
    with tempfile.TemporaryDirectory() as target:
        words = ("clone", "-q", "--no-local", *options, str(where), f"{target}/clone")
        return seconds(where.parent, *words)


def packed(where: Path) -> int:
    return sum(path.stat().st_size for path in (where / ".git/objects/pack").iterdir())


def pack(where: Path) -> None:
    """Fold all runs, as `expctl pack --all` and `expctl commit` do."""
    project = find(where)
    begin = time.perf_counter()
    done = packing.pack(project, everything=True)
    spent = time.perf_counter() - begin
    said = f"{done.files} files became {done.files_now}, {done.bytes / 1e6:.0f} MB {done.bytes_now / 1e6:.0f}"
    print(f"{'expctl pack':28} {spent:7.1f} s: {said} MB")
    pending.commit_pending(project)


def measure(files: int, runs: int, times: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        bare, full, packs = (Path(folder, name) for name in ("bare", "full", "packs"))
        make(bare, files)
        print(f"\n{runs} runs beside {files} source files; medians of {times}, in turn")
        for where in (full, packs):
            make(where, files)
            add_runs(where, runs)
        pack(packs)
        for where in (bare, full, packs):
            branch(where)
        for name, ask in (
            ("git status", lambda where: seconds(where, "status", "--porcelain")),
            ("git switch, there and back", switch_there_and_back),
            ("git clone", clone),
            ("git clone --filter=blob:none", lambda where: clone(where, "--filter=blob:none")),
        ):
            rounds = [tuple(ask(where) for where in (bare, full, packs)) for _ in range(times)]
            took = [statistics.median(side) * 1e3 for side in zip(*rounds, strict=True)]
            ratios = [statistics.median(each[at] / each[0] for each in rounds) for at in (1, 2)]
            print(f"{name:28} {took[0]:7.1f} ms, runs as files {took[1]:7.1f} ms ({ratios[0]:.2f} x)", end="")
            print(f", as packs {took[2]:7.1f} ms: {ratios[1]:.2f} x (budget 1.2)")
        for name, where in (("packed git, runs as files", full), ("packed git, with both", packs)):
            each = (packed(where) - packed(bare)) / runs
            print(f"{name:28} {each:.0f} bytes a run (budget 4096)")


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    words.add_argument("--runs", type=int, default=10_000)
    words.add_argument("--files", type=int, nargs="+", default=[2_000, 50_000])
    words.add_argument("--times", type=int, default=9)
    asked = words.parse_args()
    for files in asked.files:
        measure(files, asked.runs, asked.times)


if __name__ == "__main__":
    main()
