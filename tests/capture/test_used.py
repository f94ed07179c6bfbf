"""Which files a run used fits into its manifest, however many there were."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from expctl.capture import used
from expctl.core.causes.cause import is_among

NAMES = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=6).map("/".join)


def test_few_files_are_listed_in_order() -> None:
    assert used.folded(["b.py", "a.py", "b.py"]) == ("a.py", "b.py")


def test_a_crowded_folder_stands_for_its_files() -> None:
    found = used.folded([*(f"images/{number}.png" for number in range(1000)), "train.py"])

    assert found == ("images/", "train.py")


def test_a_crowd_at_the_top_is_everywhere() -> None:
    assert used.folded(f"{number}.txt" for number in range(1000)) == ("./",)


@settings(deadline=None, max_examples=200)
@given(st.sets(NAMES, max_size=400))
def test_what_was_used_is_always_among_it(paths: set[str]) -> None:
    found = used.folded(paths)

    assert len(found) <= used.MOST
    assert all(is_among(path, found) for path in paths)
