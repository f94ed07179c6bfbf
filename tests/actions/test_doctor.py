"""Doctor names what is broken, whatever it is, and goes on to the rest."""

from __future__ import annotations

import os
import time

import pytest

from expctl import project as projects
from expctl.actions import doctor
from tests import shelf


def named(repo, name: str) -> list[doctor.Check]:
    return [check for check in doctor.examine(projects.find(repo.path)) if check.name == name]


def listing_of(repo, run_id: str):
    """The directory object of a run's files."""
    pointer = (repo.path / f".experiments/runs/2026-11-22/{run_id}.dvc").read_text()
    md5 = pointer.split("md5: ", 1)[1].split()[0]
    return repo.path / f".git/expctl/dvc-cache/files/md5/{md5[:2]}/{md5[2:]}"


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b"[" * 100_000])
def test_a_damaged_list_of_kept_files_is_named(repo, content) -> None:
    good, bad = shelf.put_run(repo, 1, {"a.pt": b"1"}), shelf.put_run(repo, 2, {"b.pt": b"2"})
    path = listing_of(repo, bad)
    path.chmod(0o644)
    path.write_bytes(content)
    first, rest = named(repo, "kept files")

    assert not first.fine
    assert bad in first.said
    assert str(path) in first.said
    assert first.hint.endswith(f"rm {path} && expctl pull {bad}")
    assert (rest.fine, rest.said) == (True, "of 1 runs in this clone")
    assert good
    assert repo.expctl("doctor").exit_code == 1


def test_a_link_in_the_place_of_a_list_is_named(repo, tmp_path) -> None:
    bad = shelf.put_run(repo, 1)
    path = listing_of(repo, bad)
    path.rename(tmp_path / "moved")
    path.symlink_to(tmp_path / "moved")
    first, _ = named(repo, "kept files")

    assert not first.fine
    assert bad in first.said


def test_a_folder_without_a_note_is_said_until_it_is_removed(repo) -> None:
    repo.expctl("init")
    folder = repo.path / ".git/expctl/live/20261122-190546-aaaaaa"
    folder.mkdir(parents=True)
    [check] = named(repo, "live runs")
    assert (check.fine, check.said) == (
        True,
        "0 running; 1 begun without a readable note: what stays so for an hour is removed",
    )
    os.utime(folder, (time.time() - 7200, time.time() - 7200))

    assert named(repo, "live runs")[0].said == "0 running"
    assert not folder.exists()
