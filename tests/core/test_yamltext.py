"""What is written means the same to every reader of YAML."""

from __future__ import annotations

import datetime as dt
import math
import re

import pytest
import ruamel.yaml
import yaml as pyyaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from expctl.adapters import yaml
from expctl.core import canonical, yamltext
from tests import records

WORDS = {
    "training": "training",
    "--lr": "--lr",
    "0.001": "'0.001'",
    "1e-3": "'1e-3'",
    "1234567e10": "'1234567e10'",
    "0o17": "'0o17'",
    "12:30:45": "'12:30:45'",
    "2026-11-22": "'2026-11-22'",
    "no": "'no'",
    "Y": "'Y'",
    "3.11.7": "3.11.7",
    "3.11": "'3.11'",
    "s3://bucket/key": "s3://bucket/key",
    "sha256:00aa": "sha256:00aa",
    "NVIDIA H100 80GB": "NVIDIA H100 80GB",
    "untracked, over 1 MiB": "'untracked, over 1 MiB'",
    "it's": "'it''s'",
    "---": "'---'",
    "": "''",
    "a\nb": '"a\\nb"',
    "\x1b[0m": '"\\u001b[0m"',
    "\u202e": '"\\u202e"',
    "\ufeff": '"\\ufeff"',
    "\U000e0041": '"\\U000e0041"',
    "데이터/훈련": "데이터/훈련",
    "half \ud800": "'half \ufffd'",
}


#: What the resolvers of PyYAML and ruamel (YAML 1.1 and 1.2) take for something else than text.
MISTAKEN = (
    r"null|true|false|yes|no|on|off|y|n"
    r"|[-+]?(?:0[xob][0-9a-f_]+|[0-9_]+(?::[0-9_]+)*(?:\.[0-9_]*)?(?:e[-+]?[0-9]*)?"
    r"|\.[0-9_]+(?:e[-+]?[0-9]+)?|\.(?:inf|nan))"
    r"|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[t ].*)?"
)


@given(st.from_regex(MISTAKEN, fullmatch=True) | st.text("-+._:exob0192TZ ", min_size=1, max_size=10))
@settings(deadline=None, max_examples=200)
@example("-_0")
@example("-_")
def test_what_any_reader_mistakes_is_known_without_a_pattern(text):
    for spelled in (text, text.upper()):
        if re.fullmatch(MISTAKEN, spelled, re.ASCII | re.IGNORECASE):
            assert yamltext.is_ambiguous(spelled)


@given(st.text("aZ_0./@+=(-:;, #~\t가", max_size=8))
@settings(deadline=None, max_examples=200)
@example("...")
@example("---")
@example("a  b")
@example("-(")
def test_easy_text_is_judged_as_the_pattern_would(text):
    is_bare = yamltext.text(text) == text

    assert is_bare == (bool(re.fullmatch(yamltext.PLAIN, text)) and not yamltext.is_ambiguous(text))


@pytest.mark.parametrize("word", WORDS, ids=ascii)
def test_a_text_is_quoted_only_where_a_reader_could_mistake_it(word):
    assert yamltext.text(word) == WORDS[word]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e-05, "1.0e-05"),
        (1.5e-07, "1.5e-07"),
        (1e22, "1.0e+22"),
        (0.1, "0.1"),
        (-0.0, "-0.0"),
        (math.inf, ".inf"),
        (-math.inf, "-.inf"),
        (math.nan, ".nan"),
        (True, "true"),
        (None, "null"),
        (-3, "-3"),
    ],
)
def test_numbers_are_written_so_that_old_readers_see_numbers(value, text):
    assert yamltext.scalar(value) == text
    assert repr(pyyaml.safe_load(text)) == repr(value)


def test_a_whole_number_that_no_reader_takes_becomes_text():
    assert yamltext.scalar(10**5000).startswith("'0x")


def test_small_parts_stand_on_one_line_and_large_ones_in_block_style():
    data = {
        "command": {"argv": ["python", "train.py"], "cwd": "."},
        "params": {"model": {"layers": [1, 2]}, "wide": {f"key_number_{n}": n for n in range(8)}},
        "notes": ["one", "two: three"],
        "none": [],
    }

    assert yamltext.dump(data, inline=("command",)) == (
        "command: {argv: [python, train.py], cwd: .}\n"
        "params:\n"
        "  model: {layers: [1, 2]}\n"
        "  wide:\n" + "".join(f"    key_number_{n}: {n}\n" for n in range(8)) + "notes:\n"
        "  - one\n"
        "  - 'two: three'\n"
        "none: []\n"
    )


@example({"": "-_"})  # ruamel takes it for an int, and fails
@given(records.MAPPING)
@settings(deadline=None, max_examples=100)
@example({"a": {"b" * 90: {"c": [1, {"d": "e"}]}}})
@example({"<<": {"<<": [".", "..", "a b", "- a"]}})
@example({"a": ["-_0", "-_", "_", "1_2:3", "0x", "1e"]})
def test_every_reader_gives_back_what_was_written(data):
    text = yamltext.dump(data)

    assert _same(canonical.parse(text), data)
    assert _same(yaml.parse(text.encode(), name="x"), data)
    for loader in (pyyaml.SafeLoader, pyyaml.CSafeLoader):
        assert _same(pyyaml.load(text, loader), data)
    assert _same(ruamel.yaml.YAML(typ="safe").load(text), data)


def test_a_time_goes_without_quotes_and_other_readers_see_a_time():
    text = yamltext.dump({"at": yamltext.Timestamp("2026-11-22T19:05:46.123456Z")})

    assert text == "at: 2026-11-22T19:05:46.123456Z\n"
    expected = dt.datetime(2026, 11, 22, 19, 5, 46, 123456, dt.UTC)
    assert pyyaml.safe_load(text) == {"at": expected}
    assert canonical.parse(text) == {"at": "2026-11-22T19:05:46.123456Z"}


def _same(left, right) -> bool:
    """Equal in value and in type, all the way down; a number that no reader takes may have become text."""
    if isinstance(right, dict):
        return (
            isinstance(left, dict)
            and list(left) == list(right)
            and all(_same(left[k], right[k]) for k in right)
        )
    if isinstance(right, list):
        return isinstance(left, list) and len(left) == len(right) and all(map(_same, left, right))
    return type(left) is type(right) and repr(left) == repr(right)
