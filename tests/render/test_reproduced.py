"""What is said before a run is repeated, as it looks."""

from __future__ import annotations

import pytest

from expctl.core.text import width
from expctl.render import reproduced
from tests.records import full


@pytest.mark.parametrize("wide", [40, 80])
def test_names_of_wide_characters_take_the_columns_that_they_fill(wide: int) -> None:
    inputs = [("데이터/학습.csv", "as it is here"), ("data/test.csv", "as it is here"), ("가" * 40, "gone")]

    page = reproduced.intent(full(), whose=(), inputs=inputs, gaps=(), remarks=(), columns_wide=wide)

    lines = [text for text in page.lines(color=False) if text.endswith(("as it is here", "gone"))]
    starts = {width(text.removesuffix("as it is here").removesuffix("gone")) for text in lines}
    assert len(lines) == len(inputs)
    assert starts == {40}
