"""Tables for other programs."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.cli import console
from expctl.core import compare
from expctl.render import choice, export, markdown
from tests.render.samples import rows

VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=5))
@settings(deadline=None, max_examples=100)
def test_csv_keeps_its_columns_and_holds_no_formula(values: list[tuple[object, object]]) -> None:
    text = export.to_csv(["id", "value"], values)
    read = list(csv.reader(io.StringIO(text)))

    assert all(len(line) == 2 for line in read)
    assert len(read) == len(values) + 1
    for line, given_values in zip(read[1:], values, strict=True):
        for cell, value in zip(line, given_values, strict=True):
            assert not isinstance(value, str) or not cell.startswith(("=", "@", "\t", "\r", "\n"))


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-cmd|calc", "@SUM(A1)", '=HYPERLINK("x")'])
def test_a_formula_becomes_text(cell: str) -> None:
    read = list(csv.reader(io.StringIO(export.to_csv(["x"], [[cell]]))))

    assert read[1][0] == "'" + cell


@pytest.mark.parametrize("cell", ["-1.5", "+3", "1e-05", "-.5"])
def test_a_number_in_text_stays_a_number(cell: str) -> None:
    assert export.to_csv(["x"], [[cell]]) == f"x\n{cell}"


@given(VALUES)
@settings(deadline=None, max_examples=100)
def test_markdown_keeps_its_columns(value: object) -> None:
    cell = markdown.cell(value)

    assert "\n" not in cell
    assert "|" not in cell.replace("\\|", "")


@pytest.mark.parametrize(
    "raw",
    ["<script>", "[x](http://e)", "@team", "a|b", "#12", "`x`", "**b**", "&lt;", "www.e.com", "_x_", "a``b"],
)
def test_markdown_is_inert(raw: str) -> None:
    cell = markdown.cell(raw)
    fence = cell[: len(cell) - len(cell.lstrip("`"))]

    assert fence
    assert cell.endswith(fence)
    assert fence not in cell[len(fence) : -len(fence)]


def test_plain_words_and_numbers_need_no_code_in_markdown() -> None:
    told = [markdown.cell(value) for value in ("val_loss", "모델", "random_forest", -1.5)]

    assert told == ["val_loss", "모델", "random_forest", "-1.5"]


def test_a_table_for_a_pull_request_has_the_most_telling_columns_only() -> None:
    whole = choice.arranged(compare.compare(rows(more_metrics=9, more_params=9)))
    narrow, gone = choice.narrowed(whole, 6)

    assert [column.name for column in narrow.columns][:3] == [
        "name",
        "metrics.f1_score",
        "metrics.inference_time_ms",
    ]
    assert len(narrow.columns) == 6
    assert {*gone} == {column.name for column in whole.columns} - {column.name for column in narrow.columns}
    assert choice.narrowed(whole, 1000) == (whole, ())


def test_the_best_is_bold_in_markdown() -> None:
    assert export.comparison_markdown(compare.compare(rows())).count("**0.9034**") == 2


def test_a_comparison_as_csv_has_whole_names_and_values() -> None:
    header, values = export.comparison_rows(compare.compare(rows()))

    assert header[0] == "id"
    assert "metrics.f1_score" in header
    assert values[0][header.index("metrics.f1_score")] == 0.8712


def test_a_comparison_as_json_is_strict(capsys: pytest.CaptureFixture[str]) -> None:
    console.json(export.comparison_json(compare.compare(rows())))
    read = json.loads(capsys.readouterr().out, parse_constant=pytest.fail)

    assert read["schema"] == "expctl/comparison/v1"
    assert read["runs"][4]["values"]["metrics.f1_score"] is None


def test_a_stop_behind_a_quoted_word_is_none_of_it() -> None:
    assert markdown.prose("2 more: val/loss, f1, a@b; x.") == "2 more: `val/loss`, f1, `a@b`; x."
