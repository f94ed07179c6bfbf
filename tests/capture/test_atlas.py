"""A survey makes the walk shorter and never another one."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from expctl.adapters import clock
from expctl.capture import atlas, outputwalk
from expctl.core.timespan import Span

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def top(tmp_path: Path) -> Path:
    for name in ("a.py", "b.csv", "src/c.py", "src/deep/d.json", "out/e.pt", "venv/pyvenv.cfg", "venv/f.pt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    return tmp_path


@pytest.fixture
def survey(top: Path, monkeypatch: pytest.MonkeyPatch):
    # Folders of a test are as young as the test.
    monkeypatch.setattr(atlas, "_YOUNG_NS", -60 * 10**9)
    found = atlas.survey(str(top), is_dull=lambda path: path.endswith(".py"), is_over=lambda: False)
    assert found is not None
    assert "venv/" in found
    return found


def overwrite(top: Path) -> None:
    (top / "src/deep/d.json").write_text("y")


def create(top: Path) -> None:
    (top / "out/new.pt").write_text("y")


def create_in_new_folders(top: Path) -> None:
    (top / "src/new/newer").mkdir(parents=True)
    (top / "src/new/newer/n.pt").write_text("y")


def move_into_place(top: Path) -> None:
    (top / "out/e.tmp").write_text("y")
    os.replace(top / "out/e.tmp", top / "out/e.pt")


def remove_a_folder(top: Path) -> None:
    (top / "src/deep/d.json").unlink()
    (top / "src/deep").rmdir()
    (top / "b.csv").write_text("y")


def put_a_folder_in_the_place_of_a_file(top: Path) -> None:
    (top / "b.csv").unlink()
    (top / "b.csv").mkdir()
    (top / "b.csv/part.csv").write_text("y")


def create_and_set_times_back(top: Path) -> None:
    facts = os.stat(top / "out")
    (top / "out/new.pt").write_text("y")
    os.utime(top / "out/new.pt", (5, 5))
    os.utime(top / "out", ns=(facts.st_atime_ns, facts.st_mtime_ns))


def make_an_environment(top: Path) -> None:
    (top / "out/pyvenv.cfg").write_text("y")
    (top / "out/e.pt").write_text("y")


@pytest.mark.parametrize(
    "change",
    [
        overwrite, create, create_in_new_folders, move_into_place, remove_a_folder,
        put_a_folder_in_the_place_of_a_file, create_and_set_times_back, make_an_environment,
    ],
)  # fmt: skip
def test_the_same_files_are_found_with_a_survey_and_without(top: Path, survey, change) -> None:
    since = clock.wall_ns()
    span = Span(since + 40_000_000)  # over the slack for coarse clocks
    while clock.wall_ns() < since + 60_000_000:
        pass
    change(top)

    found = outputwalk.changed_files(str(top), span, surveyed=survey)

    assert found == outputwalk.changed_files(str(top), span)
    assert found.files or change is make_an_environment


def test_only_what_is_dull_is_not_looked_at(top: Path, survey) -> None:
    found = outputwalk.changed_files(str(top), Span(0), surveyed=survey)

    assert [each.path for each in found.files] == ["b.csv", "out/e.pt", "src/deep/d.json"]


def test_a_young_folder_is_listed_again(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atlas, "_YOUNG_NS", 3600 * 10**9)  # as old as a test that is slow may be
    found = atlas.survey(str(top), is_dull=lambda _: False, is_over=lambda: False)

    assert found is not None
    assert outputwalk.known(found, str(top), "out/") is None


def test_a_survey_that_nobody_needs_any_more_ends(top: Path) -> None:
    assert atlas.survey(str(top), is_dull=lambda _: False, is_over=lambda: True) is None
