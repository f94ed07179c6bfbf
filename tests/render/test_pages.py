"""One run, and the difference of two, as pages."""

from __future__ import annotations

import re
import shlex
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from expctl.core import diff
from expctl.core.manifest import Artifact, Command, Manifest, Metric
from expctl.core.packages import Package
from expctl.core.text import width
from expctl.render import changes, detail
from tests.records import full

if TYPE_CHECKING:
    from expctl.render.style import Page

NOW = datetime(2026, 11, 22, 22, 0, tzinfo=UTC)
RUN = full(capture=None)
AFTER = RUN._replace(
    id="20261122-190601-whe6m1",
    name="모델 실험",
    status="failed",
    params={"training": {"learning_rate": 0.1, "batch_size": 64}, "new": True},
    metrics={"f1_score": Metric(value=0.85), "val/loss": Metric(value=0.5)},
    artifacts=(Artifact(path="model.pt", md5="f" * 32, bytes=1843201, kind="model"),),
)
PATCH = "diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1 @@\n-old\n+new\x1b[31m\n"


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def text_of(page: Page) -> str:
    return "\n".join(page.lines(color=False)) + "\n"


def difference() -> diff.Difference:
    sides = diff.Sides((Package("numpy", "2.0"),), (Package("numpy", "2.1"), Package("torch", "2.4")))
    return diff.diff(RUN, AFTER, packages=sides, patch=PATCH, notes=("Something could not be read.",))


@pytest.mark.parametrize("wide", [80, 120])
def test_a_run_looks_as_it_did(wide: int, golden) -> None:
    golden(f"show-{wide}.txt", text_of(detail.page(RUN, wide, now=NOW)))


def test_a_bare_run_is_a_short_page() -> None:
    bare = Manifest(id=RUN.id, status="running", started_at=RUN.started_at, command=RUN.command)

    assert len(text_of(detail.page(bare, 80, now=NOW)).strip().split("\n")) == 4


def test_a_long_command_can_be_copied_from_the_page() -> None:
    words = ("python", "train.py", "--note", "it's a b", *(f"--option-{n}={n}" for n in range(20)))
    page = text_of(detail.page(RUN._replace(command=Command(argv=words)), 60, now=NOW))
    shown = page[page.index("$ ") + 2 : page.index("\n\nHyper")]

    assert shlex.split(shown.replace("\\\n", " ")) == list(words)


def test_the_difference_looks_as_it_did(golden) -> None:
    golden("diff-100.txt", text_of(changes.page(difference(), 100)))


def test_values_that_round_to_the_same_are_shown_in_full() -> None:
    shown = text_of(changes.page(difference(), 100))

    assert "1843200" in shown
    assert "1843201" in shown


def test_a_long_patch_ends_with_how_to_see_the_rest() -> None:
    patch = PATCH + "".join(f"+line {n}\n" for n in range(500))
    found = replace(difference(), patch=patch)

    assert "--full" in text_of(changes.page(found, 100))
    assert "line 499" in text_of(changes.page(found, 100, whole=True))


def test_a_long_line_of_code_is_broken_between_words_under_a_sign_of_its_own() -> None:
    code = "+    return np.hstack([pixels, across.reshape(len(pixels), -1), down.reshape(len(pixels), -1)])"
    found = replace(difference(), patch=PATCH + code + "\n")

    shown = text_of(changes.page(found, 60)).split("\n")
    at = next(n for n, line in enumerate(shown) if line.startswith("+    return np"))

    assert shown[at : at + 2] == [
        "+    return np.hstack([pixels, across.reshape(len(pixels),",
        "  … -1), down.reshape(len(pixels), -1)])",
    ]
    assert code in text_of(changes.page(found, 100_000))


def test_many_packages_of_one_run_are_a_paragraph_and_all_are_counted() -> None:
    mine = tuple(Package(f"lib-{n}", f"1.{n}.0") for n in range(90))
    sides = diff.Sides((Package("numpy", "2.0"), *mine), (Package("numpy", "2.1"),))
    shown = text_of(changes.page(diff.diff(RUN, AFTER, packages=sides), 80))

    assert "package numpy  2.0  →  2.1" in shown
    assert "- 90 packages that only the first run had:\n      lib-0 1.0.0, lib-1 1.1.0," in shown
    left = int(re.search(r"and (\d+) more", shown)[1])
    assert shown.count("lib-") == 90 - left
    assert max(width(line) for line in shown.split("\n") if "lib-" in line) <= 80


def test_what_a_run_has_not_of_the_six_elements_is_said() -> None:
    bare = Manifest(id=RUN.id, status="failed", started_at=RUN.started_at, command=RUN.command)

    assert "Nothing recorded of: hyperparameters, metrics, artifacts" in text_of(
        detail.page(bare, 120, now=NOW)
    )


def test_data_in_git_is_pinned_though_no_input_is_listed() -> None:
    run = full(data=())

    shown = text_of(detail.page(run, 120, now=NOW))
    unwatched = run._replace(capture=run.capture._replace(hooks=False))

    assert "Data version\n  no input beside the files in git" in shown
    assert "Nothing recorded of: data version" in text_of(detail.page(unwatched, 120, now=NOW))


def test_two_equal_runs_say_so() -> None:
    shown = text_of(changes.page(diff.diff(RUN, RUN, patch=""), 100))

    assert "The same: hyperparameters, metrics, artifacts, environment, data version, source code" in shown


@pytest.mark.parametrize("page", [detail.page(RUN, 120, now=NOW), changes.page(difference(), 120)])
def test_pages_are_clean(page: Page) -> None:
    assert "\x1b" not in text_of(page)


def test_a_hostile_run_stays_on_its_page() -> None:
    evil = "\x1b]0;x\x07\r\u202e[/]"
    run = RUN._replace(name=evil, notes=(evil,), tags={evil: evil}, params={evil: evil}, experiment=evil,
                  metrics={evil: Metric(value=1.0)}, command=Command(argv=(evil,), cwd=evil))  # fmt: skip
    page = text_of(detail.page(run, 80, now=NOW)) + text_of(changes.page(diff.diff(RUN, run), 80))

    assert not any(char in page for char in "\x1b\x07\r\u202e")
    assert "[/]" in page


def test_lines_of_facts_stay_within_the_terminal_as_far_as_words_allow() -> None:
    page = text_of(detail.page(RUN, 100, now=NOW))

    assert max(width(line) for line in page.split("\n")) <= 100
