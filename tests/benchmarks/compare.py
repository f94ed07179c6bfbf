"""What looking at many runs costs, against the floor in the same run.

Run it: python tests/benchmarks/compare.py [--runs 10000] [--times 15] [--mlflow PYTHON]

Budgets: a warm `expctl compare --where --sort --limit 20` takes 1.5 times a process that imports typer,
rich.table and sqlite3 and asks SQLite the bare query; with 100 000 runs it takes a second. A cold index
takes twice as long as parsing the manifests alone; so may the first look after a `git pull` of 1 000 runs, or
at those of another branch, above a warm one. What a shell offers on Tab comes within 150 ms. The front of
100 000 runs and three goals takes a second. With ``--mlflow`` an interpreter that has mlflow answers the same
question from its SQLite store, with the same runs.
"""

from __future__ import annotations

import argparse
import json
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

from expctl.core import pareto  # noqa: E402  the checkout, not what may be installed
from expctl.store import index, manifests  # noqa: E402
from tests.benchmarks import _runs  # noqa: E402

WHERE, ORDER = "metrics.f1_score > 0.5", "metrics.f1_score DESC"
OURS = [sys.executable, "-m", "expctl", "compare", "--where", WHERE, "--sort", ORDER, "--limit", "20"]
BARE = """\
import typer, rich.table, sqlite3, sys
base = sqlite3.connect(sys.argv[1])
(key,) = base.execute("SELECT key FROM keys WHERE name = 'metrics.f1_score'").fetchone()
asked = "SELECT doc FROM cells JOIN rows USING (number) WHERE key = ? AND value > 0.5"
asked += " ORDER BY value DESC LIMIT 20"
assert len(base.execute(asked, (key,)).fetchall()) == 20
"""
#: What is typed when Tab is hit, and a word that must be offered.
TYPED = {
    "runs": ("show", ""),
    "names of runs": ("show", "run_1"),
    "metrics": ("compare", "--where", "f1"),
    "parameters": ("compare", "--sort", "params.training.l"),
    "branches": ("compare", "--ref", ""),
    "stages": ("promote", "fraud@v1.0.0", "--to", "pro"),
    "options": ("report", "--"),
}
#: Of so many manifests the time of parsing is taken; of more it is reckoned.
SAMPLE = 10_000


def took_ms(argv: list[str], cwd: Path, **env: str) -> float:
    """Wall time of a whole process."""
    start = time.perf_counter()
    subprocess.run(argv, cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT), **env},
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)  # fmt: skip
    return (time.perf_counter() - start) * 1000


def median_ms(argv: list[str], cwd: Path, times: int = 5, **env: str) -> float:
    return statistics.median(took_ms(argv, cwd, **env) for _ in range(times))


def say(what: str, value: str, budget: str, *, held: bool) -> None:
    print(f"{what:<44} {value:>26}   {budget:<14} {'ok' if held else 'OVER'}", flush=True)


def git(where: Path, *words: str) -> None:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run(["git", "-C", str(where), *who, *words], check=True)


def fill(folder: Path, runs: int) -> Path:
    """A clone with so many runs, and what it was cloned from."""
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", str(folder / "hub")], check=True)
    _runs.commit(folder / "hub", _runs.make(0, runs), branch="main")
    subprocess.run(["git", "clone", "-q", str(folder / "hub"), str(folder / "work")], check=True)
    return folder / "work"


