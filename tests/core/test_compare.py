"""What a comparison shows, hides and marks."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import compare, row
from expctl.core.row import Row
from tests import records


def rows(*values):
    return [Row(f"run{n}", {"id": f"run{n}", **some}) for n, some in enumerate(values)]


def names(found):
    return [column.name for column in found.columns]


def test_constant_columns_are_left_out_and_told():
    found = compare.compare(
        rows(
            {"metrics.f1": 0.5, "params.lr": 0.1, "params.bs": 32, "status": "completed"},
            {"metrics.f1": 0.6, "params.lr": 0.2, "params.bs": 32, "status": "completed"},
        )
    )

    assert names(found) == ["metrics.f1", "params.lr"]
    assert found.constant == {"params.bs": 32, "status": "completed"}


def test_a_column_that_some_runs_lack_varies():
    found = compare.compare(rows({"params.lr": 0.1}, {}))

    assert names(found) == ["params.lr"]


def test_unlike_kinds_vary_and_two_nans_do_not():
    found = compare.compare(
        rows({"params.a": True, "metrics.x": math.nan}, {"params.a": 1, "metrics.x": float("nan")})
    )

    assert names(found) == ["params.a"]
    assert "metrics.x" in found.constant


def test_one_run_alone_shows_all_that_is_telling():
    one = {"metrics.f1": 0.5, "params.lr": 0.1, "status": "completed", "environment.python": "3.11"}
    found = compare.compare(rows(one))

    assert names(found) == ["metrics.f1", "params.lr", "status"]
    assert found.constant == {}
    assert "environment.python" in names(compare.compare(rows(one), everything=True))


def test_no_runs_make_an_empty_table():
    found = compare.compare([])

    assert (found.rows, found.columns, found.best) == ((), (), {})


def test_everything_means_constant_columns_too():
    some = rows(
        {"resources.cpu_s": 1.0, "params.a": 1, "status": "failed"}, {"params.a": 1, "status": "failed"}
    )
    found = compare.compare(some, everything=True)

    assert names(found) == ["status", "params.a", "resources.cpu_s"]
    assert found.constant == {"status": "failed", "params.a": 1}


def test_asked_columns_come_in_their_order_constant_or_not():
    found = compare.compare(
        rows({"params.a": 1, "params.b": 2}, {"params.a": 1}), columns=["params.b", "params.a"]
    )

    assert names(found) == ["params.b", "params.a"]


def test_what_was_sorted_by_stands_first_and_stays():
    found = compare.compare(
        rows({"metrics.a": 1.0, "params.b": 1}, {"metrics.a": 2.0, "params.b": 1}), first=["params.b"]
    )

    assert names(found) == ["params.b", "metrics.a"]


def test_the_best_of_a_metric_is_marked_by_its_direction():
    some = rows(
        {"metrics.f1": 0.5, "metrics.loss": 3}, {"metrics.f1": 0.9, "metrics.loss": 1}, {"metrics.f1": 0.9}
    )
    found = compare.compare(some)

    assert (
        found.best == {"metrics.f1": {"run1", "run2"}, "metrics.loss": {"run1"}}
        or found.best["metrics.loss"] == set()
    )
    assert found.is_best(some[1], found.columns[0])
    assert not found.is_best(some[0], found.columns[0])


def test_the_settings_turn_a_direction_round():
    some = rows({"metrics.f1": 0.5}, {"metrics.f1": 0.9})

    assert compare.compare(some, configured={"f1": "min"}).best == {"metrics.f1": {"run0"}}


def test_nan_and_infinity_never_win():
    some = rows({"metrics.f1": math.inf}, {"metrics.f1": math.nan}, {"metrics.f1": 0.1}, {"metrics.f1": 0.2})

    assert compare.compare(some).best == {"metrics.f1": {"run3"}}


def test_nobody_wins_where_all_are_equal_or_nobody_knows_the_way():
    some = rows({"metrics.f1": 0.5, "metrics.alpha": 1.0}, {"metrics.f1": 0.5, "metrics.alpha": 2.0})

    assert compare.compare(some, everything=True).best == {}


def test_labels_are_short_and_unique():
    some = {
        "params.model.lr": 1,
        "params.head.lr": 2,
        "params.model.depth": 3,
        "metrics.val.f1": 0.1,
        "tags.depth": "x",
    }
    labels = {column.name: column.label for column in compare.compare(rows(some)).columns}

    assert labels["params.model.lr"] == "model.lr"
    assert labels["params.head.lr"] == "head.lr"
    assert labels["metrics.val.f1"] == "val.f1"
    assert labels["params.model.depth"] == "model.depth"


def test_numbers_are_told_from_text_and_truth():
    some = rows(
        {"params.a": 1, "params.b": True, "params.c": "x"},
        {"params.a": 2.5, "params.b": False, "params.c": 1},
    )
    numeric = {column.name: column.numeric for column in compare.compare(some).columns}

    assert numeric == {"params.a": True, "params.b": False, "params.c": False}


@given(st.lists(records.MANIFEST, max_size=4))
@settings(deadline=None, max_examples=20)
def test_any_runs_can_be_compared(manifests):
    found = compare.compare([row.from_manifest(one) for one in manifests])

    assert len({column.label for column in found.columns}) == len(found.columns)
    assert not {column.name for column in found.columns} & found.constant.keys()
