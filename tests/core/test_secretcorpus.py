"""The corpus of labelled forms: no secret survives, nothing harmless is touched, the docs say the figures."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from expctl.core import redact
from tests.core import secretcorpus as corpus

DOC = Path(__file__).parents[2] / "docs" / "explanation" / "secrets.md"


def written(case: corpus.Case) -> str:
    """What would be written of a case, as one text."""
    if case.kind == "argv":
        return "\n".join(redact.redact_argv(case.given)[0])
    if case.kind == "param":
        return repr(redact.redact_tree(case.given)[0])
    if case.kind == "url":
        return redact.strip_url(case.given)
    return redact.redact_text(case.given)[0]


def untouched(case: corpus.Case) -> str:
    if case.kind == "argv":
        return "\n".join(case.given)
    return repr(case.given) if case.kind == "param" else case.given


def survives(case: corpus.Case) -> bool:
    shown = written(case)
    return any(secret in shown for secret in case.secrets)


def named(case: corpus.Case) -> str:
    return untouched(case)[:60]


@pytest.mark.parametrize("case", [c for c in corpus.CASES if c.secrets], ids=named)
def test_no_secret_survives(case: corpus.Case) -> None:
    assert not survives(case), written(case)


@pytest.mark.parametrize("case", [c for c in corpus.CASES if not c.secrets], ids=named)
def test_nothing_harmless_is_touched(case: corpus.Case) -> None:
    assert written(case) == untouched(case)


def test_what_is_around_a_secret_stays() -> None:
    words = ["sh", "-c", f"cd /a && curl -u 'me:{corpus.PW}' https://h/x | tar x; export LR=0.1"]

    clean, said = redact.redact_argv(words)

    assert clean[2] == "cd /a && curl -u 'me:<redacted>' https://h/x | tar x; export LR=0.1"
    assert said == ["-c"]


@pytest.mark.parametrize("case", [c for c in corpus.CASES if c.secrets and c.kind == "argv"], ids=named)
def test_what_is_clean_stays_as_it_is(case: corpus.Case) -> None:
    """A record goes through more than one door."""
    clean, _ = redact.redact_argv(case.given)

    assert redact.redact_argv(clean) == (clean, [])


def test_the_figures_of_the_docs_are_those_of_the_corpus() -> None:
    everything = [*corpus.CASES, *corpus.HARD]
    secret = [case for case in everything if case.secrets]
    harmless = [case for case in everything if not case.secrets]
    found = sum(not survives(case) for case in secret)
    touched = sum(written(case) != untouched(case) for case in harmless)

    figures = r"(\d+) forms with a secret and (\d+) without.*?recall is (0\.\d+).*?precision is (0\.\d+)"
    said = re.search(figures, DOC.read_text(encoding="utf-8"), re.DOTALL)

    assert said is not None
    assert [int(said[1]), int(said[2])] == [len(secret), len(harmless)]
    assert float(said[3]) == round(found / len(secret), 3)
    assert float(said[4]) == round(found / (found + touched), 3)


@pytest.mark.parametrize(
    "word",
    ['"' * 20_001, "'\"" * 20_000, "\\" * 30_001, "a=" * 20_000, "bash -c '" * 3_000, "{" * 50_000,
    "-p" * 30_000,
     "password " * 8_000, "$(" * 20_000, '{"a":' * 20_000, "Cookie: " * 8_000, "pass:" * 10_000,
     "a:b@" * 20_000,
     "x" * 200_000 + "PASS"],
    ids=lambda word: word[:9],
)  # fmt: skip
def test_no_word_makes_the_search_slow(word: str) -> None:
    before = time.process_time()
    redact.redact_argv(["bash", "-c", word, word, "--header", word, f"--x={word}"])
    redact.redact_tree({"a": word, "password": word, word[:4000]: "x"})

    assert time.process_time() - before < 30
