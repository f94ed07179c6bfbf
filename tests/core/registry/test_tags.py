"""Names of tags and versions, held against stock gto and semver."""

from functools import cmp_to_key

import pytest
import semver
from gto.tag import parse_name
from gto.versions import SemVer
from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.core.registry import tags, versions

WORDS = {
    "create": None,
    "deprecate": tags.DEPRECATION,
    "register": tags.REGISTRATION,
    "deregister": tags.DEREGISTRATION,
    "assign": tags.ASSIGNMENT,
    "unassign": tags.UNASSIGNMENT,
}
#: Texts that are tags more often than not.
ALMOST = st.lists(
    st.sampled_from(
        ["a", "fraud", "/", "=", "-", "_", ".", "#", "@", "v", "1.2.0", "0", "01", "!", "deprecated", "prod",
         "-rc.1", "+cpu", "\n", " ", "é"]
    ),
    max_size=9,
).map("".join)  # fmt: skip


def by_gto(text):
    said = parse_name(text, raise_on_fail=False)
    if not said or "action" not in said:
        return None
    return tags.Name(
        said["name"], WORDS[said["action"].value], said.get("version"), said.get("stage"), said.get("counter")
    )


@pytest.mark.parametrize(
    "text",
    [
        "fraud@v1.2.0", "fraud@v1.2.0#7", "fraud@v1.2.0!", "fraud@v1.2.0!#7", "fraud#production#7",
        "fraud#production", "fraud#production!#8", "fraud@deprecated", "services/a=fraud@v1.0.0",
        "my.model@v1.0.0", "x@1.0.0", "x@v1.0", "x@v01.0.0", "fraud#prod.eu#1", "x-@v1.0.0", "-x@v1.0.0",
        "a=b=c@v1.0.0", "a:b@v1.0.0", "v1.0.0", "", "사기@v1.0.0", "m@v1.0.0-rc.1+cpu",
    ],
)  # fmt: skip
def test_a_tag_means_what_gto_says_it_means(text):
    assert tags.parse(text) == by_gto(text)


@settings(deadline=None, max_examples=200)
@given(ALMOST)
def test_whatever_looks_like_a_tag_is_read_as_gto_reads_it(text):
    expected = None if text.endswith("\n") else by_gto(text)  # `$` lets one line break through; git has none

    assert tags.parse(text) == expected


@settings(deadline=None, max_examples=200)
@given(ALMOST)
def test_a_name_that_was_read_is_written_the_same(text):
    name = tags.parse(text)

    assert name is None or tags.parse(tags.text(name)) == name


def test_what_somebody_created_by_hand_is_not_ours():
    assert tags.parse("fraud@created") is None


@pytest.mark.parametrize("name", ["a//b", "a/.b", "m..x", "a/", "-a", "a b", "사기", "x" * 101])
def test_no_model_is_called_what_git_or_gto_refuse(name):
    assert tags.model_fault(name)


@settings(deadline=None, max_examples=60)
@given(st.text(alphabet="abZ09-_/.:", max_size=12))
def test_a_model_that_passes_gives_a_tag_that_git_and_gto_take(repo_of_names, name):
    if tags.model_fault(name):
        return
    tag = tags.text(tags.Name(name, tags.ASSIGNMENT, stage="production", counter=3))

    assert by_gto(tag) == tags.parse(tag) is not None
    assert repo_of_names(tag)


@pytest.fixture(scope="session")
def repo_of_names():
    import subprocess

    def check(tag):
        return subprocess.run(["git", "check-ref-format", f"refs/tags/{tag}"], check=False).returncode == 0

    return check


NUMBER = st.integers(0, 12).map(str)
PRE = st.lists(st.sampled_from(["0", "1", "11", "a", "rc", "a-1", "0a"]), max_size=3).map(".".join)
VERSION = st.builds(
    lambda numbers, pre, build: "v" + ".".join(numbers) + (f"-{pre}" if pre else "") + build,
    st.tuples(NUMBER, NUMBER, NUMBER),
    PRE,
    st.sampled_from(["", "+cpu", "+1.2"]),
)


@settings(deadline=None, max_examples=200)
@given(st.lists(VERSION, max_size=6))
def test_versions_sort_as_semver_sorts_them(given):
    ours = [versions.key(one) for one in sorted(given, key=versions.key)]
    theirs = sorted(given, key=cmp_to_key(lambda a, b: semver.VersionInfo.parse(a[1:]).compare(b[1:])))

    assert ours == [versions.key(one) for one in theirs]


@settings(deadline=None, max_examples=200)
@given(VERSION, st.sampled_from(versions.PARTS))
def test_the_next_version_of_a_release_is_what_gto_would_call_it(version, part):
    version = version.partition("-")[0]

    assert versions.bump(version, part) == SemVer(version).bump(**{f"bump_{part}": True}).version


@pytest.mark.parametrize(
    "text",
    ["v1.2", "1.2.0", "v01.2.0", "v1.2.0-01", "v1.2.0 ", "v1.2.0-", "v1.2.0\n", "v1." + "9" * 99 + ".0"],
)
def test_what_is_no_version_is_not_taken_for_one(text):
    assert not versions.is_valid(text)


@pytest.mark.parametrize(
    ("version", "part", "expected"),
    [
        ("v2.0.0-rc.1", "major", "v2.0.0"),
        ("v2.0.0-rc.1", "patch", "v2.0.0"),
        ("v2.1.0-rc.1", "major", "v3.0.0"),
    ],
)
def test_a_release_follows_the_candidates_that_announced_it(version, part, expected):
    assert versions.bump(version, part) == expected


def test_the_first_version_has_a_name():
    assert versions.bump(None, "minor") == "v1.0.0"
