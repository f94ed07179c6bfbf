"""A path from a file stays inside."""

from __future__ import annotations

import posixpath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core import relpath

GOOD = (
    "model.pt", "a/b/c.txt",
    "out put/model (1).pt", "데이터/모델.pt", "run_12:30:45/metrics.json", ".github/x",
    "a.git", "gitignore", ".gitignore", ".gitattributes", "git~x", "console.log", "auxiliary.pt", "a/..b",
    "...x", "~/x", "-rf", "a%20b", "x.GIT",
)  # fmt: skip
BAD = (
    "", ".", "..", "../a", "a/..", "a/../b", "/a", "//a", "a//b", "a/", "./a", "a/./b", ".git", ".git/x",
    "a/.git", ".GIT", ".gIt/x", "git~1", "GIT~2/x", ".g\u200cit", "\ufeff.git", ".git ", ".git.", ".git. .",
    ".git:x", ".git::$INDEX_ALLOCATION", "gi7eba~1", "a\\b", "..\\a", "C:", "c:/a", "C:a", "file:a",
    "FILE:///a", "http://a", "s3://a/b", "%2e%2e/a", "a%2Fb", "a%5cb", "a%00", "nul", "NUL.txt", "a/con",
    "con ", "com1.x", "lpt9", "aux.", "a\nb", "a\x00b", "a\x1b", "a\x85", "a\u2028", "a\udc80", "x" * 256,
    "a/" * 2100 + "a", "... ", " ", ". ", "a::$DATA", "a:$x",
)  # fmt: skip


@pytest.mark.parametrize("path", GOOD)
def test_an_ordinary_name_is_let_through(path):
    assert relpath.check(path) is None


@pytest.mark.parametrize("path", BAD, ids=ascii)
def test_a_dangerous_name_is_refused_with_a_reason(path):
    assert relpath.check(path)


@given(st.text("./\\:~gitGIT\u200c %2eE\n ab", max_size=12))
@settings(deadline=None, max_examples=200)
def test_what_passes_never_leaves_its_folder_nor_reaches_git(path):
    if relpath.check(path) is None:
        joined = posixpath.normpath(posixpath.join("/top", path))
        assert joined == f"/top/{path}"
        assert ".git" not in path.casefold().replace("\u200c", "").split("/")
