"""An explanation, as it looks."""

from __future__ import annotations

import time

import pytest

from expctl.core.causes import explain as core
from expctl.core.causes.cause import Facts, FileDelta
from expctl.core.diff import Sides
from expctl.core.manifest import DataInput, Environment, Metric, Seeds
from expctl.core.packages import Package
from expctl.core.text import width
from expctl.render import causes
from tests.records import full


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def explanation(**changes):
    environment = Environment(python="3.11.7", numeric={"threads": 2}, imported=("numpy", "scikit-learn"))
    before = full(environment=environment, seeds=Seeds(set={"numpy": 1}))
    after = before._replace(
        id="20261122-190601-whe6m1",
        name="colleague \x1b[31m",
        metrics={"f1_score": Metric(0.85), "val/loss": Metric(float("inf")), "fit_time_s": Metric(2.0)},
        environment=environment._replace(numeric={"threads": 8}),
        seeds=Seeds(set={"numpy": 2}),
        data=(DataInput(path="data/train.parquet", md5="b" * 32, bytes=3), before.data[1]),
        **changes,
    )
    packages = Sides(
        [Package("scikit-learn", "1.5.2"), Package("tabulate", "0.8")],
        [Package("scikit-learn", "1.6.1"), Package("tabulate", "0.9")],
    )
    files = [FileDelta("README.md", added=1, removed=0), FileDelta("evil\u202e.py", "added")]
    facts = Facts(packages=packages, files=files, importers={"scikit-learn": "train.py"})
    return core.explain(before, after, facts)


@pytest.mark.parametrize("wide", [80, 120])
def test_an_explanation_looks_as_it_did(wide: int, golden) -> None:
    page = causes.page(explanation(), wide)

    golden(f"explain-{wide}.txt", "\n".join(page.lines(color=False)) + "\n")
    assert all(width(line) <= wide for line in page.lines(color=False))


def test_no_control_byte_reaches_the_terminal() -> None:
    text = "\n".join(causes.page(explanation(), 80).lines(color=False))

    assert "\x1b" not in text
    assert "\u202e" not in text
