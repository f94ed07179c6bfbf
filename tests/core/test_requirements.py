"""Package lists as requirements: what is installed, and what a stranger's list cannot smuggle in."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import requirements
from expctl.core.packages import Package


def test_packages_of_an_index_are_named_with_their_version():
    found = requirements.of([Package("numpy", "2.1.0"), Package("torch", "2.1.0+cpu")])

    assert found.text == "numpy==2.1.0\ntorch==2.1.0+cpu\n"
    assert found.notes == ()


def test_what_came_from_elsewhere_is_said():
    found = requirements.of(
        [
            Package("mine", "1.0", "editable:."),
            Package("theirs", "1.0", "git+https://example.com/x.git@0123abcd"),
            Package("local", "2.0", "file:local-2.0.whl#sha256=00"),
            Package("mkl", "2024.0", "conda:h1_0"),
            Package("git-expctl", "0.1.0", "file:/home/ada/expctl"),
            Package("expctl", "2.0"),
        ]
    )

    assert found.lines == ("theirs @ git+https://example.com/x.git@0123abcd", "local==2.0", "expctl==2.0")
    assert found.editable == (".",)
    assert [note.split()[0] for note in found.notes] == ["theirs", "local", "not"]


@pytest.mark.parametrize(
    "package",
    [
        Package("-r", "1"),
        Package("--index-url", "http://evil"),
        Package("x\n--pre", "1"),
        Package("x", "1\n--index-url http://evil"),
        Package("x", "1 --hash=a"),
        Package("x", ""),
        Package("x", "1; python_version > '3'"),
        Package("x", "-e"),
    ],
)
def test_a_line_names_a_package_or_is_left_out_and_said(package):
    found = requirements.of([package])

    assert found.lines == ()
    assert len(found.notes) == 1


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=20), st.text(max_size=20), st.none() | st.text(max_size=40))
def test_no_list_can_give_pip_an_option(name, version, source):
    found = requirements.of([Package(name, version, source)])

    assert all(re.fullmatch(r"[a-z0-9-]+( @ |==)\S+", line) for line in found.lines)
    assert found.text.count("\n") == len(found.lines)
    assert not any(line.startswith("-") for line in found.lines)
