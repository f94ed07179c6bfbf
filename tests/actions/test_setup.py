from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from expctl import project as projects
from expctl.actions import setup
from expctl.errors import ConfigError
from expctl.store import cache, objects
from tests import shelf


def dvc(repo, *words: str) -> str:
    where = repo.path / ".experiments"
    done = subprocess.run(["dvc", *words], cwd=where, capture_output=True, text=True, check=True)
    return done.stdout


def test_everything_is_made_once_and_said(repo) -> None:
    project = projects.find(repo.path)

    made = setup.ensure(project)

    assert set(made) == {
        ".experiments/config.yaml", ".experiments/.gitignore", ".experiments/.gitattributes",
        ".experiments/.dvc/config", ".experiments/.dvc/.gitignore", ".experiments/.dvc/config.local",
    }  # fmt: skip
    assert setup.ensure(project) == []


def test_what_is_there_is_left_alone(repo) -> None:
    repo.write(".experiments/config.yaml", "experiment: mine\n")

    assert ".experiments/config.yaml" not in setup.ensure(projects.find(repo.path))
    assert (repo.path / ".experiments/config.yaml").read_text() == "experiment: mine\n"


def test_nothing_is_staged_and_nothing_of_this_clone_is_committed(repo) -> None:
    setup.ensure(projects.find(repo.path))

    assert repo.git("diff", "--cached", "--name-only") == ""
    repo.commit_all()
    assert "config.local" not in repo.git("ls-files")


def test_settings_made_here_are_comments_only(repo) -> None:
    project = shelf.project_of(repo)

    assert project.config.origins == {}
    assert project.config.warnings == ()


def test_stock_dvc_sees_the_cache_and_every_pointer(repo) -> None:
    shelf.put_run(repo, 1)
    shelf.put_run(repo, 2)

    assert dvc(repo, "cache", "dir").strip() == str(setup.cache_dir(projects.find(repo.path)))
    # Not a target is named here: a wrong ignore rule makes DVC see nothing at all, and gc then drops it all.
    assert dvc(repo, "status").count("changed outs") == 2
    dvc(repo, "checkout", "-q")
    assert "up to date" in dvc(repo, "status")
    assert repo.git("status", "--short", "--", ".experiments/runs/*/*/*") == ""


def test_stock_gc_keeps_what_a_pointer_names_and_drops_the_rest(repo) -> None:
    project = shelf.project_of(repo)
    kept, dropped = shelf.put_run(repo, 1, {"a": b"one"}), shelf.put_run(repo, 2, {"a": b"two"})
    os.unlink(objects.pointer_path(project.runs, dropped))

    dvc(repo, "gc", "-w", "-f", "-q")

    place = setup.cache_dir(project)
    md5 = objects.read_pointer(objects.pointer_path(project.runs, kept), kept).md5
    assert md5 is not None
    assert objects.faulty(place, md5) == []
    assert len(list(cache.walk(place))) == 3


def test_the_project_s_own_gc_leaves_runs_alone(repo) -> None:
    subprocess.run(["dvc", "init", "-q"], cwd=repo.path, check=True, capture_output=True)
    project = shelf.project_of(repo)
    name = shelf.put_run(repo, 1)

    subprocess.run(["dvc", "gc", "-w", "-f", "-q"], cwd=repo.path, check=True, capture_output=True)

    md5 = objects.read_pointer(objects.pointer_path(project.runs, name), name).md5
    assert md5 is not None
    assert objects.faulty(setup.cache_dir(project), md5) == []


def test_the_setting_of_a_clone_is_restored(repo, tmp_path) -> None:
    shelf.put_run(repo, 1)
    repo.commit_all()
    repo.git("clone", "-q", str(repo.path), str(tmp_path / "clone"))
    clone = projects.find(tmp_path / "clone")

    assert setup.cache_dir(clone) == clone.state / "dvc-cache"
    assert (clone.experiments / ".dvc" / "config.local").is_file()


def test_work_trees_share_one_cache(repo, tmp_path) -> None:
    shelf.put_run(repo, 1)
    repo.commit_all()
    repo.git("worktree", "add", "-q", str(tmp_path / "second"))

    second = projects.find(tmp_path / "second")

    assert setup.cache_dir(second) == setup.cache_dir(projects.find(repo.path))


