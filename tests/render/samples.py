"""Rows for tables: a few runs of every kind, with names that are not all friendly."""

from __future__ import annotations

from expctl.core.row import Row

_IDS = ("k3f9qa", "k3fz01", "84g7zw", "whe6m1", "zepeex", "vckjzs")
_NAMES = (
    "baseline",
    "모델 실험 하나",
    "transformer_large_dropout",
    None,
    "rf-depth-10",
    "\x1b[31mred [bold]x[/] \u202eevil",
)
_F1 = (0.8712, 0.9034, 0.9034, None, float("nan"), 0.5)
_TIME = (12.5, 38.0, 21.25, 19.0, 40.0, 12.5)
_LR = (0.1, 0.01, 0.001, 1e-05, 0.1, 0.01)


def rows(*, more_params: int = 0, more_metrics: int = 0) -> list[Row]:
    """Six runs; every one has a start, a status and a command."""
    found = []
    for at, suffix in enumerate(_IDS):
        run_id = f"20261122-19050{at}-{suffix}"
        values = {
            "id": run_id,
            "name": _NAMES[at],
            "experiment": "fraud",
            "status": ("completed", "completed", "failed", "running", "killed", "completed")[at],
            "started_at": f"2026-11-22T19:05:0{at}.123456Z",
            "duration_s": 12.5 * (at + 1) if at != 3 else None,
            "exit_code": 0,
            "command": "python train.py --config config/experiment.yaml",
            "metrics.f1_score": _F1[at],
            "metrics.inference_time_ms": _TIME[at],
            "params.training.learning_rate": _LR[at],
            "params.model.kind": ("forest", "linear")[at % 2],
            "params.epochs": 10,
        }
        values |= {f"params.block_{n}.dropout_rate": n / (at + 1) for n in range(more_params)}
        values |= {f"metrics.class_{n}_precision": (n + at) / 40 for n in range(more_metrics)}
        found.append(Row(run_id, {name: value for name, value in values.items() if value is not None}))
    return found
