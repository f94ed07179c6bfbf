"""Old records fold into few files and come back byte for byte; nothing that was asked of them changes."""

from __future__ import annotations

import os

import pytest

from expctl import project as projects
from expctl.actions import doctor, editing, packing, pending, removing, runs, unpacking
from expctl.actions.checkup import records
from expctl.cli import completion
from expctl.core import packfile
from expctl.errors import ConflictError, DvcError
from expctl.store import manifests, objects, packs
from expctl.store import packing as store_packing
from tests import shelf
from tests.records import full


@pytest.fixture
def place(repo):
    """Six committed runs with bytes, of a day long ago for whoever asks with ``everything``."""
    for number in range(1, 7):
        shelf.put_run(repo, number)
    repo.commit_all("Runs")
    return projects.find(repo.path)


def pack(place, **asked):
    return packing.pack(place, everything=True, **asked)


def answer(repo) -> str:
    done = repo.expctl("compare", "--json", "--limit", "0", "--all")
    assert done.exit_code == 0
    assert '"unreadable"' not in done.out
    return done.out


def record_files(place) -> dict[str, bytes]:
    return {
        os.path.relpath(path, place.root): path.read_bytes()
        for path in sorted(place.runs.rglob("*"))
        if path.is_file() and path.suffix in (".yaml", ".dvc")
    }


def test_packed_runs_answer_as_before_and_come_back_as_they_were(place, repo) -> None:
    before, files = answer(repo), record_files(place)

    done = pack(place)

    assert len(done.runs) == 6
    assert (done.files, done.files_now) == (12, 2)
    assert sorted(record_files(place)) == [
        f".experiments/runs/packed/{done.packs[0]}.dvc",
        f".experiments/runs/packed/{done.packs[0]}.yaml",
    ]
    assert answer(repo) == before
    assert repo.expctl("validate").exit_code == 0

    back = unpacking.unpack(place, everything=True)

    assert back.runs == done.runs
    assert record_files(place) == files
    assert repo.git("status", "--short") == ""


def test_one_commit_takes_what_came_and_what_went(place, repo) -> None:
    done = pack(place)

    report = pending.commit_pending(place)

    assert (report.packed, len(report.files)) == (6, 14)
    assert repo.git("log", "-1", "--format=%s").strip() == "Pack 6 runs"
    assert repo.git("status", "--short") == ""
    assert repo.git("ls-files", ".experiments/runs").split() == [
        f".experiments/runs/packed/{done.packs[0]}.{kind}" for kind in ("dvc", "yaml")
    ]
    assert pending.commit_pending(place).commit is None


def test_one_commit_takes_runs_out_of_packs_again(place, repo) -> None:
    before = repo.git("ls-tree", "-r", "HEAD", ".experiments/runs")
    pack(place)
    pending.commit_pending(place)
    unpacking.unpack(place, everything=True)

    pending.commit_pending(place)

    assert repo.git("ls-tree", "-r", "HEAD", ".experiments/runs") == before
    assert repo.git("status", "--short") == ""


def test_a_pack_that_somebody_deleted_is_not_committed_away(place, repo) -> None:
    done = pack(place)
    pending.commit_pending(place)
    (place.runs / "packed" / f"{done.packs[0]}.yaml").unlink()

    assert pending.commit_pending(place).commit is None
    assert " D " in repo.git("status", "--short")


