from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from expctl.core import dvcfile
from expctl.errors import DvcError, ManifestError
from expctl.store import cache, objects

if TYPE_CHECKING:
    from pathlib import Path

RUN = "20261122-190546-k3f9qa"


@pytest.fixture
def stored(tmp_path: Path) -> objects.Stored:
    (tmp_path / "model.pt").write_bytes(b"weights")
    files = {"output.log": b"hello\n", "artifacts/model.pt": tmp_path / "model.pt"}
    return objects.store_run(tmp_path / "cache", objects.pointer_path(tmp_path / "runs", RUN), RUN, files)


def test_a_run_is_one_directory_and_one_pointer(tmp_path: Path, stored: objects.Stored) -> None:
    out = objects.read_pointer(tmp_path / "runs" / "2026-11-22" / f"{RUN}.dvc", RUN)

    assert out == dvcfile.Out(RUN, stored.md5, 13, 2)
    assert dict(cache.read_dir(tmp_path / "cache", stored.md5)) == stored.md5s
    assert stored.bytes == 13


def test_it_comes_back_as_it_was(tmp_path: Path, stored: objects.Stored) -> None:
    objects.checkout(tmp_path / "cache", stored.md5, tmp_path / "out")

    assert (tmp_path / "out" / "artifacts" / "model.pt").read_bytes() == b"weights"
    assert (tmp_path / "out" / "output.log").read_bytes() == b"hello\n"


def test_files_that_cannot_be_read_are_said_and_the_rest_is_kept(tmp_path: Path) -> None:
    files = {
        "artifacts/gone": tmp_path / "gone",
        "output.log": b"x",
        "../up": b"x",
        "a/.dvcignore": b"x",
        "b\udcff": b"x",
    }

    stored = objects.store_run(tmp_path / "cache", objects.pointer_path(tmp_path / "runs", RUN), RUN, files)

    assert list(stored.md5s) == ["output.log"]
    assert len(stored.notes) == 4
    assert all(note.isprintable() for note in stored.notes)


@pytest.mark.parametrize(
    "text",
    [
        "outs:\n- md5: {md5}.dir\n  size: 1\n  nfiles: 1\n  hash: md5\n  path: ../../.git/hooks\n",
        "outs:\n- md5: {md5}.dir\n  hash: md5\n  path: 20261122-190546-aaaaaa\n",
        "outs:\n- md5: {md5}\n  hash: md5\n  path: {run}\n",
        "frozen: true\ndeps:\n- path: x\n  repo: {url: x}\nouts:\n- md5: {md5}.dir\n  path: {run}\n",
        "outs:\n- md5: {md5}.dir\n  hash: md5\n  path: {run}\n  remote: evil\n",
        "outs:\n- md5: ../../x.dir\n  hash: md5\n  path: {run}\n",
        "\xff",
        "",
    ],
)
def test_a_pointer_that_expctl_would_not_write_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / f"{RUN}.dvc"
    path.write_bytes(text.replace("{md5}", "a" * 32).replace("{run}", RUN).encode("latin-1"))

    with pytest.raises(ManifestError, match="pointer"):
        objects.read_pointer(path, RUN)


def test_a_pointer_that_is_a_link_is_refused(tmp_path: Path, stored: objects.Stored) -> None:
    (tmp_path / "link.dvc").symlink_to(stored.pointer)

    with pytest.raises(ManifestError, match="not a readable pointer"):
        objects.read_pointer(tmp_path / "link.dvc", RUN)


@pytest.mark.parametrize("name", ["../up", "/abs", "a/../../b", ".git/config", "a/.GIT/x", "a\\b", "C:/x"])
def test_a_directory_that_names_a_path_outside_of_itself_is_refused_whole(tmp_path: Path, name: str) -> None:
    put = cache.put_bytes(tmp_path / "cache", b"x")
    md5 = cache.put_bytes(
        tmp_path / "cache", dvcfile.dir_json([("fine", put.md5), (name, put.md5)]), suffix=".dir"
    ).md5

    with pytest.raises(DvcError, match="refused"):
        objects.checkout(tmp_path / "cache", md5, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_link_in_the_way_of_a_checkout_is_not_followed(tmp_path: Path, stored: objects.Stored) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "artifacts").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(DvcError, match="link"):
        objects.checkout(tmp_path / "cache", stored.md5, tmp_path / "out")
    assert os.listdir(tmp_path / "elsewhere") == []


def test_what_is_missing_and_what_is_faulty_is_named(tmp_path: Path, stored: objects.Stored) -> None:
    place, model = tmp_path / "cache", stored.md5s["artifacts/model.pt"]
    assert objects.missing(place, stored.md5) == objects.faulty(place, stored.md5) == []

    os.chmod(cache.path_of(place, model), 0o644)
    with open(cache.path_of(place, model), "wb") as file:
        file.write(b"WEIGHTS")
    assert (objects.missing(place, stored.md5), objects.faulty(place, stored.md5)) == ([], [model])

    os.unlink(cache.path_of(place, model))
    assert objects.missing(place, stored.md5) == [model]
    os.unlink(cache.path_of(place, stored.md5))
    assert objects.missing(place, stored.md5) == objects.faulty(place, stored.md5) == [stored.md5]


def test_removing_a_run_s_folder_follows_no_link(tmp_path: Path) -> None:
    day = tmp_path / "runs" / "2026-11-22"
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "f").write_bytes(b"x")
    day.mkdir(parents=True)
    (day / RUN).symlink_to(tmp_path / "elsewhere")

    assert objects.remove_folder(tmp_path / "runs", RUN)
    assert not objects.remove_folder(tmp_path / "runs", RUN)
    assert (tmp_path / "elsewhere" / "f").exists()


def test_the_order_of_the_files_does_not_shake_the_address(tmp_path: Path) -> None:
    """The same files give the same pointer, whatever order they come in."""
    files = {f"artifacts/{n}": str(n % 7).encode() for n in range(500)}

    one = objects.store_run(tmp_path / "cache", objects.pointer_path(tmp_path / "a", RUN), RUN, files)
    two = objects.store_run(
        tmp_path / "cache", objects.pointer_path(tmp_path / "b", RUN), RUN, dict(reversed(files.items()))
    )

    assert subprocess.run(["cmp", one.pointer, two.pointer], check=False).returncode == 0
