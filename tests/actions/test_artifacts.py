from __future__ import annotations

import os
import shutil

import pytest

from expctl import project as projects
from expctl.actions import artifacts, setup
from expctl.errors import (
    ConflictError,
    DvcError,
    ExpctlError,
    IncompleteError,
    RunNotFoundError,
    UsageError,
)
from expctl.store import cache
from tests import shelf


@pytest.fixture
def project(repo):
    shelf.put_run(repo, 1, {"out/model.pt": b"weights", "out/a.png": b"png", "b/a.png": b"other"})
    return projects.find(repo.path)


def test_what_a_run_left_is_listed_with_where_it_is(project) -> None:
    listing = artifacts.list_items(project, "@")

    assert listing.run == shelf.run_id(1)
    assert {item.artifact.path: item.here for item in listing.items} == {
        "out/model.pt": True, "out/a.png": True, "b/a.png": True, "output.log": True,
    }  # fmt: skip


def test_a_file_is_brought_out_under_its_own_name_or_another(project, tmp_path) -> None:
    (tmp_path / "into").mkdir()

    got = artifacts.get(project, "@", "model.pt", str(tmp_path / "into"))
    named = artifacts.get(project, "@", "output.log", str(tmp_path / "x" / "log.txt"))

    assert (got.target, got.bytes) == (tmp_path / "into" / "model.pt", 7)
    assert got.target.read_bytes() == b"weights"
    assert named.target.read_bytes() == b"hi\n"


def test_a_file_that_is_there_is_only_replaced_when_asked(project, tmp_path) -> None:
    (tmp_path / "m").write_bytes(b"mine")

    with pytest.raises(ConflictError, match="there already"):
        artifacts.get(project, "@", "model.pt", str(tmp_path / "m"))
    assert (tmp_path / "m").read_bytes() == b"mine"

    artifacts.get(project, "@", "model.pt", str(tmp_path / "m"), force=True)
    assert (tmp_path / "m").read_bytes() == b"weights"


@pytest.mark.parametrize("place", ["/proc/no-such-place", "file/below"])
def test_a_place_that_cannot_be_written_is_said(project, tmp_path, place) -> None:
    (tmp_path / "file").write_text("mine")

    with pytest.raises(ExpctlError, match="cannot be written"):
        artifacts.get(project, "@", "model.pt", os.path.join(tmp_path, place))
    assert (tmp_path / "file").read_text() == "mine"


def test_the_size_of_a_log_that_lies_elsewhere_is_told_by_the_pointer(project) -> None:
    shutil.rmtree(setup.cache_dir(project))

    listing = artifacts.list_items(project, "@")

    log = next(item for item in listing.items if item.artifact.path == "output.log")
    assert (log.here, log.artifact.bytes) == (False, len(b"hi\n"))


def test_a_name_that_could_be_two_things_lists_both(project, tmp_path) -> None:
    with pytest.raises(artifacts.NoArtifactError, match="could be 2 things") as caught:
        artifacts.get(project, "@", "a.png", str(tmp_path / "x"))
    assert "out/a.png or b/a.png" in (caught.value.hint or "")


def test_a_name_that_is_nothing_hints_at_the_nearest(project) -> None:
    with pytest.raises(artifacts.NoArtifactError) as caught:
        artifacts.path_of(project, "@", "modle.pt")
    assert "out/model.pt" in (caught.value.hint or "")


def test_a_run_that_is_not_there_is_said(project) -> None:
    with pytest.raises(RunNotFoundError):
        artifacts.list_items(project, "zzzzzz")


def test_damaged_bytes_are_refused(project, tmp_path) -> None:
    path = artifacts.path_of(project, "@", "model.pt")
    os.chmod(path, 0o644)
    path.write_bytes(b"WEIGHTS")

    with pytest.raises(cache.DamagedError):
        artifacts.path_of(project, "@", "model.pt")
    with pytest.raises(cache.DamagedError):
        artifacts.get(project, "@", "model.pt", str(tmp_path / "m"))
    assert os.listdir(tmp_path / "repo") == os.listdir(project.root)
    assert not (tmp_path / "m").exists()


def test_bytes_that_are_nowhere_are_said(project, tmp_path) -> None:
    os.unlink(artifacts.path_of(project, "@", "model.pt"))

    assert artifacts.list_items(project, "@").items[0].here is False
    with pytest.raises(DvcError, match="no DVC remote"):
        artifacts.get(project, "@", "model.pt", str(tmp_path / "m"))


def test_a_folder_comes_back_whole(repo, tmp_path) -> None:
    done = repo.expctl(
        "run", "--artifact", "out", "--", "sh", "-c", "mkdir -p out/sub; echo 1 >out/a; echo 2 >out/sub/b"
    )
    assert done.exit_code == 0
    project = projects.find(repo.path)

    got = artifacts.get(project, "@", "out", str(tmp_path / "back"))

    assert (got.bytes, (tmp_path / "back/sub/b").read_text()) == (4, "2\n")
    assert artifacts.list_items(project, "@").items[0].here is True
    with pytest.raises(UsageError, match="is a folder"):
        artifacts.path_of(project, "@", "out")


def test_what_was_not_stored_is_said(repo) -> None:
    repo.expctl("run", "--", "sh", "-c", "echo 1 >pred.csv")

    with pytest.raises(IncompleteError, match="not stored"):
        artifacts.path_of(projects.find(repo.path), "@", "pred.csv")


def test_three_contents_of_one_model_all_come_back(repo, tmp_path) -> None:
    for n in range(3):
        repo.expctl("run", "-n", f"run{n}", "--", "sh", "-c", f"printf {n}{n}{n} >model.pt")

    project = projects.find(repo.path)
    back = [
        artifacts.get(project, f"run{n}", "model.pt", str(tmp_path / f"m{n}")).target.read_text()
        for n in range(3)
    ]

    assert back == ["000", "111", "222"]
    listings = [artifacts.list_items(project, f"run{n}") for n in range(3)]
    assert len({listing.items[0].artifact.md5 for listing in listings}) == 3


def test_the_command_lists_and_prints_bytes_as_they_are(repo, project) -> None:
    listed = repo.expctl("artifacts", "@")
    as_json = repo.expctl("artifacts", "@", "--json").json
    printed = repo.expctl("artifacts", "@", "--get", "out/model.pt", "-o", "-")

    assert "out/model.pt" in listed.out
    first = as_json["artifacts"][0]
    assert len(first.pop("md5")) == 32
    expected = {
        "path": "out/model.pt",
        "kind": "model",
        "bytes": 7,
        "nfiles": None,
        "stored": True,
        "here": True,
    }
    assert first == expected
    assert printed.out == "weights"


def test_the_command_writes_where_it_was_typed(repo, project) -> None:
    (repo.path / "deep").mkdir()

    done = repo.expctl("artifacts", "--get", "model.pt", cwd=repo.path / "deep")

    assert done.out == f"{repo.path}/deep/model.pt\n"
    assert (repo.path / "deep" / "model.pt").read_bytes() == b"weights"
    assert setup.cache_dir(project).is_dir()
