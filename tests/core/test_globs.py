from __future__ import annotations

import fnmatch
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import globs


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("*.pt", "model.pt", True),
        ("*.pt", "deep/down/model.pt", True),
        ("*.pt", "model.pth", False),
        ("*.pt", ".pt", True),
        ("*.pt", "saved.pt/weights", True),
        ("*.pt/", "saved.pt/weights", True),
        ("*.*", "a.b", True),
        ("*model*.bin", "my_model_3.bin", True),
        ("*/a.pt", "b/a.pt", True),
        ("out/*.png", "out/a.png", True),
        ("out/*.png", "out/b/a.png", False),
        ("out/*.png", "x/out/a.png", False),
        ("out/**/*.png", "out/a.png", True),
        ("out/**/*.png", "out/b/c/a.png", True),
        ("./out/*", "out/a", True),
        ("out*/", "outputs/a/b", True),
        ("epoch-[0-9].pt", "epoch-3.pt", True),
        ("epoch-[!0-9].pt", "epoch-3.pt", False),
        ("a?c", "a/c", False),
        ("a[b", "a[b", True),
        ("model.pt", "modelXpt", False),
    ],
)
def test_a_pattern_means_what_it_means_in_an_ignore_file(pattern, path, expected) -> None:
    assert globs.matcher([pattern])(path) is expected


@settings(deadline=None, max_examples=200)
@given(st.text(max_size=12), st.text(max_size=12))
def test_any_text_is_a_pattern(pattern, path) -> None:
    assert globs.matcher([pattern])(path) in (True, False)


@settings(deadline=None, max_examples=200)
@given(st.text("*ab.", max_size=6), st.text("ab.", max_size=8))
def test_a_name_fits_as_the_standard_library_has_it(pattern, name) -> None:
    assert globs.fits_name(name, [pattern]) == fnmatch.fnmatchcase(name, pattern)


@settings(deadline=None, max_examples=200)
@given(st.lists(st.text("*?[]!a.", max_size=6), max_size=4), st.text("[]!a.", max_size=8))
def test_many_names_are_told_as_each_of_them_is(patterns, name) -> None:
    assert globs.name_matcher(patterns)(name) == globs.fits_name(name, patterns)


def test_a_name_may_be_told_by_a_class_of_characters() -> None:
    assert globs.fits_name("epoch-3.pt", ["x", "epoch-[0-9].p?"])
    assert not globs.fits_name("epoch-x.pt", ["x", "epoch-[0-9].p?"])


@settings(deadline=None, max_examples=200)
@given(st.text("./*ab", max_size=5), st.text("./ab", max_size=6))
def test_the_short_way_for_suffixes_says_what_the_expression_says(ending, path) -> None:
    pattern = f"*{ending}"

    # A class of one character is that character, and takes the long way.
    assert globs.matcher([pattern])(path) == globs.matcher([pattern.replace("b", "[b]")])(path)


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.characters(blacklist_characters="*?[/\0", blacklist_categories=("Cs",)), min_size=1).filter(
        lambda t: t != "."
    )
)
def test_a_name_without_signs_fits_itself(name) -> None:
    assert globs.matcher([name])(name)
    assert not globs.is_glob(name)


def fits_slowly(pattern: str, path: str) -> bool:
    """The plain reading of a pattern with a slash: every way to spend a star is tried."""
    if not pattern:
        return path == "" or path.startswith("/")
    if pattern.startswith("**/"):
        rests = [path, *(path[at + 1 :] for at, char in enumerate(path) if char == "/")]
        return any(fits_slowly(pattern[3:], rest) for rest in rests)
    if pattern.startswith("**"):
        return any(fits_slowly(pattern[2:], path[at:]) for at in range(len(path) + 1))
    if pattern[0] == "*":
        reach = path.find("/") if "/" in path else len(path)
        return any(fits_slowly(pattern[1:], path[at:]) for at in range(reach + 1))
    if pattern[0] == "?":
        return path[:1] not in ("", "/") and fits_slowly(pattern[1:], path[1:])
    return path[:1] == pattern[0] and fits_slowly(pattern[1:], path[1:])


PART = st.sampled_from(["*", "a*", "*a*b", "*a*a", "?", "ab", "**", "a", "b*", "?*a"])


@settings(deadline=None, max_examples=200)
@given(st.lists(PART, min_size=2, max_size=5), st.lists(st.text("ab", max_size=4), min_size=1, max_size=5))
def test_a_piece_that_is_never_tried_again_loses_no_match(parts, names) -> None:
    pattern, path = "/".join(parts), "/".join(names)

    assert globs.matcher([pattern])(path) is fits_slowly(pattern, path)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        ("x/" + "*a" * 60 + "b", "x/" + "a" * 250),
        ("**/*a/" * 60 + "b", "aa/" * 1300),
        ("**a" * 60 + "b", "a" * 4000),
        ("[ab]*" * 60 + "c", "ab" * 125),
        ("**/a*" * 60 + "b", "a/" * 2000),
    ],
    ids=["stars", "folders", "crossing", "classes", "both"],
)
def test_no_pattern_makes_matching_slow(pattern, path) -> None:
    before = time.process_time()
    globs.matcher([pattern])(path)
    globs.fits_name(path.replace("/", "_"), [pattern + "?"])

    assert time.process_time() - before < 20


def test_nothing_fits_no_pattern() -> None:
    assert not globs.matcher([])("a")


def test_a_range_that_runs_backwards_is_no_fault() -> None:
    assert re.compile("x")  # the pattern below would be an error of `re`
    assert globs.matcher(["[z-a]"])("z")
