"""The index answers for all runs that can be seen, and opens only what changed."""

from __future__ import annotations

import os
import stat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import row
from expctl.store import manifests
from tests import records
from tests.store.places import Place, a_run


def test_runs_come_newest_first(place):
    place.write(*map(a_run, range(3)))

    assert place.answer()["ids"] == [a_run(n).id for n in (2, 1, 0)]


def test_only_what_changed_is_parsed(place, opened):
    place.write(*map(a_run, range(4)))
    place.answer()
    assert len(opened) == 4
    opened.clear()

    place.write(a_run(1, name="renamed"), a_run(9))
    names = place.answer()["cells"]["name"]

    assert sorted(opened) == sorted([a_run(1).id, a_run(9).id])
    assert names[a_run(1).id] == repr("renamed")


def test_an_unchanged_folder_is_not_even_opened(place, settled, monkeypatch):
    place.write(*map(a_run, range(4)))
    expected = place.answer()
    monkeypatch.setattr(manifests, "read_bytes", lambda *_, **__: pytest.fail("opened"))

    assert place.answer() == expected


def test_a_file_edited_in_place_within_one_tick_is_seen(place):
    run = a_run(1)
    place.write(run)
    path = manifests.path_of(place.runs, run.id)
    place.answer()
    before = path.stat()
    data = path.read_bytes().replace(b"run 1", b"ran 1")
    path.write_bytes(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert place.answer()["cells"]["name"] == {run.id: repr("ran 1")}


def test_a_run_that_is_gone_is_forgotten(place, settled):
    place.write(*map(a_run, range(3)))
    place.answer()
    manifests.path_of(place.runs, a_run(1).id).unlink()
    answer = place.answer()

    assert answer == place.uncached()
    assert a_run(1).id not in answer["ids"]


def test_a_run_that_comes_back_is_not_parsed_again(place, settled, opened):
    place.write(*map(a_run, range(3)))
    expected = place.answer()
    path = manifests.path_of(place.runs, a_run(1).id)
    data = path.read_bytes()
    path.unlink()
    place.answer()
    opened.clear()
    path.write_bytes(data)

    assert place.answer() == expected
    assert opened == []


def test_columns_are_those_of_runs_that_are_there(place, settled):
    place.write(a_run(1), a_run(2, params={"special": 1}))
    place.answer()
    manifests.path_of(place.runs, a_run(2).id).unlink()

    assert "params.special" not in place.answer()["columns"]


def test_the_work_tree_goes_before_the_finished_copy(place):
    place.write(a_run(1, name="here"))
    place.finished.mkdir()
    for run in (a_run(1, name="copy"), a_run(2, name="only a copy")):
        (place.finished / f"{run.id}.yaml").write_bytes(manifests.encode(run))
    answer = place.answer()

    assert answer["ids"] == [a_run(2).id, a_run(1).id]
    assert answer["cells"]["name"] == {a_run(1).id: repr("here"), a_run(2).id: repr("only a copy")}
    assert answer == place.uncached()


def test_live_runs_are_among_the_others_until_they_have_a_manifest(place):
    place.write(a_run(1), a_run(3))
    live = [row.from_manifest(a_run(n)._replace(status="running")) for n in (2, 3)]
    answer = place.answer(live=live)

    assert answer["ids"] == [a_run(n).id for n in (3, 2, 1)]
    assert answer["cells"]["status"][a_run(2).id] == repr("running")
    assert answer["cells"]["status"][a_run(3).id] == repr("completed")
    assert answer == place.uncached(live)


def test_values_of_every_kind_come_back_as_they_were(place, settled):
    odd = {
        "nan": float("nan"),
        "inf": float("-inf"),
        "true": True,
        "one": 1,
        "float": 1.0,
        "big": 2**70,
        "huge": 2**900,
        "text": "데이터\u2028'\"",
        "null": None,
        "a.b": 1,
        "": 2,
    }
    place.write(a_run(1, params=odd))
    expected = place.uncached()

    assert place.answer() == expected
    assert place.answer() == expected


def test_two_work_trees_share_an_index_and_see_their_own_runs(tmp_path, settled):
    one, other = Place(tmp_path / "one"), Place(tmp_path / "other")
    other.db = one.db
    one.write(a_run(1), a_run(2))
    other.write(a_run(2), a_run(3, params={"special": 1}))

    for _ in range(2):
        assert one.answer() == one.uncached()
        assert other.answer() == other.uncached()
    assert "params.special" not in one.answer()["columns"]


def test_the_index_is_for_its_owner(place):
    place.write(a_run(1))
    place.answer()

    assert stat.S_ISREG(place.db.stat().st_mode)


CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 5), records.MANIFEST),
        st.tuples(st.just("remove"), st.integers(0, 5)),
        st.tuples(st.just("break"), st.integers(0, 5), st.binary(max_size=20)),
        st.tuples(st.just("copy"), st.integers(0, 5), records.MANIFEST),
        st.tuples(st.just("look")),
    ),
    max_size=10,
)


@given(CHANGES)
@settings(deadline=None, max_examples=25)
def test_after_any_changes_the_answer_is_that_of_the_files(tmp_path_factory, changes):
    place = Place(tmp_path_factory.mktemp("changes"))
    place.finished.mkdir()
    for what, *facts in changes:
        run_id = a_run(facts[0]).id if facts else ""
        path = manifests.path_of(place.runs, run_id) if facts else place.runs
        if what == "write":
            place.write(facts[1]._replace(id=run_id))
        elif what == "remove":
            path.unlink(missing_ok=True)
        elif what == "break":
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(facts[1])
        elif what == "copy":
            (place.finished / f"{run_id}.yaml").write_bytes(manifests.encode(facts[1]._replace(id=run_id)))
        else:
            place.answer()
    expected = place.uncached()

    assert place.answer() == expected
    assert place.answer() == expected
