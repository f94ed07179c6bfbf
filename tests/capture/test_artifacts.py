from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from expctl.adapters import clock
from expctl.capture import artifacts, outputwalk
from expctl.capture.findings import Caps, Collected, Wanted
from expctl.core import dvcfile
from expctl.core.timespan import Span

if TYPE_CHECKING:
    from pathlib import Path

PATTERNS = ("*.pt", "*.joblib", "*.pkl")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = tmp_path / "tree"
    top.mkdir()
    for name in ("train.py", "old.pt", "old.png"):
        make(top, name, age_s=3600)
    return top


def make(root: Path, name: str, data: bytes = b"x", age_s: float = 0) -> Path:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    if age_s:
        os.utime(path, (1, 1))
    return path


@pytest.fixture
def collect(root: Path, monkeypatch):
    # Nothing sets the change time of a file; what is older is what the times of modification say.
    monkeypatch.setattr(outputwalk, "changed_ns", lambda facts: facts.st_mtime_ns)
    started = clock.wall_ns() - 60_000_000_000

    def run(
        *declared: str,
        logged=(),
        run_bytes=10**6,
        clone_bytes=10**9,
        used=0,
        tracked=("train.py",),
        prefix=".",
        alike=(),
        nothing=False,
        is_foreign=None,
        until=None,
    ):
        return artifacts.collect(
            root,
            prefix,
            span=Span(started, until),
            walked=outputwalk.changed_files(str(root), Span(started, until)),
            wanted=Wanted(declared, tuple(logged), PATTERNS, alike, nothing),
            caps=Caps(run_bytes, clone_bytes, lambda: used),
            tracked=lambda path: path in tracked,
            is_foreign=is_foreign,
        )

    return run


def found(collected: Collected) -> dict[str, tuple[str, bool]]:
    return {item.path: (item.kind, item.keep) for item in collected.found}


def test_models_are_kept_and_other_outputs_are_listed(root: Path, collect) -> None:
    make(root, "out/model.pt")
    make(root, "out/confusion.png")
    make(root, "pred.csv")
    make(root, "train.py", b"edited")

    collected = collect()

    assert found(collected) == {
        "out/model.pt": ("model", True),
        "out/confusion.png": ("figure", False),
        "pred.csv": ("table", False),
    }
    assert collected.to_store() == {"artifacts/out/model.pt": str(root / "out/model.pt")}
    assert collected.notes == []


def test_a_tracked_model_that_was_rewritten_is_an_output(root: Path, collect) -> None:
    make(root, "model.pt")

    assert found(collect(tracked=("model.pt",))) == {"model.pt": ("model", True)}


def test_environments_caches_and_records_are_not_looked_into(root: Path, collect) -> None:
    for folder in (
        ".git",
        ".experiments/runs",
        ".dvc/cache",
        "node_modules/x",
        "a/__pycache__",
        "myenv/lib",
        "conda/lib",
    ):
        make(root, f"{folder}/model.pt")
    make(root, "myenv/pyvenv.cfg")
    (root / "conda" / "conda-meta").mkdir()
    make(root, "x.pyc")

    assert found(collect()) == {}


def test_links_are_not_followed(root: Path, collect, tmp_path: Path) -> None:
    make(tmp_path, "outside/model.pt")
    (root / "away").symlink_to(tmp_path / "outside")
    (root / "latest.pt").symlink_to(tmp_path / "outside" / "model.pt")

    collected = collect("latest.pt")

    assert found(collected) == {}
    assert collected.notes == [
        f"artifact {root}/latest.pt: a link that leads out of the repository is not followed"
    ]


def test_a_declared_pattern_keeps_what_was_written(root: Path, collect) -> None:
    make(root, "figs/a.png")
    make(root, "figs/deep/b.png")
    make(root, "c.png")

    collected = collect("figs/*.png")

    assert {path for path, (_, keep) in found(collected).items() if keep} == {"figs/a.png"}


