"""Tags of aliases: read as they are written, and nothing to stock gto."""

import pytest
from gto.tag import parse_name
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.registry import aliases, state, tags

MODELS = st.sampled_from(["fraud", "a/b", "services/a:fraud", "x-1_y"])
#: Texts that are tags more often than not.
ALMOST = st.lists(
    st.sampled_from(["a", "fraud", "/", "=", ":", "#", "@", "v1.2.0", "9", "!", "created", "\n", "é"]),
    max_size=9,
).map("".join)
NAMES = st.from_regex(r"[a-zA-Z0-9@#!._/=-]{0,12}", fullmatch=True)


@settings(deadline=None, max_examples=200)
@given(MODELS, NAMES, st.booleans(), st.integers(0, 10**9))
def test_what_is_written_is_read_back_and_gto_passes_over_it(model, alias, taken, counter):
    name = tags.Name(model, tags.UNALIAS if taken else tags.ALIAS, alias=alias, counter=counter)
    text = aliases.text(name)

    if aliases.fault(alias) is None:
        assert aliases.parse(text) == name
        assert not parse_name(text, raise_on_fail=False)
        assert tags.parse(text) is None
    else:
        assert aliases.parse(text) != name


@settings(deadline=None, max_examples=200)
@given(ALMOST)
def test_no_tag_is_both_an_alias_and_one_of_gto(text):
    said = aliases.parse(text)

    assert said is None or (tags.parse(text) is None and aliases.text(said) == text.replace("#0", "#"))


@pytest.mark.parametrize(
    "alias",
    [
        "",
        "created",
        "deprecated",
        "Latest",
        "none",
        "v1",
        "v1.2.0",
        "V2x",
        "7",
        "a.b",
        "a/b",
        "-a",
        "a-",
        "é",
    ],
)
def test_no_alias_is_called_what_means_something_else(alias):
    assert aliases.fault(alias)


def event(tag, commit, at):
    name = tags.parse(tag) or aliases.parse(tag)
    return state.Event(name, tag, "0" * 40, commit, at, "Ada", "ada@example.com", tag)


def test_the_last_word_counts_and_a_name_alone_makes_no_model():
    models = state.fold(
        [
            event("m@v1.0.0", "c1", 1),
            event("m@v1.1.0", "c2", 2),
            event("m@champion#1", "c1", 3),
            event("m@champion#2", "c2", 4),
            event("m@old#3", "c1", 5),
            event("m@old!#4", "c1", 6),
            event("m@nowhere#5", "c9", 7),
            event("pkg@beta#1", "c1", 1),
        ]
    )

    assert list(models) == ["m"]
    assert models["m"].aliases == {"champion": "v1.1.0"}
    assert list(models["m"].versions) == ["v1.1.0", "v1.0.0"]
    assert models["m"].next_counter == 6
    assert [models["m"].called(word) for word in ("1.0.0", "champion", "old")] == ["v1.0.0", "v1.1.0", None]
