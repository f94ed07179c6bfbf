"""Recorded runs as a pandas table."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

import expctl
from expctl.core import runid
from expctl.core.manifest import CodeState, Command, Manifest, Metric
from expctl.errors import NotARepositoryError, QueryError
from expctl.store import manifests

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
FIRST = ["run_id", "run_name", "experiment", "status", "start_time", "end_time", "duration_s", "exit_code"]


@pytest.fixture
def four(repo, monkeypatch):
    """Four runs: f1 from 0.6 to 0.9, two experiments, one without the metric."""
    for n in range(4):
        at = START + timedelta(hours=n)
        run = Manifest(
            id=runid.make(at, bytes([n] * 6)),
            experiment="a" if n < 2 else "b'q",
            status="completed" if n else "failed",
            started_at=at,
            duration_s=1.5,
            command=Command(argv=("true",), exit_code=0 if n else 1),
            params={"lr": 0.1 * n, "net": {"depth": n, "kind": "cnn"}},
            metrics={"f1": Metric(value=0.6 + n / 10)} if n else {},
            tags={"owner": "ada"},
            code=CodeState(commit="a" * 40, tree="b" * 40),
        )
        manifests.write(repo.path / ".experiments" / "runs", run)
    monkeypatch.chdir(repo.path)
    return repo


def test_all_runs_come_newest_first(four):
    df = expctl.search_runs()

    assert list(df.columns[:8]) == FIRST
    assert list(df["experiment"]) == ["b'q", "b'q", "a", "a"]
    assert df["start_time"].iloc[0] == pd.Timestamp("2026-11-22T13:00:00Z")
    assert df["end_time"].iloc[0] - df["start_time"].iloc[0] == pd.Timedelta(seconds=1.5)
    assert list(df["exit_code"]) == [0, 0, 0, 1]


def test_columns_come_by_section_with_their_types(four):
    df = expctl.search_runs(order_by=["params.lr"])

    assert list(df.columns[8:13]) == [
        "metrics.f1",
        "params.lr",
        "params.net.depth",
        "params.net.kind",
        "tags.owner",
    ]
    assert "code.tree" in df.columns
    assert df["params.net.depth"].tolist() == [0, 1, 2, 3]
    assert df["metrics.f1"].isna().tolist() == [True, False, False, False]
    assert df["metrics.f1"].dtype == float


def test_columns_are_called_as_mlflow_calls_them(four):
    run = Manifest(
        id=runid.make(START, bytes([9] * 6)),
        status="completed",
        started_at=START,
        command=Command(argv=("true",)),
        params={"opt.name": "adam", "a.b": 1, "a": {"b": 2}},
        metrics={"val/loss": Metric(value=1.0)},
    )
    manifests.write(four.path / ".experiments" / "runs", run)
    columns = set(expctl.search_runs().columns)

    assert {"params.opt.name", "metrics.val/loss", "params.`a.b`", "params.a.b"} <= columns


def test_a_filter_an_order_and_a_limit_work_together(four):
    df = expctl.search_runs("metrics.f1 > 0.65", order_by=["metrics.f1 DESC", "params.lr ASC"], max_results=2)

    assert df["metrics.f1"].tolist() == pytest.approx([0.9, 0.8])


@pytest.mark.parametrize("names", ["b'q", ["b'q"], ("b'q", "other")])
def test_experiments_narrow_it(four, names):
    assert set(expctl.search_runs(experiment_names=names)["experiment"]) == {"b'q"}


def test_a_limit_counts_the_runs_of_the_experiment(four):
    assert len(expctl.search_runs(experiment_names="a", max_results=1)) == 1
    assert len(expctl.search_runs(experiment_names="a", max_results=None)) == 2


def test_no_run_gives_an_empty_table_with_its_columns(repo, monkeypatch):
    monkeypatch.chdir(repo.path)
    df = expctl.search_runs()

    assert (list(df.columns), len(df)) == (FIRST, 0)
    assert str(df["start_time"].dtype).startswith("datetime64")


def test_a_manifest_that_cannot_be_read_is_warned_of(four):
    four.write(".experiments/runs/2026-11-22/20261122-230000-aaaaaa.yaml", "schema: nonsense\n")

    with pytest.warns(UserWarning, match="1 manifest"):
        assert len(expctl.search_runs()) == 4


def test_a_filter_that_cannot_be_read_is_an_error(four):
    with pytest.raises(QueryError):
        expctl.search_runs("metrics.f1 >")


def test_outside_of_a_repository_it_is_an_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(NotARepositoryError):
        expctl.search_runs()
