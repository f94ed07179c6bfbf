"""The registry on a disk that takes no more: one line with a way out, and never half a change."""

import errno
import os
import subprocess

import pytest

from expctl.actions import committing, registering, requesting
from expctl.project import find
from tests import promotions, shelf

WORDS = [
    ("register", "fraud", "--run", "@"),
    ("promote", "fraud@v1.1.0", "--to", "production"),
    ("alias", "fraud@v1.1.0", "champion"),
    ("archive", "fraud@v1.1.0"),
]


@pytest.fixture
def ada(make_repo, hub, mould):
    """v1.0.0 is in production, v1.1.0 in staging."""
    return promotions.moulded(make_repo, mould, hub, 88, 92)


def wall_up(git_dir):
    """Leave no place for a new object: every folder that one would lie in is a file. Holds for root too."""
    subprocess.run(["git", "repack", "-adq"], cwd=git_dir, check=True)
    subprocess.run(["git", "prune-packed", "-q"], cwd=git_dir, check=True)
    subprocess.run(["git", "prune", "--expire=now"], cwd=git_dir, check=True)
    for number in range(256):
        folder = git_dir / "objects" / f"{number:02x}"
        if not folder.exists():
            folder.touch()


def objects_of(repo):
    return {one for one in (repo.path / ".git" / "objects").rglob("*") if one.is_file()}


@pytest.mark.parametrize("words", WORDS, ids=lambda words: words[0])
def test_a_clone_that_cannot_be_written_changes_nothing_and_says_where_to_look(ada, hub, words):
    wall_up(ada.path / ".git")
    before, mine, files = promotions.refs(hub), promotions.refs(ada.path), objects_of(ada)

    done = ada.expctl(*words)

    error, hint = done.err.splitlines()
    assert done.exit_code == 1
    assert error.startswith("Error: git ")
    assert "df -h .git" in hint
    assert (promotions.refs(hub), promotions.refs(ada.path)) == (before, mine)
    assert objects_of(ada) == files
    assert ada.git("status", "--porcelain") == ""


def test_a_hub_that_cannot_be_written_is_not_in_effect(ada, hub):
    wall_up(hub)
    mine = promotions.refs(ada.path)

    done = ada.expctl("promote", "fraud@v1.1.0", "--to", "production")

    error, hint = done.err.splitlines()
    assert done.exit_code == 7
    assert error.startswith("Error: Not in effect: ")
    assert "could not be stored there" in hint, done.err
    assert promotions.refs(ada.path) == mine


def test_a_change_that_counts_and_cannot_be_kept_here_is_told_as_done(ada, hub):
    lock = ada.path / ".git" / "refs" / "tags" / "fraud#production#8.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.touch()

    done = ada.expctl("promote", "fraud@v1.1.0", "--to", "production")
    lock.unlink()
    pulled = ada.expctl("pull")
    again = ada.expctl("archive", "fraud@v1.0.0")

    assert done.exit_code == 0, done.err
    assert "In effect on origin" in done.err
    assert "bring it here with: expctl pull" in done.err
    assert "fraud#production#8" in promotions.cloned(ada, hub, "fresh").git("tag")
    assert pulled.exit_code == 0, pulled.err
    assert "fraud#production#8" in ada.git("tag")
    assert "is in archived already" in again.err


def test_a_registration_that_counts_and_cannot_be_kept_here_is_no_reason_for_a_second(ada):
    run = shelf.put_run(ada, 95)
    lock = ada.path / ".git" / "refs" / "tags" / "fraud@v1.2.0.lock"
    lock.parent.mkdir(exist_ok=True)
    lock.touch()

    done = registering.register(find(ada.path), "fraud", run)

    assert done.version == "v1.2.0"
    assert any("could not keep it" in note for note in done.notes)


@pytest.mark.parametrize(
    "fault", [OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), KeyboardInterrupt()], ids=repr
)
def test_a_request_that_is_stopped_before_its_commit_does_not_lie_about(ada, monkeypatch, fault):
    def stop(*_words):
        raise fault

    monkeypatch.setattr(committing, "commit_files", stop)

    with pytest.raises(type(fault)):
        requesting.ask(find(ada.path), "fraud", "v1.1.0", "production")
    assert ada.git("status", "--porcelain", "--ignored=matching", ".experiments/requests") == ""
    assert not (ada.path / ".experiments" / "requests").exists()
