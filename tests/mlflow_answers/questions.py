"""Runs, filters and orders that are put to MLflow's ``search_runs`` and to expctl's.

``{id:3}`` in a string stands for the id of run 3.
"""

from __future__ import annotations

import math
from itertools import product

#: Milliseconds since 1970 at which the first run began; the others follow hour by hour.
START_MS = 1_760_000_000_000
HOUR_MS = 3_600_000
MANY = 24

_MODELS = ("random_forest", "it's", "net-v2", "100% cotton", "under_score", "Großer Bär")
_OPTIMIZERS = ("Adam", "adam", "AdamW", "sgd")
_STATUSES = ("FINISHED", "FAILED", "KILLED", "FINISHED", "RUNNING")


def runs() -> list[dict]:
    """Runs as both sides make them: parameters typed, times in milliseconds."""
    return [_run(n) for n in range(MANY)]


def _run(n: int) -> dict:
    params = {
        "lr": (0.1, 0.01, 0.001, 1e-05)[n % 4],
        "batch_size": (8, 16, 32, 64, 128)[n % 5],
        "optimizer": _OPTIMIZERS[n % 4],
        "kind": _MODELS[n % 6],
        "amp": n % 3 == 0,
        "layers": [64, 32][: n % 3],
        "model.depth": n % 7,
        "learning-rate": 0.5,
        "version": ("1.10", "1.9", "v3_2024")[n % 3],
    }
    metrics = {
        "f1_score": round(0.5 + n / 50, 3),
        "epochs": n,
        "val/loss": 1 / (n + 1),
        "eval loss": -n / 10,
        "val.auc": 0.9 if n % 2 else 0.8,
    }
    tags = {
        "team": ("vision", "nlp", "Vision team")[n % 3],
        "score": str(n % 5),
        "mlflow.user": "ada" if n % 2 else "bob",
    }
    if n % 4 == 0:
        params["extra"] = "yes"
        tags["reviewed"] = "true"
        tags["release.candidate"] = "rc1"
    if n % 5 == 1:
        del metrics["f1_score"]
    if n % 6 == 2:
        metrics["f1_score"] = math.nan
    if n % 8 == 3:
        metrics["huge"] = math.inf if n % 16 == 3 else 1e300
    end = None if _STATUSES[n % 5] == "RUNNING" else START_MS + n * HOUR_MS + 1000 * (n + 1)
    return {
        "name": f"run_{n}" if n % 2 else f"Baseline {n}",
        "status": _STATUSES[n % 5],
        "start": START_MS + n * HOUR_MS,
        "end": end,
        "params": params,
        "metrics": metrics,
        "tags": tags,
        "dataset": {"name": ("train", "test")[n % 2], "digest": f"d{n % 3}"} if n % 3 else None,
    }