def test_a_declared_pattern_counts_from_where_the_user_stands(root: Path, collect) -> None:
    make(root, "sub/figs/a.png")

    assert found(collect("figs/*.png", prefix="sub")) == {"sub/figs/a.png": ("figure", True)}


def test_a_declared_path_is_kept_even_if_it_is_old(root: Path, collect) -> None:
    assert found(collect("old.png")) == {"old.png": ("figure", True)}
    assert collect("old.pt").notes == ["artifact old.pt: was there before the run, which did not write it"]


def test_what_fits_nothing_is_said(collect) -> None:
    collected = collect("*.onnx", "nothing.bin")

    assert collected.notes == [
        f"artifact {collected.notes[0].split()[1]} there is no such file",
        "artifact *.onnx: nothing that fits was written during the run",
    ]


def test_a_declared_folder_is_one_artifact(root: Path, collect) -> None:
    make(root, "out/a.txt", b"12")
    make(root, "out/sub/b.txt", b"345")

    collected = collect("out")
    described, notes = artifacts.settle(
        collected, {"artifacts/out/a.txt": "a" * 32, "artifacts/out/sub/b.txt": "b" * 32}
    )

    assert sorted(collected.to_store()) == ["artifacts/out/a.txt", "artifacts/out/sub/b.txt"]
    assert notes == ()
    [item] = described
    assert (item.path, item.bytes, item.nfiles, item.stored) == ("out", 5, 2, True)
    assert item.md5 == dvcfile.dir_md5([("a.txt", "a" * 32), ("sub/b.txt", "b" * 32)])


def test_a_model_that_still_grows_has_the_size_of_what_is_kept(root: Path, collect) -> None:
    make(root, "model.pt", b"12345")
    described, notes = artifacts.settle(
        collect(), {"artifacts/model.pt": "a" * 32}, {"artifacts/model.pt": 3}
    )

    assert [(item.path, item.bytes, item.md5, item.stored) for item in described] == [
        ("model.pt", 3, "a" * 32, True)
    ]
    assert notes == ("output model.pt: was still being written after the run had ended",)


def test_what_the_program_logged_is_kept_with_its_kind(root: Path, collect, tmp_path: Path) -> None:
    make(tmp_path, "scratch/weights.bin")
    make(root, "plot.png")

    collected = collect(
        logged=[(str(root / "plot.png"), "chart"), (str(tmp_path / "scratch/weights.bin"), "model")]
    )

    assert found(collected) == {"plot.png": ("chart", True), "weights.bin": ("model", True)}
    assert len(collected.notes) == 1


def test_of_two_files_of_one_name_none_takes_the_place_of_the_other(root, collect, tmp_path) -> None:
    make(root, "model.pt", b"inside")
    for folder in ("a", "b"):
        make(tmp_path, f"{folder}/model.pt", b"outside")
    make(tmp_path, "a/out", b"a file")
    make(root, "out/x.png")

    collected = collect(
        logged=[(str(tmp_path / name), "model") for name in ("a/model.pt", "b/model.pt", "a/out")]
    )

    stored = {name: os.path.relpath(full, tmp_path) for name, full in collected.to_store().items()}
    assert stored == {
        "artifacts/model.pt": "tree/model.pt",
        "artifacts/model-2.pt": "a/model.pt",
        "artifacts/model-3.pt": "b/model.pt",
        "artifacts/out-2": "a/out",
    }


def test_what_another_run_may_have_written_is_not_claimed_unless_named(root: Path, collect) -> None:
    for name in ("mine.pt", "theirs.pt", "named.pt", "theirs.png"):
        make(root, name)

    collected = collect("named.pt", is_foreign=lambda each: each.path != "mine.pt")

    assert found(collected) == {"mine.pt": ("model", True), "named.pt": ("model", True)}
    [note] = collected.notes
    assert note.startswith("outputs: 2 files were written while another run worked in this tree, such as the")