def parsing_s(runs: Path, only: set[str] | None = None) -> float:
    """How long it takes to read and parse manifests, and nothing else."""
    found = [entry for entry in manifests.scan(runs) if only is None or entry.id in only]
    some = found[:: max(1, len(found) // SAMPLE)]
    start = time.perf_counter()
    for entry in some:
        manifests.read(Path(entry.path), expect_id=entry.id)
    return (time.perf_counter() - start) / len(some) * len(found)


def cold(repo: Path) -> None:
    """An index from nothing, against reading and parsing the same files."""
    runs = repo / ".experiments" / "runs"
    floor = parsing_s(runs)
    start = time.perf_counter()
    index.look(repo / ".git" / "expctl" / "index.sqlite", runs=runs, finished=repo / "none").close()
    ratio = (time.perf_counter() - start) / floor
    say("cold index, against parsing alone", f"{ratio:.2f} x {floor:.2f} s", "≤ 2", held=ratio <= 2)


def warm(repo: Path, times: int, *, most_ms: float | None) -> None:
    """The whole command, interleaved with the floor; medians."""
    floor = [sys.executable, "-c", BARE, str(repo / ".git" / "expctl" / "index.sqlite")]
    took_ms(OURS, repo)
    pairs = [(took_ms(OURS, repo), took_ms(floor, repo)) for _ in range(times)]
    mine, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = mine / bare
    if most_ms is None:
        what, value, budget = "warm compare, against the bare query", f"{ratio:.2f} x {bare:.0f} ms", "≤ 1.5"
        say(what, value, budget, held=ratio <= 1.5)
    else:
        value = f"{mine:.0f} ms ({ratio:.2f} x {bare:.0f})"
        say("warm compare", value, f"≤ {most_ms:.0f} ms", held=mine <= most_ms)


def completion(repo: Path) -> None:
    """What a shell offers, word by word."""
    for what, typed in TYPED.items():
        asked = {"_EXPCTL_COMPLETE": "complete", "_EXPCTL_TYPED": "\n".join(typed)}
        asked["_EXPCTL_AT"] = str(len(typed))
        argv = [sys.executable, "-m", "expctl"]
        env = {**os.environ, "PYTHONPATH": str(ROOT), **asked}
        told = subprocess.run(argv, cwd=repo, env=env, capture_output=True, text=True, check=True).stdout
        assert told, what
        mine = median_ms(argv, repo, **asked)
        value = f"{mine:.0f} ms, {told.count(chr(10))} words"
        say(f"Tab: {what}", value, "≤ 150 ms", held=mine <= 150)


def pulled(repo: Path, runs: int) -> None:
    """The first look after 1 000 more runs were pulled, and after a switch away from them."""
    warm_ms = median_ms(OURS, repo, 3)
    _runs.commit(repo.parent / "hub", _runs.make(runs, 1000), branch="main", onto="refs/heads/main")
    git(repo, "pull", "-q")
    floor = parsing_s(repo / ".experiments" / "runs", {run.id for run in _runs.make(runs, 1000)}) * 1000
    first = took_ms(OURS, repo)
    ratio = (first - warm_ms) / floor
    say("1 000 pulled runs, against parsing them", f"{ratio:.2f} x {floor:.0f} ms", "≤ 2", held=ratio <= 2)
    git(repo, "checkout", "-q", "-b", "before", "HEAD~1")
    ratio = (took_ms(OURS, repo) - warm_ms) / floor
    say("first look after a switch away from them", f"{ratio:.2f} x {floor:.0f} ms", "≤ 2", held=ratio <= 2)
    ratio = median_ms(OURS, repo) / warm_ms
    what, value = "warm, 1 000 of them on another branch", f"{ratio:.2f} x {warm_ms:.0f} ms"
    say(what, value, "≤ 1.5", held=ratio <= 1.5)


def two_at_once(repo: Path, runs: int) -> None:
    """Two processes that both find 1 000 runs which the index does not know."""
    for run in _runs.make(runs + 1000, 1000):
        path = manifests.path_of(repo / ".experiments" / "runs", run.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(run.text, encoding="utf-8")
    start = time.perf_counter()
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    pair = [
        subprocess.Popen(OURS, cwd=repo, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(2)
    ]
    told = {process.communicate()[0] for process in pair}
    took = (time.perf_counter() - start) * 1000
    same = len(told) == 1 and all(told) and not any(process.returncode for process in pair)
    value = f"{'the same answer' if same else 'DIFFERENT'}, {took:.0f} ms"
    say("two at once, 1 000 runs new to both", value, "the same", held=same)


def peer(python: str, runs: int, folder: Path) -> None:
    """The same question put to MLflow's search_runs on SQLite, with the same runs."""
    some = [
        {
            "name": run.name,
            "start": int(run.at.timestamp() * 1000),
            "params": run.params,
            "metrics": run.metrics,
        }
        for run in _runs.make(0, runs)
    ]
    (folder / "runs.json").write_text(json.dumps(some))
    script, database = str(ROOT / "tests" / "benchmarks" / "_mlflow.py"), str(folder / "peer.db")
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    fill_it = [python, script, "fill", str(folder / "runs.json"), database]
    subprocess.run(fill_it, check=True, env=env, stderr=subprocess.DEVNULL)
    took = []
    for _ in range(3):
        start = time.perf_counter()
        asked = [python, script, "ask", database]
        told = subprocess.run(asked, check=True, env=env, capture_output=True, text=True)
        took.append((time.perf_counter() - start, float(told.stdout)))
    whole_s, query_s = (statistics.median(side) for side in zip(*took, strict=True))
    value = f"{whole_s:.1f} s, {query_s:.2f} s"
    say("MLflow's search_runs, process and query", value, "(peer)", held=True)


def front() -> None:
    rng = random.Random(1)
    points = [[rng.random() for _ in range(3)] for _ in range(100_000)]
    start = time.perf_counter()
    marks = pareto.front(points)
    took = time.perf_counter() - start
    say("front of 100 000 runs, 3 goals", f"{took:.2f} s ({sum(marks)} on it)", "≤ 1 s", held=took <= 1)


def main() -> None:
    reader = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    reader.add_argument("--runs", type=int, default=10_000)
    reader.add_argument("--times", type=int, default=15)
    reader.add_argument("--mlflow", metavar="PYTHON", help="an interpreter that has mlflow")
    asked = reader.parse_args()
    front()
    with tempfile.TemporaryDirectory() as folder:
        repo = fill(Path(folder), asked.runs)
        print(f"{asked.runs} runs:", flush=True)
        cold(repo)
        warm(repo, asked.times, most_ms=1000 if asked.runs >= 100_000 else None)
        completion(repo)
        pulled(repo, asked.runs)
        two_at_once(repo, asked.runs)
        if asked.mlflow:
            peer(asked.mlflow, asked.runs, Path(folder))


if __name__ == "__main__":
    main()