#: As MLflow's documentation has them, for the names above.
_DOCUMENTED = [
    "metrics.f1_score > 0.72",
    "metrics.f1_score >= 0.72",
    "metrics.f1_score < 1 and metrics.f1_score > 0.6",
    "metrics.f1_score > 0.6 and params.batch_size = '16'",
    'params.optimizer = "Adam"',
    "params.optimizer = 'Adam'",
    "params.kind LIKE 'random%'",
    "params.kind = 'random_forest' and metrics.f1_score > 0.5",
    "params.optimizer ILIKE 'adam%'",
    "tags.team = 'nlp'",
    "tags.`mlflow.user` = 'ada'",
    'tags."mlflow.user" = "bob"',
    "tags.mlflow.user = 'ada'",
    "attributes.status = 'FINISHED'",
    "attributes.status = 'FAILED'",
    "attributes.status != 'FINISHED'",
    "attribute.status = 'RUNNING'",
    "status = 'KILLED'",
    "attributes.run_id = '{id:3}'",
    "attributes.run_id IN ('{id:1}', '{id:2}', '{id:5}')",
    "attributes.run_id NOT IN ('{id:1}', '{id:2}')",
    "run_id != '{id:0}'",
    "attributes.run_name LIKE 'run_1%'",
    "attributes.`Run name` = 'Baseline 4'",
    "attributes.`run name` ILIKE 'base%'",
    "run_name = 'run_3'",
    "run_name != 'run_3'",
    f"attributes.start_time >= {START_MS + 5 * HOUR_MS}",
    f"attributes.start_time < {START_MS + 5 * HOUR_MS}",
    f"attributes.created > {START_MS + 20 * HOUR_MS}",
    f"start_time = {START_MS + 7 * HOUR_MS}",
    f"attributes.end_time > {START_MS + 12 * HOUR_MS}",
    f"attributes.end_time <= {START_MS + 6 * HOUR_MS}",
    "attributes.user_id = 'ada'",
    "metrics.`val/loss` < 0.2",
    'metrics."val/loss" < 0.2',
    "metrics.`eval loss` <= -1",
    "metrics.val.auc > 0.85",
    "metrics.`val.auc` > 0.85",
    "params.`learning-rate` = '0.5'",
    'params."learning-rate" != "0.5"',
    "params.model.depth = '3'",
    "params.extra IS NULL",
    "params.extra IS NOT NULL",
    "tags.reviewed IS NULL",
    "tags.reviewed is not null",
    "tags.`release.candidate` IS NOT NULL",
    "params.nowhere IS NULL",
    "dataset.name = 'train'",
    "datasets.name LIKE 't%'",
    "dataset.digest = 'd1'",
    "dataset.digest IN ('d1', 'd2')",
    "dataset.name ILIKE 'TEST'",
    "dataset.name = 'train' and metrics.epochs > 5",
    "run.status = 'FINISHED'",
    "attr.status = 'FINISHED'",
    "",
]
_METRICS = [
    f"{prefix}.{name} {op} {value}"
    for (prefix, name), (op, value) in product(
        [("metrics", "f1_score"), ("metric", "epochs"), ("metrics", "huge")],
        [
            ("=", "0.5"),
            ("!=", "0.66"),
            ("<", "0.7"),
            ("<=", "10"),
            (">", ".62"),
            (">=", "1e-1"),
            (">", "-3"),
            ("!=", "12"),
        ],
    )
]
_PARAMS = [
    f"{prefix}.{name} {op} '{value}'"
    for (prefix, name, value), op in product(
        [
            ("params", "lr", "0.001"),
            ("param", "lr", "1e-05"),
            ("parameters", "lr", "1e-3"),
            ("parameter", "batch_size", "16"),
            ("params", "batch_size", "16.0"),
            ("params", "kind", "net-v2"),
            ("params", "amp", "True"),
            ("params", "layers", "[64, 32]"),
            ("params", "version", "1.10"),
            ("params", "version", "1.1"),
            ("tags", "score", "3"),
            ("tag", "score", "3.0"),
            ("tags", "team", "vision"),
            ("tags", "reviewed", "true"),
        ],
        ["=", "!="],
    )
]
_PATTERNS = [
    f"{key} {op} '{pattern}'"
    for key, op, pattern in product(
        ["params.kind", "params.optimizer", "tags.team", "run_name"],
        ["LIKE", "ILIKE"],
        ["%", "a%", "%s%", "_dam%", "%e_m", "Vision", "100!%", "%ß%"],
    )
]
_JOINED = [
    f"{one} {word} {other}"
    for (one, other), word in product(
        [
            ("metrics.f1_score > 0.6", "params.optimizer = 'sgd'"),
            ("tags.team = 'nlp'", "attributes.status = 'FINISHED'"),
            ("params.lr = '0.01'", "metrics.`val/loss` < 0.5"),
            ("tags.reviewed IS NULL", "metrics.epochs >= 6"),
            ("params.extra = 'yes'", "tags.mlflow.user = 'bob'"),
            ("run_name LIKE 'Base%'", "metrics.huge > 1"),
            ("metrics.epochs > 3 AND metrics.epochs < 20", "params.amp = 'False'"),
            ("dataset.name != 'train'", "tags.score = '2'"),
        ],
        ["and", "AND", "And"],
    )
]
_ODD = [
    "metrics.f1_score   >0.7",
    "metrics.f1_score>0.7",
    "  metrics.f1_score > 0.7  ",
    "metrics.f1_score > 0.7\nand params.amp = 'True'",
    'params.kind = "it\'s"',
    "params.kind = '100% cotton'",
    "params.kind LIKE 'under_score'",
    "params.kind LIKE '%_%'",
    "params.kind LIKE 'Großer%'",
    "params.kind ILIKE '%BÄR'",
    "params.amp LIKE 'T%'",
    "params.amp LIKE 'F_lse'",
    "params.lr LIKE '0.0%'",
    "params.lr LIKE '1e%'",
    "params.layers LIKE '[%]'",
    "params.layers = '[]'",
    "params.`kind` = 'net-v2'",
    "`params`.kind = 'net-v2'",
    "params.optimizer != 'nothing'",
    "params.absent != 'nothing'",
    "params.absent = 'nothing'",
    "tags.absent LIKE '%'",
    "metrics.absent > 0",
    "metrics.absent != 0",
    "metrics.f1_score != 0",
    "metrics.f1_score = 0",
    "metrics.f1_score > -1",
    "metrics.f1_score <= 100",
    "metrics.huge > 1e299",
    "metrics.epochs = 10",
    "metrics.epochs = 10.0",
    "metrics.`epochs` = 10",
    "metrics.epochs > 5 and metrics.epochs > 7 and metrics.epochs != 9",
    "params.lr = '0.1' and params.batch_size = '8' and tags.team = 'vision'",
    "attributes.status LIKE 'F%'",
    "attributes.status ILIKE '%ed'",
    f"attributes.Created <= {START_MS + HOUR_MS}",
    "attributes.`Run Name` LIKE '%1%'",
    "tags.`team` LIKE '% team'",
    "tags.mlflow.runName = 'run_5'",
    "tags.`mlflow.runName` LIKE 'Base%'",
    "dataset.context = 'training'",
    "dataset.name NOT IN ('train')",
]
FILTERS = list(dict.fromkeys([*_DOCUMENTED, *_METRICS, *_PARAMS, *_PATTERNS, *_JOINED, *_ODD]))

ORDERS = [
    [],
    ["metrics.f1_score DESC"],
    ["metrics.f1_score ASC"],
    ["metrics.f1_score"],
    ["metrics.`val/loss` desc"],
    ['metrics."eval loss" ASC'],
    ["metrics.val.auc DESC", "metrics.epochs ASC"],
    ["attributes.start_time ASC"],
    ["attributes.start_time DESC"],
    ["start_time asc"],
    ["attribute.start_time"],
    ["created DESC"],
    ["attributes.end_time DESC"],
    ["tags.team ASC", "start_time DESC"],
    ["tags.reviewed DESC"],
    ["params.optimizer", "metrics.epochs DESC"],
    ["params.kind DESC"],
    ["params.extra ASC"],
    ["params.version ASC"],
    ["params.batch_size ASC"],
    ["params.lr DESC"],
    ["params.amp", "params.optimizer DESC"],
    ["tags.score DESC", "params.optimizer"],
    ["metrics.huge DESC"],
    ["metrics.huge ASC"],
    ["run_name"],
    ["attributes.`Run name` DESC"],
    ["status ASC"],
    ["metrics.nowhere DESC"],
]
