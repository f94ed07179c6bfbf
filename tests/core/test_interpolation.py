"""References in a composed configuration."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import interpolation

TREE = {"lr": 0.1, "model": {"depth": 3, "name": "rf"}, "sizes": [8, 16], "none": None}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${lr}", 0.1),
        ("${model.depth}", 3),
        ("${model[depth]}", 3),
        ("${sizes.1}", 16),
        ("${sizes[0]}", 8),
        ("${ lr }", 0.1),
        ("${model}", {"depth": 3, "name": "rf"}),
        ("${.lr}", 0.1),
        ("run_${model.name}_${lr}", "run_rf_0.1"),
        ("${none}", None),
        ("a ${none}", "a None"),
        ("${missing}", "${missing}"),
        ("${lr.deeper}", "${lr.deeper}"),
        ("${...lr}", "${...lr}"),
        ("${oc.env:HOME}", "${oc.env:HOME}"),
        ("x ${oc.env:HOME} ${lr}", "x ${oc.env:HOME} 0.1"),
        ("${model.${x}}", "${model.${x}}"),
        ("a ${model}", "a ${model}"),
        (r"\${lr} a", r"\${lr} a"),
        ("$lr {lr}", "$lr {lr}"),
    ],
)
def test_plain_references_are_resolved_and_resolvers_are_not(text: str, value: object) -> None:
    assert interpolation.resolve({**TREE, "x": text}) == {**TREE, "x": value}


def test_relative_references_begin_where_they_stand() -> None:
    tree = {"a": {"b": {"x": "${..c}", "y": "${.x}"}, "c": 5}, "l": [{"x": "${...a.c}"}]}

    assert interpolation.resolve(tree) == {"a": {"b": {"x": 5, "y": 5}, "c": 5}, "l": [{"x": 5}]}


@pytest.mark.parametrize(
    "tree", [{"a": "${a}"}, {"a": "${b}", "b": "${a}"}, {"a": {"b": "${a}"}}, {"a": ["x ${a.0}"]}]
)
def test_circles_come_to_an_end(tree: dict) -> None:
    assert set(interpolation.resolve(tree)) == set(tree)


def test_references_that_multiply_are_bounded() -> None:
    tree: dict = {"a0": {"x": 1, "y": 2}}
    for n in range(30):
        tree[f"a{n + 1}"] = dict.fromkeys("uvwxyz", f"${{a{n}}}")
    before = time.process_time()

    assert interpolation.resolve(tree)["a0"] == {"x": 1, "y": 2}
    assert time.process_time() - before < 20


VALUES = st.recursive(st.text("${}a.[]\\:", max_size=12), lambda inner: st.dictionaries(st.text("a"), inner))


@given(VALUES)
@settings(deadline=None, max_examples=200)
def test_no_text_breaks_the_reading(value: object) -> None:
    assert "a" in interpolation.resolve({"a": value})