def test_a_repository_that_is_moved_finds_its_cache(repo, tmp_path) -> None:
    shelf.put_run(repo, 1)
    shutil.move(repo.path, tmp_path / "moved")

    moved = projects.find(tmp_path / "moved")

    assert setup.cache_dir(moved) == moved.state / "dvc-cache"
    assert len(list(cache.walk(setup.cache_dir(moved)))) == 3


def _choose(repo, file: str, place: str) -> None:
    repo.write(f".experiments/.dvc/{file}", f"[core]\n    x = 1\n['cache']\n    dir = {place}  # ours\n")


def test_a_cache_that_a_person_chose_for_this_clone_is_used(repo, tmp_path) -> None:
    _choose(repo, "config.local", f"{tmp_path}/shared")
    project = shelf.project_of(repo)

    assert str(setup.cache_dir(project)) == f"{tmp_path}/shared"
    assert dvc(repo, "cache", "dir").strip() == f"{tmp_path}/shared"
    assert setup.ignored_cache(project) is None


def test_a_cache_in_the_repository_that_the_team_chose_is_used(repo) -> None:
    _choose(repo, "config", "../../bytes")
    project = shelf.project_of(repo)

    assert setup.cache_dir(project) == repo.path / "bytes"
    assert dvc(repo, "cache", "dir").strip() == str(repo.path / "bytes")


@pytest.mark.parametrize("file", ["config", "config.local"])
@pytest.mark.parametrize(
    "place", ["{}/elsewhere", "../../../elsewhere", "../../.git/hooks", "../../link", "~/x"]
)
def test_a_branch_chooses_no_cache_outside_of_the_repository(repo, tmp_path, file, place) -> None:
    (tmp_path / "elsewhere").mkdir()
    (repo.path / "link").symlink_to(tmp_path / "elsewhere")
    _choose(repo, file, place.format(tmp_path))
    repo.git("add", "-f", ".")
    repo.git("commit", "-q", "-m", "A stranger's")
    examined = setup.ignored_cache(projects.find(repo.path))
    done = repo.expctl("run", "--", "sh", "-c", "echo hello")

    project = projects.find(repo.path)
    assert setup.cache_dir(project) == project.state / "dvc-cache"
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert not (repo.path / ".git" / "hooks" / "files").exists()
    assert examined is not None
    assert examined in done.err


def test_other_settings_of_this_clone_stay(repo) -> None:
    path = repo.write(".experiments/.dvc/config.local", "['remote \"store\"']\n    password = x")
    path.chmod(0o600)

    shelf.project_of(repo)

    text = path.read_text()
    assert "password = x\n" in text
    assert "[cache]" in text
    assert path.stat().st_mode & 0o777 == 0o600
    dvc(repo, "config", "-l")


@pytest.mark.parametrize("name", ["", "/runs", "/.dvc"])
def test_a_link_in_the_place_of_our_folder_is_refused(repo, tmp_path, name) -> None:
    (tmp_path / "elsewhere").mkdir()
    if name:
        (repo.path / ".experiments").mkdir()
    (repo.path / f".experiments{name}").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(ConfigError, match="follows no links"):
        setup.ensure(projects.find(repo.path))
    assert os.listdir(tmp_path / "elsewhere") == []


def test_init_says_what_it_made_and_what_is_worth_adding(repo) -> None:
    repo.write(".github/workflows/ci.yml", "on: push\n")

    first, second = repo.expctl("init"), repo.expctl("init")

    assert first.exit_code == second.exit_code == 0
    assert "made .experiments/config.yaml" in first.out
    assert "paths-ignore" in first.err
    assert second.out == ""
    assert "complete already" in second.err


@pytest.mark.parametrize("words", [(), ("--sparse-index",)])
def test_settings_that_a_sparse_work_tree_lacks_hold_and_come_back(make_repo, words) -> None:
    repo = make_repo()
    repo.write("src/train.py", "")
    assert repo.expctl("run", "--", "true").exit_code == 0
    repo.write(".experiments/config.yaml", "experiment: fraud\n")
    repo.commit_all("Record")
    repo.git("sparse-checkout", "set", *words, "src")
    assert not (repo.path / ".experiments").exists()

    assert repo.expctl("run", "--", "true").exit_code == 0

    assert len(repo.expctl("ls", "-e", "fraud", "--json").json["runs"]) == 1
    assert repo.git("diff", "--name-only") == ""
    assert (repo.path / ".experiments/config.yaml").read_text() == "experiment: fraud\n"
