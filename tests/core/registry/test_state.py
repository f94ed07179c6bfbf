"""What tags add up to, held against stock gto on real repositories."""

import json
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expctl.core.registry import state, tags

START = 1_700_000_000


def event(tag, commit, at, **more):
    name = tags.parse(tag)
    assert name is not None, tag
    facts = {"author": "Ada", "email": "ada@example.com", "message": tag, "id": "0" * 40, **more}
    return state.Event(name=name, tag=tag, commit=commit, at=at, **facts)


def write(root, events):
    """Write tags as anybody's git would; the commits are told apart by their number."""
    lines = ["blob", "mark :1", "data 0", ""]
    commits = sorted({one.commit for one in events})
    for number, _ in enumerate(commits):
        lines += [
            f"commit refs/heads/c{number}",
            f"mark :{number + 10}",
            "committer A <a@b> 1 +0000",
            "data 1",
            str(number % 10),
        ]
    for one in events:
        mark = commits.index(one.commit) + 10
        message = one.message
        lines += [
            f"tag {one.tag}", f"from :{mark}", f"tagger {one.author} <{one.email}> {one.at} +0000",
            f"data {len(message)}", message,
        ]  # fmt: skip
    subprocess.run(
        ["git", "-C", root, "fast-import", "--quiet", "--force"], input="\n".join(lines).encode(), check=True
    )
    listed = subprocess.run(
        ["git", "-C", root, "for-each-ref", "--format=%(refname:short) %(objectname)", "refs/heads/c*"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return {commits[int(name[1:])]: oid for name, oid in (line.split() for line in listed.splitlines())}


@st.composite
def histories(draw):
    """Registered first, as every writer does; then stages come and go, now and then in the same second."""
    events = []
    at = START
    names = set()
    for model in draw(st.lists(st.sampled_from(["a", "a/b", "m:c"]), min_size=1, max_size=2, unique=True)):
        count = draw(st.integers(1, 3))
        for number in range(count):
            at += draw(st.integers(0, 2))
            names.add(tag := f"{model.replace(':', '=')}@v{number}.1.0")
            events.append(event(tag, f"{model}{number}", at))
        at += 1
        for counter in range(draw(st.integers(0, 7))):
            at += draw(st.integers(0, 1))
            number = draw(st.integers(0, count - 1))
            kind = draw(
                st.sampled_from(["#prod", "#prod!", "#stage", "#stage!", f"@v{number}.1.0!", "@deprecated"])
            )
            tag = f"{model.replace(':', '=')}{kind}#{counter + 1}"
            events.append(event(tag, f"{model}{number}", at))
    return events


@settings(
    deadline=None,
    max_examples=10,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(histories())
def test_stages_and_versions_are_what_gto_shows(tmp_path_factory, events):
    root = tmp_path_factory.mktemp("registry")
    subprocess.run(["git", "init", "-q", root], check=True)
    write(root, events)
    shown = subprocess.run(
        ["gto", "show", "--json", "--deprecated", "-r", root], capture_output=True, text=True, check=False
    )
    theirs = json.loads(shown.stdout)

    folded = state.fold(events)

    stages = {stage for one in theirs.values() for stage in one["stage"]}
    ours = {
        name: {
            "version": model.latest,
            "stage": {stage: model.holder(stage) for stage in stages},
            "registered": True,
            "active": not model.deprecated,
        }
        for name, model in folded.items()
    }
    assert ours == theirs
    told = subprocess.run(
        ["gto", "history", "--json", "-r", root], capture_output=True, text=True, check=True
    ).stdout
    for name, model in folded.items():
        # Two of one kind and one second have an order by chance there.
        of_gto = [one for one in json.loads(told) if one["artifact"] == name]
        placed = state.latest_first([model])
        assert [one.event.name.event for one in placed] == [one["event"] for one in of_gto]
        assert {one.event.tag for one in placed} == {one["ref"] for one in of_gto}


def test_a_stage_may_have_had_several_holders_and_hands_out_the_latest():
    events = [
        event("m@v1.0.0", "1", 1),
        event("m@v2.0.0", "2", 2),
        event("m#p#1", "2", 3),
        event("m#p#2", "1", 4),
    ]

    assert state.fold(events)["m"].holders == {"p": ("v1.0.0", "v2.0.0")}


def test_of_two_that_came_in_the_same_second_the_older_version_is_handed_out():
    # As stock gto 1.7 does: ``test_stages_and_versions_are_what_gto_shows`` meets it now and then.
    events = [
        event("m@v0.1.0", "1", 1),
        event("m@v1.1.0", "2", 2),
        event("m#p#1", "1", 5),
        event("m#p#2", "2", 5),
    ]

    assert state.fold(events)["m"].holders == {"p": ("v0.1.0", "v1.1.0")}


def test_two_versions_of_one_commit_are_said_and_do_not_stop_the_others():
    events = [
        event("m@v1.0.0", "1", 1),
        event("m@v2.0.0", "1", 2),
        event("m#p#1", "1", 3),
        event("n@v1.0.0", "1", 4),
    ]

    folded = state.fold(events)

    assert "v1.0.0 and v2.0.0" in folded["m"].faults[0]
    assert folded["m"].holder("p") == "v2.0.0"
    assert folded["n"].faults == ()


def test_a_stage_on_a_commit_that_nobody_registered_shows_the_commit():
    folded = state.fold([event("m#p#4", "abc", 1)])["m"]

    assert (folded.holder("p"), folded.latest, folded.next_counter) == ("abc", None, 5)


@pytest.mark.parametrize("order", [1, -1])
def test_an_end_wins_over_a_beginning_of_the_same_second(order):
    events = [event("m@v1.0.0", "1", 1), event("m#p#1", "1", 5), event("m#p!#2", "1", 5)]

    assert state.fold(events[::order])["m"].holder("p") is None
