"""The door to SQLite tells damage from bad luck."""

from __future__ import annotations

import contextlib
import sqlite3

from expctl.adapters import sqlite


def fault(path, statement="SELECT * FROM a"):
    with contextlib.ExitStack() as stack:
        try:
            base = stack.enter_context(contextlib.closing(sqlite.connect(path, wait_s=0)))
            base.execute(statement)
        except sqlite3.Error as err:
            return err
    raise AssertionError("no fault")


def test_a_file_that_is_no_database_is_damaged(tmp_path):
    (tmp_path / "a").write_bytes(b"no database at all" * 100)

    assert sqlite.is_damage(fault(tmp_path / "a"))


def test_a_missing_table_is_damage(tmp_path):
    assert sqlite.is_damage(fault(tmp_path / "a"))


def test_a_folder_in_its_place_and_a_lock_are_bad_luck(tmp_path):
    (tmp_path / "folder").mkdir()
    other = sqlite.connect(tmp_path / "a", wait_s=0)
    other.execute("BEGIN EXCLUSIVE")

    assert not sqlite.is_damage(fault(tmp_path / "folder"))
    assert not sqlite.is_damage(fault(tmp_path / "a", "BEGIN IMMEDIATE"))
    other.close()


def test_undecodable_text_is_damage_and_a_full_disk_is_not():
    assert sqlite.is_damage(UnicodeDecodeError("utf-8", b"", 0, 1, "x"))
    assert not sqlite.is_damage(OSError(28, "No space left on device"))


def test_discarding_takes_the_journals_along(tmp_path):
    for name in ("a", "a-journal", "a-wal", "b"):
        (tmp_path / name).write_bytes(b"")
    sqlite.discard(tmp_path / "a")

    assert [path.name for path in tmp_path.iterdir()] == ["b"]
