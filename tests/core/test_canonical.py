"""The quick reader agrees with the safe one on everything that it accepts."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from expctl.adapters import yaml
from expctl.core import canonical, yamltext
from expctl.errors import ManifestError
from tests import records
from tests.hostile import cases

GOOD = yamltext.dump({"a": 1, "b": {"c": [1, "x y"], "d": {"e": None}}, "f": ["g", {"h": "'"}]})

# Pieces of YAML that the quick reader could get wrong when they meet.
_PIECES = st.sampled_from(
    [
        "a", "b: ", "b:", "c", "- ", "  ", "\n", "\n  ", "\n    ", "\n- ", "{", "}", "[", "]", ", ", ",",
        ": ", ":", "1", "'x'", "''", "'", '"y"', '"', '"\\u0041"', '"\\x41"', "null", "~", "true", "yes",
        ".nan", "1.0e-05", "1e5", "-", "0x1", "01", "#", " #", "&a ", "*a", "!t ", "<<: ", "? ", "| ", "> ",
        "---", "...", "%", "@", "\t", "\u2028", "é", "2026-11-22T19:05:46.123456Z", "a: 1\n", "b:\n",
        "  c: 1\n", "  - 1\n", "    d: {e: [1, 2]}\n",
    ]
)  # fmt: skip


@given(st.lists(_PIECES, max_size=12).map("".join))
@settings(deadline=None, max_examples=200)
@example("a: 1, b: 2\n")
@example("a: [1\nb]\n")
@example("a:\n  - 1\n  b: 2\n")
@example("a:\n- 1\n")
@example("a:\n    b: 1\n")
@example("a:\n  b:\n    c: 1\n d: 2\n")
@example("a: 1\na: 2\n")
@example("a:\nb: 1\n")
@example("a: {b}\n")
@example("a: [b: c]\n")
@example("? a\n")
@example("- a\n")
@example("a: b: c\n")
@example("true: 1\n")
@example("'a': 'b' 'c'\n")
@example("a: 9" + "9" * 400 + "\n")
@example("a: 1.0e+999\n")
@example("a: {b: 1}}\n")
@example("a: }{\n")
@example("{a: 1}\n")
def test_what_it_accepts_is_what_the_safe_reader_gives(text):
    quick = canonical.parse(text)

    if quick is not None:
        assert repr(quick) == repr(yaml.parse(text.encode(), name="x"))


@given(st.data())
@settings(deadline=None, max_examples=200)
def test_a_changed_character_is_read_alike_or_left_to_the_safe_reader(data):
    text = yamltext.dump(data.draw(records.MAPPING) or {"a": {"b": 1}})
    at = data.draw(st.integers(0, len(text) - 1))
    text = (
        text[:at]
        + data.draw(st.sampled_from([*" \n:,[]{}'\"-#&*!|>%@`0a\\\t", "", "\x85", "é"]))
        + text[at + 1 :]
    )
    quick = canonical.parse(text)

    if quick is not None:
        assert repr(quick) == repr(yaml.parse(text.encode(), name="x"))


@pytest.mark.parametrize("name", [name for name, case in cases().items() if isinstance(case, bytes)])
def test_it_accepts_no_hostile_text_that_the_safe_reader_refuses(name):
    data = cases()[name]
    assert isinstance(data, bytes)
    text = data.decode("utf-8", "surrogateescape")
    quick = canonical.parse(text)
    try:
        safe = yaml.parse(data, name="x")
    except ManifestError:
        assert quick is None
    else:
        assert quick is None or repr(quick) == repr(safe)


@pytest.mark.parametrize("depth", [30, 31, 32, 33, 200])
def test_both_readers_draw_the_line_at_the_same_depth(depth):
    text = "a: " + "[" * depth + "]" * depth + "\n"

    if depth < canonical.MAX_DEPTH:
        assert canonical.parse(text) == yaml.parse(text.encode(), name="x")
    else:
        assert canonical.parse(text) is None
        with pytest.raises(ManifestError, match="deeper"):
            yaml.parse(text.encode(), name="x")


@pytest.mark.parametrize("length", [990, 1000, 1001, 1030])
def test_a_key_too_long_for_other_readers_is_left_to_the_safe_one(length):
    for text in (f"{'k' * length}: 1\n", f"a: {{{'k' * length}: 1}}\n"):
        quick = canonical.parse(text)
        assert (quick is None) == (length > 1000)
        assert quick is None or quick == yaml.parse(text.encode(), name="x")


def test_its_memory_does_not_grow_without_end():
    for n in range(40_000):
        canonical.parse(f"key{n}: {n}\n")

    assert len(canonical._LINES) <= canonical._MEMORY + 1
    assert len(canonical._SCALARS) <= canonical._MEMORY + 10
    assert canonical.parse(GOOD) == {"a": 1, "b": {"c": [1, "x y"], "d": {"e": None}}, "f": ["g", {"h": "'"}]}


def test_two_readings_share_nothing_that_can_change():
    first, second = canonical.parse(GOOD), canonical.parse(GOOD)
    assert first is not None

    first["b"]["c"].append(2)
    assert second == canonical.parse(GOOD)
