"""MLflow's strings find what MLflow finds; answers of the real one lie in ``tests/mlflow_answers``."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from expctl.core import query, row, runid
from expctl.core.manifest import Command, DataInput, Manifest, Metric
from tests.mlflow_answers import questions

ANSWERS = json.loads((Path(questions.__file__).parent / "answers.json").read_text(encoding="utf-8"))
_STATUSES = {"FINISHED": "completed", "FAILED": "failed", "KILLED": "killed", "RUNNING": "running"}
#: Where we mean to differ; docs/reference/filters.md gives the reasons.
DIFFERENT = {
    "params.kind ILIKE '%BÄR'",
    "metrics.huge DESC",
    "params.batch_size ASC",
    "params.lr DESC",
    "status ASC",
}


def of_run(n: int, run: dict) -> row.Row:
    """A run of the questions as expctl records it."""
    at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=run["start"])
    dataset = run["dataset"]
    return row.from_manifest(
        Manifest(
            id=runid.make(at, bytes([n] * 6)),
            name=run["name"],
            status=_STATUSES[run["status"]],
            started_at=at,
            duration_s=None if run["end"] is None else (run["end"] - run["start"]) / 1000,
            command=Command(argv=("python", "train.py")),
            params=run["params"],
            metrics={name: Metric(value=value) for name, value in run["metrics"].items()},
            tags=run["tags"],
            data=(DataInput(uri=f"s3://x/{dataset['name']}", extra=dataset),) if dataset else (),
        )
    )


ROWS = [of_run(n, run) for n, run in enumerate(questions.runs())]
COLUMNS = sorted({name for one in ROWS for name in one.values})


def column(name: str) -> dict:
    return {n: one.values[name] for n, one in enumerate(ROWS) if one.values.get(name) is not None}


def ask(text: str) -> list[int]:
    for n in reversed(range(len(ROWS))):
        text = text.replace(f"{{id:{n}}}", ROWS[n].id)
    found = query.parse(text).bind(COLUMNS, strict=False).select(set(range(len(ROWS))), column)
    return sorted(found)


def test_there_are_enough_questions() -> None:
    assert len(ANSWERS["filters"]) >= 200
    assert set(ANSWERS["filters"]) <= set(questions.FILTERS)


@pytest.mark.parametrize("text", [text for text in ANSWERS["filters"] if text not in DIFFERENT])
def test_a_filter_finds_what_mlflow_finds(text: str) -> None:
    assert ask(text) == sorted(ANSWERS["filters"][text])


@pytest.mark.parametrize("text", [text for text in ANSWERS["filters"] if text in DIFFERENT])
def test_a_difference_is_still_one(text: str) -> None:
    assert ask(text) != sorted(ANSWERS["filters"][text])


def arranged(order_by: list[str]) -> list[int]:
    newest = list(reversed(range(len(ROWS))))
    by = query.parse_sort(", ".join(order_by)).bind(COLUMNS, strict=False)
    return query.arrange(newest, by, column)


@pytest.mark.parametrize("each", ANSWERS["orders"], ids=lambda each: ", ".join(each["order_by"]))
def test_an_order_is_that_of_mlflow(each: dict) -> None:
    if ", ".join(each["order_by"]) in DIFFERENT:
        assert arranged(each["order_by"]) != each["runs"]
    else:
        assert arranged(each["order_by"]) == each["runs"]
