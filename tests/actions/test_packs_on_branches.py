"""Packs on other branches are seen from here as files there are."""

from __future__ import annotations

import pytest

from expctl import project as projects
from expctl.actions import packing, pending, removing, runs, seeing
from expctl.core import packfile
from expctl.store import manifests, packs
from tests import shelf
from tests.actions.test_branches import a_run, commit
from tests.conftest import Repo


@pytest.fixture
def place(repo):
    """Runs 0 to 2 are files on main, which is checked out; on ``wider`` they and 3 to 5 are packed."""
    shelf.project_of(repo)
    commit(repo, *map(a_run, range(3)))
    repo.git("switch", "-q", "-c", "wider")
    commit(repo, *map(a_run, range(3, 6)))
    project = projects.find(repo.path)
    packing.pack(project, everything=True)
    assert pending.commit_pending(project).packed == 6
    repo.git("switch", "-q", "main")
    return project


def seen(place, **scope) -> dict[int, object]:
    found = runs.select(place, scope=seeing.Scope(**scope), limit=None, everything=True)
    assert found.unreadable == []
    return {int(row.id[-1], 32): row.values.get("on_branch") for row in found.rows}


def test_only_what_is_not_here_is_shown_from_a_pack_elsewhere(place) -> None:
    expected = {0: None, 1: None, 2: None, 3: "wider", 4: "wider", 5: "wider"}

    assert seen(place) == expected
    assert seen(place) == expected
    place.index.unlink()
    assert seen(place) == expected


def test_a_switch_into_packs_and_back_hides_nothing(place, repo) -> None:
    repo.git("switch", "-q", "wider")
    assert seen(place) == dict.fromkeys(range(6))
    repo.git("switch", "-q", "main")
    assert set(seen(place)) == set(range(6))


def test_one_branch_and_what_is_new_since_one(place, repo) -> None:
    assert set(seen(place, ref="wider")) == set(range(6))
    assert set(seen(place, ref="wider", new_since="main")) == {3, 4, 5}
    repo.git("switch", "-q", "wider")
    assert set(seen(place, new_since="main")) == {3, 4, 5}
    repo.git("switch", "-q", "main")
    assert seen(place, new_since="wider") == {}


def test_a_run_that_was_removed_here_is_not_shown_from_a_pack_elsewhere(place, repo) -> None:
    removing.remove(place, removing.plan(place, [a_run(1).id]))
    assert set(seen(place)) == {0, 2, 3, 4, 5}

    repo.git("checkout", "-q", "--", ".")
    repo.git("switch", "-q", "wider")
    removing.remove(place, removing.plan(place, [a_run(1).id]))
    assert set(seen(place)) == {0, 2, 3, 4, 5}


def test_a_run_of_a_pack_elsewhere_can_be_shown(place, repo) -> None:
    located = runs.find(place, a_run(4).id)

    assert (located.branch, located.path, located.pack) == ("wider", None, None)
    assert located.manifest == a_run(4)
    assert repo.expctl("show", a_run(4).id).exit_code == 0
    assert "git merge wider" in repo.expctl("tag", a_run(4).id, "a=b").err


def test_what_is_broken_in_a_pack_elsewhere_is_one_line(place, repo) -> None:
    repo.git("switch", "-q", "-c", "hostile")
    folder = place.runs / "packed"
    folder.mkdir()
    good = manifests.encode(a_run(7))
    (folder / f"{1:016x}.yaml").write_bytes(packfile.join([good, b"nothing\n"]))
    (folder / f"{2:016x}.yaml").write_bytes(b"<<<<<<< HEAD\n")
    (folder / f"{3:016x}.yaml").write_bytes(b"---\n" + b"x" * packfile.MOST_BYTES + b"\n")
    repo.commit_all()
    repo.git("switch", "-q", "main")

    for _ in range(2):
        found = runs.select(place, limit=None, everything=True)
        assert {int(row.id[-1], 32) for row in found.rows} == {0, 1, 2, 3, 4, 5, 7}
        told = {each.path.rpartition("/")[2]: each.reason for each in found.unreadable}
        assert told == {
            f"{1:016x}.yaml#document 2": "no manifest: its second line gives no run id",
            f"{2:016x}.yaml": "not a pack: its first line is not ---",
            f"{3:016x}.yaml": f"larger than {packfile.MOST_BYTES} bytes",
        }


def test_a_partial_clone_fetches_no_pack_to_look_at_it(place, repo, tmp_path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("clone", "-q", "--filter=blob:none", f"file://{repo.path}", str(tmp_path / "partial"))
    clone = Repo(tmp_path / "partial")
    found = runs.select(projects.find(clone.path), limit=None, everything=True)

    assert {int(row.id[-1], 32) for row in found.rows} == {0, 1, 2}
    assert [each.reason for each in found.unreadable] == ["not in this partial clone"]


def test_a_warm_look_reads_nothing(place, monkeypatch) -> None:
    expected = seen(place)
    monkeypatch.setattr(packs, "contents", lambda *_: pytest.fail("read"))
    monkeypatch.setattr(manifests, "parse", lambda *_, **__: pytest.fail("parsed"))

    assert seen(place) == expected
