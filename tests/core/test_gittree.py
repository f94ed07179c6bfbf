from __future__ import annotations

from expctl.core import gittree


def test_the_empty_tree_has_the_id_that_everybody_knows():
    assert gittree.id_of([], id_bytes=20) == "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    assert gittree.id_of([], id_bytes=32).startswith("6ef19b41225c5369f1c104d45d8d85ef")


def test_folders_come_after_those_that_they_lie_in():
    assert gittree.folders(["a/b/c", "a/d", "x", "a/b/e"]) == ["", "a", "a/b"]
    assert gittree.folders([]) == [""]


def test_a_folder_that_becomes_empty_disappears():
    blob = gittree.entry("100644", "1" * 40, "f")
    inner = gittree.TreeEntry("040000", "tree", "2" * 40, "d")

    grafted = gittree.graft({"": [inner], "d": [blob]}, {"d/f": None}, id_bytes=20)

    assert grafted.id == gittree.id_of([], id_bytes=20)
    assert grafted.trees == {grafted.id: []}


def test_nothing_changed_is_nothing_to_write():
    blob = gittree.entry("100644", "1" * 40, "f")

    grafted = gittree.graft({"": [blob]}, {"f": ("100644", "1" * 40), "g": None}, id_bytes=20)

    assert grafted == (gittree.id_of([blob], id_bytes=20), {})


def test_an_empty_file_has_the_id_that_everybody_knows():
    assert gittree.blob_id(b"") == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
