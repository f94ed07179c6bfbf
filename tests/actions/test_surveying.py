"""The survey of a work tree leaves out what no part of a harvest asks for, and nothing else."""

from __future__ import annotations

import pytest

from expctl import project as projects
from expctl.actions import beginning, surveying
from expctl.actions.request import Request
from expctl.core import settings


def survey(repo, models=settings.MODEL_PATTERNS, **asked):
    begun = beginning.begin(projects.find(repo.path), Request(argv=("true",), **asked))
    found = surveying.survey(begun.run, models, is_over=lambda: False)
    assert found is not None
    return found[""].files


@pytest.fixture
def repo(make_repo, monkeypatch):
    monkeypatch.setattr(surveying.host, "file_system", lambda _: "ext4")
    made = make_repo(files={"train.py": "", "metrics.json": "{}", "old.pt": "x", ".gitignore": "*.log\n"})
    made.write("new.py", "")
    made.write("ignored.log", "")
    return made


def test_tracked_source_is_left_out_and_all_else_is_looked_at(repo):
    assert sorted(survey(repo)) == [".gitignore", "ignored.log", "metrics.json", "new.py", "old.pt"]


@pytest.mark.parametrize(
    "asked", [{"artifacts": ("*.py",)}, {"keep": ("tr*",)}, {"metrics": ("train.py",)}, {"models": ("*.py",)}]
)
def test_source_that_somebody_asks_for_is_looked_at(repo, asked):
    assert "train.py" in survey(repo, **asked)


def test_where_a_program_serves_the_files_nothing_is_surveyed(repo, monkeypatch):
    monkeypatch.setattr(surveying.host, "file_system", lambda _: "fuse.sshfs")
    begun = beginning.begin(projects.find(repo.path), Request(argv=("true",)))

    assert surveying.survey(begun.run, (), is_over=lambda: False) is None
