"""A stream loses its secrets however it is cut, and nothing else."""

from __future__ import annotations

import itertools
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.secretsieve import Sieve

SMALL = st.text("ab1", min_size=1, max_size=5)


def poured(data: bytes, cuts: list[int], secrets: list[str]) -> tuple[bytes, int]:
    sieve = Sieve(secrets)
    places = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    pieces = [sieve.feed(data[a:b]) for a, b in itertools.pairwise(places)]
    return b"".join([*pieces, sieve.rest()]), sieve.hits


@settings(deadline=None, max_examples=200)
@given(
    st.text("ab1 ", max_size=30),
    st.lists(st.integers(0, 40), max_size=8),
    st.lists(SMALL, min_size=1, max_size=3),
)
def test_no_secret_gets_through_however_the_stream_is_cut(text, cuts, secrets) -> None:
    clean, hits = poured(text.encode(), cuts, secrets)

    left = clean.replace(b"<redacted>", b"\0").decode()
    assert not any(secret in left for secret in secrets)
    assert clean.count(b"<redacted>") == hits


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60), st.lists(st.integers(0, 60), max_size=8))
def test_what_holds_no_secret_passes_unchanged(data, cuts) -> None:
    assert poured(data, cuts, ["sesame-open-1", "sesame"]) == (data, 0) or b"sesame" in data


def test_the_longer_of_two_secrets_goes_as_a_whole() -> None:
    assert (
        poured(b"x abcdefgh y abcdef z", [4, 8, 9], ["abcdef", "abcdefgh"])[0]
        == b"x <redacted> y <redacted> z"
    )


def test_nothing_is_held_back_that_cannot_be_the_beginning_of_a_secret() -> None:
    sieve = Sieve(["sesame"])

    assert sieve.feed(b"loss 0.1\r") == b"loss 0.1\r"
    assert sieve.feed(b"so se") == b"so "
    assert sieve.feed(b"a") == b"sea"


def test_a_long_secret_does_not_make_a_stream_slow() -> None:
    sieve = Sieve(["a" * 4000 + "1", "b" * 4000])
    before = time.process_time()
    for _ in range(200):
        sieve.feed(b"loss 0.1 and a lot of text\n" * 200)

    assert time.process_time() - before < 20
