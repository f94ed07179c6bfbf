"""Temporary folders that the next command removes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from expctl.adapters import alive, scratch


@pytest.fixture
def notes(tmp_path):
    return tmp_path / "notes"


def orphan(notes, **facts):
    """A folder whose process is gone, its note with some facts exchanged."""
    made = scratch.make(notes)
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    start = alive.start_of(gone.pid)
    gone.wait()
    with open(made.note, encoding="utf-8") as file:
        said = json.load(file)
    said |= {"process": {"pid": gone.pid, "start": start}, **facts}
    with open(made.note, "w", encoding="utf-8") as file:
        json.dump(said, file)
    return made


def test_a_folder_of_a_living_process_stays(notes):
    made = scratch.make(notes)

    assert scratch.sweep(notes) == 0
    assert os.path.isdir(made.folder)
    assert os.stat(made.folder).st_mode & 0o77 == 0


def test_a_folder_of_a_dead_process_goes_with_whatever_is_in_it(notes, tmp_path):
    made = orphan(notes)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("mine")
    os.makedirs(f"{made.folder}/tree/shut")
    open(f"{made.folder}/tree/shut/file", "w").close()
    os.symlink(outside, f"{made.folder}/tree/link")
    os.symlink("nowhere", f"{made.folder}/tree/dangling")
    os.chmod(f"{made.folder}/tree/shut", 0o500)

    assert scratch.sweep(notes) == 1
    assert not os.path.lexists(made.folder)
    assert not notes.exists()
    assert (outside / "kept").read_text() == "mine"


def test_what_still_fills_an_environment_is_ended_first(notes):
    made = orphan(notes)
    os.mkdir(f"{made.folder}/{scratch.ENVIRONMENT}")
    fill = (
        "import itertools, pathlib, sys\nprint('up', flush=True)\n"
        "for n in itertools.count(): pathlib.Path(sys.argv[1], str(n % 1000)).touch()"
    )
    place = f"{made.folder}/{scratch.ENVIRONMENT}"
    beside = subprocess.Popen([sys.executable, "-c", "input()", f"{place}.log"], stdin=subprocess.PIPE)
    with subprocess.Popen([sys.executable, "-c", fill, place], stdout=subprocess.PIPE) as filling:
        assert filling.stdout.readline() == b"up\n"

        assert scratch.sweep(notes) == 1

        assert filling.wait() == -signal.SIGKILL
    beside.communicate(b"\n")
    assert beside.returncode == 0  # whose words only begin like that
    assert not os.path.lexists(made.folder)


def test_a_folder_that_somebody_works_in_stays(notes):
    made = orphan(notes)

    assert scratch.sweep(notes, used=[f"{made.folder}/1/project"]) == 0
    assert os.path.isdir(made.folder)


def test_a_note_whose_folder_was_never_made_goes(notes):
    made = orphan(notes)
    os.rmdir(made.folder)

    assert scratch.sweep(notes) == 1
    assert not notes.exists()


def test_a_note_that_was_never_whole_goes_with_its_writer(notes):
    gone = subprocess.Popen([sys.executable, "-c", "pass"])
    gone.wait()
    notes.mkdir()
    torn = [notes / f".expctl-0123456789ab.json.{pid}-01234567.tmp" for pid in (gone.pid, os.getpid())]
    for path in torn:
        path.write_text("{")

    assert scratch.sweep(notes) == 0
    assert [path.exists() for path in torn] == [False, True]


def test_a_folder_of_another_host_is_left_alone(notes):
    made = orphan(notes, place={**alive.here(), "host": "elsewhere"})

    assert scratch.sweep(notes) == 0
    assert os.path.isdir(made.folder)


@pytest.mark.parametrize("folder", ["/etc", "relative", "../..", 7, None])
def test_a_note_can_name_no_folder_that_we_did_not_make(notes, folder):
    orphan(notes, folder=folder)

    assert scratch.sweep(notes) == 0


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "x" * 100_000, '{"folder": "/x", "place": 1, "process": 2}']
)
def test_a_note_that_makes_no_sense_is_passed_over(notes, text):
    notes.mkdir()
    (notes / "expctl-0123456789ab.json").write_text(text)

    assert scratch.sweep(notes) == 0


def test_where_the_cache_cannot_be_written_another_place_is_taken(notes, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))

    made = scratch.make(notes)

    assert os.path.isdir(made.folder)
    scratch.remove(made)
    assert not os.path.lexists(made.folder)
