from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.adapters import yaml
from expctl.core import dvcfile

MD5 = "0123456789abcdef0123456789abcdef"
RUN = "20261122-190546-k3f9qa"

md5s = st.text("0123456789abcdef", min_size=32, max_size=32)
names = st.text(
    st.characters(blacklist_characters="/\0", blacklist_categories=("Cs",)), min_size=1, max_size=8
)
paths = st.lists(names, min_size=1, max_size=3).map("/".join)


def by_dvc(entries: dict[str, str]) -> str:
    """The address that DVC's own library gives a folder."""
    from dvc_data.hashfile.hash_info import HashInfo
    from dvc_data.hashfile.tree import Tree

    tree = Tree()
    for path, md5 in entries.items():
        tree.add(tuple(path.split("/")), None, HashInfo("md5", md5))
    # Tree.digest() goes through a file system; this is what it hashes.
    return hashlib.md5(tree.as_bytes()).hexdigest() + ".dir"


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(paths, md5s, max_size=6))
def test_a_folder_has_the_address_that_dvc_gives_it(entries) -> None:
    assert dvcfile.dir_md5(entries.items()) == by_dvc(entries)


def test_entries_are_sorted_by_the_path_as_one_string() -> None:
    entries = [("sub/y", MD5), ("sub-x", MD5), ("sub", MD5)]

    found = [item["relpath"] for item in json.loads(dvcfile.dir_json(entries))]

    assert found == ["sub", "sub-x", "sub/y"]


@settings(deadline=None, max_examples=60)
@given(st.dictionaries(paths, md5s, max_size=6))
def test_a_directory_object_is_read_back(entries) -> None:
    assert dict(dvcfile.parse_dir(dvcfile.dir_json(entries.items()))) == entries


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[1]",
        b'[{"md5": "x", "relpath": "a"}]',
        b'[{"md5": "' + MD5.encode() + b'"}]',
        b'[{"md5": "' + MD5.encode() + b'.dir", "relpath": "a"}]',
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_directory_object_is_refused(data) -> None:
    with pytest.raises(ValueError, match="not a directory object"):
        dvcfile.parse_dir(data)


def test_a_pointer_is_written_as_dvc_writes_it() -> None:
    text = dvcfile.pointer_text(dvcfile.Out(RUN, f"{MD5}.dir", 12, 3))

    assert text == f"outs:\n- md5: {MD5}.dir\n  size: 12\n  nfiles: 3\n  hash: md5\n  path: {RUN}\n"


@pytest.mark.parametrize("run_id", [RUN, "20261122-190546-123456", "20261122-190546-12e456"])
def test_a_pointer_of_ours_is_read_without_yaml(run_id) -> None:
    out = dvcfile.Out(run_id, f"{MD5}.dir", 12, 3)

    assert dvcfile.parse_plain(dvcfile.pointer_text(out)) == out


values = st.one_of(
    st.sampled_from(
        [MD5, f"{MD5}.dir", "md5", "0", "12", "007", "1e5", "true", "~",
         "'x'", '"x"', "a b", "a: b", "a #b", "no",
         "2026-11-22", "&a x", "*a", "data.csv", ".nan", "0x1f", "1_000", "12:30:45", "[a]",
         "é", "a\tb", "a "]
    ),
    st.text(max_size=6),
)  # fmt: skip
lines = st.builds(
    lambda lead, key, value: f"{lead}{key}: {value}",
    st.sampled_from(["- ", "  "]),
    st.sampled_from(["md5", "size", "nfiles", "hash", "path", "cache"]),
    values,
)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from([MD5, "0" * 32, "1" * 20 + "e" + "1" * 11]), values, st.lists(lines, max_size=2))
def test_what_the_quick_reader_accepts_the_full_one_reads_alike(md5, path, more) -> None:
    text = "\n".join(["outs:", f"- md5: {md5}", "  size: 3", "  hash: md5", f"  path: {path}", *more, ""])

    quick = dvcfile.parse_plain(text)

    if quick is not None:
        assert dvcfile.outs_of(yaml.parse(text.encode(), name="x.dvc")) == [quick]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "outs:\n",
        f"outs:\n- md5: {MD5}\n  size: 3\n  path: legacy.txt\n",
        f"outs:\n- md5: {MD5}\n  size: -3\n  hash: md5\n  path: a\n",
        f"outs:\n- md5: {MD5}\n  size: 3\n  hash: md5\n  path: a\n- md5: {MD5}\n  hash: md5\n  path: b\n",
        f"deps:\n- path: x\nouts:\n- md5: {MD5}\n  hash: md5\n  path: a\n",
        "outs:\n- md5: ../../../etc\n  hash: md5\n  path: a\n",
    ],
)
def test_any_other_shape_is_left_to_the_full_reader(text) -> None:
    assert dvcfile.parse_plain(text) is None


def test_the_owner_s_version_is_read_from_a_pointer() -> None:
    data = {"meta": {"version": "v3_20240115"}, "outs": [{"md5": MD5, "hash": "md5", "size": 3, "path": "a"}]}

    assert dvcfile.outs_of(data) == [dvcfile.Out("a", MD5, 3, None, "v3_20240115")]


def test_a_hash_of_dvc_2_is_no_content_address() -> None:
    assert dvcfile.outs_of({"outs": [{"md5": MD5, "path": "a"}]})[0].md5 is None


def test_outputs_of_a_pipeline_come_with_their_stage() -> None:
    lock = {
        "schema": "2.0",
        "stages": {"prepare": {"outs": [{"path": "d", "hash": "md5", "md5": f"{MD5}.dir"}]}},
    }

    assert dvcfile.outs_of_lock(lock) == [("prepare", dvcfile.Out("d", f"{MD5}.dir"))]


@pytest.mark.parametrize(
    "data", [None, 3, [], {"outs": 3}, {"outs": [3, {"path": 4}]}, {"stages": [1]}, {"stages": {"a": 1}}]
)
def test_what_is_no_dvc_file_has_no_outputs(data) -> None:
    assert dvcfile.outs_of(data) == []
    assert dvcfile.outs_of_lock(data) == []
