"""Names are put together and taken apart without a loss, and nested values laid flat."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import keys
from tests import records

PART = st.one_of(st.text(max_size=8), st.text("a.`", max_size=6))


@given(st.lists(PART, min_size=1, max_size=5))
@settings(deadline=None)
def test_taking_apart_undoes_putting_together(parts):
    assert list(keys.split(keys.join(*parts))) == parts


@given(st.text("ab.`", max_size=12))
@settings(deadline=None)
def test_any_text_can_be_taken_apart(name):
    assert "".join(keys.split(name)).replace("`", "") == name.replace("`", "").replace(".", "") or "`" in name


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("metrics", "f1"), "metrics.f1"),
        (("data", "data/train.csv", "md5"), "data.`data/train.csv`.md5"),
        (("params", ""), "params.``"),
        (("params", "a`b"), "params.`a``b`"),
        (("params", "with space"), "params.with space"),
    ],
)
def test_only_parts_that_need_it_stand_in_backquotes(parts, name):
    assert keys.join(*parts) == name


def test_nested_values_are_laid_flat():
    nested = {
        "lr": 0.1,
        "net": {"depth": 3, "v1.5": True},
        "sizes": [1, 2.5, "x"],
        "layers": [{"units": 8}, {"units": 4}],
        "none": None,
        "empty": {},
        "nothing": [],
    }

    assert keys.flatten(nested, "params") == {
        "params.lr": 0.1,
        "params.net.depth": 3,
        "params.net.`v1.5`": True,
        "params.sizes": '[1, 2.5, "x"]',
        "params.layers.0.units": 8,
        "params.layers.1.units": 4,
        "params.none": None,
        "params.empty": "{}",
        "params.nothing": "[]",
    }


def test_nothing_laid_flat_is_nothing():
    assert keys.flatten({}, "params") == {}


def test_a_number_that_python_refuses_to_print_becomes_text():
    flat = keys.flatten({"n": int("f" * 6000, 16)})

    assert isinstance(flat["n"], str)
    json.dumps(flat)


@given(records.MAPPING)
@settings(deadline=None, max_examples=100)
def test_every_leaf_of_a_manifest_has_a_name_of_its_own(nested):
    def leaves(value):
        if isinstance(value, dict) and value:
            return sum(map(leaves, value.values()))
        if isinstance(value, list) and any(keys._holds_mapping(inner) for inner in value):
            return sum(map(leaves, value))
        return 1

    flat = keys.flatten(nested, "params")

    assert len(flat) == (leaves(nested) if nested else 0)
    assert all(keys.split(name)[0] == "params" for name in flat)
