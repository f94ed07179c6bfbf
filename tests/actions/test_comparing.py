"""Runs side by side, in a real repository."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from expctl import project
from expctl.actions import comparing
from expctl.core import runid
from expctl.core.compare import Objective
from expctl.core.manifest import Artifact, Metric
from expctl.errors import QueryError, RunNotFoundError, UsageError
from expctl.store import manifests
from tests import records

START = datetime(2026, 11, 22, 10, tzinfo=UTC)
#: f1 and inference time: runs 1, 2 and 4 are the front.
POINTS = [(0.5, 9.0), (0.9, 8.0), (0.8, 3.0), (0.7, 4.0), (0.6, 1.0), (float("nan"), 0.1)]


def a_run(n):
    f1, ms = POINTS[n]
    at = START + timedelta(hours=n)
    metrics = {"f1": Metric(value=f1), "inference_time_ms": Metric(value=ms), "alpha": Metric(value=1.0)}
    params = {"training": {"lr": 0.1 * n}, "a,b": n, "same": 1}
    return records.full(
        runid.make(at, bytes([n] * 6)),
        started_at=at,
        metrics=metrics,
        params=params,
        name=f"run {n}",
        experiment="ab"[n % 2],
    )


@pytest.fixture
def place(repo):
    for n in range(len(POINTS)):
        manifests.write(repo.path / ".experiments" / "runs", a_run(n))
    return project.find(repo.path)


def ids(found):
    return [int(row.id[-1]) for row in found.comparison.rows]


def names(found):
    return [column.name for column in found.comparison.columns]


def test_all_runs_newest_first_with_what_varies(place):
    found = comparing.compare(place)

    assert ids(found) == [5, 4, 3, 2, 1, 0]
    assert {"metrics.f1", "params.training.lr", "name"} <= set(names(found))
    assert found.comparison.constant["params.same"] == 1
    assert "params.same" not in names(found)


def test_the_front_comes_first_and_the_best_of_the_first_goal_at_its_head(place):
    found = comparing.compare(place, pareto="f1:max,inference_time_ms:min", limit=4)

    assert ids(found) == [1, 2, 4, 3]
    assert found.comparison.front == {a_run(n).id for n in (1, 2, 4)}
    assert found.comparison.objectives == (
        Objective(column="metrics.f1", direction="max"),
        Objective(column="metrics.inference_time_ms", direction="min"),
    )
    assert names(found)[:2] == ["metrics.f1", "metrics.inference_time_ms"]
    assert found.listing.total == 6


def test_directions_that_can_be_told_need_not_be_typed(place):
    found = comparing.compare(place, pareto="f1, inference_time_ms")

    assert [goal.direction for goal in found.comparison.objectives] == ["max", "min"]


def test_the_front_is_of_what_matches(place):
    found = comparing.compare(
        place, where="inference_time_ms < 5", pareto="f1,inference_time_ms", sort="name"
    )

    assert ids(found) == [2, 4, 3, 5]


def test_a_goal_without_a_direction_is_asked_back(place):
    with pytest.raises(UsageError, match="high or low"):
        comparing.compare(place, pareto="alpha")


def test_an_unknown_goal_is_answered_with_the_nearest(place):
    with pytest.raises(QueryError) as caught:
        comparing.compare(place, pareto="inference_time_m:min")

    assert "inference_time_ms" in (caught.value.hint or "")


def test_named_runs_come_in_their_order_whatever_limit_and_experiment(place):
    (place.experiments / "config.yaml").write_text("experiment: a\n")

    assert ids(comparing.compare(place, ["@-2", "best:f1"], limit=1)) == [3, 1]
    assert ids(comparing.compare(place, ["@-2", "best:f1"], sort="f1 desc")) == [1, 3]
    assert ids(comparing.compare(place)) == [4, 2, 0]


def test_a_run_that_is_not_there_is_refused(place):
    with pytest.raises(RunNotFoundError):
        comparing.compare(place, ["@", "nothing"])


def test_columns_are_shown_as_asked(place):
    found = comparing.compare(place, columns="params.`a,b`, lr,metrics.*, id, same")

    assert names(found) == [
        "params.a,b",
        "params.training.lr",
        "metrics.alpha",
        "metrics.f1",
        "metrics.inference_time_ms",
        "params.same",
    ]


def test_a_pattern_may_leave_out_the_prefix(place):
    assert names(comparing.compare(place, columns="training.*")) == ["params.training.lr"]


def test_a_pattern_with_a_prefix_speaks_of_whole_names(place):
    # The plain name of its size is artifacts.metrics.json.bytes, which ends in what fits `metrics.*`.
    odd = Artifact(path="metrics.json", md5="0" * 32, bytes=1)
    at = START + timedelta(days=1)
    manifests.write(place.runs, records.full(runid.make(at, b"abcdef"), started_at=at, artifacts=(odd,)))

    shown = names(comparing.compare(place, columns="metrics.*"))

    assert shown
    assert all(name.startswith("metrics.") for name in shown)
    assert "artifacts.`metrics.json`.bytes" in names(comparing.compare(place, columns="*.bytes"))


def test_a_goal_that_is_neither_max_nor_min_is_refused(place):
    with pytest.raises(UsageError, match='"up" is neither max nor min') as caught:
        comparing.compare(place, pareto="f1:up")
    assert caught.value.hint == "Write f1:max or f1:min"


def test_runs_that_were_named_hide_no_others(place):
    assert comparing.compare(place, ["run 1"]).listing.hidden == 0


@pytest.mark.parametrize("columns", ["nothing.*", "metrics.f2", "a b"])
def test_columns_that_no_run_has_are_refused(place, columns):
    with pytest.raises((QueryError, UsageError)):
        comparing.compare(place, columns=columns)


def test_everything_shows_constant_columns_and_all_experiments(place):
    (place.experiments / "config.yaml").write_text("experiment: a\n")
    found = comparing.compare(place, everything=True)

    assert len(found.comparison.rows) == 6
    assert "params.same" in names(found)
    assert {"params.same", "status"} <= {*names(found)}


def test_directions_of_the_settings_turn_best_and_front(place):
    (place.experiments / "config.yaml").write_text("directions: {f1: min}\n")
    found = comparing.compare(place, pareto="f1")

    assert found.comparison.best["metrics.f1"] == {a_run(0).id}
    assert found.comparison.front == {a_run(0).id}


def test_a_sorted_column_stays_even_if_constant(place):
    assert names(comparing.compare(place, sort="same"))[0] == "params.same"


def test_no_runs_compare_to_nothing(repo):
    found = comparing.compare(project.find(repo.path), pareto="f1:max")

    assert found.comparison.rows == ()
    assert found.listing.looked_at == 0
