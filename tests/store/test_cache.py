from __future__ import annotations

import hashlib
import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from expctl.adapters import reflink
from expctl.store import cache

if TYPE_CHECKING:
    from pathlib import Path

LARGE = 700_000


def md5(data: bytes) -> str:
    return hashlib.md5(data).hexdigest()


def content(place: Path, name: str) -> bytes:
    with open(cache.path_of(place, name), "rb") as file:
        return file.read()


@pytest.mark.parametrize("size", [0, 1, 4096, 256 << 10, (256 << 10) + 1, LARGE])
def test_a_file_is_kept_under_its_hash(tmp_path: Path, size: int) -> None:
    data = os.urandom(size)
    (tmp_path / "f").write_bytes(data)

    put = cache.put_file(tmp_path / "cache", tmp_path / "f")

    assert put == (md5(data), size, False)
    assert content(tmp_path / "cache", put.md5) == data


@pytest.mark.parametrize("size", [10, LARGE])
def test_an_object_is_read_only_and_no_second_name_of_the_source(tmp_path: Path, size: int) -> None:
    (tmp_path / "f").write_bytes(b"x" * size)

    put = cache.put_file(tmp_path / "cache", tmp_path / "f")

    facts = os.stat(cache.path_of(tmp_path / "cache", put.md5))
    assert stat.S_IMODE(facts.st_mode) == 0o444
    assert facts.st_nlink == 1


def test_three_contents_of_one_file_all_come_back(tmp_path: Path) -> None:
    kept = []
    for n in range(3):
        with open(tmp_path / "model.pt", "r+b" if n else "wb") as file:
            file.write(bytes([n]) * LARGE)
        kept.append(cache.put_file(tmp_path / "cache", tmp_path / "model.pt").md5)

    for n, name in enumerate(kept):
        cache.get(tmp_path / "cache", name, tmp_path / "back")
        assert (tmp_path / "back").read_bytes() == bytes([n]) * LARGE


def test_nothing_is_left_beside_the_objects(tmp_path: Path) -> None:
    for n in range(3):
        (tmp_path / "f").write_bytes(b"same" if n else b"x" * LARGE)
        cache.put_file(tmp_path / "cache", tmp_path / "f")

    assert os.listdir(tmp_path / "cache" / "expctl-tmp") == []
    assert len(list(cache.walk(tmp_path / "cache"))) == 2


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"s")
    (tmp_path / "f").symlink_to(tmp_path / "secret")

    with pytest.raises(OSError, match="symbolic link"):
        cache.put_file(tmp_path / "cache", tmp_path / "f")


def test_a_pipe_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "f")

    with pytest.raises(OSError, match="not a regular file"):
        cache.put_file(tmp_path / "cache", tmp_path / "f")


def test_a_file_that_keeps_changing_is_kept_whole_under_the_hash_of_what_was_kept(
    tmp_path: Path, monkeypatch
) -> None:
    (tmp_path / "f").write_bytes(b"a" * LARGE)
    real = cache._copy

    def changing(source: int, target: int) -> tuple[str, int]:
        with open(tmp_path / "f", "ab") as file:
            file.write(b"b")
        return real(source, target)

    monkeypatch.setattr(cache, "_copy", changing)
    put = cache.put_file(tmp_path / "cache", tmp_path / "f")

    assert put.torn
    assert md5(content(tmp_path / "cache", put.md5)) == put.md5


def test_a_file_that_changes_once_is_read_again(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "f").write_bytes(b"a" * LARGE)
    real, calls = cache._copy, []

    def changing_once(source: int, target: int) -> tuple[str, int]:
        if not calls:
            with open(tmp_path / "f", "ab") as file:
                file.write(b"b")
        calls.append(1)
        return real(source, target)

    monkeypatch.setattr(cache, "_copy", changing_once)
    put = cache.put_file(tmp_path / "cache", tmp_path / "f")

    assert (put.torn, put.bytes, len(calls)) == (False, LARGE + 1, 2)


def test_an_object_that_lost_its_tail_is_written_anew(tmp_path: Path) -> None:
    put = cache.put_bytes(tmp_path / "cache", b"whole")
    path = cache.path_of(tmp_path / "cache", put.md5)
    os.chmod(path, 0o644)
    with open(path, "wb"):
        pass

    cache.put_bytes(tmp_path / "cache", b"whole")

    assert content(tmp_path / "cache", put.md5) == b"whole"


def test_damaged_bytes_are_never_handed_out(tmp_path: Path) -> None:
    put = cache.put_bytes(tmp_path / "cache", b"whole")
    path = cache.path_of(tmp_path / "cache", put.md5)
    os.chmod(path, 0o644)
    with open(path, "wb") as file:
        file.write(b"bitXX")

    with pytest.raises(cache.DamagedError, match="damaged"):
        cache.get(tmp_path / "cache", put.md5, tmp_path / "back")
    assert not cache.is_whole(tmp_path / "cache", put.md5)
    assert not any(name.startswith("back") for name in os.listdir(tmp_path))


def test_only_a_hash_becomes_a_path(tmp_path: Path) -> None:
    for name in ("../../etc/passwd", "a" * 31, "A" * 32, "0" * 32 + ".dirx", ""):
        with pytest.raises(ValueError, match="not an MD5"):
            cache.path_of(tmp_path, name)


def test_many_writers_of_one_content_leave_one_object(tmp_path: Path) -> None:
    threads = [
        threading.Thread(target=cache.put_bytes, args=(tmp_path / "cache", b"y" * 1000)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert list(cache.walk(tmp_path / "cache")) == [(md5(b"y" * 1000), 1000)]
    assert cache.used_bytes(tmp_path / "cache") == 1000


def test_folders_of_a_group_s_cache_are_the_group_s(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    os.chmod(tmp_path / "cache", 0o2775)

    put = cache.put_bytes(tmp_path / "cache", b"x")

    folder = os.path.dirname(cache.path_of(tmp_path / "cache", put.md5))
    assert stat.S_IMODE(os.stat(folder).st_mode) == 0o2775


def test_a_directory_object_must_be_what_its_name_says(tmp_path: Path) -> None:
    put = cache.put_bytes(tmp_path / "cache", b"no list", suffix=".dir")

    with pytest.raises(cache.DamagedError, match="not a directory object"):
        cache.read_dir(tmp_path / "cache", put.md5)


def test_an_empty_cache_has_no_objects(tmp_path: Path) -> None:
    assert cache.used_bytes(tmp_path / "nowhere") == 0


def test_a_clone_shares_nothing_that_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    with open(tmp_path / "a", "rb") as source, open(tmp_path / "b", "wb") as target:
        cloned = reflink.clone(source.fileno(), target.fileno())
    with open(tmp_path / "a", "r+b") as file:
        file.write(b"two")

    # Where the file system has no reflinks nothing was written, and the caller copies.
    assert (tmp_path / "b").read_bytes() == (b"one" if cloned else b"")


def test_what_a_killed_process_left_is_removed_after_a_day(tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "expctl-tmp"
    folder.mkdir(parents=True)
    for name in ("old", "fresh"):
        (folder / name).write_bytes(b"x")
    os.utime(folder / "old", (1, 1))
    (tmp_path / "f").write_bytes(b"x" * LARGE)

    cache.put_file(tmp_path / "cache", tmp_path / "f")

    assert os.listdir(folder) == ["fresh"]


def test_a_cache_may_be_named_from_where_one_stands(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert cache.has("cache", cache.put_bytes("cache", b"x").md5)
