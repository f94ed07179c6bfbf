"""YAML from strangers is read without trust, and hand-kept YAML edited without losing comments."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.adapters import yaml, yamledit
from expctl.errors import ManifestError
from tests.hostile import cases


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("y", "y"), ("true", True), ("FALSE", False),
        ("null", None), ("~", None), ("", None), ("1e-3", 0.001), ("1e5", 1e5), ("12:30:45", "12:30:45"),
        ("2026-11-22", "2026-11-22"), ("017", 17), ("0o17", 15), ("0x1F", 31), ("1_000", "1_000"),
        ("+1", 1), (".5", 0.5), ("5.", 5.0), (".inf", float("inf")), ("-.INF", float("-inf")),
        ("1e999", float("inf")), ("'1'", "1"), ('"\\u0041"', "A"), ("0b1", "0b1"), ("1.2.3", "1.2.3"),
        ("٣", "٣"), ("=", "="), ("nan", "nan"), ("+", "+"), (".", "."), ("1e", "1e"),
        ("|\n  a\n  b", "a\nb\n"),
    ],
)  # fmt: skip
def test_scalars_are_those_of_yaml_1_2(text, value):
    found = yaml.parse(f"a: {text}\n".encode(), name="x")["a"]

    assert found == value
    assert type(found) is type(value)


def test_keys_are_text_as_written():
    assert yaml.parse(b"{1: a, null: b, true: c, 1.0: d, '<<': e, '': f}", name="x") == {
        "1": "a",
        "null": "b",
        "true": "c",
        "1.0": "d",
        "<<": "e",
        "": "f",
    }


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("python object tag", "f: line 9: a tag is not allowed"),
        ("anchor", "f: line 9: an anchor is not allowed"),
        ("recursive alias", "f: line 9: an anchor is not allowed"),
        ("merge key", "f: line 9: a merge key is not allowed"),
        ("equal keys", "f: line 9: the key 'status' stands twice"),
        ("second document", "f: more than one document"),
        ("yaml directive", "f: a %directive is not allowed"),
        ("deep flow lists", "f: line 9: nested deeper than 32 levels"),
        ("too many values", "f: more than 50000 values"),
        ("5000 digits", "f: a number with too many digits"),
        ("empty", "f: empty"),
        ("zeros", "f: filled with zeros"),
        ("a NUL byte", "f: it holds a NUL byte"),
        ("one byte too large", "f: larger than 1048576 bytes"),
        ("latin-1", "f: not UTF-8 at byte 222"),
        ("utf-16", "f: UTF-16, not UTF-8"),
        ("merge conflict", "f: a merge conflict"),
        ("merge conflict in the middle", "f: a merge conflict"),
        ("git lfs pointer", "f: a Git LFS pointer; fetch the file with: git lfs pull"),
        ("git annex pointer", "f: a git-annex pointer"),
        ("byte order mark", "f: it starts with a byte order mark; save it as plain UTF-8"),
    ],
)
def test_a_refusal_is_one_line_that_names_the_file_and_the_reason(name, reason):
    data = cases()[name]
    assert isinstance(data, bytes)
    with pytest.raises(ManifestError) as caught:
        yaml.parse(data, name="f")

    assert str(caught.value) == reason


def test_every_hostile_document_is_answered_quickly_in_little_memory():
    """In a process of its own, so that its memory can be limited and a segmentation fault seen."""
    script = """
import resource
resource.setrlimit(resource.RLIMIT_AS, (500 << 20, 500 << 20))
from expctl.adapters import yaml
from expctl.errors import ManifestError
from tests.hostile import cases
refused = 0
for name, data in cases().items():
    if isinstance(data, bytes):
        try:
            yaml.parse(data, name=name)
        except ManifestError as err:
            assert len(str(err)) < 300 and "\\n" not in str(err), name
            refused += 1
print(refused)
"""
    start = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=_top()
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 40
    assert time.monotonic() - start < 100


@given(st.binary(max_size=300))
@settings(deadline=None, max_examples=150)
def test_any_bytes_are_read_or_refused_and_nothing_else(data):
    with contextlib.suppress(ManifestError):
        assert not isinstance(yaml.parse(data, name="x"), bytes)


SETTINGS = """\
# About this project
experiment: fraud  # the main one

directions:
  # lower is better
  rmse: min
"""


def test_a_value_is_set_and_every_comment_stays():
    text = yamledit.edit(SETTINGS, ("experiment",), "churn")
    text = yamledit.edit(text, ("directions", "f1"), "max")
    text = yamledit.edit(text, ("data",), ["a", "b"])

    assert text == SETTINGS.replace("fraud", "churn") + "  f1: max\ndata:\n  - a\n  - b\n"


def test_a_value_is_taken_out():
    assert yamledit.edit("a: 1\nb: 2\n", ("a",), None) == "b: 2\n"
    assert yamledit.edit("a: 1\n", ("a",), None) == ""
    assert yamledit.edit("# only words\n", ("a",), None) == "# only words\n"


def test_a_file_of_comments_keeps_them_when_the_first_value_is_set():
    assert yamledit.edit("# only words", ("a", "b"), 1) == "# only words\na:\n  b: 1\n"


@pytest.mark.parametrize("text", ["[1, 2]\n", "a: [\n", "just words\n"])
def test_a_file_that_is_no_mapping_is_not_edited(text):
    with pytest.raises(ManifestError):
        yamledit.edit(text, ("a", "b"), 1)


def test_without_the_parser_in_c_the_answers_are_the_same(monkeypatch):
    texts = [data for data in cases().values() if isinstance(data, bytes) and len(data) < 5000]
    with_c = [_answer(data) for data in texts]
    assert yaml._Parser is not None
    monkeypatch.setattr(yaml, "_Parser", None)

    assert [_answer(data)[0] for data in texts] == [kind for kind, _ in with_c]


def _answer(data: bytes) -> tuple[str, object]:
    try:
        return "read", repr(yaml.parse(data, name="x"))
    except ManifestError as err:
        return "refused", str(err)


def _top() -> str:
    return str(Path(__file__).parents[2])
