"""Two texts of Python are one program, or they are not; nothing of them is ever run."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.causes import program

BEFORE = b'''"""Train."""
import numpy as np


def fit(x):
    """Fit."""
    return np.mean(x) * 2  # twice
'''


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace(b"# twice", b"# two times"),
        BEFORE.replace(b'"""Fit."""', b'"""Fit it, please."""'),
        BEFORE.replace(b'    """Fit."""\n', b""),
        BEFORE.replace(b'"""Train."""\n', b""),
        BEFORE.replace(b"np.mean(x) * 2", b"(\n        np.mean(x)\n        * 2\n    )"),
        BEFORE.replace(b"\n\n\n", b"\n"),
    ],
)
def test_comments_docstrings_and_layout_are_no_program(after: bytes) -> None:
    assert program.same_program(BEFORE, after)


@pytest.mark.parametrize(
    "after",
    [
        BEFORE.replace(b"* 2", b"* 3"),
        BEFORE.replace(b"mean", b"median"),
        BEFORE + b"fit(1)\n",
        BEFORE.replace(b"2", b"2.0"),
        BEFORE.replace(b"fit(x)", b"fit(x, y=1)"),
        b"",
    ],
)
def test_everything_else_is(after: bytes) -> None:
    assert not program.same_program(BEFORE, after)


def test_a_docstring_that_the_program_reads_counts() -> None:
    before = b'"""Usage: train [--lr=<x>] [default: 0.1]"""\nimport docopt\ndocopt.docopt(__doc__)\n'

    assert not program.same_program(before, before.replace(b"0.1", b"0.2"))
    assert program.same_program(before, before + b"# the end\n")


def test_a_function_of_nothing_but_a_docstring_stays_a_function() -> None:
    assert program.same_program(b'def f():\n    """Do."""\n', b"def f():\n    pass\n")


@pytest.mark.parametrize(
    "hostile",
    [
        b"(" * 100_000,
        b"x = " + b"-" * 200_000 + b"1",
        b"x = " + b"[" * 90 + b"]" * 90,
        b"a" + b".b" * 100_000,
        b"x = " + b"1+" * 100_000 + b"1",
        b"\0",
        b"\xff\xfe",
        b"# coding: latin-9000\n",
        b"x = '\\d'\n'a' is 1",
        b"x" * (program.LIMIT + 1),
    ],
)
def test_hostile_source_is_neither_run_nor_fatal(hostile: bytes) -> None:
    assert program.same_program(hostile, BEFORE) is False
    assert program.same_program(hostile, hostile + b" #") in (True, False)
    assert program.imported_modules(hostile) == set()


@settings(deadline=None, max_examples=200)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes_are_answered(before: bytes, after: bytes) -> None:
    assert program.same_program(before, after) == program.same_program(after, before)


def test_modules_are_named_by_their_top() -> None:
    source = (
        b"import numpy as np, os.path\nfrom sklearn.svm import SVC\nfrom . import a\ndef f(): import yaml\n"
    )

    assert program.imported_modules(source) == {"numpy", "os", "sklearn", "yaml"}
