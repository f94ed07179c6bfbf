"""Stopped at any instant, packing and unpacking lose no run, and the next try ends what was begun."""

from __future__ import annotations

import os

import pytest

from expctl import project as projects
from expctl.actions import packing, pending, unpacking
from expctl.adapters import files
from expctl.errors import ManifestError
from expctl.store import index, objects, packpointers, packs
from tests import shelf

CALLS = ("open", "replace", "unlink", "rmdir", "makedirs", "fsync", "sync")


class Killed(BaseException):
    """What nothing catches."""


class Reaper:
    """Ends whatever runs at one of the calls that change the disk."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = -1
        for name in CALLS:
            monkeypatch.setattr(os, name, self.around(getattr(os, name)))

    def around(self, call):
        def counted(*words, **more):
            if self.left == 0:
                raise Killed  # and so does whatever would tidy up behind it
            self.left -= 1
            return call(*words, **more)

        return counted

    def kills(self, work, after: int) -> bool:
        self.left = after
        try:
            work()
        except Killed:
            return True
        finally:
            self.left = -1
        return False


def with_a_run(repo):
    """The project of a repository in which one run is committed."""
    shelf.put_run(repo, 1)
    repo.commit_all()
    return projects.find(repo.path)


def seen(project) -> list:
    view = index.look(project.index, runs=project.runs)
    try:
        assert view.unreadable == []
        rows = [(row.id, repr(row.values)) for row in view.rows(list(view.ids))]
    finally:
        view.close()
    return [(*row, objects.pointer_of(project.runs, row[0])) for row in rows]


@pytest.mark.parametrize("way", ["pack", "unpack"])
def test_no_instant_loses_a_run(repo, monkeypatch, way) -> None:
    for number in (1, 2, 3):
        shelf.put_run(repo, number)
    repo.commit_all()
    project = projects.find(repo.path)
    expected = seen(project)
    if way == "unpack":
        packing.pack(project, everything=True)
        pending.commit_pending(project)
    reaper = Reaper(monkeypatch)

    def work() -> None:
        if way == "pack":
            packing.pack(project, everything=True)
        else:
            unpacking.unpack(project, everything=True)

    instants = 0
    while True:
        killed = reaper.kills(work, instants)
        assert seen(project) == expected
        if not killed:
            break
        instants += 1
        if instants % 5 == 0:
            work()
            assert seen(project) == expected
            assert len(list(project.runs.rglob("*.yaml"))) == (1 if way == "pack" else 3)
        repo.git("reset", "-q", "--hard")
        repo.git("clean", "-fdq", ".experiments")
    assert instants >= 20


def test_the_pointer_of_a_pack_that_was_never_written_goes_with_the_next(repo, monkeypatch) -> None:
    project = with_a_run(repo)
    whole = files.write_atomic

    def killed(path, data, **more) -> None:
        if os.fspath(path).endswith(".yaml"):
            raise Killed
        whole(path, data, **more)

    with monkeypatch.context() as patch:
        patch.setattr(files, "write_atomic", killed)
        with pytest.raises(Killed):
            packing.pack(project, everything=True)
    (alone,) = packpointers.alone(project.runs)
    shelf.put_run(repo, 2)  # so that the next pack is another one
    repo.git("add", "-A", ":!*/packed/*")
    repo.git("commit", "-qm", "Second")
    packing.pack(project, everything=True, dry=True)
    assert packpointers.alone(project.runs) == [alone]
    packing.pack(project, everything=True)
    assert packpointers.alone(project.runs) == []
    assert len(seen(project)) == 2


def test_the_pointer_of_a_pack_that_somebody_removed_stays(repo) -> None:
    project = with_a_run(repo)
    (name,) = packing.pack(project, everything=True).packs
    repo.commit_all()
    os.unlink(packs.path_of(project.runs, name))
    packing.pack(project, everything=True)
    assert packpointers.alone(project.runs) == [packpointers.path_of(project.runs, name)]
    repo.git("checkout", "-q", ".")
    assert len(seen(project)) == 1


def test_unpacking_names_the_pack_that_it_cannot_read(repo) -> None:
    project = with_a_run(repo)
    (name,) = packing.pack(project, everything=True).packs
    path = f".experiments/runs/packed/{name}.yaml"
    (repo.path / path).write_bytes(b"\x1b[31m")
    with pytest.raises(ManifestError, match=f"^{path}: not a pack") as told:
        unpacking.unpack(project, everything=True)
    assert told.value.hint == f"If git has it: git checkout -- {path}"
