"""The canonical text of a package list."""

from __future__ import annotations

import hashlib

import pytest
import ruamel.yaml
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import packages
from expctl.core.packages import Package

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = (
    st.sampled_from(["y", "no", "null", "1e3", "numpy", "a b", "0x1", "true", "on", "nan", "~", "yaml"])
    | text
)
lists = st.lists(st.builds(Package, names, text, st.none() | text.filter(bool)), max_size=6)


@given(lists, st.none() | text.filter(bool))
@settings(deadline=None, max_examples=100)
def test_any_reader_of_yaml_gives_the_list_back(given_list: list[Package], python: str | None) -> None:
    data = packages.encode(given_list, python=python)

    tree = yaml.safe_load(data)

    assert tree.get("python") == python
    expected = {package.name: package for package in sorted(given_list, key=packages._order, reverse=True)}
    assert packages.from_dict(tree) == tuple(expected[name] for name in sorted(expected))


@given(lists)
@settings(deadline=None, max_examples=50)
def test_order_does_not_matter(given_list: list[Package]) -> None:
    assert packages.encode(given_list, python="3") == packages.encode(given_list[::-1], python="3")


def test_versions_stand_without_quotes_unless_a_reader_would_take_them_for_a_number() -> None:
    # The name of a list is made from its bytes: another form would give the same packages another name.
    listed = [
        Package("certifi", "2026.10.18"), Package("pyparsing", "3.20"), Package("torch", "2.1.0+cu121"),
        Package("zope-interface", "7"), Package("six", "1!1.17.0"), Package("pytz", "2026-1"),
        Package("lib", "1.0rc1", "git+https://example.com/a/lib@0123abcd"),
        Package("mkl", "2026.0", "conda:intel_49504"),
    ]  # fmt: skip
    text = packages.encode(listed, python="3.12").decode()

    assert text == (
        "schema: expctl/environment/v1\n"
        "python: '3.12'\n"
        "packages:\n"
        "  certifi: 2026.10.18\n"
        "  lib: {version: 1.0rc1, source: git+https://example.com/a/lib@0123abcd}\n"
        "  mkl: {version: '2026.0', source: conda:intel_49504}\n"
        "  pyparsing: '3.20'\n"
        "  pytz: 2026-1\n"
        "  six: 1!1.17.0\n"
        "  torch: 2.1.0+cu121\n"
        "  zope-interface: '7'\n"
    )
    modern = ruamel.yaml.YAML(typ="safe", pure=True).load(text)
    assert yaml.safe_load(text) == modern
    assert packages.from_dict(modern) == tuple(sorted(listed))


def test_the_text_is_what_people_read_in_a_diff() -> None:
    data = packages.encode(
        [Package("numpy", "2.1.0"), Package("y", "1"), Package("mine", "0.1", "editable:lib/mine")],
        python="3.11.7",
        implementation="cpython",
    )

    assert data.decode() == (
        "schema: expctl/environment/v1\n"
        "python: 3.11.7\n"
        "implementation: cpython\n"
        "packages:\n"
        "  mine: {version: '0.1', source: editable:lib/mine}\n"
        "  numpy: 2.1.0\n"
        "  'y': '1'\n"
    )
    assert packages.name_of(data) == f"environments/{hashlib.sha256(data).hexdigest()[:12]}.yaml"


@pytest.mark.parametrize(
    "name",
    [
        "environments/../x.yaml", "/environments/aaaaaaaaaaaa.yaml", "environments/a.yaml",
        "environments/AAAAAAAAAAAA.yaml", "environments/aaaaaaaaaaaa.yaml\n",
    ],
)  # fmt: skip
def test_a_name_from_a_manifest_is_checked_before_it_becomes_a_path(name: str) -> None:
    assert not packages.is_name(name)
    assert packages.is_name("environments/0123456789ab.yaml")


SCHEMA = {"schema": packages.SCHEMA}


@pytest.mark.parametrize(
    "tree",
    [
        None, [], {}, {"schema": "other"}, SCHEMA, {**SCHEMA, "packages": []},
        {**SCHEMA, "packages": {"a": 1}}, {**SCHEMA, "packages": {"a": {"source": "b"}}},
    ],
)  # fmt: skip
def test_other_trees_are_refused(tree: object) -> None:
    with pytest.raises(ValueError, match=r"schema|packages"):
        packages.from_dict(tree)
