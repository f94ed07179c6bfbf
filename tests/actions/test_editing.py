"""What people say of a run can be changed; what was measured cannot."""

from __future__ import annotations

import subprocess
import sys

import pytest

from expctl import project as places
from expctl.actions import editing
from expctl.errors import RunNotFoundError, UsageError
from expctl.store import manifests
from tests.records import full

ID = "20261122-190546-k3f9qa"


@pytest.fixture
def project(repo):
    found = places.find(repo.path)
    manifests.write(found.runs, full(ID))
    return found


def now(project):
    return manifests.read(manifests.path_of(project.runs, ID))


def test_tags_are_set_and_removed_and_nothing_else_changes(project) -> None:
    before = now(project)
    done = editing.tag(project, "k3f9", given={"dataset": "v3", "grade": "4"}, removed=["interpretability"])

    assert done.changed
    assert dict(now(project).tags) == {"dataset_version": "v3_20240115", "dataset": "v3", "grade": "4"}
    assert now(project)._replace(tags=before.tags) == before


def test_a_tag_that_is_not_there_cannot_be_removed(project) -> None:
    with pytest.raises(editing.NoTagError, match='no tag "nothing"') as caught:
        editing.tag(project, ID, given={"x": "1"}, removed=["nothing"])
    assert caught.value.exit_code == 1

    assert "x" not in now(project).tags


def test_notes_come_behind_each_other(project) -> None:
    before = now(project).notes
    editing.note(project, ID, " looks good \n")
    editing.note(project, ID, "두 번째")

    assert now(project).notes == (*before, "looks good", "두 번째")


def test_an_empty_note_is_refused(project) -> None:
    with pytest.raises(UsageError):
        editing.note(project, ID, " \n")


def test_a_run_is_found_by_its_new_name(project) -> None:
    editing.rename(project, ID, "모델 실험")

    assert editing.rename(project, "모델 실험", "").changed
    assert now(project).name is None


def test_a_name_that_another_run_has_is_given_and_said(project) -> None:
    other = "20261122-200000-aaaaaa"
    manifests.write(project.runs, full(other, name="baseline"))

    done = editing.rename(project, ID, "baseline")

    assert now(project).name == "baseline"
    assert "k3f9qa and aaaaaa" in done.said[0]


@pytest.mark.parametrize("name", ["@", "@-2", "best:f1", "--yes", "a\nb", "\x1b[31m", "x" * 201])
def test_a_name_that_would_be_read_as_something_else_is_refused(project, name: str) -> None:
    with pytest.raises(UsageError):
        editing.rename(project, ID, name)


def test_saying_the_same_again_writes_nothing(project) -> None:
    path = manifests.path_of(project.runs, ID)
    before = path.stat()
    done = editing.rename(project, ID, "transformer_baseline")

    assert not done.changed
    assert path.stat().st_mtime_ns == before.st_mtime_ns


def test_the_copy_in_the_clone_is_changed_too(project) -> None:
    copy = project.finished / f"{ID}.yaml"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(manifests.path_of(project.runs, ID).read_bytes())
    editing.rename(project, ID, "new")

    assert manifests.read(copy).name == "new"


def test_a_secret_is_not_written(project) -> None:
    token = "ghp_" + "a1B2c3D4e5" * 3 + "f6G7h8"
    tagged = editing.tag(project, ID, given={"token": token})
    noted = editing.note(project, ID, f"used {token} here")

    assert token not in manifests.path_of(project.runs, ID).read_text()
    assert tagged.said
    assert noted.said


def test_an_unknown_run_is_said(project) -> None:
    with pytest.raises(RunNotFoundError):
        editing.note(project, "nosuch", "text")


def test_edits_at_the_same_time_all_stay(project) -> None:
    code = "import sys; from expctl import project; from expctl.actions import editing\n"
    code += "editing.tag(project.find('.'), sys.argv[1], given={sys.argv[2]: 'x'})"
    started = [
        subprocess.Popen([sys.executable, "-c", code, ID, f"tag{n}"], cwd=project.root) for n in range(6)
    ]

    assert [process.wait() for process in started] == [0] * 6
    assert {f"tag{n}" for n in range(6)} <= set(now(project).tags)
