from __future__ import annotations

import hashlib
import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from expctl.adapters import clock
from expctl.capture import data, hashing
from expctl.core.manifest import DataInput

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    (root / "data" / "images").mkdir(parents=True)
    (root / "data" / "train.csv").write_text("a,b\n1,2\n")
    (root / "data" / "images" / "1.png").write_bytes(b"one")
    (root / "data" / "images" / "2.png").write_bytes(b"two")
    return root


def recorded(
    tree: Path, *declared: str, found: tuple[str, ...] = (), prefix: str = "."
) -> tuple[list[DataInput], list[str]]:
    watched = [
        data.Watched(*json.loads(json.dumps(item))) for item in data.watch(tree, prefix, declared, found)
    ]
    settled = [data.settle(each, tree.parent / "memory", root=tree) for each in watched]
    return rechecked(tree, watched, settled), [note for each in settled for note in each.notes]


def settle(tree: Path, watched: list[data.Watched]) -> list[data.Settled]:
    return [data.settle(each, tree.parent / "memory", root=tree) for each in watched]


def rechecked(
    tree: Path, watched: list[data.Watched], settled: list[data.Settled], *, read: bool = False
) -> list[DataInput]:
    pairs = zip(settled, watched, strict=True)
    found = [data.recheck(each, was, tree.parent / "memory", read=read) for each, was in pairs]
    return [each for each in found if each is not None]


def dvc(tree: Path, *words: str) -> None:
    subprocess.run(["dvc", *words], cwd=tree, check=True, capture_output=True)


def test_a_file_is_recorded_with_its_hash(tree: Path) -> None:
    inputs, notes = recorded(tree, "data/train.csv")

    md5 = hashlib.md5(b"a,b\n1,2\n").hexdigest()
    assert (inputs, notes) == ([DataInput(path="data/train.csv", md5=md5, bytes=8)], [])


def test_a_path_is_taken_from_where_the_user_stands_or_from_the_top(tree: Path) -> None:
    inputs, _ = recorded(tree, "train.csv", "data/images", prefix="data")

    assert [item.path for item in inputs] == ["data/train.csv", "data/images"]


def test_stock_dvc_agrees_with_our_hashes_and_its_pointers_are_noted(tree: Path) -> None:
    (tree / "data" / "images" / "sub").mkdir()
    (tree / "data" / "images" / "sub-x").write_bytes(b"x")
    (tree / "data" / "images" / "sub" / "3.png").write_bytes(b"three")
    subprocess.run(["git", "init", "-q"], cwd=tree, check=True)
    dvc(tree, "init", "-q")
    dvc(tree, "add", "-q", "data/images", "data/train.csv")

    inputs, notes = recorded(tree, "data/images", "data/train.csv", "data/images/1.png")

    # Any difference from what the pointer says would be a note.
    assert notes == []
    assert [item.dvc for item in inputs] == ["data/images.dvc", "data/train.csv.dvc", "data/images.dvc"]
    assert (inputs[0].nfiles, inputs[0].bytes) == (4, 12)


def test_bytes_that_are_not_the_pointer_s_are_said(tree: Path) -> None:
    pointer = (
        "outs:\n- md5: " + "0a" * 16 + "\n  size: 8\n  hash: md5\n  path: train.csv\nmeta:\n  version: v3\n"
    )
    (tree / "data" / "train.csv.dvc").write_text(pointer)

    inputs, notes = recorded(tree, "data/train.csv")

    assert notes == ["data data/train.csv: its bytes are not those that data/train.csv.dvc names"]
    assert (inputs[0].dvc, inputs[0].version) == ("data/train.csv.dvc", "v3")


def test_an_output_of_a_pipeline_names_its_stage(tree: Path) -> None:
    (tree / "dvc.lock").write_text(
        "schema: '2.0'\nstages:\n  prepare:\n    cmd: x\n    outs:\n    - path: data/train.csv\n"
        "      hash: md5\n      md5: 0a000000000000000000000000000000\n      size: 8\n"
    )

    inputs, notes = recorded(tree, "data/train.csv")

    assert inputs[0].dvc == "dvc.yaml:prepare"
    assert len(notes) == 1


@pytest.mark.parametrize("text", ["", "[", "stages: 3", "a: &b *b", "\x00"])
def test_files_of_dvc_s_that_cannot_be_read_stop_nothing(tree: Path, text: str) -> None:
    (tree / "dvc.lock").write_text(text)
    (tree / "data" / "train.csv.dvc").write_text(text)

    inputs, notes = recorded(tree, "data/train.csv")

    assert (inputs[0].dvc, notes) == (None, [])


def test_a_file_that_changes_while_it_is_used_is_flagged(tree: Path) -> None:
    watched = data.watch(tree, ".", ["data/train.csv"], [])
    settled = settle(tree, watched)
    assert not rechecked(tree, watched, settled)[0].changed

    (tree / "data" / "train.csv").write_text("a,b\n9,9\n")

    assert rechecked(tree, watched, settled)[0].changed
    assert settle(tree, watched)[0].input.changed


def lose(folder: Path) -> None:
    (folder / "deep" / "3.png").unlink()


def overwrite(folder: Path) -> None:
    (folder / "1.png").write_bytes(b"ONE")


def add(folder: Path) -> None:
    (folder / "deep" / "4.png").write_bytes(b"four")


