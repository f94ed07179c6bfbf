"""The index answers as if it were not there, whatever happens to it or to a manifest."""

from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest

from expctl.store import manifests, shelf
from tests import hostile
from tests.store.places import a_run


@pytest.mark.parametrize("name", hostile.cases())
def test_a_hostile_file_is_named_and_the_others_listed(place, name, settled):
    place.write(a_run(1))
    path = manifests.path_of(place.runs, hostile.ID)
    path.parent.mkdir(parents=True, exist_ok=True)
    hostile.plant(path, hostile.cases()[name])
    expected = place.uncached()

    assert a_run(1).id in expected["ids"]
    assert len(expected["unreadable"]) == 1
    assert place.answer() == expected


def test_the_reason_does_not_say_the_name_twice(place):
    path = manifests.path_of(place.runs, a_run(1).id)
    path.parent.mkdir(parents=True)
    path.write_text("<<<<<<< HEAD\n")
    (item,) = place.answer()["unreadable"]

    assert item.path.endswith(f"{a_run(1).id}.yaml")
    assert path.name not in item.reason
    assert item.reason


def garbage(db):
    db.write_bytes(b"garbage" * 1000)


def half(db):
    db.write_bytes(db.read_bytes()[: db.stat().st_size // 2])


def emptied(db):
    db.write_bytes(b"")


def a_folder(db):
    db.unlink()
    db.mkdir()


def a_link_to_nowhere(db):
    db.unlink()
    db.symlink_to("/nowhere/at/all")


def of_the_future(db):
    with sqlite3.connect(db) as base:
        base.execute("PRAGMA user_version = 2000000000")
    base.close()


def statement(text):
    def spoil(db):
        with sqlite3.connect(db) as base:
            base.executescript(text)
        base.close()

    return spoil


SPOILT = {
    "garbage": garbage,
    "half": half,
    "emptied": emptied,
    "a folder": a_folder,
    "a link to nowhere": a_link_to_nowhere,
    "of the future": of_the_future,
    "no cells": statement("DROP TABLE cells"),
    "other tables": statement("DROP TABLE rows; CREATE TABLE rows (x); INSERT INTO rows VALUES (1)"),
    "views": statement("DROP TABLE folders; CREATE VIEW folders AS SELECT 1 AS path"),
    "no documents": statement("UPDATE rows SET doc = '{'"),
    "documents of others": statement("UPDATE rows SET id = 'x'"),
    "no rows": statement("DELETE FROM rows"),
    "no shapes": statement("DELETE FROM shapes"),
    "short lists": statement("UPDATE folders SET numbers = x'00'"),
    "bad reasons": statement("UPDATE folders SET reasons = '['"),
    "undecodable": statement(
        "UPDATE rows SET doc = CAST(x'ff' AS TEXT); UPDATE folders SET ids = CAST(x'ff' AS TEXT)"
    ),
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_index_changes_no_answer(place, settled, how):
    place.write(*map(a_run, range(3)))
    expected = place.answer()
    SPOILT[how](place.db)

    assert place.answer() == expected
    assert place.answer() == expected


def test_bits_flipped_anywhere_raise_no_fault(place, settled):
    place.write(*map(a_run, range(3)))
    expected = place.answer()
    data = place.db.read_bytes()
    for at in range(0, len(data), 397):
        place.db.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        assert place.answer()["ids"] == expected["ids"]


def test_a_locked_index_is_done_without(place, settled, monkeypatch):
    monkeypatch.setattr(shelf, "_WAIT_S", 0.01)
    place.write(a_run(1))
    place.answer()
    place.write(a_run(2))
    other = sqlite3.connect(place.db)
    other.execute("BEGIN EXCLUSIVE")
    expected = place.uncached()

    assert place.answer() == expected
    other.close()


def test_an_index_that_may_not_be_written_is_still_read(place, settled, opened, monkeypatch):
    place.write(a_run(1))
    place.answer()
    opened.clear()
    place.write(a_run(2))
    connect = sqlite3.connect
    monkeypatch.setattr(
        sqlite3, "connect", lambda path, **words: connect(f"file:{path}?mode=ro", uri=True, **words)
    )
    answer = place.answer()

    assert opened == [a_run(2).id]
    assert answer["ids"] == [a_run(2).id, a_run(1).id]


def test_an_index_thrown_away_while_it_is_read_changes_nothing(place, settled):
    place.write(*map(a_run, range(3)))
    expected = place.answer()
    view = place.look()
    place.db.unlink()

    assert [r.id for r in view.rows(list(view.ids))] == expected["ids"]
    view.close()


def test_an_index_full_of_what_no_folder_holds_is_made_anew(place, settled, monkeypatch):
    monkeypatch.setattr(shelf, "_SPARE", 2)
    for n in range(6):
        place.write(a_run(1, name=f"name {n}"))
        assert place.answer()["cells"]["name"] == {a_run(1).id: repr(f"name {n}")}
    place.answer()
    base = sqlite3.connect(place.db)

    assert base.execute("SELECT count(*) FROM rows").fetchone()[0] < 6
    base.close()


def test_processes_that_fill_one_index_at_once_all_answer_right(place):
    place.write(*map(a_run, range(40)))
    code = (
        "import sys; from pathlib import Path; from expctl.store import index\n"
        "view = index.look(Path(sys.argv[1]), runs=Path(sys.argv[2]), finished=Path('/none'))\n"
        "cells = view.column('metrics.f1')\n"
        "print(len(view.ids), sum(cells[n] for n in view.ids), len(view.rows(list(view.ids))))"
    )
    words = [sys.executable, "-c", code, str(place.db), str(place.runs)]
    children = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(6)]

    said = {child.communicate()[0].strip() for child in children}

    assert said == {f"40 {sum(n / 10 for n in reversed(range(40)))} 40"}
    assert len(place.answer()["ids"]) == 40
