"""Package lists on disk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from expctl.core.packages import Package
from expctl.errors import ManifestError
from expctl.store import environments

if TYPE_CHECKING:
    from pathlib import Path

LIST = (Package("numpy", "2.1.0"), Package("x", "1", "git+https://h/r@ab"))


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    name = environments.write(tmp_path, LIST, python="3.11.7")

    assert environments.read(tmp_path, name) == LIST


def test_the_same_list_is_one_file_that_is_written_once(tmp_path: Path) -> None:
    name = environments.write(tmp_path, LIST, python="3.11.7")
    before = (tmp_path / name).stat()

    assert environments.write(tmp_path, LIST[::-1], python="3.11.7") == name
    assert (tmp_path / name).stat().st_mtime_ns == before.st_mtime_ns
    assert (tmp_path / name).stat().st_ino == before.st_ino
    assert environments.write(tmp_path, LIST, python="3.12.0") != name


@pytest.mark.parametrize("text", ["", "half of", None])
def test_a_damaged_file_or_a_link_is_replaced(tmp_path: Path, text: str | None) -> None:
    name = environments.write(tmp_path, LIST)
    if text is None:
        (tmp_path / name).unlink()
        os.symlink("/etc/hostname", tmp_path / name)
    else:
        (tmp_path / name).write_text(text)

    environments.write(tmp_path, LIST)

    assert environments.read(tmp_path, name) == LIST
    assert not (tmp_path / name).is_symlink()


@pytest.mark.parametrize("text", ["", "- a\n", "schema: other\n", "schema: [", "\0", "a: &a [*a]\n"])
def test_a_file_that_is_none_is_said_with_its_name(tmp_path: Path, text: str) -> None:
    name = "environments/0123456789ab.yaml"
    (tmp_path / "environments").mkdir()
    (tmp_path / name).write_text(text)

    with pytest.raises(ManifestError, match=name):
        environments.read(tmp_path, name)


@pytest.mark.parametrize("name", ["../../etc/passwd", "environments/0123456789ab.yaml"])
def test_a_path_out_of_the_folder_and_a_missing_file_are_said(tmp_path: Path, name: str) -> None:
    with pytest.raises(ManifestError):
        environments.read(tmp_path, name)
