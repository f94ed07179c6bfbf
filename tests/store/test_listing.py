"""Manifests as folder listings show them."""

from __future__ import annotations

import os
from array import array

from expctl.store import listing, manifests

A, B = "20261122-190546-aaaaaa", "20261122-190546-bbbbbb"
LATER = "20261123-000000-aaaaaa"


def place(runs, run_id, day=None):
    path = runs / (day or manifests.path_of(runs, run_id).parent.name) / f"{run_id}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(run_id)
    return path


def ids(folders):
    return [run_id for folder in folders for run_id in folder.ids]


def test_runs_come_by_day_and_by_id(tmp_path):
    for run_id in (LATER, B, A):
        place(tmp_path, run_id)

    assert ids(listing.of_days(tmp_path)) == [A, B, LATER]


def test_it_lists_what_the_objects_list(tmp_path):
    for run_id in (LATER, B, A):
        path = place(tmp_path, run_id)
        (path.parent / f"{run_id}.dvc").write_text("")
        (path.parent / run_id).mkdir()
    place(tmp_path, A, day="2026-11-23")
    place(tmp_path, f"{A}\n{B}", day="2026-11-22")
    place(tmp_path, "nonsense", day="2026-11-22")
    place(tmp_path, A, day="not-a-day")
    (tmp_path / "stray.yaml").write_text("")
    os.symlink(tmp_path / "2026-11-22", tmp_path / "2026-11-24")
    found = [
        (run_id, *folder.facts[4 * n : 4 * n + 4])
        for folder in listing.of_days(tmp_path)
        for n, run_id in enumerate(folder.ids)
    ]

    assert found == [(e.id, e.size, e.mtime_ns, e.ctime_ns, e.inode) for e in manifests.scan(tmp_path)]


def test_a_linked_folder_of_runs_is_not_followed(tmp_path):
    place(tmp_path / "true", A)
    os.symlink(tmp_path / "true", tmp_path / "runs")

    assert listing.of_days(tmp_path / "runs") == []


def test_a_missing_folder_has_no_runs(tmp_path):
    assert listing.of_days(tmp_path / "none") == []
    assert listing.flat(tmp_path / "none").ids == []


def test_a_flat_folder_leaves_out_what_is_elsewhere(tmp_path):
    for run_id in (A, B):
        (tmp_path / f"{run_id}.yaml").write_text("")

    assert listing.flat(tmp_path, without=[listing.Folder("elsewhere", [A], array("q"))]).ids == [B]


def test_a_file_that_vanishes_meanwhile_is_passed_over(tmp_path, monkeypatch):
    place(tmp_path, A)
    place(tmp_path, B)
    names = os.listdir
    monkeypatch.setattr(os, "listdir", lambda path: [*names(path), f"{A[:-1]}z.yaml"])

    assert ids(listing.of_days(tmp_path)) == [A, B]
