"""What looking at many runs costs, against the floor in the same run.

Run it: python tests/benchmarks/compare.py [--runs 10000] [--times 15] [--mlflow PYTHON]

Budgets: a warm `expctl compare --where --sort --limit 20` takes 1.5 times a process that imports typer,
rich.table and sqlite3 and asks SQLite the bare query; with 100 000 runs it takes a second. A cold index takes
twice as long as parsing the manifests alone; so may the first look after a pull of 1 000 runs, or at those of
another branch, above a warm one. With ``--mlflow`` an interpreter that has mlflow answers the same question
from its SQLite store. The front of 100 000 runs and three goals takes a second.
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
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from expctl.core import pareto, runid  # noqa: E402  the checkout, not what may be installed
from expctl.core.manifest import (  # noqa: E402
    Artifact,
    Capture,
    CodeState,
    Command,
    DataInput,
    Environment,
    Manifest,
    Metric,
    Resources,
)
from expctl.store import index, manifests  # noqa: E402

START = datetime(2026, 1, 1, tzinfo=UTC)
WHERE, ORDER = "metrics.f1_score > 0.5", "metrics.f1_score DESC"
BARE = """\
import typer, rich.table, sqlite3, sys
base = sqlite3.connect(sys.argv[1])
(key,) = base.execute("SELECT key FROM keys WHERE name = 'metrics.f1_score'").fetchone()
asked = "SELECT doc FROM cells JOIN rows USING (number) WHERE key = ? AND value > 0.5"
asked += " ORDER BY value DESC LIMIT 20"
assert len(base.execute(asked, (key,)).fetchall()) == 20
"""


def a_run(n: int, rng: random.Random) -> Manifest:
    """A run as a scikit-learn script with a YAML config leaves it: 11 parameters, 8 metrics."""
    at = START + timedelta(seconds=137 * n)
    names = (
        "f1_score",
        "accuracy",
        "precision",
        "recall",
        "inference_time_ms",
        "train_loss",
        "val_loss",
        "auc",
    )
    return Manifest(
        id=runid.make(at, rng.randbytes(6)),
        name=f"run_{n}",
        experiment="fraud",
        status="completed",
        started_at=at,
        duration_s=round(rng.uniform(1, 900), 3),
        command=Command(argv=("python", "train.py", "--config", "config.yaml"), exit_code=0),
        code=CodeState(
            commit=rng.randbytes(20).hex(), branch="main", dirty=n % 2 == 0, tree=rng.randbytes(20).hex()
        ),
        params={
            "training": {"learning_rate": rng.choice([0.1, 0.01]), "batch_size": 64, "epochs": 10, "seed": n},
            "model": {
                "kind": rng.choice(["forest", "net"]),
                "depth": rng.randrange(9),
                "width": 128,
                "dropout": 0.1,
            },
            "data": {"path": "data/train.csv", "split": 0.2, "shuffle": True},
        },
        params_from={"config.yaml": "file"},
        metrics={name: Metric(value=rng.random(), step=49, min=0.0, max=1.0, points=50) for name in names},
        data=(DataInput(path="data/train.csv", md5=rng.randbytes(16).hex(), bytes=10_000),),
        artifacts=(
            Artifact(path="model.pt", md5=rng.randbytes(16).hex(), bytes=n, kind="model", stored=True),
        ),
        environment=Environment(
            python="3.11.7",
            packages="environments/0123456789ab.yaml",
            platform="Linux-6.1-x86_64",
            cpu={"model": "Xeon", "cores": 2},
            memory_bytes=25_769_803_776,
        ),
        resources=Resources(cpu_s=12.5, max_rss_bytes=812_000_000),
        tags={"dataset_version": "v3"},
        capture=Capture(expctl="0.1.0"),
    )


def fill(repo: Path, runs: int) -> None:
    """A repository with so many runs, and the pointers that lie beside them."""
    subprocess.run(["git", "init", "-q", str(repo)], check=True)
    rng = random.Random(1)
    for n in range(runs):
        run = a_run(n, rng)
        path = manifests.path_of(repo / ".experiments" / "runs", run.id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(manifests.encode(run))
        path.with_suffix(".dvc").write_text("outs: []\n")


def took_ms(argv: list[str], cwd: Path) -> float:
    """Wall time of a whole process."""
    start = time.perf_counter()
    subprocess.run(argv, cwd=cwd, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)  # fmt: skip
    return (time.perf_counter() - start) * 1000


def say(what: str, value: str, budget: str, *, held: bool) -> None:
    print(f"{what:<44} {value:>26}   {budget:<14} {'ok' if held else 'OVER'}", flush=True)


def cold(repo: Path) -> None:
    """An index from nothing, against reading and parsing the same files."""
    runs = repo / ".experiments" / "runs"
    start = time.perf_counter()
    for entry in manifests.scan(runs):
        manifests.read(Path(entry.path), expect_id=entry.id)
    floor = time.perf_counter() - start
    start = time.perf_counter()
    index.look(repo / ".git" / "expctl" / "index.sqlite", runs=runs, finished=repo / "none").close()
    ratio = (time.perf_counter() - start) / floor
    say("cold index, against parsing alone", f"{ratio:.2f} x {floor:.2f} s", "≤ 2", held=ratio <= 2)


def warm(repo: Path, times: int, *, most_ms: float | None) -> None:
    """The whole command, interleaved with the floor; medians."""
    ours = [sys.executable, "-m", "expctl", "compare", "--where", WHERE, "--sort", ORDER, "--limit", "20"]
    floor = [sys.executable, "-c", BARE, str(repo / ".git" / "expctl" / "index.sqlite")]
    took_ms(ours, repo)
    pairs = [(took_ms(ours, repo), took_ms(floor, repo)) for _ in range(times)]
    mine, bare = (statistics.median(side) for side in zip(*pairs, strict=True))
    ratio = mine / bare
    if most_ms is None:
        say(
            "warm compare, against the bare query", f"{ratio:.2f} x {bare:.0f} ms", "≤ 1.5", held=ratio <= 1.5
        )
    else:
        say(
            "warm compare",
            f"{mine:.0f} ms ({ratio:.2f} x {bare:.0f})",
            f"≤ {most_ms:.0f} ms",
            held=mine <= most_ms,
        )


def added(repo: Path, runs: int) -> None:
    """The first look after 1 000 more runs came, and after they went to another branch."""
    git = ["git", "-C", str(repo), "-c", "user.name=a", "-c", "user.email=a@b"]
    for words in (["add", "-A"], ["commit", "-qm", "Runs"], ["checkout", "-qb", "more"]):
        subprocess.run([*git, *words], check=True)
    rng = random.Random(2)
    some = [a_run(runs + n, rng) for n in range(1000)]
    for run in some:
        manifests.write(repo / ".experiments" / "runs", run)
    ours = [sys.executable, "-m", "expctl", "compare", "--where", WHERE, "--sort", ORDER]
    start = time.perf_counter()
    for run in some:
        manifests.read(manifests.path_of(repo / ".experiments" / "runs", run.id), expect_id=run.id)
    floor = (time.perf_counter() - start) * 1000
    first = took_ms(ours, repo)
    warm_ms = statistics.median(took_ms(ours, repo) for _ in range(3))
    ratio = (first - warm_ms) / floor
    say("1 000 new runs, against parsing them", f"{ratio:.2f} x {floor:.0f} ms", "≤ 2", held=ratio <= 2)
    for words in (["add", "-A"], ["commit", "-qm", "More"], ["checkout", "-q", "-"]):
        subprocess.run([*git, *words], check=True)
    switched = took_ms(ours, repo)
    ratio = (switched - warm_ms) / floor
    say("first look after a switch away from them", f"{ratio:.2f} x {floor:.0f} ms", "≤ 2", held=ratio <= 2)
    other = statistics.median(took_ms(ours, repo) for _ in range(3))
    ratio = other / warm_ms
    say(
        "warm, 1 000 of them on another branch", f"{ratio:.2f} x {warm_ms:.0f} ms", "≤ 1.5", held=ratio <= 1.5
    )
    pair = [
        subprocess.Popen(ours, cwd=repo, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) for _ in range(2)
    ]
    told = {process.communicate()[0] for process in pair}
    say("two at once", "the same answer" if len(told) == 1 else "DIFFERENT", "the same", held=len(told) == 1)


def peer(python: str, runs: int, folder: Path) -> None:
    """The same question put to MLflow's search_runs on SQLite, with the same runs."""
    rng = random.Random(1)
    some = []
    for n in range(runs):
        run = a_run(n, rng)
        params = {
            f"{section}.{name}": value
            for section, inner in run.params.items()
            for name, value in inner.items()
        }
        metrics = {name: metric.value for name, metric in run.metrics.items()}
        start = int(run.started_at.timestamp() * 1000)
        some.append({"name": run.name, "start": start, "params": params, "metrics": metrics})
    (folder / "runs.json").write_text(json.dumps(some))
    script, database = str(ROOT / "tests" / "benchmarks" / "_mlflow.py"), str(folder / "peer.db")
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    subprocess.run(
        [python, script, "fill", str(folder / "runs.json"), database],
        check=True,
        env=env,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(2):
        start_s = time.perf_counter()
        asked = subprocess.run(
            [python, script, "ask", database], check=True, env=env, capture_output=True, text=True
        )
        whole_s = time.perf_counter() - start_s
    say(
        "MLflow's search_runs, process and query",
        f"{whole_s:.1f} s, {float(asked.stdout):.2f} s",
        "(peer)",
        held=True,
    )


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
        repo = Path(folder)
        fill(repo, asked.runs)
        print(f"{asked.runs} runs:")
        cold(repo)
        warm(repo, asked.times, most_ms=1000 if asked.runs >= 100_000 else None)
        added(repo, asked.runs)
        if asked.mlflow:
            peer(asked.mlflow, asked.runs, repo)


if __name__ == "__main__":
    main()
