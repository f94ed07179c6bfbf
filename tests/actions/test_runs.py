"""Runs are found by filter and by what people call them, in a real repository."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from expctl import project
from expctl.actions import runs
from expctl.core import runid
from expctl.core.manifest import Environment, Metric
from expctl.core.packages import Package
from expctl.errors import AmbiguousRunError, ManifestError, QueryError, RunNotFoundError, UsageError
from expctl.store import environments, manifests
from tests import records

START = datetime(2026, 11, 22, 10, tzinfo=UTC)


def a_run(n, **changes):
    at = START + timedelta(hours=n)
    values = {
        "metrics": {"f1": Metric(value=n / 10)},
        "params": {"n": n},
        "name": f"run {n}",
        "experiment": "a",
    }
    return records.full(runid.make(at, bytes([n] * 6)), started_at=at, **{**values, **changes})


@pytest.fixture
def place(repo):
    """Five runs; 3 and 4 share a name, 4 is of another experiment and has a NaN."""
    some = [a_run(0), a_run(1), a_run(2), a_run(3, name="twin")]
    some.append(a_run(4, name="twin", experiment="b", metrics={"f1": Metric(value=float("nan"))}))
    for run in some:
        manifests.write(repo.path / ".experiments" / "runs", run)
    return project.find(repo.path)


def ids(listing):
    return [int(row.id[-1], 32) for row in listing.rows]


def test_the_newest_come_first(place):
    found = runs.select(place, limit=2)

    assert ids(found) == [4, 3]
    assert (found.total, found.looked_at, found.hidden) == (5, 5, 0)


def test_runs_of_one_second_stand_in_the_order_in_which_they_began(repo):
    # Their ids end at random: "@" must mean the one that began last all the same.
    for noise, microseconds in ((9, 1), (1, 3), (5, 2)):
        at = START + timedelta(microseconds=microseconds)
        manifests.write(
            repo.path / ".experiments" / "runs",
            records.full(runid.make(at, bytes([noise] * 6)), started_at=at, name=f"no {microseconds}"),
        )
    place = project.find(repo.path)

    for _ in range(2):  # without the index, and with it
        assert [row.values["name"] for row in runs.select(place).rows] == ["no 3", "no 2", "no 1"]
        assert runs.find(place, "@").manifest.name == "no 3"
        assert runs.find(place, "@-2").manifest.name == "no 1"


def test_the_beginning_of_a_name_is_answered_with_the_names(place):
    with pytest.raises(RunNotFoundError) as caught:
        runs.find(place, "ru")
    assert "Did you mean run 0 or run 1?" in (caught.value.hint or "")


def test_a_metric_that_nobody_has_is_answered_with_the_nearest(place):
    with pytest.raises(RunNotFoundError, match='No run has a metric "f11"') as caught:
        runs.find(place, "best:f11")
    assert caught.value.hint == "Did you mean f1?"


@pytest.mark.parametrize("reference", ["@", "@-2", "best:f1", "k3f9qa"])
def test_where_nothing_was_recorded_it_is_said_how_to(repo, reference):
    with pytest.raises(RunNotFoundError, match="there are none yet") as caught:
        runs.find(project.find(repo.path), reference)
    assert "expctl run --" in (caught.value.hint or "")


def test_a_repository_without_runs_has_none(repo):
    found = runs.select(project.find(repo.path), where="metrics.f1 > 1", sort="metrics.f1")

    assert found == runs.Listing([], 0, [], 0, 0, ())


def test_filter_order_and_limit_work_together(place):
    found = runs.select(place, where="f1 >= 0.1", sort="metrics.f1 DESC", limit=2)

    assert ids(found) == [3, 2]
    assert found.total == 3


def test_the_version_of_a_package_is_a_criterion(place):
    for n, version in enumerate(("1.9.0", "1.26.4", "2.1.0")):
        name = environments.write(place.experiments, [Package("numpy", version)])
        environment = Environment(python="3.11.7", packages=name)
        manifests.write(place.runs, a_run(n, environment=environment))

    assert ids(runs.select(place, where="packages.numpy < '2'")) == [1, 0]
    assert ids(runs.select(place, where="packages.NumPy > '1.10' and packages.torch is null")) == [2, 1]


def test_times_count_from_now(place):
    manifests.write(place.runs, a_run(5)._replace(started_at=datetime.now(UTC)))

    assert ids(runs.select(place, where="started_at > '1 minute ago'")) == [5]


def test_nan_sorts_last_either_way(place):
    assert ids(runs.select(place, sort="f1 desc")) == [3, 2, 1, 0, 4]
    assert ids(runs.select(place, sort="f1")) == [0, 1, 2, 3, 4]


def test_no_limit_means_all(place):
    assert len(runs.select(place, limit=None).rows) == 5


def test_one_experiment_hides_the_others_and_counts_them(place):
    found = runs.select(place, experiment="b")

    assert ids(found) == [4]
    assert found.hidden == 4


def test_the_experiment_of_the_settings_is_looked_at(place):
    (place.experiments / "config.yaml").write_text("experiment: b\n")

    assert ids(runs.select(place)) == [4]
    assert ids(runs.select(place, everything=True)) == [4, 3, 2, 1, 0]
    assert ids(runs.select(place, experiment="a")) == [3, 2, 1, 0]


def test_an_unknown_column_is_a_fault_unless_nobody_minds(place):
    with pytest.raises(QueryError, match=r"metrics\.f2"):
        runs.select(place, where="metrics.f2 > 1")
    with pytest.raises(QueryError, match="f2"):
        runs.select(place, sort="f2")

    assert runs.select(place, where="metrics.f2 > 1", sort="metrics.f2", strict=False).rows == []


def test_unreadable_manifests_are_named_beside_the_others(place):
    manifests.path_of(place.runs, a_run(1).id).write_text("garbage")
    found = runs.select(place)

    assert ids(found) == [4, 3, 2, 0]
    assert [item.path for item in found.unreadable] == [f".experiments/runs/2026-11-22/{a_run(1).id}.yaml"]


def test_ids_that_can_be_mistaken_for_one_shown_are_given(place):
    twin = a_run(4)._replace(id=a_run(4).id[:-1] + "5")
    manifests.write(place.runs, twin)
    found = runs.select(place, limit=1)

    assert set(found.ids) == {a_run(4).id, twin.id}


@pytest.mark.parametrize(
    ("reference", "n"),
    [
        ("@", 4),
        ("@-", 3),
        ("@-4", 0),
        ("222222", 2),
        ("222", 2),
        ("20261122-12", 2),
        (a_run(1).id, 1),
        ("run 2", 2),
        ("best:f1", 3),
        ("best:metrics.f1", 3),
        ("best:f1:min", 0),
    ],
)
def test_a_run_is_found_by_what_people_call_it(place, reference, n):
    found = runs.find(place, reference)

    assert found.manifest.id == a_run(n).id
    assert found.path == manifests.path_of(place.runs, a_run(n).id)
    assert found.row.values["params.n"] == n


def test_an_unknown_run_is_answered_with_the_nearest(place):
    with pytest.raises(RunNotFoundError, match='No run matches "22222z"') as caught:
        runs.find(place, "22222z")

    assert "222222" in (caught.value.hint or "")


@pytest.mark.parametrize("reference", ["@-5", "nothing", "best:f2", "", "best:params.n", "@-999999"])
def test_what_names_no_run_is_refused(place, reference):
    with pytest.raises(RunNotFoundError):
        runs.find(place, reference)


@pytest.mark.parametrize("reference", ["twin", "2026"])
def test_a_reference_that_could_mean_two_lists_both(place, reference):
    with pytest.raises(AmbiguousRunError, match="could mean") as caught:
        runs.find(place, reference)

    assert a_run(3).id in (caught.value.hint or "")
    assert a_run(4).id in (caught.value.hint or "")
    assert caught.value.exit_code == 2


def test_the_best_of_what_nobody_knows_the_direction_of_is_asked_back(place):
    manifests.write(place.runs, a_run(5, metrics={"alpha": Metric(value=1.0)}))

    with pytest.raises(UsageError, match="high or low"):
        runs.find(place, "best:alpha")
    assert runs.find(place, "best:alpha:max").manifest.id == a_run(5).id


def test_a_run_whose_manifest_is_broken_says_so(place):
    manifests.path_of(place.runs, a_run(1).id).write_text("garbage")

    with pytest.raises(ManifestError, match=r"111111\.yaml: ") as caught:
        runs.find(place, "111111")
    assert "validate" in (caught.value.hint or "")


def test_several_are_found_in_their_order_each_once(place):
    found = runs.find_many(place, ["@-2", "222222", "@"])

    assert [one.manifest.id for one in found] == [a_run(2).id, a_run(4).id]


def test_a_finished_copy_is_found_where_it_lies(place):
    place.finished.mkdir(parents=True)
    path = place.finished / f"{a_run(7).id}.yaml"
    path.write_bytes(manifests.encode(a_run(7)))

    assert runs.find(place, "@").path == path


def test_a_run_in_progress_is_seen_and_found(repo):
    repo.write("wait.py", "import pathlib, sys\npathlib.Path('up').touch()\nsys.stdin.read()\n")
    child = subprocess.Popen(
        [sys.executable, "-m", "expctl", "run", "-n", "slow", "--", sys.executable, "wait.py"],
        cwd=repo.path,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not (repo.path / "up").exists():
            assert child.poll() is None
        place = project.find(repo.path)
        found = runs.find(place, "slow")
        assert found.path is None
        assert found.manifest.status == "running"
        assert [row.values["status"] for row in runs.select(place, where="status = 'RUNNING'").rows] == [
            "running"
        ]
    finally:
        child.communicate(b"")
    assert runs.find(place, "slow").manifest.status == "completed"


def test_a_repeat_that_gives_the_same_is_not_the_best(place):
    first, again = (a_run(n, metrics={"auc": Metric(value=0.9)}) for n in (6, 7))
    for one in (again, first):
        manifests.write(place.runs, one)

    assert runs.find(place, "best:auc:max").manifest.id == first.id