def test_what_is_kept_like_models_stays_within_the_caps(root: Path, collect) -> None:
    make(root, "out/pred.csv", b"x" * 10)
    make(root, "out/big.csv", b"x" * 100)

    assert found(collect(alike=("*.csv",), run_bytes=50)) == {
        "out/pred.csv": ("table", True),
        "out/big.csv": ("table", False),
    }


def test_nothing_is_kept_but_what_was_declared_when_that_was_asked_for(root: Path, collect) -> None:
    make(root, "a.pt")
    make(root, "b.pt")

    assert found(collect("b.pt", alike=("*.csv",), nothing=True)) == {
        "a.pt": ("model", False),
        "b.pt": ("model", True),
    }


def test_over_the_cap_the_newest_models_are_kept_and_the_rest_is_said(root: Path, collect) -> None:
    now = clock.wall_ns()
    for n in range(4):
        os.utime(make(root, f"epoch{n}.pt", b"x" * 100), ns=(now + n, now + n))

    collected = collect(run_bytes=250)

    assert {path for path, (_, keep) in found(collected).items() if keep} == {"epoch2.pt", "epoch3.pt"}
    assert "2 files (0 MiB) are over the caps" in collected.notes[0]


def test_a_full_clone_keeps_no_more_models_unless_they_are_named(root: Path, collect) -> None:
    make(root, "a.pt")
    make(root, "b.pt")

    assert found(collect("b.pt", clone_bytes=100, used=100)) == {
        "a.pt": ("model", False),
        "b.pt": ("model", True),
    }


def test_boosters_are_known_by_how_they_begin(root: Path, collect) -> None:
    make(root, "lgb.txt", b"tree\nversion=v4\nnum_class=1\n")
    make(root, "xgb.json", b'{"learner":{}}')
    make(root, "notes.txt", b"tree\n")

    assert {path for path, (kind, _) in found(collect()).items() if kind == "model"} == {
        "lgb.txt",
        "xgb.json",
    }


def test_many_outputs_are_counted_and_not_listed(root: Path, collect) -> None:
    for n in range(artifacts.LISTED + 5):
        make(root, f"out/{n}.bin")

    collected = collect()

    assert len(collected.found) == artifacts.LISTED
    assert collected.notes == ["outputs: 5 more files were written and are not listed"]


def test_a_name_that_a_manifest_may_not_hold_is_said_and_not_recorded(root: Path, collect) -> None:
    make(root, "a\x1b[31m.pt")
    (root / os.fsdecode(b"b\xff.pt")).write_bytes(b"x")

    collected = collect()

    assert found(collected) == {}
    assert len(collected.notes) == 2
    assert all(note.encode() for note in collected.notes)


def test_what_is_not_stored_is_hashed_for_the_list(root: Path, collect) -> None:
    make(root, "pred.csv", b"1,2")
    make(root, "model.pt", b"w")

    described, _ = artifacts.settle(collect(), {})

    assert [(item.path, item.stored, item.bytes) for item in described] == [
        ("model.pt", False, 1),
        ("pred.csv", False, 3),
    ]
    assert all(dvcfile.is_md5(item.md5) for item in described)


def test_a_walk_that_takes_too_long_ends_and_says_so(root: Path, collect, monkeypatch) -> None:
    for n in range(20):
        make(root, f"d{n}/deep/model.pt")
    make(root, "near.pt")
    monkeypatch.setattr(outputwalk, "_MOST_ENTRIES", 10)

    collected = collect()

    assert found(collected) == {"near.pt": ("model", True)}
    assert "the walk ended" in collected.notes[0]


def test_the_change_of_a_file_is_seen_by_its_change_time(tmp_path: Path) -> None:
    started = clock.wall_ns()
    os.utime(make(tmp_path, "unpacked.pt"), (1, 1))

    assert [item.path for item in outputwalk.changed_files(str(tmp_path), Span(started)).files] == [
        "unpacked.pt"
    ]
