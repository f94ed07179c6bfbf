"""The runs of the benchmark in MLflow's SQLite store, and one question put to its ``search_runs``.

Run by an interpreter that has mlflow: ``fill RUNS.json DATABASE`` or ``ask DATABASE``. To log 10 000 runs
through MLflow takes minutes, so its tables are filled directly, with what it would have written.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
import uuid
from typing import Any


def fill(source: str, database: str) -> None:
    """Make the store with one run of MLflow's own, and the others after its example."""
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{database}")
    experiment = client.create_experiment("fraud")
    example = client.create_run(experiment).info.run_id
    base = sqlite3.connect(database)
    names = [fact[1] for fact in base.execute("PRAGMA table_info(runs)")]
    row = dict(
        zip(names, base.execute("SELECT * FROM runs WHERE run_uuid = ?", (example,)).fetchone(), strict=True)
    )
    with open(source, encoding="utf-8") as file:
        some: list[dict[str, Any]] = json.load(file)
    for run in some:
        run_id = uuid.uuid4().hex
        new = {
            **row,
            "run_uuid": run_id,
            "name": run["name"],
            "start_time": run["start"],
            "status": "FINISHED",
        }
        base.execute(f"INSERT INTO runs VALUES ({','.join('?' * len(names))})", [new[name] for name in names])
        for key, value in run["metrics"].items():
            facts = {
                "key": key,
                "value": value,
                "timestamp": run["start"],
                "step": 0,
                "is_nan": 0,
                "run_uuid": run_id,
            }
            insert(base, "metrics", facts)
            insert(base, "latest_metrics", facts)
        for key, value in run["params"].items():
            insert(base, "params", {"key": key, "value": str(value), "run_uuid": run_id})
        for key, value in {"mlflow.runName": run["name"], "dataset_version": "v3"}.items():
            insert(base, "tags", {"key": key, "value": value, "run_uuid": run_id})
    base.commit()
    base.close()


def insert(base: sqlite3.Connection, table: str, facts: dict[str, Any]) -> None:
    """One row."""
    marks = ",".join("?" * len(facts))
    base.execute(f"INSERT INTO {table} ({','.join(facts)}) VALUES ({marks})", list(facts.values()))


def ask(database: str) -> None:
    """Print how long the question alone takes, in seconds."""
    import mlflow

    client = mlflow.MlflowClient(f"sqlite:///{database}")
    experiment = client.get_experiment_by_name("fraud").experiment_id
    start = time.perf_counter()
    found = client.search_runs(
        [experiment], "metrics.f1_score > 0.5", order_by=["metrics.f1_score DESC"], max_results=20
    )
    assert len(found) == 20
    sys.stdout.write(f"{time.perf_counter() - start}\n")


if __name__ == "__main__":
    {"fill": fill, "ask": ask}[sys.argv[1]](*sys.argv[2:])
