"""A run in a pack is seen as a run in a file is."""

from __future__ import annotations

import os
import resource

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import packfile
from expctl.core.dvcfile import Out
from expctl.errors import ManifestError
from expctl.store import manifests, packing, packs
from tests import hostile
from tests.store.places import Place, a_run


def put(place, *some):
    """A pack of runs in the work tree; its name."""
    return packing.write(place.runs, {run.id: manifests.encode(run) for run in some}, {})


def damage(place, data, name="0123456789abcdef"):
    """A file in the place of a pack."""
    path = place.runs / "packed" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.sets(st.sampled_from(["file", "one", "two", "three"]), min_size=1), max_size=12),
    st.booleans(),
)
def test_any_split_into_packs_and_files_answers_alike(tmp_path_factory, places, warm) -> None:
    loose, packed = (Place(tmp_path_factory.mktemp(name)) for name in ("loose", "packed"))
    runs = [a_run(n) for n in range(len(places))]
    loose.write(*runs)
    packed.write(*(run for run, where in zip(runs, places, strict=True) if "file" in where))
    if warm:
        packed.answer()
    for name in ("one", "two", "three"):
        some = [run for run, where in zip(runs, places, strict=True) if name in where]
        if some:
            put(packed, *some)

    expected = loose.answer()
    assert packed.answer() == expected
    assert packed.answer() == expected
    assert packed.uncached() == expected


def test_a_file_goes_before_a_pack(place) -> None:
    put(place, a_run(1, name="packed"), a_run(2, name="packed"))
    place.write(a_run(1, name="a file"))
    answer = place.answer()

    assert answer["cells"]["name"] == {a_run(1).id: repr("a file"), a_run(2).id: repr("packed")}
    assert answer == place.uncached()


def test_a_pack_goes_before_a_copy_of_the_clone(place) -> None:
    put(place, a_run(1, name="packed"))
    place.finished.mkdir()
    (place.finished / f"{a_run(1).id}.yaml").write_bytes(manifests.encode(a_run(1, name="copy")))

    assert place.answer()["cells"]["name"] == {a_run(1).id: repr("packed")}


def test_runs_that_move_into_a_pack_are_not_parsed_again(place, settled, opened) -> None:
    runs = [a_run(n) for n in range(4)]
    place.write(*runs)
    expected = place.answer()
    opened.clear()
    put(place, *runs)
    for run in runs:
        manifests.path_of(place.runs, run.id).unlink()

    assert place.answer() == expected
    assert opened == []


def test_an_unchanged_pack_is_not_even_opened(place, settled, monkeypatch) -> None:
    put(place, *map(a_run, range(4)))
    expected = place.answer()
    monkeypatch.setattr(packs, "_bytes", lambda *_, **__: pytest.fail("opened"))

    assert place.answer() == expected


def test_a_pack_edited_in_place_within_one_tick_is_seen(place) -> None:
    path = packs.path_of(place.runs, put(place, a_run(1), a_run(2)))
    place.answer()
    before = os.stat(path)
    with open(path, "r+b") as file:
        data = file.read().replace(b"run 1", b"ran 1")
        file.seek(0)
        file.write(data)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert place.answer()["cells"]["name"][a_run(1).id] == repr("ran 1")


def test_a_pack_that_is_gone_is_forgotten(place, settled) -> None:
    name = put(place, a_run(1))
    place.write(a_run(2))
    place.answer()
    packing.drop(place.runs, name)

    assert place.answer()["ids"] == [a_run(2).id]
    assert not (place.runs / "packed").exists()


def test_one_broken_document_hides_no_other(place) -> None:
    good = [manifests.encode(a_run(n)) for n in (1, 2)]
    wrong = manifests.encode(a_run(3)).replace(b"status: completed", b"status: [nonsense]")
    damage(place, packfile.join([good[0], b"nothing: at all\n", wrong, good[1], good[0]]))
    answer = place.answer()

    assert answer["ids"] == [a_run(2).id, a_run(1).id]
    told = {each.path.rpartition("#")[2]: each.reason for each in answer["unreadable"]}
    assert told["document 2"] == "no manifest: its second line gives no run id"
    assert "stands in this pack twice" in told["document 5"]
    assert "status" in told[a_run(3).id]
    assert place.answer() == answer == place.uncached()


