"""Which of the files that were opened are data."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from expctl.capture import reads

if TYPE_CHECKING:
    from pathlib import Path


def make(top: Path, *names: str) -> list[str]:
    for name in names:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text("x")
    return [str(top / name) for name in names]


def chosen(
    top: Path, opened: list[str], *, known: tuple[str, ...] = (), other: tuple[str, ...] = ()
) -> list[str]:
    found = reads.inputs_among(opened, str(top), known=known, is_other=lambda path: path in other)
    return [path.removeprefix(f"{top}/") for path in found]


def test_files_are_inputs_in_the_order_in_which_they_were_read(tmp_path: Path) -> None:
    assert chosen(tmp_path, make(tmp_path, "b.csv", "d/a.csv", "b.csv")) == ["b.csv", "d/a.csv"]


@pytest.mark.parametrize(
    "name", [".env", "keys/server.pem", "venv/lib/site-packages/x.json", ".git/index", ".cache/x.bin"]
)
def test_secrets_packages_and_caches_are_none(tmp_path: Path, name: str) -> None:
    assert chosen(tmp_path, make(tmp_path, name)) == []


def test_what_is_outside_gone_source_or_known_is_none(tmp_path: Path) -> None:
    top = tmp_path / "top"
    opened = make(tmp_path, "outside.csv", "top/train.py", "top/set/a.csv")

    assert chosen(top, [*opened, str(top / "gone.csv")], known=(str(top / "set"),), other=("train.py",)) == []


def test_many_files_of_one_folder_are_the_folder_and_many_folders_the_one_above(tmp_path: Path) -> None:
    few = make(tmp_path, *(f"few/{n}.dat" for n in range(19)))
    many = make(tmp_path, *(f"many/{n}.dat" for n in range(20)))
    classes = make(tmp_path, *(f"images/{n}/{m}.png" for n in range(20) for m in range(20)))
    at_top = make(tmp_path, *(f"{n}.dat" for n in range(25)))

    assert chosen(tmp_path, few)[0] == "few/0.dat"
    assert chosen(tmp_path, many) == ["many"]
    assert chosen(tmp_path, classes) == ["images"]
    assert len(chosen(tmp_path, at_top)) == 25


def test_a_folder_that_the_hook_names_is_one_input(tmp_path: Path) -> None:
    [path] = make(tmp_path, "set/a.csv")

    assert chosen(tmp_path, [f"{tmp_path}/set/", path, f"{tmp_path}/gone/"]) == ["set"]


def test_what_dvc_tracks_as_one_is_one(tmp_path: Path) -> None:
    opened = make(tmp_path, "set/deep/a.csv", "set/b.csv")
    make(tmp_path, "set.dvc")

    assert chosen(tmp_path, opened) == ["set"]


def test_paths_behind_a_link_to_the_repository_are_those_of_the_repository(tmp_path: Path) -> None:
    [real] = make(tmp_path, "real/a.csv")
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert chosen(tmp_path / "link", [real]) == ["a.csv"]
