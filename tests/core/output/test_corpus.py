"""How much of real logs is read, and how much of what is read is right; labels were written by hand."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from expctl.core.output.collect import kept
from expctl.core.output.reader import Reader

LOGS = sorted((Path(__file__).parents[2] / "corpus" / "output").glob("*.log"))
#: What docs/explanation/metrics-from-output.md states, too.
FLOOR_PRECISION, FLOOR_RECALL = 0.98, 0.90


class Count(NamedTuple):
    """Metrics that were labelled, read, and read rightly: name, last value and number of points."""

    expected: int
    read: int
    right: int


def read(log: Path, block: int = 1 << 30) -> dict[str, tuple[str, int]]:
    data = log.read_bytes()
    reader = Reader()
    readings = [each for at in range(0, len(data), block) for each in reader.feed(data[at : at + block])]
    readings += reader.finish()
    return {name: (str(of[-1].value), len(of)) for name, of in kept(readings).items()}


def label(log: Path) -> dict[str, tuple[str, int]]:
    metrics = json.loads(log.with_suffix(".json").read_text())["metrics"]
    return {name: (str(float(value)), points) for name, (value, points) in metrics.items()}


def held_out(log: Path) -> str:
    """When a log was held out from writing the rules: ``first`` to ``third``, or never."""
    return str(json.loads(log.with_suffix(".json").read_text())["held_out"])


@cache
def count(log: Path) -> Count:
    expected, found = label(log), read(log)
    return Count(len(expected), len(found), sum(found.get(name) == value for name, value in expected.items()))


def rates(logs: list[Path]) -> tuple[float, float]:
    counts = [count(log) for log in logs]
    right = sum(each.right for each in counts)
    return right / sum(each.read for each in counts), right / sum(each.expected for each in counts)


def test_the_corpus_is_large_and_its_logs_are_small() -> None:
    assert len(LOGS) >= 40
    assert max(log.stat().st_size for log in LOGS) < 30_000


def test_nearly_everything_that_is_read_is_right_and_most_is_read() -> None:
    precision, recall = rates(LOGS)

    assert precision >= FLOOR_PRECISION
    assert recall >= FLOOR_RECALL


def test_logs_without_a_metric_give_none() -> None:
    silent = [log for log in LOGS if not label(log)]

    assert len(silent) >= 5
    assert {log.stem: read(log) for log in silent if read(log)} == {}


@pytest.mark.parametrize("block", [1, 7, 64, 4096])
def test_a_log_reads_the_same_in_pieces_of_any_length(block: int) -> None:
    logs = [log for log in LOGS if log.stat().st_size < 4000]

    assert {log.stem: read(log, block) for log in logs} == {log.stem: read(log) for log in logs}


def report() -> None:
    """What the docs state; not a test: python tests/core/output/test_corpus.py."""
    for what, logs in (
        ("all", LOGS),
        ("tuned on", [log for log in LOGS if not held_out(log)]),
        ("held out first", [log for log in LOGS if held_out(log) == "first"]),
        ("held out second", [log for log in LOGS if held_out(log) == "second"]),
        ("held out third", [log for log in LOGS if held_out(log) == "third"]),
    ):
        precision, recall = rates(logs)
        total = sum(count(log).expected for log in logs)
        print(f"{what}: {len(logs)} logs, {total} metrics, precision {precision:.3f}, recall {recall:.3f}")
    for log in LOGS:
        expected, found = label(log), read(log)
        wrong = {name: value for name, value in found.items() if expected.get(name) != value}
        missed = {name: value for name, value in expected.items() if name not in found}
        if wrong or missed:
            print(f"  {log.stem}: wrong {wrong}, missed {missed}")


if __name__ == "__main__":
    report()
