"""Where a repository lies is told as git tells it, mostly without asking."""

from __future__ import annotations

import os
import subprocess

import pytest

from expctl.adapters import gitplaces
from expctl.errors import GitError


@pytest.fixture
def without_git(monkeypatch: pytest.MonkeyPatch):
    """Whatever starts git fails."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("git was started")

    monkeypatch.setattr(gitplaces, "call", refuse)


def test_a_plain_repository_is_found_without_git(repo, without_git) -> None:
    inside = repo.path / "a" / "b\nc"
    inside.mkdir(parents=True)

    top = str(repo.path)
    assert gitplaces.find_places(repo.path) == (top, f"{top}/.git", f"{top}/.git", "")
    assert gitplaces.find_places(inside) == (top, f"{top}/.git", f"{top}/.git", "a/b\nc")


def test_a_way_through_links_ends_where_git_ends(repo, tmp_path, without_git) -> None:
    (repo.path / "real").mkdir()
    (tmp_path / "link").symlink_to(repo.path / "real")

    assert gitplaces.find_places(tmp_path / "link").prefix == "real"


def _inside_git(repo):
    return repo.path / ".git" / "objects"


def _bare(repo):
    repo.git("config", "core.bare", "true")
    return repo.path


def _moved(repo):
    (repo.path / "elsewhere").mkdir()
    repo.git("config", "core.worktree", str(repo.path / "elsewhere"))
    return repo.path / "elsewhere"


def _nested_bare(repo):
    subprocess.run(["git", "init", "-q", "--bare", repo.path / "in.git"], check=True)
    return repo.path / "in.git" / "refs"


def _linked(repo):
    repo.git("worktree", "add", "-q", "../other")
    return repo.path.parent / "other"


def _nested(repo):
    (repo.path / "sub").mkdir()
    subprocess.run(["git", "init", "-q", repo.path / "sub"], check=True)
    return repo.path / "sub"


def _no_refs(repo):
    os.rename(repo.path / ".git" / "refs", repo.path / ".git" / "not-refs")
    return repo.path


def _line_break(repo):
    repo.git("worktree", "add", "-q", "--detach", "../one\ntwo")
    return repo.path.parent / "one\ntwo"


def _a_file(repo):
    return repo.path / "train.py"


@pytest.mark.parametrize(
    "place",
    [_inside_git, _bare, _moved, _nested_bare, _linked, _nested, _no_refs, _line_break, _a_file],
    ids=lambda f: f.__name__,
)
def test_odd_places_are_those_that_git_tells(repo, place) -> None:
    start = place(repo)

    assert _outcome(gitplaces.find_places, start) == _outcome(gitplaces._ask, start)


def test_a_bound_to_the_search_is_heeded(repo, monkeypatch: pytest.MonkeyPatch) -> None:
    (repo.path / "deep").mkdir()
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(repo.path))

    assert gitplaces.find_places(repo.path / "deep") is None


def _outcome(find, start):
    try:
        return find(start)
    except GitError as err:
        return str(err)
