"""What the reference says of filters is true."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from expctl.core import query

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "filters.md"
EXAMPLES = re.findall(r"```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0].splitlines()
COLUMNS = [
    "metrics.f1",
    "metrics.loss",
    "metrics.train_loss",
    "metrics.val_loss",
    "params.model",
    "params.training.lr",
]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_can_be_asked(example):
    assert query.parse(example).bind([*COLUMNS, "tags.reviewer", "code.dirty"], now=datetime.now(UTC)).columns


@pytest.mark.parametrize("inline", re.findall(r"--sort '([^']+)'", PAGE.read_text(encoding="utf-8")))
def test_an_example_of_an_order_can_be_asked(inline):
    assert query.parse_sort(inline).bind(COLUMNS)