@pytest.mark.parametrize("change", [lose, overwrite, add])
def test_a_folder_that_changes_while_it_is_used_is_flagged(tree: Path, change) -> None:
    folder = tree / "data" / "images"
    (folder / "deep").mkdir()
    (folder / "deep" / "3.png").write_bytes(b"three")
    watched = data.watch(tree, ".", ["data/images"], [])
    # As if it had been noted a while ago, and written to just now.
    old = [item._replace(taken_ns=clock.wall_ns() + 60_000_000_000) for item in watched]
    settled = settle(tree, old)
    assert not rechecked(tree, old, settled)[0].changed

    change(folder)

    assert rechecked(tree, old, settled)[0].changed
    assert settle(tree, watched)[0].input.changed


def test_the_same_bytes_with_another_time_or_mode_are_no_change(tree: Path) -> None:
    watched = data.watch(tree, ".", ["data/train.csv", "data/images"], [])
    settled = settle(tree, [item._replace(taken_ns=clock.wall_ns() + 60_000_000_000) for item in watched])
    os.utime(tree / "data" / "train.csv", (5, 5))
    os.chmod(tree / "data" / "images" / "1.png", 0o600)
    (tree / "data" / "images" / "lock").touch()
    (tree / "data" / "images" / "lock").unlink()

    assert [item.changed for item in rechecked(tree, watched, settled)] == [False, False]


def test_an_input_that_vanishes_is_flagged(tree: Path) -> None:
    watched = data.watch(tree, ".", ["data/train.csv"], [])
    settled = settle(tree, watched)
    os.unlink(tree / "data" / "train.csv")

    assert rechecked(tree, watched, settled)[0].changed


def test_what_was_only_guessed_and_then_written_is_an_output_unless_it_was_read(tree: Path) -> None:
    watched = data.watch(tree, ".", [], ["data/train.csv"])
    settled = settle(tree, watched)
    (tree / "data" / "train.csv").write_text("result\n")

    assert rechecked(tree, watched, settled) == []
    assert rechecked(tree, watched, settled, read=True)[0].changed


def test_what_is_not_there_is_said(tree: Path) -> None:
    inputs, notes = recorded(tree, "nowhere.csv")

    assert (inputs, notes) == ([], ["data nowhere.csv: No such file or directory"])


def test_a_pipe_is_not_read(tree: Path) -> None:
    os.mkfifo(tree / "pipe.csv")

    assert recorded(tree, "pipe.csv") == ([], ["data pipe.csv: not a regular file"])


def test_a_uri_is_recorded_without_its_secrets_and_not_looked_up(tree: Path) -> None:
    inputs, notes = recorded(tree, "s3://bucket/train.parquet", "https://me:hunter2@example.com/a.csv")

    assert inputs[0].uri == "s3://bucket/train.parquet"
    assert "hunter2" not in str(inputs)
    assert notes == []


def test_data_outside_of_the_repository_keeps_its_whole_path(tree: Path) -> None:
    (tree.parent / "shared.csv").write_text("x")

    inputs, _ = recorded(tree, str(tree.parent / "shared.csv"))

    assert inputs[0].path == str(tree.parent / "shared.csv")


def test_a_hash_is_remembered_until_the_file_moves(tree: Path, monkeypatch) -> None:
    path, memory = tree / "data" / "train.csv", tree / "m"
    os.utime(path, ns=(1, 1))
    monkeypatch.setattr(hashing, "_YOUNG_NS", -(10**12))
    first = hashing.hash_path(path, memory)
    monkeypatch.setattr(hashing.files, "md5_of", None)  # may not be called

    assert hashing.hash_path(path, memory) == first


def test_a_young_file_s_hash_is_not_remembered(tree: Path) -> None:
    path, memory = tree / "data" / "train.csv", tree / "m"
    first = hashing.hash_path(path, memory)
    facts = os.stat(path)
    path.write_text("a,b\n3,4\n")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))

    assert hashing.hash_path(path, memory).md5 != first.md5


def test_a_clone_that_is_gone_is_not_made_again_for_a_hash(tree: Path) -> None:
    gone = tree / "clone" / "expctl"

    assert hashing.hash_path(tree / "data" / "train.csv", gone / "cache").md5
    assert not gone.parent.exists()


@pytest.mark.parametrize("text", ["", "[", "[]", '{"": 3}', '{"": [1, 2]}', '{"": ["x"]}'])
def test_a_memory_that_makes_no_sense_is_forgotten(tree: Path, text: str) -> None:
    path, memory = tree / "data" / "train.csv", tree / "m"
    expected = hashing.hash_path(path, memory)
    place = hashing.place_of(path, memory)
    os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(place, "w") as file:
        file.write(text)

    assert hashing.hash_path(path, memory) == expected


def words(tree: Path, *argv: str) -> list[str]:
    return data.existing_words(["python", *argv], [], tree, tree)


def test_words_that_name_data_are_found(tree: Path) -> None:
    found = words(
        tree, "train.py", "data/train.csv", "--images-dir=data/images", "s3://b/x", "no.csv", "data"
    )

    assert found == ["data/train.csv", "data/images", "s3://b/x"]


def test_outputs_source_and_odd_words_are_not_taken_for_data(tree: Path) -> None:
    (tree / "out.csv").write_text("x")
    (tree / "train.py").write_text("x")

    assert (
        words(tree, "train.py", "--output", "out.csv", "\0.csv", "a" * 5000 + ".csv", ".", "..", "--data=.")
        == []
    )


def test_whatever_dvc_tracks_is_data(tree: Path) -> None:
    (tree / "weird").write_text("x")
    (tree / "weird.dvc").write_text("outs: []\n")

    assert words(tree, "weird") == ["weird"]