def test_only_old_runs_are_packed_unless_told_otherwise(place) -> None:
    assert packing.pack(place, older_than=365_000 // 10).runs == ()
    assert len(packing.pack(place, older_than=0, dry=True).runs) in (0, 6)
    assert len(pack(place, dry=True).runs) == 6
    assert not (place.runs / "packed").exists()


def test_what_no_commit_holds_stays_a_file(place, repo) -> None:
    editing.tag(place, shelf.run_id(2), given={"a": "b"})
    new = shelf.put_run(repo, 9)
    os.unlink(objects.pointer_path(place.runs, shelf.run_id(3)))

    done = pack(place)

    assert done.runs == tuple(shelf.run_id(n) for n in (1, 4, 5, 6))
    assert dict(done.left_out) == {
        "changed since they were committed": (shelf.run_id(2), shelf.run_id(3)),
        "not committed yet": (new,),
    }


def test_what_is_not_as_expctl_writes_it_stays_a_file(place, repo) -> None:
    path = manifests.path_of(place.runs, shelf.run_id(1))
    path.write_bytes(b"# by hand\n" + path.read_bytes())
    manifests.path_of(place.runs, shelf.run_id(2)).write_bytes(b"schema: expctl/run/v1\n")
    repo.commit_all()

    assert dict(pack(place).left_out) == {
        "cannot be read": (shelf.run_id(2),),
        "not as expctl writes them": (shelf.run_id(1),),
    }


def test_a_merge_under_way_is_left_alone(place) -> None:
    (place.git_dir / "MERGE_HEAD").write_text("x")

    with pytest.raises(ConflictError, match="a merge under way"):
        pack(place)


def test_two_branches_that_pack_the_same_runs_do_not_conflict(place, repo) -> None:
    repo.git("branch", "other")
    one = pack(place)
    pending.commit_pending(place)
    repo.git("switch", "-q", "other")
    other = pack(place)
    repo.write("note.txt", "x")
    repo.commit_all()
    repo.git("merge", "-q", "-m", "Merge", "main")

    assert one.packs == other.packs
    assert len(repo.expctl("ls", "--json").json["runs"]) == 6


def test_branches_that_packed_other_sets_merge_and_the_next_pack_makes_one_of_them(place, repo) -> None:
    before = answer(repo)
    repo.git("branch", "other")
    pack(place)
    pending.commit_pending(place)
    repo.git("switch", "-q", "other")
    editing.note(place, shelf.run_id(6), "left alone")
    pack(place)
    repo.git("checkout", "-q", "--", f".experiments/runs/2026-11-22/{shelf.run_id(6)}.yaml")
    pending.commit_pending(place)
    repo.git("merge", "-q", "-m", "Merge", "main")

    assert len(packs.listed(place.runs).ids) == 2
    assert answer(repo) == before

    done = pack(place)
    assert len(packs.listed(place.runs).ids) == 1
    assert len(done.replaced) == 1
    assert answer(repo) == before


def test_a_tag_on_a_packed_run_makes_it_a_file_that_counts(place, repo) -> None:
    pack(place)
    pending.commit_pending(place)

    editing.tag(place, shelf.run_id(2)[-6:], given={"grade": "4"})

    assert runs.find(place, shelf.run_id(2)).manifest.tags == {"grade": "4"}
    assert repo.git("status", "--short", "-uall").split() == [
        "??",
        f".experiments/runs/2026-11-22/{shelf.run_id(2)}.yaml",
    ]
    pending.commit_pending(place)
    done = pack(place)

    assert (done.runs, len(done.replaced)) == ((shelf.run_id(2),), 1)
    assert runs.find(place, shelf.run_id(2)).manifest.tags == {"grade": "4"}
    # Its pointer was in the pack alone, and still is in one.
    assert objects.pointer_of(place.runs, shelf.run_id(2)).is_folder


def test_a_packed_run_can_be_removed_and_stays_so(place, repo) -> None:
    pack(place)
    pending.commit_pending(place)

    removing.remove(place, removing.plan(place, [shelf.run_id(2)]))

    left = [shelf.run_id(n) for n in (6, 5, 4, 3, 1)]
    assert [run["id"] for run in repo.expctl("ls", "--json").json["runs"]] == left
    assert repo.expctl("validate").exit_code == 0
    removing.remove(place, removing.plan(place, left))
    assert repo.expctl("ls", "--json").json["runs"] == []
    assert not (place.runs / "packed").exists()


def test_a_run_in_a_file_and_a_pack_is_removed_from_both(place, repo) -> None:
    pack(place)
    editing.tag(place, shelf.run_id(2), given={"a": "b"})

    removing.remove(place, removing.plan(place, [shelf.run_id(2)]))

    assert shelf.run_id(2) not in repo.expctl("ls", "--json").out


def test_packs_stay_few(place, repo, monkeypatch) -> None:
    monkeypatch.setattr(packfile, "MOST_RUNS", 4)
    monkeypatch.setattr(packing, "_SMALL", 2)
    before = answer(repo)
    first = pack(place)
    assert [len(packs.read(packs.path_of(place.runs, name))) for name in first.packs] == [4, 2]
    pending.commit_pending(place)
    assert pack(place).packs == ()

    for number in (7, 8, 9):
        shelf.put_run(repo, number)
    repo.commit_all()
    pack(place)

    sizes = sorted(len(packs.read(packs.path_of(place.runs, name))) for name in packs.listed(place.runs).ids)
    assert sizes == [2, 3, 4]
    unpacking.unpack(place, [shelf.run_id(n) for n in (7, 8, 9)])
    removing.remove(place, removing.plan(place, [shelf.run_id(n) for n in (7, 8, 9)]))
    assert answer(repo) == before


def test_packs_are_no_larger_than_they_are_read(place) -> None:
    big = {f"20261122-190546-{n:06d}": b"x" * (1 << 20) for n in range(20)}

    portions = list(packing._portions(big))

    assert sum(map(len, portions)) == 20
    assert all(len(packfile.join(portion.values())) <= packfile.MOST_BYTES for portion in portions)


def test_runs_are_named_as_ever(place, repo) -> None:
    manifests.write(place.runs, full(shelf.run_id(7), name="the one"))
    repo.commit_all()
    pack(place)

    for reference in ("the one", "000007", shelf.run_id(7)[:-1], "@", "best:f1_score"):
        assert runs.find(place, reference).manifest.id == shelf.run_id(7)
    shown = repo.expctl("show", "the one", "--json")
    assert shown.exit_code == 0
    assert repo.expctl("diff", "000001", "000002").exit_code in (0, 1)
    assert "000007" in completion.candidates(["-C", str(repo.path), "show", ""])


def test_a_registered_version_of_a_packed_run_holds_its_record_as_files(place, repo) -> None:
    done = pack(place)
    pending.commit_pending(place)

    assert repo.expctl("register", "net", "--run", shelf.run_id(2)).exit_code == 0

    files = repo.git("ls-tree", "-r", "--name-only", "net@v1.0.0", ".experiments/runs").split()
    stem = f".experiments/runs/2026-11-22/{shelf.run_id(2)}"
    assert {f"{stem}.yaml", f"{stem}.dvc"} <= set(files)
    unpacking.unpack(place, [shelf.run_id(2)])
    for kind in ("yaml", "dvc"):
        assert repo.git("show", f"net@v1.0.0:{stem}.{kind}") == (place.root / f"{stem}.{kind}").read_text()
    assert done.packs


def test_a_link_in_the_place_of_a_folder_is_not_followed(place, tmp_path) -> None:
    (tmp_path / "outside").mkdir()
    (place.runs / "packed").symlink_to(tmp_path / "outside")

    with pytest.raises(DvcError, match="is a link"):
        pack(place)
    assert list((tmp_path / "outside").iterdir()) == []
    assert len(record_files(place)) == 12


def test_the_doctor_says_when_packing_would_help(place, monkeypatch) -> None:
    assert "expctl pack" not in str(doctor.examine(place))
    monkeypatch.setattr(records, "_MANY", 12)
    monkeypatch.setattr(packing, "DAYS", -2)

    assert doctor.examine(place)[-1].said == "old runs are 12 files, at which git looks for each status"
    pack(place)
    pending.commit_pending(place)
    assert all(check.fine for check in doctor.examine(place))
    assert "expctl pack" not in str(doctor.examine(place))


def test_what_is_edited_while_it_is_packed_stays_a_file_that_counts(place, monkeypatch) -> None:
    write = store_packing.write

    def edited(*words):
        path = manifests.path_of(place.runs, shelf.run_id(2))
        path.write_bytes(path.read_bytes().replace(b"experiment: default", b"experiment: edited"))
        return write(*words)

    monkeypatch.setattr(store_packing, "write", edited)
    pack(place)

    assert runs.find(place, shelf.run_id(2)).manifest.experiment == "edited"
