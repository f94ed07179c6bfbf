"""A pack is the manifests themselves, one behind the other, and told apart without a YAML reader."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import packfile
from expctl.core.dvcfile import Out
from expctl.store import manifests
from tests import hostile, records

IDS = [f"2026112{n % 9}-190546-{n:06d}" for n in range(40)]


def a_document(run_id: str) -> bytes:
    return manifests.encode(records.full(run_id))


def test_any_yaml_reader_takes_a_pack_apart() -> None:
    pack = packfile.join(map(a_document, IDS[:3]))

    assert [found["id"] for found in yaml.safe_load_all(pack.decode())] == IDS[:3]


@settings(deadline=None, max_examples=20)
@given(st.lists(records.MANIFEST, min_size=1, max_size=5))
def test_documents_come_back_byte_for_byte(found) -> None:
    documents = [manifests.encode(each) for each in found]

    assert [packfile.fault(each, it.id) for each, it in zip(documents, found, strict=True)] == [None] * len(
        found
    )
    assert packfile.split(packfile.join(documents)) == documents
    assert [packfile.id_of(each) for each in documents] == [each.id for each in found]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from([b"---\n", b"\n", b"--- \n", b"id: x\n", b"schema: expctl/run/v1\n", b"x", b"\0"])
    )
)
def test_any_bytes_are_told_apart_or_refused(parts) -> None:
    try:
        found = packfile.split(b"".join(parts))
    except ValueError:
        return
    assert packfile.join(found) == b"".join(parts)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "first line"),
        (hostile.GOOD.encode(), "first line"),
        (b"---\r\n" + hostile.GOOD.encode(), "first line"),
        (b"---\n" + hostile.GOOD.encode()[:-1], "last line"),
        (b"---\n" + b"x\n" * (packfile.MOST_BYTES // 2), "larger than"),
        (b"---\nx\n" * (packfile.MOST_RUNS + 1), "more than 1000 documents"),
    ],
)
def test_what_is_no_pack_is_refused_with_a_reason(data, reason) -> None:
    with pytest.raises(ValueError, match=reason):
        packfile.split(data)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xef\xbb\xbf" + hostile.GOOD.encode(),
        b"# first\n" + hostile.GOOD.encode(),
        hostile.GOOD.replace("\n", "\r\n").encode(),
        hostile.GOOD.replace(hostile.ID, "../../x").encode(),
        hostile.GOOD.replace("v1", "v2").encode(),
    ],
)
def test_a_manifest_that_begins_otherwise_cannot_stand_in_a_pack(document) -> None:
    assert packfile.id_of(document) is None
    assert packfile.fault(document, hostile.ID)


def test_a_manifest_of_two_documents_cannot_stand_in_a_pack() -> None:
    good = hostile.GOOD.encode()

    assert packfile.fault(good, hostile.ID) is None
    assert packfile.fault(good + b"---\n" + good, hostile.ID)
    assert packfile.fault(good[:-1], hostile.ID)


outs = st.dictionaries(
    st.sampled_from(IDS),
    st.builds(
        Out,
        path=st.just(""),
        md5=st.text("0123456789abcdef", min_size=32, max_size=32).map(lambda text: f"{text}.dir"),
        bytes=st.none() | st.integers(0, 10**17),
        nfiles=st.none() | st.integers(0, 10**6),
    ),
).map(lambda found: {run_id: out._replace(path=run_id) for run_id, out in found.items()})


@settings(deadline=None, max_examples=100)
@given(outs)
def test_a_pointer_is_read_as_it_was_written(found) -> None:
    text = packfile.pointer_text(found)

    assert packfile.parse_pointer(text) == found
    if found:
        assert [each["path"].rpartition("/")[2] for each in yaml.safe_load(text)["outs"]] == sorted(found)


@pytest.mark.parametrize(
    "change",
    [
        ("wdir: ..", "wdir: ../.."),
        ("path: 2026", "path: ../2026"),
        ("2026-11-20/", "2026-11-21/"),
        ("hash: md5", "hash: md5\n  cache: false"),
        (".dir\n", "\n"),
        ("outs:", "frozen: true\nouts:"),
    ],
)
def test_a_pointer_to_anything_else_is_refused(change) -> None:
    text = packfile.pointer_text({IDS[0]: Out(IDS[0], "0" * 32 + ".dir", 1, 1)})
    assert packfile.parse_pointer(text)

    assert packfile.parse_pointer(text.replace(*change)) is None


def test_the_name_of_a_pack_is_that_of_its_content() -> None:
    one, other = Out(IDS[0], "0" * 32 + ".dir"), Out(IDS[0], "1" * 32 + ".dir")
    names = {packfile.name_of(b"x", {}), packfile.name_of(b"x", {IDS[0]: one})}
    names |= {packfile.name_of(b"x", {IDS[0]: other}), packfile.name_of(b"y", {IDS[0]: one})}

    assert len(names) == 4
    assert all(map(packfile.is_name, names))
    assert packfile.name_of(b"x", {IDS[0]: one}) == packfile.name_of(
        b"x", {IDS[0]: one._replace(version="7")}
    )
