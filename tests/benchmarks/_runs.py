"""Runs for benchmarks, in bulk: manifests as text, and repositories that hold them.

To encode 100 000 manifests and to let ``git add`` take them would take longer than all that is measured. So
the text is filled into a mould, which is held against the real writer, and ``git fast-import`` commits it.
"""

from __future__ import annotations

import random
import subprocess
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from expctl.core import runid
from expctl.store import manifests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

START = datetime(2026, 1, 1, tzinfo=UTC)
METRICS = (
    *("f1_score", "accuracy", "precision", "recall"),
    *("inference_time_ms", "train_loss", "val_loss", "auc"),
)
#: A run as a scikit-learn script with a YAML config leaves it: 11 parameters, 8 metrics.
_MOULD = """\
schema: expctl/run/v1
id: {id}
name: {name}
experiment: fraud
status: completed
started_at: {at}
duration_s: {duration}
command: {{argv: [python, train.py, --config, config.yaml], cwd: ., exit_code: 0}}
code:
  commit: {commit}
  branch: main
  dirty: {dirty}
  tree: {tree}
params:
  training: {{learning_rate: {lr}, batch_size: 64, epochs: 10, seed: {n}}}
  model: {{kind: {kind}, depth: {depth}, width: 128, dropout: 0.1}}
  data: {{path: data/train.csv, split: 0.2, shuffle: true}}
params_from: {{config.yaml: file}}
metrics:
{metrics}
data:
  - {{path: data/train.csv, md5: {data}, bytes: 10000}}
artifacts:
  - {{path: model.pt, md5: {model}, bytes: {n}, kind: model, stored: true}}
environment:
  python: 3.11.7
  packages: environments/0123456789ab.yaml
  platform: Linux-6.1-x86_64
  cpu: {{model: Xeon, cores: 2}}
  memory_bytes: 25769803776
resources: {{cpu_s: 12.5, max_rss_bytes: 812000000}}
tags:
  dataset_version: v3
capture: {{expctl: 0.1.0}}
"""
_METRIC = "  {}: {{value: {!r}, step: 49, min: 0.0, max: 1.0, points: 50}}"
_POINTER = b"outs: []\n"
_WHO = b"committer a <a@b> 1767225600 +0000\n"


class Made(NamedTuple):
    """A run: its id, the text of its manifest, and of that what others are told as well."""

    id: str
    name: str
    at: datetime
    params: dict[str, Any]
    metrics: dict[str, float]
    text: str


def make(first: int, many: int) -> Iterator[Made]:
    """So many runs, the same for the same numbers.

    Raises:
        AssertionError: The writer of manifests writes another text by now.
    """
    rng = random.Random(first)
    for n in range(first, first + many):
        made = _run(n, rng)
        if n < first + 3:
            told = manifests.parse(made.text.encode(), name=made.id, expect_id=made.id)
            assert manifests.encode(told).decode() == made.text
        yield made


def _run(n: int, rng: random.Random) -> Made:
    at = START + timedelta(seconds=137 * n)
    run_id = runid.make(at, rng.randbytes(6))
    metrics = {name: rng.uniform(0.001, 1) for name in METRICS}
    params = {
        "training.learning_rate": rng.choice([0.1, 0.01]),
        "training.batch_size": 64,
        "training.epochs": 10,
        "training.seed": n,
        "model.kind": rng.choice(["forest", "net"]),
        "model.depth": rng.randrange(9),
        "model.width": 128,
        "model.dropout": 0.1,
        "data.path": "data/train.csv",
        "data.split": 0.2,
        "data.shuffle": True,
    }
    text = _MOULD.format(
        id=run_id,
        n=n,
        name=f"run_{n}",
        at=at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        duration=round(rng.uniform(1, 900), 3),
        commit="a" + rng.randbytes(20).hex()[1:],
        tree="a" + rng.randbytes(20).hex()[1:],
        dirty=str(n % 2 == 0).lower(),
        lr=params["training.learning_rate"],
        kind=params["model.kind"],
        depth=params["model.depth"],
        metrics="\n".join(_METRIC.format(name, value) for name, value in metrics.items()),
        data="a" + rng.randbytes(16).hex()[1:],
        model="a" + rng.randbytes(16).hex()[1:],
    )
    return Made(run_id, f"run_{n}", at, params, metrics, text)


def commit(repo: Path, made: Iterable[Made], *, branch: str, onto: str = "") -> None:
    """Commit runs to a branch, each with a pointer beside it; the work tree stays as it is."""
    with subprocess.Popen(
        ["git", "-C", str(repo), "fast-import", "--quiet", "--force"], stdin=subprocess.PIPE
    ) as importer:
        out = importer.stdin
        assert out is not None
        out.write(b"commit refs/heads/%s\n" % branch.encode() + _WHO + b"data 4\nRuns\n")
        out.write(b"from %s^0\n" % onto.encode() if onto else b"")
        for run in made:
            path = f".experiments/runs/{runid.day_of(run.id)}/{run.id}".encode()
            text = run.text.encode()
            out.write(b"M 100644 inline %s.yaml\ndata %d\n%s\n" % (path, len(text), text))
            out.write(b"M 100644 inline %s.dvc\ndata %d\n%s\n" % (path, len(_POINTER), _POINTER))
        out.close()
        assert importer.wait() == 0
