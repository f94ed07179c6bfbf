"""The list of runs and the comparison, as they look."""

from __future__ import annotations

import re
import time

import pytest

from expctl.core import compare
from expctl.core.row import Row
from expctl.core.text import width
from expctl.render import tables
from tests.render.samples import rows


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def text_of(table: tables.Table, *, color: bool = False) -> str:
    return "\n".join(table.page.lines(color=color)) + "\n"


@pytest.mark.parametrize("wide", [80, 120, 200])
def test_the_list_of_runs_looks_as_it_did(wide: int, golden) -> None:
    golden(f"ls-{wide}.txt", text_of(tables.runs(rows(more_metrics=3), wide)))


@pytest.mark.parametrize("wide", [80, 120, 200])
def test_the_comparison_looks_as_it_did(wide: int, golden) -> None:
    found = compare.compare(rows(more_params=8, more_metrics=8))

    golden(f"compare-{wide}.txt", text_of(tables.comparison(found, wide)))


def test_the_colours_of_a_comparison_are_as_they_were(golden) -> None:
    golden("compare-color.txt", text_of(tables.comparison(compare.compare(rows()), 120), color=True))


@pytest.mark.parametrize("wide", range(30, 240, 15))
def test_no_line_is_wider_than_the_terminal(wide: int) -> None:
    data = rows(more_params=12, more_metrics=12)

    for table in (tables.runs(data, wide), tables.comparison(compare.compare(data), wide)):
        assert max(width(line) for line in text_of(table).split("\n")) <= wide


def test_a_list_of_runs_of_branches_and_experiments_has_room_for_a_number() -> None:
    place = {"on_branch": "origin/feature/churn", "name": "transformer-lr4e-04"}
    data = [Row(r.id, {**r.values, **place, "experiment": f"fraud_{at}"}) for at, r in enumerate(rows())]

    shown = text_of(tables.runs(data, 80))

    assert "on branch" in shown
    assert "metrics" in shown.split("\n")[0]


def test_what_does_not_fit_is_named() -> None:
    found = compare.compare(rows(more_params=12, more_metrics=12))
    table = tables.comparison(found, 80)
    shown = {column.name for column in found.columns} - set(table.hidden)

    assert len(table.hidden) > 10
    assert {"metrics.f1_score", "params.training.learning_rate", "name"} <= shown


def test_nothing_is_hidden_or_cut_in_a_pipe() -> None:
    table = tables.comparison(compare.compare(rows(more_params=12, more_metrics=12)), 100_000)

    assert not table.hidden
    assert "…" not in text_of(table)


def test_goals_of_a_front_stay_whatever_the_width() -> None:
    found = compare.compare(rows(more_metrics=12))
    goals = (compare.Objective(column="metrics.class_11_precision", direction="max"),)
    found = compare.Comparison(
        rows=found.rows, columns=found.columns, objectives=goals, front=frozenset([found.rows[2].id])
    )
    table = tables.comparison(found, 60)

    assert "metrics.class_11_precision" not in table.hidden
    assert next(line for line in text_of(table).split("\n") if "●" in line).startswith("84g7zw")


def test_no_data_reaches_the_terminal_as_a_command() -> None:
    drawn = text_of(tables.comparison(compare.compare(rows()), 120), color=True)
    drawn += text_of(tables.runs(rows(), 120), color=True)
    without_our_colours = re.sub("\x1b\\[(0|1|2|[0-9;]{2,5})m", "", drawn)

    assert "\x1b" not in without_our_colours
    assert "\u202e" not in drawn
    assert "\\x1b[31m" in drawn
    assert "[bold]" in drawn


def test_the_part_of_an_id_that_must_be_typed_stands_out() -> None:
    cell = tables.run_cell("20261122-190500-k3f9qa", "k3f9")

    assert [(span.text, span.style) for span in cell] == [("k3f9", "key"), ("qa", "faint")]


def test_twins_show_their_whole_id() -> None:
    cell = tables.run_cell("20261122-190500-k3f9qa", "20261122-190500-k3f9qa")

    assert "".join(span.text for span in cell) == "20261122-190500-k3f9qa"


def test_short_ids_are_told_from_all_others_not_only_from_those_shown() -> None:
    one = rows()[:1]
    table = tables.runs(one, 80, ids=["20261121-000000-k3f9zz"])

    assert "\x1b[1;36mk3f9q\x1b[0m" in text_of(table, color=True)


def test_all_best_cells_of_a_tie_are_marked() -> None:
    assert text_of(tables.comparison(compare.compare(rows()), 200)).count("0.9034*") == 2


def test_constants_are_told_in_one_line() -> None:
    line = tables.constants(compare.compare(rows()).constant, many=6)

    assert line.startswith("The same in all 6 runs: epochs = 10, experiment = fraud")
    assert "\n" not in line
    assert not tables.constants({}, many=6)