#: What is good in a pack, where a directive or a second document is a document of its own.
GOOD_HERE = {"tag directive", "yaml directive", "other id", "second document"}


def test_hostile_documents_hide_nothing_and_are_one_line_each(place) -> None:
    place.write(a_run(1))
    cases = {name: data for name, data in hostile.cases().items() if isinstance(data, bytes)}
    for number, data in enumerate(cases[name] for name in sorted(cases.keys() - GOOD_HERE)):
        own = data.replace(hostile.ID.encode(), f"20261122-190546-{number:06d}".encode())
        damage(place, packfile.join([manifests.encode(a_run(2)), own]), f"{number:016x}")
    put(place, a_run(3))
    answer = place.answer()

    # What ends in the middle of a line takes its pack along, and nothing that lies elsewhere.
    assert answer["ids"] == [a_run(n).id for n in (3, 2, 1)]
    told = {each.path.partition("#")[0] for each in answer["unreadable"]}
    assert told == {f"packed/{number:016x}.yaml" for number in range(len(cases) - len(GOOD_HERE))}
    assert all(f"{each.path}{each.reason}".isprintable() for each in answer["unreadable"])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not a pack: its first line is not ---"),
        (b"<<<<<<< HEAD\n---\n", "not a pack: its first line is not ---"),
        (b"version https://git-lfs.github.com/spec/v1\n", "not a pack: its first line is not ---"),
        (b"---\n" + b"x" * packfile.MOST_BYTES, "larger than 8388608 bytes"),
        (b"---\n\n" * 5000, "more than 1000 documents"),
    ],
)
def test_a_broken_pack_is_one_line(place, data, reason) -> None:
    place.write(a_run(1))
    path = damage(place, data)

    answer = place.answer()
    assert answer["ids"] == [a_run(1).id]
    assert [each.reason for each in answer["unreadable"]] == [reason]
    assert answer["unreadable"][0].path == "packed/" + path.name
    assert place.answer() == answer == place.uncached()


def test_links_and_folders_in_the_place_of_packs_are_not_followed(place) -> None:
    path = damage(place, packfile.join([manifests.encode(a_run(1))]))
    outside = place.runs.parent / "outside.yaml"
    path.rename(outside)
    path.symlink_to(outside)
    (path.parent / "fedcba9876543210.yaml").mkdir()
    answer = place.answer()

    assert answer["ids"] == []
    assert sorted(each.reason for each in answer["unreadable"]) == [
        "a symbolic link, which is not followed",
        "not a regular file",
    ]


def test_a_pack_that_is_not_understood_is_not_written_anew(place) -> None:
    path = damage(place, packfile.join([manifests.encode(a_run(1)), b"what is this\n"]))
    (held,) = packing.holding(place.runs, [a_run(1).id])

    with pytest.raises(ManifestError, match="not understood"):
        packing.write_without(place.runs, held, [a_run(1).id])
    assert path.exists()


def test_what_was_written_twice_is_one_pack(place) -> None:
    runs = [a_run(n) for n in range(3)]

    assert put(place, *runs) == put(place, *reversed(runs))
    assert len(list((place.runs / "packed").iterdir())) == 1


def test_a_pack_that_the_disk_does_not_take_leaves_no_pointer(place) -> None:
    run = a_run(1)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500, limits[1]))  # enough for a pointer
    try:
        with pytest.raises(OSError, match="too large"):
            packing.write(
                place.runs, {run.id: manifests.encode(run)}, {run.id: Out(run.id, f"{'0' * 32}.dir", 1, 1)}
            )
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert not (place.runs / "packed").exists()
