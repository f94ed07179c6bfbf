"""A long table of numbers is read a row at a time, and as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.capture.metrics import csvfile
from expctl.core import tabular

if TYPE_CHECKING:
    from expctl.core.series import Points

CELL = st.sampled_from(["0.5", "-1e-05", "3", "", "0", "12.25"])
STEP = st.sampled_from(["1", "2", "2.5", "7", "0"])
NAME = st.sampled_from(
    ["loss", "acc", "seed", "Loss", "n_train", "val loss", "time", "label", "epoch", "name", "", "0", "nan"]
)


def as_lists(found: dict[str, Points]) -> dict[str, tuple[list[int | None], list[float], list[float | None]]]:
    return {name: (points.steps, points.values, points.times) for name, points in found.items()}


@settings(deadline=None, max_examples=200)
@given(
    st.lists(NAME, min_size=1, max_size=4),
    st.lists(st.tuples(STEP, CELL, CELL, CELL, CELL), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.booleans(),
    st.sampled_from(["step", "round"]),
)
def test_a_plain_table_gives_what_its_rows_give(
    names: list[str], rows: list[tuple[str, ...]], end: str, declared: bool, counted: str
) -> None:
    table = [[counted, *names], *(row[: len(names) + 1] for row in rows)]
    text = end.join(",".join(row) for row in table)
    found = csvfile.plain(text, tabs=False, declared=declared)

    if found is not None and rows:
        held = csvfile._rows(text, tabs=False)  # a table that it refuses is not plain either
        assert as_lists(found) == as_lists(tabular.from_rows(held, numbered=declared))


@pytest.mark.parametrize(
    "text",
    [
        "loss,acc\n0.5,0.25\n",
        "step,epoch,loss\n1,0,0.5\n",
        "step,loss\n1,nan\n",
        "step,loss\n1,0.5,3\n",
        "step,loss\nfirst,0.5\n",
        "step,split,loss\n1,train,0.5\n",
        "step,timestamp,loss\n1,1700000000,0.5\n",
        'step,loss\n1,"0.5\n',
        "step,0,1\n1,0.5,0.2\n",
        "step,nan\n1,0.5\n",
        "step,loss\r1,0.5\r",
        f"step,{'x' * 200_000}\n1,0.5\n",
        "",
    ],
)
def test_any_other_table_is_not_plain(text: str) -> None:
    assert csvfile.plain(text, tabs=False, declared=True) is None


def test_a_plain_table_has_one_column_of_steps_and_else_numbers() -> None:
    found = csvfile.plain("step;loss;acc\n1;0.5;\n2;0.25;0.75\n\n", tabs=False, declared=False)

    assert found is not None
    assert as_lists(found) == {"loss": ([1, 2], [0.5, 0.25], [None] * 2), "acc": ([2], [0.75], [None])}
