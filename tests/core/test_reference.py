"""How people name a run."""

from __future__ import annotations

import pytest

from expctl.core import reference

IDS = ["20261122-190546-k3f9qa", "20261122-190547-k3zzzz", "20261121-000000-abcdef"]


@pytest.mark.parametrize(
    ("text", "steps"),
    [("@", 0), ("@-", 1), ("@-1", 1), ("@-2", 2), ("@-0", 0), ("@x", None), ("", None), ("@-99999999", None)],
)
def test_at_counts_back_from_the_latest(text, steps):
    assert reference.back(text) == steps


@pytest.mark.parametrize(
    ("text", "best"),
    [
        ("best:f1", ("f1", None)),
        ("best:f1:max", ("f1", "max")),
        ("best:val:loss:min", ("val:loss", "min")),
        ("best:a:b", ("a:b", None)),
        ("best:", None),
        ("f1", None),
    ],
)
def test_best_names_a_metric_and_perhaps_a_direction(text, best):
    assert reference.best(text) == best


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (IDS[0], [IDS[0]]),
        ("k3f9qa", [IDS[0]]),
        ("K3F9QA", [IDS[0]]),
        ("k3", IDS[:2]),
        ("20261121", [IDS[2]]),
        ("base", [IDS[1]]),
        ("abcdef", [IDS[2]]),
        ("nothing", []),
        ("", []),
    ],
)
def test_ids_parts_of_them_and_names_are_found(text, found):
    assert reference.named(text, IDS, {IDS[1]: "base"}) == found


def test_a_whole_name_goes_before_the_beginning_of_an_id():
    assert reference.named("k3f", IDS, {IDS[2]: "k3f"}) == [IDS[2]]


def test_a_name_that_two_runs_have_means_both():
    assert reference.named("base", IDS, {IDS[0]: "base", IDS[1]: "base"}) == IDS[:2]


def test_the_nearest_is_hinted_at():
    assert reference.nearest("k3f9qq", IDS, {}) == ["k3f9qa"]
    assert reference.nearest("baseline", IDS, {IDS[0]: "base_line"}) == ["base_line"]
    assert reference.nearest("xxxxxx", IDS, {}) == []


def test_the_beginning_of_names_is_answered_with_two_of_them():
    names = dict(zip(IDS, ("forest-20", "forest-100", "Forest"), strict=False))

    assert reference.nearest("for", IDS, names) == ["Forest", "forest-100"]
